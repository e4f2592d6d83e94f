import { describe, expect, it } from '@jest/globals';
import { type Listing, type ListingOptions, UnexpectedResponseError } from '../../lib';
import { type Responder, type Json, MemoryServer, pageJson, rejection, stamp } from './builders';

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

const pagesOf = (server: MemoryServer): number[] => server.requests.map(({ query }) => Number(query.page));

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
      // The new item is found when the list is read again.
      expect(ids(await list.toArray())).toEqual([...ids(things(20)), 99]);
      expect(list.drifted).toBe(false);
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

    it.each([false, true])(
      'is read again for items that have moved to an earlier page, until nothing new comes; consistent: %j',
      async (consistent) => {
        const { server, list } = changing([things(20), things(19, 2)], { consistent });
        expect(ids(await list.toArray())).toEqual([...ids(things(10)), ...ids(things(9, 12)), 11]);
        expect(pagesOf(server)).toEqual([1, 2, 2, 1, 2, 1]);
        expect(list.drifted).toBe(false);
      },
    );

    it('is read four times more at most when nothing new comes, and has drifted when its total still moves', async () => {
      const { server, list } = listFrom(
        (request, nth) => ({ body: pageJson('things', things(16 - (nth % 2)), request) }),
        { concurrency: 1 },
      );
      expect(ids(await list.toArray())).toEqual(ids(things(16)));
      expect(server.requests).toHaveLength(10);
      expect(list.drifted).toBe(true);
    });

    it('is read in at most 4 × (pages + concurrency) requests, whatever it does', async () => {
      for (const concurrency of [1, 3]) {
        const { server, list } = listFrom(
          (request, nth) => ({ body: pageJson('things', things(100 - (nth % 2)), request) }),
          { concurrency },
        );
        expect(ids(await list.toArray())).toEqual(ids(things(100)));
        expect(server.requests.length).toBeLessThanOrEqual(4 * (10 + concurrency));
        expect(list.drifted).toBe(true);
      }
    });

    it('is read once when it has more than 50,000 items, unless it is consistent', async () => {
      const big = (consistent: boolean): ReturnType<typeof changing> =>
        changing([things(50_001), things(50_000, 2)], { consistent, perPage: 200 });
      const { list } = big(false);
      expect(await list.toArray()).toHaveLength(50_000);
      expect(list.drifted).toBe(true);
      const { list: consistent } = big(true);
      expect(await consistent.toArray()).toHaveLength(50_001);
      expect(consistent.drifted).toBe(false);
    });

    it('is not read again when items have no identity: they would come twice', async () => {
      const { server, list } = listFrom((request, nth) => ({
        body: pageJson(
          'things',
          things(16 - (nth % 2)).map(({ id }) => ({ note: id })),
          request,
        ),
      }));
      expect(await list.toArray()).toHaveLength(16);
      expect(server.requests).toHaveLength(2);
      expect(list.drifted).toBe(true);
    });

    it('shows by the date of an item that it changed, although its total is the same', async () => {
      const at = (seconds: number): string => stamp(seconds * 1_000);
      const dated = (first: number, count: number): Json[] =>
        things(count, first).map((item) => ({ ...item, created_at: at(-3_600) }));
      const { server, list } = changing([
        dated(1, 20),
        // The first was deleted and another one added between the two pages.
        [...dated(2, 19), { id: 21, created_at: at(10) }],
      ]);
      server.latency = 1_000;
      expect(ids(await list.toArray())).toEqual([...ids(things(10)), ...ids(things(10, 12)), 11]);
      expect(list.drifted).toBe(false);
    });

    it.each([
      ['with a total', 20],
      ['without one', undefined],
    ])('has an end: pages that never stop are a clear error, %s', async (_what, total) => {
      const endless = listFrom(({ query }) => {
        const page = Number(query.page);
        return {
          body: {
            things: things(10, page * 10),
            links: { pages: { next: `https://x/?page=${page + 1}` } },
            meta: { total },
          },
        };
      });
      const error = await rejection(endless.list.toArray());
      expect(error).toBeInstanceOf(UnexpectedResponseError);
      expect((error as Error).message).toMatch(/things: 200, .*the list has no end: after \d+ pages/);
      const most = total === undefined ? 10_000 : 4 * (2 + 8);
      expect(endless.server.requests).toHaveLength(most);
    });

    it.each([
      ['first()', (list: Listing<unknown>) => list.first(), 1],
      [
        'find(), which finds it',
        (list: Listing<unknown>) => list.find((item) => (item as Json).id === 15),
        2,
      ],
    ])('%s sends nothing more than it needs', async (_what, read, requests) => {
      const { server, list } = changing([things(20), things(19, 2)]);
      expect(await read(list)).not.toBeNull();
      expect(server.requests).toHaveLength(requests);
    });

    it('find() refuses an async predicate, which would find any item', async () => {
      const { server, list } = changing([things(20)]);
      const isFifteenth = (item: unknown): Promise<boolean> => Promise.resolve((item as Json).id === 15);
      const refused = 'predicate: expected a function that returns a boolean, got one that returns a promise';
      expect(await rejection(list.find(isFifteenth as never))).toEqual(new TypeError(refused));
      const failing = (): Promise<boolean> => Promise.reject(new Error('not handled'));
      expect(await rejection(list.find(failing as never))).toEqual(new TypeError(refused));
      expect(server.requests).toHaveLength(2);
    });

    it('find() finds what had moved, and pages() has it on a page that follows', async () => {
      const moving = (): Listing<unknown> => changing([things(20), things(19, 2)]).list;
      expect(await moving().find((item) => (item as Json).id === 11)).toEqual({ id: 11 });
      const pages: unknown[] = [];
      for await (const { number, items, total } of moving().pages())
        pages.push([number, items.length, total]);
      expect(pages).toEqual([
        [1, 10, 20],
        [2, 9, 19],
        [1, 1, 19],
      ]);
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
