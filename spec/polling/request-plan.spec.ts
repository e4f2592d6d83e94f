import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  planRequests,
  keyOf,
  type PageRef,
  type RequestPlan,
  type ExpectedPages,
} from '../../lib/polling/request-plan';

/** Something wanted, by a name. */
interface Item extends ExpectedPages {
  name: string;
}

const account = (page: number): PageRef => ({ list: 'actions', page });
const image = (id: number, page = 1): PageRef => ({ list: id, page });
const item = (name: string, onAccount: PageRef | null, onImage: PageRef | null): Item => ({
  name,
  account: onAccount,
  image: onImage,
});

/** The plan in a few words: `actions/1`, `5/1`, `a`. */
const words = ({ pages, singles }: RequestPlan<Item>): string[] => [
  ...pages.map(keyOf),
  ...singles.map(({ name }) => name),
];

describe('choose', () => {
  it.each<[what: string, wanted: Item[], requests: string[]]>([
    ['nothing for nothing', [], []],
    ['one thing by itself, wherever it stands', [item('a', account(1), image(5))], ['a']],
    ['what stands in no list by itself', [item('a', null, null), item('b', null, null)], ['a', 'b']],
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
      'a page for most, and the straggler by itself',
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
      'the only list that is left, when another is not to be asked',
      [
        item('a', null, image(5)),
        item('b', null, image(5)),
        item('c', account(1), null),
        item('d', account(1), null),
      ],
      ['5/1', 'actions/1'],
    ],
    [
      'pages of one list apart from each other',
      [item('a', null, image(5, 1)), item('b', null, image(5, 1)), item('c', null, image(5, 2))],
      ['5/1', 'c'],
    ],
  ])('asks for %s', (_what, wanted, requests) => {
    expect(words(planRequests(wanted)).sort()).toEqual(requests.sort());
  });

  it('asks for one page where there are two ways of asking for everything', () => {
    const wanted = Array.from({ length: 400 }, (_, index) =>
      item(String(index), account(1 + Math.floor(index / 200)), image(index)),
    );
    expect(words(planRequests(wanted))).toEqual(['actions/1', 'actions/2']);
  });

  it('moves others to another place where that saves a request', () => {
    // Whoever takes the first that comes needs three.
    const wanted = [
      item('a', account(1), image(5)),
      item('b', account(1), image(6)),
      item('c', account(2), image(5)),
      item('d', account(2), image(7)),
      item('e', account(1), image(7)),
    ];
    expect(words(planRequests(wanted))).toHaveLength(2);
  });
});

/** Few places and few things, so that everything that can be chosen can be tried. */
const anyWanted = fc
  .array(fc.tuple(fc.option(fc.integer({ min: 1, max: 4 })), fc.option(fc.integer({ min: 1, max: 4 }))), {
    maxLength: 9,
  })
  .map((all) =>
    all.map(([page, id], index) =>
      item(String(index), page === null ? null : account(page), id === null ? null : image(id)),
    ),
  );

const placesOf = ({ account: one, image: other }: ExpectedPages): string[] =>
  [one, other].flatMap((place) => (place ? [keyOf(place)] : []));

/** The least number of requests that tell about everything, found by trying every set of pages. */
function cheapest(wanted: readonly Item[]): number {
  const places = [...new Set(wanted.flatMap(placesOf))];
  let best = Infinity;
  for (let chosen = 0; chosen < 2 ** places.length; chosen++) {
    const pages = new Set(places.filter((_, bit) => (chosen >> bit) & 1));
    const singles = wanted.filter((one) => !placesOf(one).some((key) => pages.has(key)));
    best = Math.min(best, pages.size + singles.length);
  }
  return best;
}

describe('for anything that may be wanted, choose', () => {
  it('covers all of it: by a page it is expected on, or by itself, and not by both', () => {
    fc.assert(
      fc.property(anyWanted, (wanted) => {
        const { pages, singles } = planRequests(wanted);
        const keys = new Set(pages.map(keyOf));
        for (const one of wanted) {
          const isOnAPage = placesOf(one).some((key) => keys.has(key));
          expect(singles.includes(one)).toBe(!isOnAPage);
        }
      }),
    );
  });

  it('asks for nothing twice, and for no page on which nothing is expected', () => {
    fc.assert(
      fc.property(anyWanted, (wanted) => {
        const { pages, singles } = planRequests(wanted);
        const keys = pages.map(keyOf);
        expect(new Set(keys).size).toBe(keys.length);
        expect(new Set(singles).size).toBe(singles.length);
        const expected = new Set(wanted.flatMap(placesOf));
        expect(keys.filter((key) => !expected.has(key))).toEqual([]);
      }),
    );
  });

  it('finds no cheaper way by trying every other', () => {
    fc.assert(
      fc.property(anyWanted, (wanted) => {
        const { pages, singles } = planRequests(wanted);
        expect(pages.length + singles.length).toBe(cheapest(wanted));
      }),
      { numRuns: 500 },
    );
  });

  it('asks for a page only where it saves something', () => {
    fc.assert(
      fc.property(anyWanted, (wanted) => {
        const { pages } = planRequests(wanted);
        const keys = new Set(pages.map(keyOf));
        for (const page of keys) {
          const its = wanted.filter(
            (one) =>
              placesOf(one)
                .filter((key) => keys.has(key))
                .join() === page,
          );
          expect(its.length).toBeGreaterThan(1);
        }
      }),
    );
  });

  it('gives the same for the same', () => {
    fc.assert(fc.property(anyWanted, (wanted) => expect(planRequests(wanted)).toEqual(planRequests(wanted))));
  });
});
