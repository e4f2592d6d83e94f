import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FetchedPage } from '../../lib/pagination/page-queue';
import { countdown, ids, readAll, type Reading, PagedList } from '../support/paged-list';

/** Ids that were there from beginning to end and were not delivered. */
const missing = (list: PagedList, size: number, reading: Reading<{ id: number }>): number[] => {
  const got = new Set(ids(reading));
  return countdown(size).filter((id) => !list.removed.has(id) && !got.has(id));
};

const hasRepeats = (reading: Reading<{ id: number }>): boolean =>
  new Set(ids(reading)).size < reading.items.length;

describe('a list that changes while it is read', () => {
  it('is read again for what was added meanwhile', async () => {
    const list = new PagedList(30, {
      perPage: 10,
      onRequest: (it) => it.requested.length === 2 && it.insert(),
    });
    const reading = await readAll(list.fetch);
    expect([reading.drifted, ids(reading)]).toEqual([false, [...countdown(30), 31]]);
  });

  it('is read back to front, for the items that have moved to an earlier page, until nothing new comes', async () => {
    const list = new PagedList(30, {
      perPage: 10,
      onRequest: (it) => it.requested.length === 2 && it.remove(0),
    });
    const once = await readAll(new PagedList(30, { perPage: 10 }).fetch);
    expect([once.drifted, once.pages]).toEqual([false, [1, 2, 3]]);
    const reading = await readAll(list.fetch);
    // Item 20 moved to page 1 after that was read. Pages without new items are not delivered again.
    expect([reading.drifted, reading.pages]).toEqual([false, [1, 2, 3, 1]]);
    expect(ids(reading).sort((a, b) => b - a)).toEqual(countdown(30));
    expect(list.requested).toEqual([1, 2, 3, 3, 2, 1, 3, 2, 1]);
  });

  it('is not read longer than its requests allow, and has drifted then', async () => {
    const list = new PagedList(30, { perPage: 10, onRequest: (it) => it.insert() });
    const reading = await readAll(list.fetch);
    expect(reading.drifted).toBe(true);
    expect(list.requested.length).toBeLessThanOrEqual(4 * (3 + 8));
  });

  it('is read again when an item is repeated, even though the total is the same', async () => {
    const list = new PagedList(30, {
      perPage: 10,
      onRequest: (it) => {
        if (it.requested.length !== 2) return;
        it.insert();
        it.remove(1);
      },
    });
    const reading = await readAll(list.fetch);
    expect([reading.drifted, missing(list, 30, reading)]).toEqual([false, []]);
    expect(hasRepeats(reading)).toBe(false);
  });

  it('is read again from its new end when it has grown since it was read', async () => {
    const list = new PagedList(21, {
      perPage: 10,
      order: 'oldest first',
      onRequest: (it) => {
        if (it.requested.length === 2) it.remove(0);
        if (it.requested.length === 3) for (let i = 0; i < 30; i++) it.insert();
      },
    });
    const reading = await readAll(list.fetch);
    expect([reading.drifted, missing(list, 21, reading)]).toEqual([false, []]);
    expect(list.requested).toEqual([1, 2, 2, 5, 4, 3, 2, 1, 5, 4, 3, 2, 1]);
  });

  it('is read one page after another in the end, which no deletion can hide an item from', async () => {
    /** Moves it to the page served last, whenever it stands on the next one. */
    const hidden = 10;
    const list = new PagedList(40, { perPage: 1 });
    let waiting: { number: number; serve: () => void }[] = [];
    let last = 0;
    let hidings = 0;
    const serveAll = (): void => {
      const all = waiting.sort((a, b) => a.number - b.number);
      waiting = [];
      for (const { serve } of all) serve();
    };
    const fetch = (number: number): Promise<FetchedPage<{ id: number }>> =>
      new Promise((resolve) => {
        if (waiting.length === 0) setImmediate(serveAll);
        const serve = (): void => {
          if (last === number - 1 && list.items[last]?.id === hidden) {
            list.remove(0);
            hidings += 1;
          }
          last = number;
          resolve(list.page(number));
        };
        waiting.push({ number, serve });
      });
    const reading = await readAll(fetch, { perPage: 1, concurrency: 8, ahead: true });
    expect(hidings).toBeGreaterThanOrEqual(3);
    expect(ids(reading)).toContain(hidden);
    expect(hasRepeats(reading)).toBe(false);
  });
});

/** A change between two requests. */
interface Change {
  /** Before which request. */
  at: number;
  insert: boolean;
  /** From 0 for the first position to 1 for the last; `null`: where the order of the list has it. */
  where: number;
}

const changesOf = (insert: fc.Arbitrary<boolean>, maxLength: number): fc.Arbitrary<Change[]> =>
  fc.array(fc.record({ at: fc.nat(40), insert, where: fc.double({ min: 0, max: 0.999, noNaN: true }) }), {
    maxLength,
  });

const shape = {
  size: fc.nat(60),
  perPage: fc.integer({ min: 1, max: 12 }),
  concurrency: fc.integer({ min: 1, max: 9 }),
  ahead: fc.boolean(),
};

