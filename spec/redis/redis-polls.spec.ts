import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { array, assert, asyncProperty, boolean, constantFrom, nat, record, subarray } from 'fast-check';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { RedisStore } from '../../lib/redis/redis-store';
import { MemoryPolls } from '../../lib/polling/fleet/memory-polls';
import { behavesLikeSharedPolls, demandsOf, LEASE } from '../support/behaves-like-shared-polls';
import { ManualClock } from '../support/manual-clock';
import { describeWithRedis } from '../support/redis-server';
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
        advance: (ms) => void (time.offset += ms),
        clear: async () => void (await redis.flushall()),
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
});
