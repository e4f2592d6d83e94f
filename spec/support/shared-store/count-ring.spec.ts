import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CountRing } from './count-ring';

const LENGTH = 60;
const WIDTH = 5;

describe('a ring of counts', () => {
  it('counts every event for the whole window, and for the width of a bucket longer at most', () => {
    const anyEvents = fc.array(
      fc.record({
        wait: fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 200 })),
        events: fc.nat({ max: 9 }),
        ago: fc.nat({ max: 80 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(anyEvents, (steps) => {
        const ring = new CountRing(LENGTH, WIDTH);
        const all: { at: number; events: number }[] = [];
        let now = 100;
        for (const { wait, events, ago } of steps) {
          now += wait;
          ring.count(now);
          ring.add(now - ago, events);
          all.push({ at: now - ago, events });
          const since = (age: number): number =>
            all.reduce((sum, one) => sum + (now - one.at <= age ? one.events : 0), 0);
          expect(ring.count(now)).toBeGreaterThanOrEqual(since(LENGTH));
          expect(ring.count(now)).toBeLessThanOrEqual(since(LENGTH + WIDTH));
        }
      }),
    );
  });

  it('tells how many events leave in a time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60 }), { maxLength: 30 }), fc.nat({ max: 40 }), (times, ms) => {
        const ring = new CountRing(LENGTH, WIDTH);
        for (const at of times.sort((a, b) => a - b)) ring.add(100 + at, 1);
        const leaving = ring.leaving(160, ms);
        const before = ring.count(160);
        expect(leaving).toBe(before - ring.count(160 + ms));
      }),
    );
  });
});
