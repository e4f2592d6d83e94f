import { describe, expect, it } from '@jest/globals';
import type { PermitGrant } from '../../../lib';
import { SharedLeases } from '../../../lib/rate-limit/fleet/shared-leases';
import { RateLimiter } from '../../../lib/rate-limit/rate-limiter';
import type { Clock } from '../../../lib/util/clock';
import { ManualClock, settled } from '../../support/manual-clock';

const GRANT = {
  epoch: 'a:1',
  granted: 1,
  validFor: 60_000,
  retryIn: 0,
  pausedFor: 0,
  oneByOne: false,
  rebuildsFor: 0,
  left: { perMinute: 239, perHour: 4_899 },
};
const LIMITS = { perMinute: 240, perHour: 4_900 };
const { signal } = new AbortController();

/** A process with a store that gives these answers. */
function aProcess(answer: () => PermitGrant, clock: Clock) {
  const warnings: string[] = [];
  const permits = { share: 0.1, exchange: () => Promise.resolve(answer()) };
  const limiter = new RateLimiter(clock, (host) => {
    const warn = (error: unknown): void => void warnings.push(String(error));
    return new SharedLeases(permits, 'a key', { ...host, warn });
  });
  return { limiter, warnings };
}

describe('an answer that no store may give', () => {
  it.each([
    undefined,
    {},
    { ...GRANT, epoch: 5 },
    { ...GRANT, granted: NaN },
    { ...GRANT, granted: -1 },
    { ...GRANT, granted: 0.5 },
    { ...GRANT, granted: 18 },
    { ...GRANT, retryIn: NaN },
    { ...GRANT, retryIn: 1e300 },
    { ...GRANT, pausedFor: 1e300 },
    { ...GRANT, rebuildsFor: -1 },
    { ...GRANT, validFor: '60000' },
    { ...GRANT, left: null },
  ])('counts as none: %j', async (answer) => {
    const clock = new ManualClock();
    const { limiter, warnings } = aProcess(() => answer as never, clock);
    const permit = limiter.acquire(LIMITS, false, signal);
    await settled();
    await clock.advance(1_000);
    await permit;
    expect(warnings).toEqual(['Error: it answered something that is no permit']);
  });
});

describe('what a process has left to report', () => {
  it('does not keep it alive', async () => {
    const clock = new ManualClock();
    const timers: boolean[] = [];
    const watched: Clock = {
      now: () => clock.now(),
      date: () => clock.date(),
      after: (ms, callback, isBackground = false) => {
        const index = timers.push(isBackground) - 1;
        const cancel = clock.after(ms, callback);
        return () => {
          timers[index] = true;
          cancel();
        };
      },
    };
    const { limiter } = aProcess(() => GRANT, watched);
    await limiter.acquire(LIMITS, false, signal);
    limiter.release(null, null, LIMITS);
    await settled();
    expect(clock.pending).toBeGreaterThan(0);
    expect(timers).toEqual(timers.map(() => true));
  });
});
