import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createClient } from 'redis';
import type { PermitGrant, PermitReport } from '../../lib';
import { RedisStore } from '../../lib/redis/redis-store';
import { MemoryPermits } from '../support/shared-store/memory-permits';
import { ManualClock } from '../support/manual-clock';
import { PermitMember } from '../support/permit-member';
import { describeWithRedis } from '../support/describe-with-redis';
import { scaled } from '../support/scale';

const LIMITS = { perMinute: 40, perHour: 130 };

interface Step {
  wait: number;
  member: number;
  /** The part of what it holds that has ended, and that it gives back. */
  ends: number;
  returns: number;
  more: Partial<PermitReport>;
  isLost: boolean;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  wait: fc.oneof(
    fc.integer({ min: 0, max: 3_000 }),
    fc.constantFrom(0, 0, 0, 1, 499, 500, 59_999, 60_000, 60_500, 600_000, 3_610_000),
  ),
  member: fc.nat({ max: 3 }),
  ends: fc.constantFrom(0, 0.3, 1),
  returns: fc.constantFrom(0, 0, 0.5),
  more: fc.record({
    calls: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
    polls: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 })),
    expectsPolls: fc.boolean(),
    spare: fc.constantFrom(0, 0, 16),
    endedAgo: fc.constantFrom(0, 0, 700, 30_000),
    returns: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    pause: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constantFrom(0, 2_000, 90_000)),
    remaining: fc.oneof(
      { weight: 5, arbitrary: fc.constant(null) },
      fc.record({
        requests: fc.integer({ min: 0, max: 80 }),
        validFor: fc.constantFrom(0, 5_000, 3_600_000),
      }),
    ),
  }),
  isLost: fc.oneof({ weight: 30, arbitrary: fc.constant(false) }, fc.constant(true)),
});

/** Each store has epochs of its own. */
const withoutEpoch = (grant: PermitGrant): PermitGrant => ({ ...grant, epoch: '' });

const connect = (url: string) => createClient({ url }).connect();

describeWithRedis('the script of permits', (server) => {
  let client: Awaited<ReturnType<typeof connect>>;
  const flush = (): Promise<unknown> => client.flushAll();
  beforeAll(async () => {
    client = await connect(server().url);
  });
  afterAll(() => client.destroy());

  it('decides what a ledger in memory decides, whatever the members report', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 40, size: 'max' }), async (steps) => {
        await flush();
        const clock = new ManualClock();
        await clock.advance(5_000);
        const time = { speed: 0, offset: 0 };
        const stores = [new MemoryPermits(clock), new RedisStore(client, {}, time).permits] as const;
        const fleets = stores.map((store) =>
          [0, 1, 2, 3].map((id) => new PermitMember(store, `m${id}`, LIMITS)),
        );
        for (const { wait, member, ends, returns, more, isLost } of steps) {
          await clock.advance(wait);
          time.offset = clock.now();
          if (isLost) {
            stores[0].clear();
            await flush();
          }
          const [inMemory, inRedis] = await Promise.all(
            fleets.map((members) => {
              const one = members[member];
              if (!one) throw new Error('no member');
              one.end(Math.floor(one.held * ends));
              one.held -= Math.floor(one.held * returns);
              return one.ask(more);
            }),
          );
          if (!inMemory || !inRedis) throw new Error('no answer');
          const { retryIn, ...rest } = withoutEpoch(inRedis);
          const { retryIn: expectedRetry, ...expected } = withoutEpoch(inMemory);
          expect(rest).toEqual(expected);
          expect(retryIn).toBeCloseTo(expectedRetry, 6);
        }
      }),
      { numRuns: scaled(1_000, 150) },
    );
  });

  it('keeps a few kilobytes for a token, which expire, and no part of the token or of the URL', async () => {
    await flush();
    const { permits } = new RedisStore(client, { prefix: 'mine' }, { speed: 1, offset: 0 });
    const members = Array.from(
      { length: 8 },
      (_, id) => new PermitMember(permits, `m${id}`, undefined, 'https://a.example s3cret'),
    );
    for (const one of members) await one.take(30);
    for (const one of members) await one.end(30).ask({ calls: 10 });
    const keys = await client.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^\{mine:[\da-f]{32}\}:permits$/)]);
    const [key = ''] = keys;
    expect(await client.memoryUsage(key)).toBeLessThan(5_000);
    expect(await client.pTTL(key)).toBeGreaterThan(3_600_000);
    expect(String(await client.get(key))).not.toMatch(/s3cret|example/);
  });

  it.each([5_000, 61_000])('begins anew when Redis starts with a dump that is %i ms old', async (age) => {
    await flush();
    const time = { speed: 0, offset: 10_000_000 };
    const { permits } = new RedisStore(client, {}, time);
    const [a, b] = [new PermitMember(permits, 'a'), new PermitMember(permits, 'b')];
    for (const one of [a, b]) await one.end(await one.take(5)).ask();
    const [key = ''] = await client.keys('*');
    await client.copy(key, `${key}:dump`);
    time.offset += age;
    const taken = (await a.take(120)) + (await b.take(120));
    for (const one of [a, b]) await one.end(one.held).ask();
    await client.copy(`${key}:dump`, key, { REPLACE: true });
    expect(await b.ask({ calls: 5 })).toMatchObject({ granted: 0, rebuildsFor: 55_000 });
    expect(await a.ask({ calls: 5 })).toMatchObject({ granted: 0, rebuildsFor: 55_000 });
    expect(taken).toBeGreaterThanOrEqual(200);
    time.offset += 60_500;
    expect(await a.take(240, { recent: { minute: 0, hour: 250 } })).toBe(240);
  });

  it.each([
    ['nothing', (key: string) => client.set(key, '')],
    ['a text', (key: string) => client.set(key, 'a text')],
    ['a part of it', (key: string) => client.setRange(key, 0, '\x84')],
    ['a number', (key: string) => client.set(key, '\x05')],
    ['a list', async (key: string) => (await client.del(key)) + (await client.rPush(key, 'a'))],
  ])('begins anew when it finds %s under its key', async (_name, spoil) => {
    await flush();
    const time = { speed: 0, offset: 10_000_000 };
    const { permits } = new RedisStore(client, {}, time);
    const member = new PermitMember(permits, 'a');
    expect(await member.take(5)).toBe(5);
    const [key = ''] = await client.keys('*');
    await spoil(key);
    expect(await member.ask({ calls: 5 })).toMatchObject({ granted: 0, rebuildsFor: 55_000 });
    time.offset += 60_000;
    expect(await member.take(5)).toBe(5);
    expect(await client.pTTL(key)).toBeGreaterThan(0);
  });

  it('goes on when Redis has lost it', async () => {
    const { permits } = new RedisStore(client, {}, { speed: 1, offset: 0 });
    const member = new PermitMember(permits, 'a', undefined, 'a lost script');
    expect(await member.take(1)).toBe(1);
    await client.scriptFlush();
    expect(await member.take(1)).toBe(1);
  });

  it('takes no time back when the clock of Redis is set back', async () => {
    const time = { speed: 0, offset: 10_000_000 };
    const { permits } = new RedisStore(client, {}, time);
    const member = new PermitMember(permits, 'a', undefined, 'a clock');
    expect(await member.take(240)).toBe(240);
    await member.end(240).ask();
    time.offset -= 3_600_000;
    expect(await member.take(1)).toBe(0);
    time.offset += 60_500;
    expect(await member.take(240)).toBe(240);
  });
});
