import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FetchedPage } from '../../lib/pagination/page-queue';
import { PageReader } from '../../lib/pagination/page-reader';
import { rejection } from '../support/rejection';
import { countdown, ids, noEnd, readAll, PagedList, type Source } from '../support/paged-list';

/** A source with fixed pages. */
const constantly =
  <T>(page: (number: number) => FetchedPage<T>, requested: number[] = []): Source<T> =>
  (number) => {
    requested.push(number);
    return Promise.resolve(page(number));
  };

describe('a page reader', () => {
  it('yields every item once, in order, and requests no page past the last one', async () => {
    const shape = fc.record({
      size: fc.nat(60),
      perPage: fc.integer({ min: 1, max: 25 }),
      concurrency: fc.integer({ min: 1, max: 9 }),
      ahead: fc.boolean(),
      consistent: fc.boolean(),
      links: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ size, perPage, links, ...options }) => {
        const list = new PagedList(size, { perPage, links });
        const reading = await readAll(list.fetch, { perPage, ...options });
        expect(ids(reading)).toEqual(countdown(size));
        expect(reading.drifted).toBe(false);
        const pages = Math.max(1, Math.ceil(size / perPage));
        expect(list.requested).toEqual(Array.from({ length: pages }, (_, index) => index + 1));
        expect(list.maxInFlight).toBeLessThanOrEqual(options.ahead ? Math.max(1, options.concurrency) : 1);
      }),
      { numRuns: 150 },
    );
  });

  it.each([0, 1, 10, 11, 100, 101])('finds the end of %d items without a total, too', async (size) => {
    for (const links of [true, false]) {
      const list = new PagedList(size, { perPage: 10, meta: false, links });
      const reading = await readAll(list.fetch, { ahead: true });
      expect(ids(reading)).toEqual(countdown(size));
      expect(reading.drifted).toBe(false);
      // A full page may be the last one: the next one has to be requested.
      const more = size > 0 && size % 10 === 0 ? 1 : 0;
      expect(list.requested).toHaveLength(Math.max(1, Math.ceil(size / 10)) + more);
    }
  });

  it('requests one page at a time until it reads ahead, then as many as it may', async () => {
    const list = new PagedList(200, { perPage: 10 });
    const requested: number[] = [];
    const options = {
      fetch: list.fetch,
      perPage: 10,
      concurrency: 4,
      consistent: false,
      signal: undefined,
      onEndless: noEnd,
    };
    const reader = new PageReader({ ...options, onEnd: () => undefined });
    for await (const { number, readAhead } of reader.read()) {
      if (number === 3) readAhead();
      requested.push(list.requested.length);
    }
    expect(requested.slice(0, 6)).toEqual([1, 2, 7, 8, 9, 10]);
    expect(list.maxInFlight).toBe(4);
    expect(list.requested).toHaveLength(20);
  });

  it('requests nothing more once the loop is left, and aborts what is under way', async () => {
    const list = new PagedList(200, { perPage: 10 });
    const options = {
      fetch: list.fetch,
      perPage: 10,
      concurrency: 4,
      consistent: true,
      signal: undefined,
      onEndless: noEnd,
    };
    const ends: boolean[] = [];
    for await (const page of new PageReader({ ...options, onEnd: (drifted) => ends.push(drifted) }).read()) {
      page.readAhead();
      break;
    }
    expect(list.requested).toEqual([1, 2, 3, 4, 5]);
    expect(list.aborted).toBe(5);
    await new Promise((resolve) => setImmediate(resolve));
    expect([list.requested.length, ends]).toEqual([5, []]);
  });

  it('ends with the reason of the signal', async () => {
    const controller = new AbortController();
    const list = new PagedList(50, {
      perPage: 10,
      onRequest: ({ requested }) => {
        if (requested.length === 3) controller.abort('enough');
      },
    });
    expect(await rejection(readAll(list.fetch, { signal: controller.signal }))).toBe('enough');
    expect(list.requested).toEqual([1, 2, 3, 4]);
  });

  it('fails with the page that fails, after everything before it', async () => {
    const list = new PagedList(50, { perPage: 10 });
    const seen: number[] = [];
    const fetch: Source<{ id: number }> = async (number, signal) => {
      if (number >= 3) throw new Error(`page ${number}`);
      return list.fetch(number, signal);
    };
    const options = {
      fetch,
      perPage: 10,
      concurrency: 4,
      consistent: false,
      signal: undefined,
      onEndless: noEnd,
    };
    const reader = new PageReader({ ...options, onEnd: () => expect('the end').toBe('not reached') });
    const reading = (async (): Promise<void> => {
      for await (const page of reader.read()) {
        page.readAhead();
        seen.push(page.number);
      }
    })();
    // Pages 4 and 5 fail as well, and are not awaited: an unhandled rejection would fail the run.
    expect(await rejection(reading)).toEqual(new Error('page 3'));
    expect(seen).toEqual([1, 2]);
  });

  it.each([
    ['id', (n: number) => ({ id: n, name: 'same' })],
    ['slug', (n: number) => ({ slug: `s${n}`, name: 'same' })],
    ['name', (n: number) => ({ name: `n${n}` })],
  ])('identifies an item by its %s', async (_what, make) => {
    const pages = [[1, 2], [2, 3], [3]].map((page) => page.map(make));
    const fetch = constantly((number) => ({ items: pages[number - 1] ?? [], total: null, next: number + 1 }));
    expect((await readAll<object>(fetch)).items).toEqual([1, 2, 3].map(make));
  });

  it('keeps items without an identity', async () => {
    const pages: unknown[][] = [['a', 'a', null], [5, 5, { size: 1 }], [{ size: 1 }]];
    const fetch = constantly((number) => ({ items: pages[number - 1] ?? [], total: 7, next: null }));
    const { items, drifted } = await readAll<unknown>(fetch, { perPage: 3 });
    expect(items).toEqual(pages.flat());
    expect(drifted).toBe(false);
  });
});

