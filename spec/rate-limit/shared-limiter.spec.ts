import { describe, expect, it } from '@jest/globals';
import { rateLimiterFor } from '../../lib/rate-limit/limiter-registry';
import { DEFAULT_RATE_LIMITS } from '../../lib/rate-limit/limits';
import { TestClock } from '../support/test-clock';

const HOUR = 3_600_000;
const { signal } = new AbortController();

describe('the rate limiters of a process', () => {
  it('are shared by all users of a token at an endpoint', () => {
    const clock = new TestClock('all');
    const limiter = rateLimiterFor(clock, 'https://a', 'digest');
    expect(rateLimiterFor(clock, 'https://a', 'digest')).toBe(limiter);
    expect(rateLimiterFor(clock, 'https://b', 'digest')).not.toBe(limiter);
    expect(rateLimiterFor(new TestClock('all'), 'https://a', 'digest')).not.toBe(limiter);
  });

  it('are discarded an hour after their last use, when another token appears', async () => {
    const clock = new TestClock('all');
    const used = rateLimiterFor(clock, 'https://a', 'used');
    await used.acquire(DEFAULT_RATE_LIMITS, false, signal);
    clock.pass(HOUR + 1);
    expect(used.isIdle).toBe(false);
    await used.acquire(DEFAULT_RATE_LIMITS, false, signal);
    used.release(null, null);
    used.release(null, null);
    const idle = rateLimiterFor(clock, 'https://a', 'idle');
    expect([used.isIdle, idle.isIdle]).toEqual([false, true]);
    rateLimiterFor(clock, 'https://a', 'another');
    expect(rateLimiterFor(clock, 'https://a', 'used')).toBe(used);
    expect(rateLimiterFor(clock, 'https://a', 'idle')).not.toBe(idle);
    clock.pass(HOUR + 1);
    expect(used.isIdle).toBe(true);
    // The endpoint of the other token does not matter.
    rateLimiterFor(clock, 'https://b', 'another');
    expect(rateLimiterFor(clock, 'https://a', 'used')).not.toBe(used);
  });
});
