import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { byAge } from '../../lib/pagination/item-facts';
import type { Listing } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import {
  eachWrong,
  outOfBounds,
  rejectsWrongInput,
  throwsWrongInput,
  wrongTypes,
} from '../support/behaves-like-strict-input';
import { ids, listFrom, listOf, things } from '../support/behaves-like-a-list';
import { type Json, type MemoryServer, rejection } from '../support/builders';
import { scaled } from '../support/scale';

const pagesAsked = (server: MemoryServer): number[] => server.requests.map(({ query }) => Number(query.page));
const idOf = (item: unknown): number => (item as { id: number }).id;
const isEven = (item: unknown): boolean => idOf(item) % 2 === 0;

describe('filter and take', () => {
  it('send nothing before they are read, and leave their listing as it is', async () => {
    const { server, list } = listOf(25);
    const some = list.filter(isEven).take(3);
    await server.clock.advance(1_000);
    expect(server.requests).toEqual([]);
    expect(ids(await some.toArray())).toEqual([2, 4, 6]);
    expect(await list.toArray()).toHaveLength(25);
  });

  it('equal those of arrays in any order, and request no page that is not needed', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.nat(40),
        fc.constant(isEven),
        fc.constant((one: unknown) => idOf(one) > 7),
      ),
      {
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(60), steps, async (count, all) => {
        const { server, list } = listOf(count);
        let [listing, expected]: [Listing<unknown>, Json[]] = [list, things(count)];
        for (const step of all) {
          listing = typeof step === 'number' ? listing.take(step) : listing.filter(step);
          expected = typeof step === 'number' ? expected.slice(0, step) : expected.filter(step);
        }
        expect(await listing.toArray()).toEqual(expected);
        // Only limits without a filter tell exactly which pages are needed.
        const limits = all.filter((step) => typeof step === 'number');
        if (limits.length === 0 || limits.length < all.length) return;
        const pages = Math.min(Math.ceil(Math.min(...limits) / 10), Math.max(1, Math.ceil(count / 10)));
        expect(pagesAsked(server)).toEqual(Array.from({ length: pages }, (_, index) => index + 1));
      }),
      { numRuns: scaled(1_000, 100) },
    );
  });

  it.each<[string, (list: Listing<unknown>) => Promise<unknown>]>([
    ['toArray', (list) => list.toArray()],
    [
      'for await',
      async (list) => {
        for await (const item of list) idOf(item);
      },
    ],
    [
      'pages',
      async (list) => {
        for await (const page of list.pages()) ids(page.items);
      },
    ],
  ])('take(n) stops requests, however it is read: %s', async (_how, read) => {
    const { server, list } = listOf(1_000);
    await read(list.take(0));
    expect(pagesAsked(server)).toEqual([]);
    await read(list.take(10));
    await server.clock.advance(1_000);
    expect(pagesAsked(server)).toEqual([1]);
    await read(list.take(25));
    await server.clock.advance(1_000);
    expect(pagesAsked(server)).toEqual([1, 1, 2, 3]);
  });

  it('still read ahead', async () => {
    const { server, list } = listOf(200);
    server.latency = 100;
    const reading = list.take(200).toArray();
    for (let round = 0; round < 10; round++) await server.clock.advance(100);
    expect(await reading).toHaveLength(200);
    // Page one, then eight pages at a time.
    expect(server.clock.now()).toBeLessThanOrEqual(1_000);
    expect(pagesAsked(server)).toHaveLength(20);
  });

  it('read ahead past pages of which nothing passes', async () => {
    const { server, list } = listOf(200, { concurrency: 20 });
    server.latency = 100;
    const reading = list.filter((item) => idOf(item) > 195).first();
    await server.clock.advance(100);
    await server.clock.advance(100);
    expect(server.requests).toHaveLength(20);
    expect(await reading).toEqual({ id: 196 });
  });

  it('give first() and find() of what passes', async () => {
    const { list } = listOf(25);
    expect(await list.filter(isEven).first()).toEqual({ id: 2 });
    expect(await list.take(5).find((item) => idOf(item) > 5)).toBeNull();
  });

  it('count by reading, and have the pages of the list without what does not pass', async () => {
    const { server, list } = listOf(25);
    const even = list.filter(isEven);
    expect(await even.total()).toBe(12);
    expect(await list.take(13).total()).toBe(13);
    server.requests.length = 0;
    expect(await even.page(2)).toEqual({
      items: [12, 14, 16, 18, 20].map((id) => ({ id })),
      number: 2,
      total: null,
    });
    expect(await list.take(13).page(2)).toEqual({ items: things(3, 11), number: 2, total: null });
    expect(await list.take(13).page(3)).toEqual({ items: [], number: 3, total: null });
    // Page 3 is read ahead for the filter: it cannot know that it is not wanted.
    expect(pagesAsked(server)).toEqual([1, 2, 3, 1, 2, 1, 2]);
  });

  it.each(['filter', 'newest'] as const)('refuse an async predicate in %s()', async (method) => {
    const isOld = async (): Promise<boolean> => Promise.resolve(false);
    const listing = new Sandbox().api().fetchAllImages();
    // @ts-expect-error a promise is no boolean
    const result = method === 'filter' ? listing.filter(isOld).toArray() : listing.newest(isOld);
    await expect(result).rejects.toThrow(
      'predicate: expected a function that returns a boolean, got one that returns a promise',
    );
  });

  it('reject with what a predicate throws', async () => {
    const { list } = listOf(5);
    const bad = new Error('bad predicate');
    const reading = list.filter(() => {
      throw bad;
    });
    expect(await rejection(reading.toArray())).toBe(bad);
    expect(await rejection(reading.newest())).toBe(bad);
  });

  it('narrow the type of what passes', async () => {
    const { list } = listOf(2);
    const typed: Listing<{ id: number }> = list.filter((item): item is { id: number } => isEven(item));
    expect((await typed.toArray()).map(({ id }) => id)).toEqual([2]);
  });

  throwsWrongInput([
    ...eachWrong('filter()', 'predicate', wrongTypes(null, undefined, 'x', /x/), (api, bad) =>
      api.fetchAllImages().filter(bad),
    ),
    ...eachWrong(
      'take()',
      'count',
      [...outOfBounds(-1, 1.5, NaN, Infinity), ...wrongTypes('3', null, undefined)],
      (api, bad) => api.fetchAllImages().take(bad),
    ),
  ]);
});

