import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeenIds } from '../../lib/pagination/seen-ids';

describe('what was met lately', () => {
  it('is known again, and new only once', () => {
    const recent = new SeenIds(10);
    expect(['a', 'b', 'a', 'b', 'c'].map((key) => recent.add(key))).toEqual([true, true, false, false, true]);
  });

  it('is forgotten after twice as many others at the latest', () => {
    const recent = new SeenIds(3);
    for (const key of [1, 2, 3, 4, 5, 6, 7]) recent.add(key);
    expect([4, 5, 6, 7].map((key) => recent.add(key))).toEqual([false, false, false, false]);
    expect(recent.add(1)).toBe(true);
  });

  it('is never forgotten while fewer others have come, whatever comes', () => {
    const keys = fc.array(fc.nat(30), { maxLength: 200 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 20 }), (all, most) => {
        const recent = new SeenIds(most);
        all.forEach((key, at) => {
          const isNew = recent.add(key);
          const last = all.lastIndexOf(key, at - 1);
          const since = at === 0 || last === -1 ? Infinity : new Set(all.slice(last + 1, at)).size;
          // Meeting a key again does not make it younger, so only keys that came once tell.
          const cameOnce = all.indexOf(key) === last;
          if (since < most && cameOnce) expect(isNew).toBe(false);
          if (since === Infinity) expect(isNew).toBe(true);
        });
      }),
    );
  });
});
