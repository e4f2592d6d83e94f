import { describe, expect, it } from '@jest/globals';
import { ListPositions } from '../../lib/polling/list-positions';
import { type SearchedPage, summarizePage } from '../../lib/polling/page-search';

const MINUTE = 60_000;
const nothing: ReadonlySet<string> = new Set();

const anAction = (id = 1, parent: string | null = 'images/5'): ListPositions =>
  new ListPositions({ kind: 'action', id, parent });

const pages = (...lists: [list: string, ...read: SearchedPage[]][]): Map<string, SearchedPage[]> =>
  new Map(lists.map(([list, ...read]) => [list, read]));

describe('the position of a target', () => {
  it('is the first page of both lists, as long as nothing is known', () => {
    expect(anAction().expectedPages(nothing, 0)).toEqual({
      account: { list: 'actions', page: 1 },
      parent: { list: 'images/5/actions', page: 1 },
    });
  });

  it('of an image is in the list of private images', () => {
    const image = new ListPositions({ kind: 'image', id: 5 });
    expect(image.expectedPages(nothing, 0)).toEqual({ account: { list: 'images', page: 1 }, parent: null });
  });

  it('of a Droplet is in the list of Droplets, of its action in that of the Droplet', () => {
    const droplet = new ListPositions({ kind: 'droplet', id: 7 });
    expect(droplet.expectedPages(nothing, 0)).toEqual({
      account: { list: 'droplets', page: 1 },
      parent: null,
    });
    expect(anAction(1, 'droplets/7').expectedPages(nothing, 0)).toMatchObject({
      parent: { list: 'droplets/7/actions', page: 1 },
    });
    expect(anAction(1, 'droplets/7').expectedPages(new Set(['droplet:read']), 0).parent).toBeNull();
  });

  it('is in no list of an image as long as the image is not known', () => {
    expect(anAction(1, null).expectedPages(nothing, 0)).toMatchObject({ parent: null });
  });

  it.each([
    ['actions:read', { account: null, parent: { list: 'images/5/actions' } }],
    ['image:read', { account: { list: 'actions' }, parent: null }],
  ])('is in no list that the token may not read: without %s', (scope, expected) => {
    expect(anAction().expectedPages(new Set([scope]), 0)).toMatchObject(expected);
  });

  it('is where it was found last', () => {
    const positions = anAction();
    positions.foundOn({ list: 'actions', page: 3 });
    positions.foundOn({ list: 'images/5/actions', page: 2 });
    expect(positions.expectedPages(nothing, 0)).toMatchObject({ account: { page: 3 }, parent: { page: 2 } });
  });

  it('is searched from there, in the lists that were read', () => {
    const positions = anAction(100);
    const read = pages(
      ['actions', summarizePage(1, [500, 300], 9)],
      ['images/5/actions', summarizePage(1, [300, 200], 1)],
    );
    expect(positions.searchOn(read, 0)).toEqual(['images/5/actions']);
    expect(positions.expectedPages(nothing, 0)).toMatchObject({ account: { page: 2 } });
  });

  it('is not expected in a list that does not hold it, for five minutes', () => {
    const positions = anAction();
    positions.avoid('actions', 0);
    expect(positions.expectedPages(nothing, 5 * MINUTE - 1).account).toBeNull();
    expect(positions.expectedPages(nothing, 5 * MINUTE).account).toEqual({ list: 'actions', page: 1 });
    expect(positions.searchOn(pages(['actions', summarizePage(1, [500, 300], 9)]), 0)).toEqual([]);
  });

  it('can be in no list at all', () => {
    const positions = anAction();
    positions.avoidAll(0);
    expect(positions.expectedPages(nothing, 0)).toEqual({ account: null, parent: null });
  });
});

describe('the first guess at a position', () => {
  it('is page one, for as many as fit on it', () => {
    const all = Array.from({ length: 200 }, (_, index) => anAction(index + 1));
    ListPositions.guessPages(all);
    expect(new Set(all.map((one) => one.expectedPages(nothing, 0).account?.page))).toEqual(new Set([1]));
  });

  it('is by rank for more of them, the newest first', () => {
    const all = Array.from({ length: 450 }, (_, index) => anAction(index + 1));
    ListPositions.guessPages(all);
    const pageOf = (id: number): number | undefined => all[id - 1]?.expectedPages(nothing, 0).account?.page;
    expect([450, 251, 250, 51, 50, 1].map(pageOf)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('is not made for what was found', () => {
    const all = Array.from({ length: 450 }, (_, index) => anAction(index + 1));
    all[0]?.foundOn({ list: 'actions', page: 1 });
    ListPositions.guessPages(all);
    expect(all[0]?.expectedPages(nothing, 0).account?.page).toBe(1);
  });
});
