import { describe, expect, it } from '@jest/globals';
import type { Listing, ListingOptions } from '../../lib';
import { type Responder, type Json, MemoryServer, pageJson } from './builders';

/** Items with consecutive ids. */
export const things = (count: number, first = 1): Json[] =>
  Array.from({ length: count }, (_, index) => ({ id: first + index }));
export const ids = (items: unknown[]): unknown[] => items.map((item) => (item as Json).id);

/** A list of `count` items on a server. */
export function listOf(
  count: number,
  options: ListingOptions = {},
): { server: MemoryServer; list: Listing<unknown> } {
  return listFrom((request) => ({ body: pageJson('things', things(count), request) }), options);
}

export function listFrom(
  answer: Responder,
  options: ListingOptions = {},
): { server: MemoryServer; list: Listing<unknown> } {
  const server = new MemoryServer(answer);
  const list = server.api({ perPage: 10 }).paginate('/v2/things', 'things', options);
  return { server, list };
}

/** Pages are addressed by number, so that items move between pages when a list changes during a read. */
export function behavesWellWhenAListMoves(): void {
  describe('a listing of a list that changes or is inconsistent', () => {
    /** A server on which each request sees the next of these lists. */
    const changing = (
      lists: Json[][],
      options: ListingOptions = {},
    ): { server: MemoryServer; list: Listing<unknown> } =>
      listFrom(
        (request, nth) => ({ body: pageJson('things', lists[nth - 1] ?? lists.at(-1) ?? [], request) }),
        {
          concurrency: 1,
          ...options,
        },
      );

    it('yields no item twice when items move to a later page', async () => {
      const { list } = changing([things(20), [{ id: 99 }, ...things(20)]]);
      expect(ids(await list.toArray())).toEqual(ids(things(20)));
      expect(list.drifted).toBe(true);
    });

    it('identifies a raw item by its id, or else its urn, or else its uuid, and by nothing else', async () => {
      const identified = [{ id: 1 }, { urn: 'do:1' }, { uuid: 'a-b' }];
      const others = [{ slug: 'nyc3' }, { name: 'tag' }, { note: 'no identity' }, 5];
      const page = [...identified, ...others];
      const { list } = listFrom(() => ({ body: { things: [...page, ...page], meta: { total: 14 } } }));
      expect(await list.toArray()).toEqual([...page, ...others]);
    });

    it('identifies an item with an id by that alone', async () => {
      const [a, b] = [
        { id: 1, urn: 'the same', uuid: 'the same' },
        { id: 2, urn: 'the same', uuid: 'the same' },
      ];
      const { list } = listFrom(() => ({ body: { things: [a, b, a], meta: { total: 3 } } }));
      expect(await list.toArray()).toEqual([a, b]);
    });

    it('identifies a resource without an id by its slug', async () => {
      const regions = ['nyc3', 'ams3', 'nyc3'].map((slug) => ({ slug, name: 'the same name' }));
      const server = new MemoryServer(() => ({ body: { regions, meta: { total: 3 } } }));
      const listed = await server.api().fetchAllRegions().toArray();
      expect(listed.map(({ slug }) => slug)).toEqual(['nyc3', 'ams3']);
    });

    it('has drifted when items have moved to an earlier page', async () => {
      const { list } = changing([things(20), things(19, 2)]);
      expect(ids(await list.toArray())).toEqual([...ids(things(10)), ...ids(things(9, 12))]);
      expect(list.drifted).toBe(true);
    });

    it('is read again with `consistent`, until the total is stable', async () => {
      const { server, list } = changing([things(20), things(19, 2)], { consistent: true });
      expect(ids(await list.toArray())).toEqual([...ids(things(10)), ...ids(things(9, 12)), 11]);
      expect(server.requests).toHaveLength(4);
      expect(list.drifted).toBe(false);
    });

    it('is read four times at most', async () => {
      const { server, list } = listFrom(
        (request, nth) => ({ body: pageJson('things', things(16 - (nth % 2)), request) }),
        { consistent: true, concurrency: 1 },
      );
      expect(ids(await list.toArray())).toEqual(ids(things(16)));
      expect(server.requests).toHaveLength(8);
      expect(list.drifted).toBe(true);
    });

    it('has drifted when there are fewer items than the total', async () => {
      const { list } = listFrom(() => ({ body: { things: things(3), links: {}, meta: { total: 4 } } }));
      expect(await list.toArray()).toHaveLength(3);
      expect(list.drifted).toBe(true);
    });

    it('uses only the page number of a link to the next page', async () => {
      const pages = [
        'https://evil.example/v2/things?page=2',
        'http://api.digitalocean.com/v2/other?page=3&x=1',
      ];
      const { server, list } = listFrom(({ query }) => {
        const page = Number(query.page);
        return {
          body: {
            things: things(page === 3 ? 5 : 10, page * 10),
            links: { pages: { next: pages[page - 1] } },
          },
        };
      });
      expect(await list.toArray()).toHaveLength(25);
      expect(server.requests.map(({ path, query }) => [path, query.page])).toEqual([
        ['/v2/things', '1'],
        ['/v2/things', '2'],
        ['/v2/things', '3'],
      ]);
    });

    it.each([
      ['to itself', 'https://api.digitalocean.com/v2/things?page=1', 1],
      ['to no page', 'https://api.digitalocean.com/v2/things', 1],
      ['that is none', 7, 1],
    ])('does not loop after a link %s', async (_what, next, requests) => {
      const { server, list } = listFrom(() => ({
        body: { things: things(3), links: { pages: { next } }, meta: { total: 3 } },
      }));
      expect(await list.toArray()).toHaveLength(3);
      expect(server.requests).toHaveLength(requests);
    });

    it('uses the links when there is no total, and the page size when there are neither', async () => {
      const { server, list } = listFrom(({ query }) => ({
        body: { things: query.page === '3' ? things(4, 21) : things(10, Number(query.page) * 10 - 9) },
      }));
      expect(ids(await list.toArray())).toEqual(ids(things(24)));
      expect(server.requests).toHaveLength(3);
    });

    it('accepts a server that returns fewer items per page than requested', async () => {
      const { server, list } = listFrom((request) => ({
        body: pageJson('things', things(12), { ...request, query: { ...request.query, per_page: '5' } }),
      }));
      expect(ids(await list.toArray())).toEqual(ids(things(12)));
      expect(server.requests).toHaveLength(3);
    });
  });
}
