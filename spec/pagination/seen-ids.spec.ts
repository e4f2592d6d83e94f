import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeenIds } from '../../lib/pagination/seen-ids';

describe('SeenIds', () => {
  it('knows an id that was added, and reports it as new once', () => {
    const seen = new SeenIds(10);
    expect(['a', 'b', 'a', 'b', 'c'].map((key) => seen.add(key))).toEqual([true, true, false, false, true]);
  });

  it('forgets an id after twice its capacity at the latest', () => {
    const seen = new SeenIds(3);
    for (const key of [1, 2, 3, 4, 5, 6, 7]) seen.add(key);
    expect([4, 5, 6, 7].map((key) => seen.add(key))).toEqual([false, false, false, false]);
    expect(seen.add(1)).toBe(true);
  });

  it('never forgets an id before its capacity is reached', () => {
    const keys = fc.array(fc.nat(30), { maxLength: 200 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 20 }), (all, most) => {
        const seen = new SeenIds(most);
        all.forEach((key, at) => {
          const isNew = seen.add(key);
          const last = all.lastIndexOf(key, at - 1);
          const since = at === 0 || last === -1 ? Infinity : new Set(all.slice(last + 1, at)).size;
          // Adding an id again does not make it younger, so only ids added once are certain.
          const wasAddedOnce = all.indexOf(key) === last;
          if (since < most && wasAddedOnce) expect(isNew).toBe(false);
          if (since === Infinity) expect(isNew).toBe(true);
        });
      }),
    );
  });
});