/** Makes the changes that are due before each request. @returns whether some of them left the total as it was */
function changer(all: readonly Change[]): {
  onRequest: (list: PagedList) => void;
  hasCancelled: () => boolean;
} {
  let [request, cancelled] = [0, false];
  return {
    onRequest: (list) => {
      const due = request === 0 ? [] : all.filter(({ at }) => at === request);
      const before = list.items.length;
      for (const { insert, where } of due) {
        if (insert) list.insert(where);
        else list.remove(where);
      }
      cancelled ||= due.length > 0 && list.items.length === before;
      request += 1;
    },
    hasCancelled: () => cancelled,
  };
}

const mostRequests = (size: number, perPage: number, concurrency: number): number =>
  4 * (Math.max(1, Math.ceil(size / perPage)) + concurrency);

describe('what was there from the beginning to the end of a reading', () => {
  it('is delivered exactly once, or the list has drifted: with any inserts and deletions between any requests', async () => {
    let [undrifted, settled] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.record({ ...shape, changes: changesOf(fc.boolean(), 14) }),
        async ({ size, changes, ...how }) => {
          const { onRequest, hasCancelled } = changer(changes);
          const list = new PagedList(size, { perPage: how.perPage, onRequest });
          // With few requests, a list that grows is taken for one without an end.
          const reading = await readAll(list.fetch, how).catch((error: unknown) => String(error));
          const most = mostRequests(size, how.perPage, how.concurrency);
          expect(list.requested.length).toBeLessThanOrEqual(most);
          if (typeof reading === 'string') {
            expect(reading).toBe(`Error: no end after ${most} pages`);
            return;
          }
          expect(hasRepeats(reading)).toBe(false);
          // As many added as deleted between the same two requests: no total shows that.
          if (reading.drifted || hasCancelled()) return;
          undrifted += 1;
          settled += Number(new Set(reading.totals).size > 1);
          expect(missing(list, size, reading)).toEqual([]);
        },
      ),
      { numRuns: 1_500 },
    );
    // Most readings settle, also those during which the list changed.
    expect(undrifted).toBeGreaterThan(500);
    expect(settled).toBeGreaterThan(150);
  });

  it('is always delivered exactly once, with deletions only, in whatever order requests at once are served', async () => {
    const delays = fc.array(fc.nat(4), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ ...shape, delays, changes: changesOf(fc.constant(false), 40) }),
        async ({ size, changes, delays: turns, ...how }) => {
          const { onRequest } = changer(changes);
          const delay = (nth: number): number => turns[nth % turns.length] ?? 0;
          const list = new PagedList(size, { perPage: how.perPage, onRequest, delay });
          const reading = await readAll(list.fetch, how);
          expect(hasRepeats(reading)).toBe(false);
          expect(missing(list, size, reading)).toEqual([]);
          expect(list.requested.length).toBeLessThanOrEqual(mostRequests(size, how.perPage, how.concurrency));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it.each([
    ['newest first', 'slowly', 10_000],
    ['oldest first', 'slowly', 10_000],
    ['newest first', 'quickly and consistently', 150],
    ['oldest first', 'quickly and consistently', 150],
  ] as const)(
    'is delivered exactly once, or the list has drifted, by the dates of its items where no total shows it: %s, read %s',
    async (order, _, pace) => {
      await fc.assert(
        fc.asyncProperty(
          fc.record({ ...shape, changes: changesOf(fc.boolean(), 14) }),
          async ({ size, perPage, changes }) => {
            let now = 0;
            const ordered = changes.map(({ at, insert, where }) => ({ at, insert, where }));
            const list = new PagedList(size, {
              perPage,
              order,
              // Dates are full seconds.
              date: () => Math.floor(now / 1_000) * 1_000,
              onRequest: (it) => {
                now += pace;
                if (it.requested.length === 1) return;
                for (const { insert, where } of ordered.filter(({ at }) => at === it.requested.length)) {
                  if (insert) it.insert();
                  else it.remove(where);
                }
              },
            });
            const reading = await readAll(list.fetch, {
              perPage,
              concurrency: 1,
              consistent: pace < 1_000,
              serverTime: () => now,
            }).catch(() => null);
            if (!reading) return;
            expect(hasRepeats(reading)).toBe(false);
            if (!reading.drifted) expect(missing(list, size, reading)).toEqual([]);
          },
        ),
        { numRuns: 1_000 },
      );
    },
  );

  it('is deleted by a loop that deletes what it gets, with any page size and concurrency', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(shape), async ({ size, ahead, ...how }) => {
        const list = new PagedList(size, { perPage: how.perPage });
        const reading = await readAll(list.fetch, {
          ...how,
          ahead,
          onPage: (items) => {
            const gone = new Set(items.map(({ id }) => id));
            list.items = list.items.filter(({ id }) => !gone.has(id));
          },
        });
        expect([list.items, reading.drifted, hasRepeats(reading)]).toEqual([[], false, false]);
        expect(list.requested.length).toBeLessThanOrEqual(mostRequests(size, how.perPage, how.concurrency));
      }),
      { numRuns: 500 },
    );
  });
});
