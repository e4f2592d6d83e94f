import { describe, expect, it } from '@jest/globals';
import { Permit } from '../../lib/rate-limit/permit';
import { RateLimiter } from '../../lib/rate-limit/rate-limiter';
import { ManualClock } from '../support/manual-clock';

const MINUTE = 60_000;
const LIMITS = { perMinute: 1, perHour: 100 };
const { signal } = new AbortController();

describe('a permit', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(clock);
  const aPermit = (background = false): Permit => new Permit(limiter, LIMITS, background);

  it('is held at once when it is free, and granted later otherwise', async () => {
    const [first, second] = [aPermit(), aPermit()];
    expect([first.tryAcquire(), second.tryAcquire()]).toEqual([true, false]);
    let isGranted = false;
    const granted = second.acquire(signal).then(() => (isGranted = true));
    first.release(null, null);
    await clock.advance(MINUTE);
    expect(isGranted).toBe(false);
    await clock.advance(1);
    await granted;
    second.release(null, null);
    await clock.advance(60 * MINUTE + 1);
    expect(limiter.isIdle).toBe(true);
  });

  it('is not released when it was never held', async () => {
    const [held, refused] = [aPermit(), aPermit()];
    expect([held.tryAcquire(), refused.tryAcquire()]).toEqual([true, false]);
    await expect(refused.acquire(AbortSignal.abort('enough'))).rejects.toBe('enough');
    refused.release(null, null);
    await clock.advance(60 * MINUTE + 1);
    expect(limiter.isIdle).toBe(false);
    held.release(null, null);
    await clock.advance(60 * MINUTE + 1);
    expect(limiter.isIdle).toBe(true);
  });

  it('in the background is granted after the others', async () => {
    const [held, background, call] = [aPermit(), aPermit(true), aPermit()];
    expect(held.tryAcquire()).toBe(true);
    const order: string[] = [];
    const use = async (name: string, permit: Permit): Promise<void> => {
      await permit.acquire(signal);
      order.push(name);
      permit.release(null, null);
    };
    const all = [use('background', background), use('call', call)];
    held.release(null, null);
    await clock.advance(2 * (MINUTE + 1));
    await Promise.all(all);
    expect(order).toEqual(['call', 'background']);
  });
});
