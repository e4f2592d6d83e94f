import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { fleetDemo } from '../../examples/fleet/demo';
import { Leases } from '../../examples/fleet/leases';
import { describeWithRedis } from '../support/describe-with-redis';
import { rejection } from '../support/rejection';

describeWithRedis('the parts of the fleet', (server) => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(server().url);
  });
  afterAll(() => redis.disconnect());

  describe('a lease', () => {
    const [duration, listLag] = [300, 400];
    const never = new AbortController().signal;
    /** Leases of another process. */
    const leases = (): Leases => new Leases(redis, { duration, listLag, prefix: 'lease' });
    /** How long it takes until the lease is taken and what was sent before is listed. */
    const settling = (name: string): Promise<number> =>
      leases().hold(name, never, async ({ settled }) => {
        const before = performance.now();
        await settled();
        return performance.now() - before;
      });
    /** Blocks the process, as one that is frozen. */
    const freeze = (ms: number): void => {
      for (const end = performance.now() + ms; performance.now() < end;);
    };

    it('is held by one at a time', async () => {
      await leases().hold('one', never, async () => {
        const reason = await rejection(leases().hold('one', never, () => Promise.resolve()));
        expect(reason).toMatchObject({ name: 'LeaseError', message: 'one is in use by another job' });
        const { retryIn } = reason as { retryIn: number };
        expect(retryIn).toBeGreaterThan(duration / 2);
        expect(retryIn).toBeLessThanOrEqual(duration);
        await leases().hold('another', never, () => Promise.resolve());
      });
    });

    it('is renewed for as long as the work takes', async () => {
      await leases().hold('long', never, async ({ signal }) => {
        await setTimeout(2 * duration);
        expect(signal.aborted).toBe(false);
        expect(await redis.pttl('lease:long')).toBeGreaterThan(listLag);
      });
    });

    it('leaves nothing behind when the work has succeeded', async () => {
      await leases().hold('clean', never, () => Promise.resolve());
      expect(await settling('clean')).toBeLessThan(listLag / 2);
    });

    it('is followed by a rest when the work has failed', async () => {
      const failure = new Error('no');
      await expect(leases().hold('failed', never, () => Promise.reject(failure))).rejects.toBe(failure);
      const took = await settling('failed');
      expect(took).toBeGreaterThan(listLag / 2);
      expect(took).toBeLessThanOrEqual(listLag + 100);
    });

    it('ends at the check before a request when its time is over, although no timer has run', async () => {
      const own = leases();
      const reason = await rejection(
        own.hold('frozen', never, ({ signal }) => {
          own.check();
          expect(signal.aborted).toBe(false);
          freeze(duration + 10);
          expect(signal.aborted).toBe(false);
          own.check();
          expect(signal.aborted).toBe(true);
          return Promise.reject(new Error('aborted'));
        }),
      );
      expect(reason).toMatchObject({ name: 'LeaseError', message: 'the lease of frozen was lost' });
    });

    it('ends at its renewal when another process has it', async () => {
      const work = leases().hold('stolen', never, async ({ signal }) => {
        await redis.set('lease:stolen', 'another token', 'PX', duration + listLag);
        await setTimeout(2 * duration, undefined, { signal });
      });
      expect(await rejection(work)).toMatchObject({ message: 'the lease of stolen was lost' });
      expect(await redis.get('lease:stolen')).toBe('another token');
    });

    it('ends with the signal that it is given', async () => {
      const reason = new Error('stop');
      const stop = new AbortController();
      const work = leases().hold('ended', stop.signal, async ({ signal }) => {
        stop.abort(reason);
        expect(signal.reason).toBe(reason);
        await Promise.reject(signal.reason as Error);
      });
      await expect(work).rejects.toBe(reason);
      const late = leases().hold('late', stop.signal, ({ signal }) => Promise.resolve(signal.aborted));
      expect(await late).toBe(true);
    });
  });

  it('the demonstration carries each thing out once, and leaves nothing in Redis', async () => {
    const before = await redis.keys('*');
    const lines: string[] = [];
    await fleetDemo(server().url, (line) => lines.push(line));
    expect(lines[0]).toBe('5 orders are 4 jobs.');
    expect(lines).toContainEqual(expect.stringMatching(/^kill -9 \d+$/));
    expect(lines).toContainEqual(expect.stringMatching(/its worker is gone/));
    expect(lines.filter((line) => line.includes(' is in '))).toHaveLength(4);
    const counts = lines.filter((line) => line.includes('carried out'));
    expect(counts).toHaveLength(9);
    expect(counts.filter((line) => !line.endsWith('carried out once'))).toEqual([]);
    const left = (await redis.keys('*')).filter((key) => !before.includes(key));
    expect(left.filter((key) => !key.startsWith('{doapi:'))).toEqual([]);
  });
});
