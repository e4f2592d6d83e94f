import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  planRequests,
  keyOf,
  type PageRef,
  type RequestPlan,
  type ExpectedPages,
} from '../../lib/polling/request-plan';

/** Something wanted, with a name. */
interface Item extends ExpectedPages {
  name: string;
}

const account = (page: number): PageRef => ({ list: 'actions', page });
const image = (id: number, page = 1): PageRef => ({ list: `images/${id}/actions`, page });
const item = (name: string, onAccount: PageRef | null, onImage: PageRef | null): Item => ({
  name,
  account: onAccount,
  parent: onImage,
});

/** The plan in short: `actions/1`, `5/1`, `a`. */
const summaryOf = ({ pages, singles }: RequestPlan<Item>): string[] => [
  ...pages.map((page) => keyOf(page).replace(/^images\/(\d+)\/actions/, '$1')),
  ...singles.map(({ name }) => name),
];

describe('planRequests()', () => {
  it.each<[what: string, wanted: Item[], requests: string[]]>([
    ['nothing for nothing', [], []],
    ['one item by itself, wherever it is expected', [item('a', account(1), image(5))], ['a']],
    ['what is in no list by itself', [item('a', null, null), item('b', null, null)], ['a', 'b']],
    [
      "the image's own list for all of one image",
      [item('a', account(1), image(5)), item('b', account(1), image(5))],
      ['5/1'],
    ],
    [
      "a page of the account's list for one of each image",
      [5, 6, 7].map((id) => item(`of ${id}`, account(1), image(id))),
      ['actions/1'],
    ],
    [
      'a page for most, and the last one by itself',
      [...[5, 6, 7].map((id) => item(`of ${id}`, account(1), image(id))), item('old', account(9), image(8))],
      ['actions/1', 'old'],
    ],
    [
      "two images' lists rather than five pages",
      [1, 2, 3, 4, 5].flatMap((page) =>
        [5, 6].map((id) => item(`${page} of ${id}`, account(page), image(id))),
      ),
      ['5/1', '6/1'],
    ],
    [
      'the only list that is left, when the other one is not to be read',
      [
        item('a', null, image(5)),
        item('b', null, image(5)),
        item('c', account(1), null),
        item('d', account(1), null),
      ],
      ['5/1', 'actions/1'],
    ],
    [
      'different pages of one list',
      [item('a', null, image(5, 1)), item('b', null, image(5, 1)), item('c', null, image(5, 2))],
      ['5/1', 'c'],
    ],
  ])('requests %s', (_what, wanted, requests) => {
    expect(summaryOf(planRequests(wanted)).sort()).toEqual(requests.sort());
  });

  it('requests one of two lists when each of them shows everything', () => {
    const wanted = Array.from({ length: 400 }, (_, index) =>
      item(String(index), account(1 + Math.floor(index / 200)), image(index)),
    );
    expect(summaryOf(planRequests(wanted))).toEqual(['actions/1', 'actions/2']);
  });

  it('matches again where that saves a request', () => {
    // A greedy choice needs three.
    const wanted = [
      item('a', account(1), image(5)),
      item('b', account(1), image(6)),
      item('c', account(2), image(5)),
      item('d', account(2), image(7)),
      item('e', account(1), image(7)),
    ];
    expect(summaryOf(planRequests(wanted))).toHaveLength(2);
  });
});

/** Few pages and few items, so that every choice can be tried. */
const anyWanted = fc
  .array(fc.tuple(fc.option(fc.integer({ min: 1, max: 4 })), fc.option(fc.integer({ min: 1, max: 4 }))), {
    maxLength: 9,
  })
  .map((all) =>
    all.map(([page, id], index) =>
      item(String(index), page === null ? null : account(page), id === null ? null : image(id)),
    ),
  );

const pagesOf = ({ account: one, parent: other }: ExpectedPages): string[] =>
  [one, other].flatMap((page) => (page ? [keyOf(page)] : []));

/** The least number of requests that show everything, found by trying every set of pages. */
function cheapest(wanted: readonly Item[]): number {
  const candidates = [...new Set(wanted.flatMap(pagesOf))];
  let best = Infinity;
  for (let chosen = 0; chosen < 2 ** candidates.length; chosen++) {
    const pages = new Set(candidates.filter((_, bit) => (chosen >> bit) & 1));
    const singles = wanted.filter((one) => !pagesOf(one).some((key) => pages.has(key)));
    best = Math.min(best, pages.size + singles.length);
  }
  return best;
}

describe('planRequests() of any input', () => {
  it('covers every item: by a page it is expected on, or by itself, and not by both', () => {
    fc.assert(
      fc.property(anyWanted, (wanted) => {
        const { pages, singles } = planRequests(wanted);
        const keys = new Set(pages.map(keyOf));
        for (const one of wanted) {
          const isOnPage = pagesOf(one).some((key) => keys.has(key));
          expect(singles.includes(one)).toBe(!isOnPage);
        }
      }),
    );
  });

  it('requests nothing twice, and no page on which nothing is expected', () => {
    fc.assert(
      fc.property(anyWanted, (wanted) => {
        const { pages, singles } = planRequests(wanted);
        const keys = pages.map(keyOf);
        expect(new Set(keys).size).toBe(keys.length);
        expect(new Set(singles).size).toBe(singles.length);
        const expected = new Set(wanted.flatMap(pagesOf));
        expect(keys.filter((key) => !expected.has(key))).toEqual([]);
      }),
    );
  });

  it('is never more expensive than any other choice', () => {
    fc.assert(
      fc.property(anyWanted, (wanted) => {
        const { pages, singles } = planRequests(wanted);
        expect(pages.length + singles.length).toBe(cheapest(wanted));
      }),
      { numRuns: 500 },
    );
  });

  it('requests a page only where that saves a request', () => {
    fc.assert(
      fc.property(anyWanted, (wanted) => {
        const { pages } = planRequests(wanted);
        const keys = new Set(pages.map(keyOf));
        for (const page of keys) {
          const onlyHere = wanted.filter(
            (one) =>
              pagesOf(one)
                .filter((key) => keys.has(key))
                .join() === page,
          );
          expect(onlyHere.length).toBeGreaterThan(1);
        }
      }),
    );
  });

  it('is deterministic', () => {
    fc.assert(fc.property(anyWanted, (wanted) => expect(planRequests(wanted)).toEqual(planRequests(wanted))));
  });
});