describe('a server that pages badly', () => {
  const page = (number: number, size: number): { id: number }[] =>
    Array.from({ length: size }, (_, index) => ({ id: (number - 1) * size + index }));

  it.each([false, true])('may put less on a page than requested', async (ahead) => {
    const requested: number[] = [];
    const fetch = constantly(
      (number) => ({ items: page(number, 20), total: 100, next: number < 5 ? number + 1 : null }),
      requested,
    );
    expect(ids(await readAll(fetch, { perPage: 200, ahead }))).toHaveLength(100);
    expect(requested).toEqual([1, 2, 3, 4, 5]);
  });

  it('may put less on a page without a link to the next', async () => {
    const fetch = constantly((number) => ({ items: page(number, 20), total: 100, next: null }));
    expect(ids(await readAll(fetch, { perPage: 200, ahead: true }))).toHaveLength(100);
  });

  it.each([
    ['to itself', (number: number) => number],
    ['back to the first', () => 1],
    ['to nowhere', () => 0],
  ])('may link %s: the reading ends by the total', async (_where, next) => {
    const requested: number[] = [];
    const fetch = constantly(
      (number) => ({ items: page(number, 10), total: 30, next: next(number) }),
      requested,
    );
    expect(ids(await readAll(fetch))).toHaveLength(30);
    expect(requested).toEqual([1, 2, 3]);
  });

  it('may link in a circle without a total: the reading ends there', async () => {
    const requested: number[] = [];
    const fetch = constantly((number) => ({ items: page(number, 10), total: null, next: 1 }), requested);
    expect(ids(await readAll(fetch))).toHaveLength(10);
    expect(requested).toEqual([1]);
  });

  it('may skip a page in its links: none is left out', async () => {
    const requested: number[] = [];
    const fetch = constantly(
      (number) => ({ items: page(number, 10), total: 40, next: number < 4 ? number + 2 : null }),
      requested,
    );
    await readAll(fetch);
    expect(requested).toEqual([1, 2, 3, 4]);
  });

  it('may repeat the same page: the reading ends, and says that items may be missing', async () => {
    for (const ahead of [false, true]) {
      const requested: number[] = [];
      const fetch = constantly((number) => ({ items: page(1, 10), total: 50, next: number + 1 }), requested);
      const reading = await readAll(fetch, { ahead });
      expect(ids(reading)).toHaveLength(10);
      expect(reading.drifted).toBe(true);
      // Items are missing, so it is read twice.
      expect(requested.length).toBeLessThanOrEqual(2 * (50 / 10));
    }
  });

  it.each([false, true])(
    'may claim a million pages and repeat the same one: that is an error after 200 of them',
    async (ahead) => {
      const requested: number[] = [];
      const repeat = (number: number): FetchedPage<{ id: number }> => ({
        items: page(Math.min(number, 3), 10),
        total: 10_000_000,
        next: number + 1,
      });
      const reading = readAll(constantly(repeat, requested), { ahead });
      expect(String(await rejection(reading))).toMatch(/no end after 203 pages/);
      expect(requested.length).toBeLessThanOrEqual(203 + 8);
    },
  );

  it('may repeat the same page without a total: the reading ends', async () => {
    const requested: number[] = [];
    const fetch = constantly((number) => ({ items: page(1, 10), total: null, next: number + 1 }), requested);
    expect(ids(await readAll(fetch))).toHaveLength(10);
    // An item came again, so it is read twice.
    expect(requested).toEqual([1, 2, 2, 1]);
  });

  it('may have fewer items than its total: the reading ends with the first empty page, and says so', async () => {
    const requested: number[] = [];
    const fetch = constantly(
      (number) => ({ items: number === 1 ? page(1, 10) : [], total: 1_000_000, next: number + 1 }),
      requested,
    );
    const reading = await readAll(fetch, { ahead: true, concurrency: 3 });
    expect([ids(reading).length, reading.drifted]).toEqual([10, true]);
    expect(requested).toEqual([1, 2, 3, 4]);
  });

  it.each([0, -5])('may have a total of %d and some items', async (total) => {
    const fetch = constantly((number) => ({ items: number === 1 ? page(1, 10) : [], total, next: null }));
    expect(ids(await readAll(fetch, { ahead: true }))).toHaveLength(10);
  });
});
