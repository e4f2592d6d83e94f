import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { summarizePage, type SearchedPage, nextPageFor } from '../../lib/polling/page-search';

describe('summarizePage()', () => {
  it.each<[ids: number[], order: SearchedPage['order']]>([
    [[], 'any'],
    [[5], 'any'],
    [[5, 5], 'any'],
    [[9, 7, 3], 'down'],
    [[3, 7, 9], 'up'],
    [[3, 3, 9], 'up'],
    [[9, 3, 7], 'none'],
    [[3, 9, 7], 'none'],
  ])('of %j has the order: %s', (ids, order) => {
    expect(summarizePage(1, ids, 4).order).toBe(order);
  });

  it('has the least and the greatest id; of an empty page neither', () => {
    expect(summarizePage(2, [5, 9, 1], 4)).toEqual({
      page: 2,
      lastPage: 4,
      ids: { least: 1, greatest: 9 },
      order: 'none',
    });
    expect(summarizePage(2, [], 4).ids).toBeNull();
  });
});

describe('nextPageFor()', () => {
  /** Three ids on each of five pages. */
  const newestFirst = (page: number): SearchedPage =>
    summarizePage(
      page,
      [0, 1, 2].map((index) => 160 - page * 30 - index * 10),
      5,
    );
  const oldestFirst = (page: number): SearchedPage =>
    summarizePage(
      page,
      [0, 1, 2].map((index) => page * 30 + index * 10),
      5,
    );
  const unordered = (page: number): SearchedPage => summarizePage(page, [page, 900, page * 100], 5);

  it.each<[what: string, id: number, read: SearchedPage[], next: number | null]>([
    ['newest first: the next page, when it is older', 75, [newestFirst(1)], 2],
    ['newest first: the page before, when it is younger', 125, [newestFirst(2)], 1],
    ['newest first: nowhere, when it is younger than all', 999, [newestFirst(1)], null],
    ['newest first: nowhere, when it is older than all', 1, [newestFirst(5)], null],
    ['newest first: nowhere, when it would be on this page', 115, [newestFirst(1)], null],
    ['newest first: nowhere, between two adjacent pages', 95, [newestFirst(2), newestFirst(1)], null],
    ['newest first: the unread page between two', 75, [newestFirst(1), newestFirst(4)], 2],
    ['oldest first: the last page, when it is younger', 175, [oldestFirst(1)], 5],
    [
      'oldest first: before the last page, when that holds younger ones',
      110,
      [oldestFirst(1), oldestFirst(5)],
      4,
    ],
    ['oldest first: the page before, when it is older', 65, [oldestFirst(3)], 2],
    ['oldest first: nowhere, when it is younger than all', 999, [oldestFirst(5)], null],
    ['oldest first: nowhere, when it would be on this page', 45, [oldestFirst(1)], null],
    ['no order: the first unread page', 7, [unordered(1)], 2],
    ['no order: page one, wherever the search began', 7, [unordered(3)], 1],
    ['no order: past those that were read', 7, [unordered(1), unordered(3), unordered(2)], 4],
    ['no order: nowhere, once all were read', 7, [1, 2, 3, 4, 5].map(unordered), null],
    [
      'no order: nowhere, when the list is shorter now',
      7,
      [unordered(1), unordered(2), summarizePage(3, [7, 900, 300], 3)],
      null,
    ],
    ['up on one page and down on another: the first unread page', 7, [newestFirst(1), oldestFirst(2)], 3],
    ['a page of one item shows no order', 5, [summarizePage(2, [9], 3)], 1],
    ['an empty page is past the end', 75, [summarizePage(4, [], 9), newestFirst(1)], 2],
    ['an empty page alone shows no order', 5, [summarizePage(4, [], 4)], 1],
    ['an empty list holds nothing', 5, [summarizePage(1, [], 1)], null],
    ['a page past the end of a list that is shorter now', 75, [summarizePage(7, [], 5), newestFirst(1)], 2],
    [
      'oldest first, with an unknown number of pages: the next one',
      99,
      [summarizePage(1, [1, 2], Infinity)],
      2,
    ],
  ])('%s', (_what, id, read, next) => {
    expect(nextPageFor(id, read)).toBe(next);
  });
});

describe('a search through any list', () => {
  /** A list in some order, cut into pages. */
  const anyList = fc
    .record({
      ids: fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 60 }),
      order: fc.constantFrom('up', 'down', 'none' as const),
      size: fc.integer({ min: 1, max: 9 }),
      start: fc.integer({ min: 1, max: 70 }),
    })
    .map(({ ids, order, size, start }) => {
      if (order !== 'none') ids.sort((a, b) => (order === 'up' ? a - b : b - a));
      const lastPage = Math.ceil(ids.length / size);
      const page = (number: number): number[] => ids.slice((number - 1) * size, number * size);
      return { ids, order, page, lastPage, start: Math.min(start, lastPage + 2) };
    });

  /** Reads page after page. @returns the pages read, and whether it was found */
  function search(
    id: number,
    { page, lastPage, start }: { page: (number: number) => number[]; lastPage: number; start: number },
  ): { pages: number[]; found: boolean } {
    const read: SearchedPage[] = [];
    for (let next: number | null = start; next !== null; next = nextPageFor(id, read)) {
      if (page(next).includes(id)) return { pages: [...read.map((one) => one.page), next], found: true };
      read.push(summarizePage(next, page(next), lastPage));
      if (read.length > 100) throw new Error('the search does not end');
    }
    return { pages: read.map((one) => one.page), found: false };
  }

  it('finds every item of an ordered list, wherever the search begins', () => {
    fc.assert(
      fc.property(anyList, fc.nat(), (list, nth) => {
        fc.pre(list.order !== 'none');
        expect(search(list.ids[nth % list.ids.length] ?? 0, list).found).toBe(true);
      }),
    );
  });

  it('never reads a page twice, before the first or past the last', () => {
    fc.assert(
      fc.property(anyList, fc.integer({ min: 1, max: 10_000 }), (list, id) => {
        const { pages } = search(id, list);
        expect(new Set(pages).size).toBe(pages.length);
        expect(pages.slice(1).filter((page) => page < 1 || page > list.lastPage)).toEqual([]);
      }),
    );
  });

  it('never finds what is not in the list', () => {
    fc.assert(fc.property(anyList, (list) => expect(search(20_000, list).found).toBe(false)));
  });

  it('finds every item of a list whose pages show that it has no order', () => {
    const pages = [
      [5, 9, 1],
      [8, 2, 7],
      [4, 6, 3],
    ];
    const list = { page: (number: number) => pages[number - 1] ?? [], lastPage: 3, start: 3 };
    for (const id of pages.flat()) expect(search(id, list).found).toBe(true);
  });
});
