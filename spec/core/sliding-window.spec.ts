import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlidingWindow } from '../../lib/core/sliding-window';

const LENGTH = 1_000;

describe('a sliding window', () => {
  it('counts what has happened in it, and forgets the rest', () => {
    const window = new SlidingWindow(LENGTH);
    expect(window.count(0)).toBe(0);
    window.add(0);
    window.add(500);
    expect([window.count(500), window.count(1_000), window.count(1_001), window.count(1_501)]).toEqual([
      2, 2, 1, 0,
    ]);
  });

  it('lets a burst through at once, and says when the next one may go', () => {
    const window = new SlidingWindow(LENGTH);
    for (let i = 0; i < 3; i++) {
      expect(window.waitFor(3, i)).toBe(0);
      window.add(i);
    }
    expect(window.waitFor(3, 10)).toBe(991);
    expect(window.waitFor(3, 1_000)).toBe(1);
    expect(window.waitFor(3, 1_001)).toBe(0);
    // Somebody with a lower limit has to wait for more of them to leave.
    expect(window.waitFor(1, 10)).toBe(993);
    expect(window.waitFor(4, 10)).toBe(0);
  });

  it('is exact: never more than the limit in any window, and never a wait for nothing', () => {
    const pauses = fc.array(fc.nat(400), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 8 }), (all, limit) => {
        const window = new SlidingWindow(LENGTH);
        const times: number[] = [];
        const inWindow = (now: number): number => times.filter((time) => now - time <= LENGTH).length;
        let now = 0;
        for (const pause of all) {
          now += pause;
          const wait = window.waitFor(limit, now);
          if (wait > 0) expect(inWindow(now + wait - 1)).toBeGreaterThanOrEqual(limit);
          now += wait;
          window.add(now);
          times.push(now);
          expect(inWindow(now)).toBeLessThanOrEqual(limit);
          expect(window.count(now)).toBe(inWindow(now));
        }
      }),
    );
  });

  it('does not keep what it has forgotten', () => {
    const window = new SlidingWindow(LENGTH);
    for (let now = 0; now < 10_000; now++) {
      window.add(now);
      window.count(now);
    }
    expect(window.count(10_000)).toBe(1_000);
    expect(JSON.stringify(window).length).toBeLessThan(20_000);
  });
});
