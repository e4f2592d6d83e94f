import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countdown, ids, readAll, PagedList } from '../support/paged-list';

describe('a list that changes while it is read', () => {
  it('has drifted when its total changed', async () => {
    const list = new PagedList(30, {
      perPage: 10,
      onRequest: (it) => it.requested.length === 2 && it.insert(),
    });
    const reading = await readAll(list.fetch);
    expect([reading.drifted, ids(reading)]).toEqual([true, countdown(30)]);
  });

  it('is read again until it does not change, with `consistent`', async () => {
    const list = new PagedList(30, {
      perPage: 10,
      onRequest: (it) => it.requested.length === 2 && it.remove(0),
    });
    const once = await readAll(new PagedList(30, { perPage: 10 }).fetch, { consistent: true });
    expect([once.drifted, once.pages]).toEqual([false, [1, 2, 3]]);
    const reading = await readAll(list.fetch, { consistent: true });
    // Item 20 moved to page 1 after that was read. Pages without new items are not delivered again.
    expect([reading.drifted, reading.pages]).toEqual([false, [1, 2, 3, 1]]);
    expect(ids(reading).sort((a, b) => b - a)).toEqual(countdown(30));
    expect(list.requested).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('is read four times at most', async () => {
    const list = new PagedList(30, { perPage: 10, onRequest: (it) => it.insert() });
    const reading = await readAll(list.fetch, { consistent: true });
    expect(reading.drifted).toBe(true);
    expect(list.requested.filter((number) => number === 1)).toHaveLength(4);
  });

  it('has drifted when an item is repeated, even though the total is the same', async () => {
    const list = new PagedList(30, {
      perPage: 10,
      onRequest: (it) => {
        if (it.requested.length !== 2) return;
        it.insert();
        it.remove(1);
      },
    });
    const reading = await readAll(list.fetch);
    expect(reading.drifted).toBe(true);
    expect(new Set(ids(reading)).size).toBe(reading.items.length);
  });

  it('never yields an item twice, and misses one only when it says so', async () => {
    const changes = fc.array(
      fc.record({ at: fc.nat(12), insert: fc.boolean(), where: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { maxLength: 8 },
    );
    const shape = fc.record({
      size: fc.nat(40),
      perPage: fc.integer({ min: 1, max: 12 }),
      consistent: fc.boolean(),
      ahead: fc.boolean(),
      oneWay: fc.boolean(),
      changes,
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ size, perPage, consistent, ahead, oneWay, changes: all }) => {
        let step = 0;
        const list = new PagedList(size, {
          perPage,
          onRequest: (it) => {
            for (const { insert, where } of all.filter(({ at }) => at === step)) {
              // Requests at once see changes in any order: a total that changes back would hide them.
              if (oneWay || ahead ? all[0]?.insert : insert) it.insert();
              else it.remove(where);
            }
            step += 1;
          },
        });
        const reading = await readAll(list.fetch, { perPage, consistent, ahead });
        const got = new Set(ids(reading));
        expect(got.size).toBe(reading.items.length);
        const missing = countdown(size).filter((id) => !list.removed.has(id) && !got.has(id));
        if (!reading.drifted) expect(missing).toEqual([]);
        const most = Math.ceil((size + all.length) / perPage) + 2;
        expect(list.requested.length).toBeLessThanOrEqual((consistent ? 4 : 1) * most);
      }),
      { numRuns: 500 },
    );
  });
});
