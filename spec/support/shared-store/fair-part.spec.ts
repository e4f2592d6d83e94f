import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fairPart } from './fair-part';

interface Member {
  wanted: number;
  level: number;
}

/** Gives permits one by one to the member that has the fewest; of two with the same, the first one waits. */
function byHand(free: number, [own, ...others]: readonly [Member, ...Member[]]): number {
  let part = 0;
  const rest = others.map((one) => ({ ...one }));
  for (let left = free; left > 0 && part < own.wanted; left -= 1) {
    const next = rest
      .filter(({ wanted }) => wanted > 0)
      .sort((a, b) => a.level - b.level)
      .find(({ level }) => level < own.level + part);
    if (next) {
      next.wanted -= 1;
      next.level += 1;
    } else part += 1;
  }
  return part;
}

const anyMember = fc.record({ wanted: fc.nat({ max: 20 }), level: fc.nat({ max: 30 }) });

describe('the fair part', () => {
  it('is what a member gets when each permit goes to the one that has the fewest', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        anyMember,
        fc.array(anyMember, { maxLength: 6 }),
        (free, own, others) => {
          expect(fairPart(own.wanted, free, own.level, others)).toBe(byHand(free, [own, ...others]));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is all that a member wants when others have enough, and nothing when nothing is free', () => {
    expect(fairPart(5, 100, 50, [{ wanted: 10, level: 0 }])).toBe(5);
    expect(fairPart(5, 0, 0, [])).toBe(0);
    expect(fairPart(5, -3, 0, [])).toBe(0);
  });
});