describe('newest', () => {
  const dated = (id: number | string, createdAt: string | null): Json => ({ id, created_at: createdAt });
  const items = [
    dated(3, '2026-01-02T00:00:00Z'),
    dated(9, '2026-01-03T00:00:00Z'),
    dated(10, '2026-01-03T00:00:00Z'),
    dated(99, null),
    dated(4, '2026-01-01T00:00:00Z'),
  ];
  const listed = (): Listing<unknown> =>
    listFrom(() => ({ body: { things: items, meta: { total: items.length } } })).list;

  it('is the latest, then the one with the highest id, wherever it stands on the list', async () => {
    expect(await listed().newest()).toEqual(items[2]);
    expect(await listed().newest((item) => idOf(item) < 9)).toEqual(items[0]);
    expect(await listed().newest((item) => idOf(item) === 99)).toEqual(items[3]);
    expect(await listed().newest(() => false)).toBeNull();
  });

  it('reads with the options of a call', async () => {
    const signal = AbortSignal.abort('enough');
    expect(await rejection(listed().newest(undefined, { signal }))).toBe('enough');
  });

  it('orders as text what is no number, and any items alike', () => {
    const ofIds = (list: string[]): unknown[] => ids(list.map((id) => dated(id, null)).sort(byAge));
    expect(ofIds(['9', '10', '11'])).toEqual(['11', '10', '9']);
    expect(ofIds(['a', '9', 'c', '1b', '10'])).toEqual(['c', 'a', '1b', '10', '9']);
  });

  rejectsWrongInput(
    eachWrong('newest()', 'predicate', wrongTypes(null, 'x', 5), (api, bad) =>
      api.fetchAllImages().newest(bad),
    ),
  );
});
