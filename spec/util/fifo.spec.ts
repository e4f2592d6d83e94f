import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Fifo } from '../../lib/util/fifo';

describe('a queue', () => {
  it('does the same as an array, whatever is added, taken and removed', () => {
    const anyStep = fc.oneof(
      fc.constant({ does: 'add' as const }),
      fc.constant({ does: 'shift' as const }),
      fc.nat(20).map((nth) => ({ does: 'remove' as const, nth })),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const fifo = new Fifo<number>();
        const removals: (() => void)[] = [];
        let items: number[] = [];
        for (const step of steps) {
          if (step.does === 'add') {
            items.push(removals.length);
            removals.push(fifo.add(removals.length));
          } else if (step.does === 'shift') {
            expect(fifo.shift()).toBe(items.shift());
          } else {
            // It may have left already.
            removals[step.nth]?.();
            items = items.filter((item) => item !== step.nth);
          }
          expect([fifo.size, fifo.first]).toEqual([items.length, items[0]]);
        }
      }),
    );
  });
});
