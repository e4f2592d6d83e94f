import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlidingWindow } from '../../lib/rate-limit/sliding-window';

describe('a sliding window', () => {
  it('counts the events of its length, both ends included', () => {
    const window = new SlidingWindow(100);
    for (const time of [0, 50, 100]) window.add(time);
    expect(window.count(100)).toBe(3);
    expect(window.count(101)).toBe(2);
    expect(window.count(201)).toBe(0);
  });

  it('needs no delay below the limit', () => {
    const window = new SlidingWindow(100);
    expect(window.delayFor(1, 0)).toBe(0);
    window.add(0);
    expect(window.delayFor(2, 0)).toBe(0);
  });

  it('returns the delay until the limit is not exceeded', () => {
    const window = new SlidingWindow(100);
    for (const time of [0, 30, 60]) window.add(time);
    expect(window.delayFor(3, 70)).toBe(31);
    expect(window.delayFor(2, 70)).toBe(61);
    expect(window.delayFor(1, 70)).toBe(91);
  });

  it('discards expired events', () => {
    const window = new SlidingWindow(10);
    for (let time = 0; time < 10_000; time++) {
      window.add(time);
      expect(window.count(time)).toBe(Math.min(time + 1, 11));
    }
    expect(JSON.stringify(window).length).toBeLessThan(20_000);
  });

  it('discards a thousand expired events at once', () => {
    const window = new SlidingWindow(0);
    const kept = (): number => (JSON.parse(JSON.stringify(window)) as { times: number[] }).times.length;
    for (let time = 0; time <= 1_024; time++) window.add(time);
    expect([window.count(1_024), kept()]).toEqual([1, 1_025]);
    expect([window.count(1_024.5), kept()]).toEqual([0, 0]);
  });

  it('agrees with a naive count for any events', () => {
    const anyTimes = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(anyTimes, fc.integer({ min: 1, max: 5 }), (pauses, limit) => {
        const window = new SlidingWindow(100);
        const times: number[] = [];
        let now = 0;
        const inWindow = (at: number): number =>
          times.filter((time) => at - time <= 100 && time <= at).length;
        for (const pause of pauses) {
          now += pause;
          const wait = window.delayFor(limit, now);
          // Neither too late nor too early.
          expect(inWindow(now + wait)).toBeLessThan(limit);
          if (wait > 0) expect(inWindow(now + wait - 1)).toBeGreaterThanOrEqual(limit);
          now += wait;
          window.add(now);
          times.push(now);
          expect(window.count(now)).toBe(inWindow(now));
        }
      }),
    );
  });
});
