import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  nat,
  option,
  record,
  subarray,
} from 'fast-check';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { Account } from '../../bench/simulate/account';
import type { PollNews, SharedPolls } from '../../lib';
import { RedisStore } from '../../lib/redis/redis-store';
import { MemoryPolls } from '../support/shared-store/memory-polls';
import { pollDelay } from '../../lib/polling/wait-options';
import { behavesLikeSharedPolls, demandsOf, LEASE } from '../support/behaves-like-shared-polls';
import { ManualClock } from '../support/manual-clock';
import { type Loss, PollWorker } from '../support/poll-worker';
import { describeWithRedis } from '../support/describe-with-redis';
import { scaled } from '../support/scale';

describeWithRedis('a store in Redis', (server) => {
  let redis: Redis;
  let nodeRedis: ReturnType<typeof createClient>;
  beforeAll(async () => {
    redis = new Redis(server().port, '127.0.0.1');
    nodeRedis = createClient({ url: server().url });
    await nodeRedis.connect();
  });
  afterAll(() => {
    redis.disconnect();
    nodeRedis.destroy();
  });

  for (const [name, client] of [
    ['ioredis', () => redis],
    ['node-redis', () => nodeRedis],
  ] as const) {
    behavesLikeSharedPolls(`Redis with ${name}`, async () => {
      await redis.flushall();
      const time = { speed: 0, offset: 1_000 };
      const store = new RedisStore(client(), {}, time);
      return {
        polls: store.polls,
        advance: (ms) => {
          time.offset += ms;
        },
        clear: async () => {
          await redis.flushall();
        },
        close: () => store.close(),
      };
    });
  }

  it('decides as a store in memory does, whatever members report', async () => {
    const step = record({
      member: constantFrom('a', 'b', 'c'),
      passes: constantFrom(0, 1, 600, LEASE - 1, LEASE, 29_000),
      // Of three targets; `null`: as before.
      demands: constantFrom(null, null, null, [], [1], [1, 2], [2, 3]),
      states: subarray([1, 2, 3]),
      isRefused: boolean(),
      age: nat(3_000),
      isOverdue: boolean(),
    });
    await assert(
      asyncProperty(array(step, { maxLength: 40 }), async (steps) => {
        await redis.flushall();
        const clock = new ManualClock();
        const memory = new MemoryPolls(clock);
        const time = { speed: 0, offset: 0 };
        const { polls } = new RedisStore(redis, {}, time);
        const cursors = new Map<string, [number, number]>();
        for (const { member, passes, demands, states, isRefused, age, isOverdue } of steps) {
          time.offset += passes;
          await clock.advance(passes);
          const [inMemory, inRedis] = cursors.get(member) ?? [0, 0];
          const json = isRefused ? null : JSON.stringify({ at: time.offset });
          const report = {
            member,
            demands: demands && demandsOf(...demands),
            states: Object.fromEntries(states.map((id) => [`actions/${id}`, { json, age }])),
            requests: states.length,
            lease: LEASE,
            isOverdue,
          };
          const expected = await memory.exchange('a key', { ...report, cursor: inMemory });
          const news = await polls.exchange('a key', { ...report, cursor: inRedis });
          cursors.set(member, [expected.cursor, news.cursor]);
          const { others, ...rest } = news;
          expect({ ...rest, others: [...others].sort(), cursor: 0 }).toEqual({
            ...expected,
            others: [...expected.others].sort(),
            cursor: 0,
          });
        }
      }),
      { numRuns: scaled(1_000, 100) },
    );
  });

  it('answers, and soon has a leader and its states again, whatever part of it is lost or overwritten', async () => {
    const LIST = 'a list in its place';
    const long = `${'9'.repeat(400)} 2 {}`;
    const foreign = constantFrom('', 'text', '-1', '1 2 [', '1 2 5', '1 2 {"actions/1":', long, LIST);
    const damage = record({ key: nat(4), text: option(foreign) });
    const step = record({
      member: constantFrom('a', 'b', 'c'),
      passes: constantFrom(10, 600, 29_000),
      damage: option(damage),
    });
    const SHOWN = { 'actions/1': { json: '{"id":1}', age: 0 } };
    await assert(
      asyncProperty(array(step, { maxLength: 25 }), async (steps) => {
        await redis.flushall();
        const time = { speed: 0, offset: 1_000_000 };
        const { polls } = new RedisStore(redis, {}, time);
        const last = new Map<string, PollNews>();
        // As a process does: what the store does not know, it reports again.
        const ask = async (member: string): Promise<PollNews> => {
          const { cursor = 0, isKnown = false, leads = false } = last.get(member) ?? {};
          const demands = isKnown ? null : demandsOf(1);
          const states = leads ? SHOWN : {};
          const report = { member, demands, states, requests: 1, lease: LEASE, isOverdue: false, cursor };
          const news = await polls.exchange('a key', report);
          last.set(member, news);
          return news;
        };
        for (const { member, passes, damage } of steps) {
          time.offset += passes;
          await ask(member);
          const keys = await redis.keys('*');
          const key = damage && keys.sort()[damage.key % keys.length];
          if (!key) continue;
          if (damage.text === null || damage.text === LIST) await redis.del(key);
          if (damage.text === LIST) await redis.rpush(key, 'text');
          else if (damage.text !== null)
            for (const name of await redis.hkeys(key)) await redis.hset(key, name, damage.text);
        }
        const learned = new Set<string>();
        for (let beat = 0; beat < 4; beat++) {
          time.offset += 600;
          for (const member of ['a', 'b', 'c'])
            if (Object.hasOwn((await ask(member)).states, 'actions/1')) learned.add(member);
        }
        const leaders = [...last].filter(([, { leads }]) => leads).map(([member]) => member);
        expect(leaders).toHaveLength(1);
        expect([...last.values()].every(({ isKnown }) => isKnown)).toBe(true);
        expect(new Set([...learned, ...leaders]).size).toBe(3);
        expect([...(last.get(leaders[0] ?? '')?.others ?? [])]).toHaveLength(2);
      }),
      { numRuns: scaled(1_000, 100) },
    );
  });

  it('tells the leader what the others wait for, although one of them has written no JSON', async () => {
    await redis.flushall();
    const { polls } = new RedisStore(redis, {}, { speed: 0, offset: 1_000 });
    const report = { states: {}, requests: 0, lease: LEASE, isOverdue: false, cursor: 0 };
    for (const member of ['a', 'b', 'c'])
      await polls.exchange('a key', { ...report, member, demands: demandsOf(1) });
    const key = (await redis.keys('*:demands'))[0] ?? '';
    await redis.hset(key, 'b', '9 9 {"actions/2":');
    const { leads, demands } = await polls.exchange('a key', { ...report, member: 'a', demands: null });
    expect(leads).toBe(true);
    expect(demands.c?.demands).toEqual(demandsOf(1));
  });

  it('is closed once the last report is answered: the next leader has its states', async () => {
    await redis.flushall();
    const time = { speed: 0, offset: 0 };
    const [leaving, staying] = [new RedisStore(redis, {}, time), new RedisStore(redis, {}, time)];
    const report = { states: {}, requests: 0, lease: LEASE, isOverdue: false, cursor: 0 };
    const demands = demandsOf(1);
    await leaving.polls.exchange('a key', { ...report, member: 'a', demands });
    await staying.polls.exchange('a key', { ...report, member: 'b', demands });
    const states = { 'actions/1': { json: '{"id":1}', age: 0 } };
    let isAnswered = false;
    const last = leaving.polls.exchange('a key', { ...report, member: 'a', demands: {}, states });
    const noted = last.then(() => (isAnswered = true));
    await leaving.close();
    expect(isAnswered).toBe(true);
    await noted;
    const news = await staying.polls.exchange('a key', { ...report, member: 'b', demands: null });
    expect(news).toMatchObject({ leads: true, states });
    await staying.close();
    await expect(staying.polls.exchange('a key', { ...report, member: 'b', demands })).rejects.toThrow(
      'closed',
    );
  });

  it('has another leader soon after one was killed or has stalled: all others learn within two pauses', async () => {
    const fault = record({
      at: nat(50_000),
      what: constantFrom<Loss>('process', 'server', 'store'),
      isLeader: boolean(),
    });
    await assert(
      asyncProperty(fault, async ({ at, what, isLeader }) => {
        await redis.flushall();
        const crowd = { actions: 6, images: 2, takes: [1_000, 50_000] } as const;
        const account = new Account(crowd, { clock: 'manual' });
        const { clock } = account.sandbox;
        const time = {
          speed: 0,
          get offset() {
            return clock.now();
          },
        };
        // Time stands still while Redis has something to answer.
        const pending = new Set<Promise<unknown>>();
        const { polls } = new RedisStore(redis, {}, time);
        const watched: SharedPolls = {
          exchange: (key, report) => {
            const answer = polls.exchange(key, report);
            const settle = (): void => void pending.delete(answer);
            pending.add(answer);
            answer.then(settle, settle);
            return answer;
          },
        };
        const workers = [1, 2, 3].map(() => new PollWorker(account.sandbox, watched));
        let late = 0;
        let ends = 0;
        let victim: PollWorker | undefined;
        const waits = workers.flatMap((worker) =>
          account.actionsOf(worker.api).map(async (action, index) => {
            await action.wait();
            if (worker === victim) return;
            ends += 1;
            const { endsAt = NaN } = account.jobs[index] ?? {};
            late = Math.max(late, (clock.now() - endsAt) / pollDelay(5_000, clock.now()));
          }),
        );
        // Those of the victim may end with the manager.
        const settled = Promise.allSettled(waits);
        while (clock.now() < 80_000) {
          await account.sandbox.advance(250);
          while (pending.size > 0) {
            await Promise.allSettled(pending);
            await account.sandbox.advance(0);
          }
          if (victim || clock.now() < at) continue;
          victim = workers.find(({ leads }) => leads === isLeader) ?? workers[0];
          victim?.lose(what);
        }
        // Those of the other two, and what the victim had learned before.
        expect(ends).toBeGreaterThanOrEqual(12);
        expect(late).toBeLessThanOrEqual(2);
        victim?.recover();
        await Promise.all(workers.map(({ api }) => api.close()));
        await account.sandbox.advance(60_000);
        await settled;
      }),
      { numRuns: scaled(60, 20) },
    );
  });
});
