import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Listing, UnexpectedResponseError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import errors from '../fixtures/error/documented.json';
import {
  eachWrong,
  outOfBounds,
  rejectsWrongInput,
  throwsWrongInput,
  wrongTypes,
} from '../support/behaves-like-strict-input';
import { behavesWellWhenAListMoves, ids, listFrom, listOf, things } from '../support/behaves-like-a-list';
import { type Json, MemoryServer, pageJson, rejection } from '../support/builders';

const NO_SIZES = [...outOfBounds(0, 201, 1.5, NaN), ...wrongTypes('20', null)];
const pagesAsked = (server: MemoryServer): number[] => server.requests.map(({ query }) => Number(query.page));

describe('a listing', () => {
  it('sends nothing before it is read', async () => {
    const { server, list } = listOf(30);
    list[Symbol.asyncIterator]();
    list.pages();
    await server.clock.advance(1_000);
    expect(server.requests).toEqual([]);
    expect(list.drifted).toBe(false);
  });

  it('yields all items in order, by `for await` and by toArray()', async () => {
    const { server, list } = listOf(95);
    const seen: unknown[] = [];
    for await (const item of list) seen.push(item);
    expect(ids(seen)).toEqual(ids(things(95)));
    expect(await list.toArray()).toEqual(seen);
    expect(server.requests).toHaveLength(20);
    expect(list.drifted).toBe(false);
  });

  it('starts anew with each reading, even two at a time', async () => {
    const { server, list } = listOf(25);
    const [one, two] = [list[Symbol.asyncIterator](), list[Symbol.asyncIterator]()];
    expect(ids([(await one.next()).value, (await two.next()).value, (await one.next()).value])).toEqual([
      1, 1, 2,
    ]);
    server.respond = (request) => ({ body: pageJson('things', things(1, 7), request) });
    expect(ids(await list.toArray())).toEqual([7]);
  });

  it('of nothing is empty', async () => {
    const { server, list } = listOf(0);
    expect(await list.toArray()).toEqual([]);
    expect(await list.first()).toBeNull();
    expect(await list.find(() => true)).toBeNull();
    expect(await list.total()).toBe(0);
    expect(server.requests).toHaveLength(4);
  });

  it('sends one request when only the beginning is read', async () => {
    const { server, list } = listOf(1_000);
    expect(await list.first()).toEqual({ id: 1 });
    expect(await list.find((item) => (item as Json).id === 3)).toEqual({ id: 3 });
    for await (const item of list) if ((item as Json).id === 5) break;
    for await (const { number } of list.pages()) if (number === 1) break;
    await server.clock.advance(1_000);
    expect(pagesAsked(server)).toEqual([1, 1, 1, 1]);
  });

  it('find() reads until an item is found, or to the end', async () => {
    const { list } = listOf(45);
    expect(await list.find((item) => (item as Json).id === 31)).toEqual({ id: 31 });
    expect(await list.find(() => false)).toBeNull();
  });

  it('aborts the pages requested ahead when the loop is left', async () => {
    const { server, list } = listOf(1_000);
    server.latency = 100;
    for await (const item of list) if ((item as Json).id === 10) break;
    expect(server.requests.length).toBeGreaterThan(1);
    await server.clock.advance(0);
    expect(server.abortedCount).toBe(server.requests.length - 1);
  });

  it('pages() yields them one by one', async () => {
    const { list } = listOf(25);
    const pages: unknown[] = [];
    for await (const { items, number, total } of list.pages()) pages.push([number, items.length, total]);
    expect(pages).toEqual([
      [1, 10, 25],
      [2, 10, 25],
      [3, 5, 25],
    ]);
  });

  it('page() returns one, in one request; past the end it has no items', async () => {
    const { server, list } = listOf(25);
    expect(await list.page(3)).toEqual({ items: things(5, 21), number: 3, total: 25 });
    expect(await list.page(9)).toEqual({ items: [], number: 9, total: 25 });
    expect(server.requests.map(({ query }) => query)).toEqual([
      { page: '3', per_page: '10' },
      { page: '9', per_page: '10' },
    ]);
  });

  it('total() is one small request; null when the API does not say', async () => {
    const { server, list } = listOf(25);
    expect(await list.total()).toBe(25);
    expect(server.requests[0]?.query).toEqual({ page: '1', per_page: '1' });
    for (const meta of [undefined, null, {}, { total: '25' }]) {
      const { list: silent } = listFrom(() => ({ body: { things: things(1), meta } }));
      expect(await silent.total()).toBeNull();
    }
  });

  it.each<[string, (list: Listing<unknown>, signal: AbortSignal) => Promise<unknown>]>([
    ['toArray()', (list, signal) => list.toArray({ signal })],
    ['first()', (list, signal) => list.first({ signal })],
    ['find()', (list, signal) => list.find(() => false, { signal })],
    ['page()', (list, signal) => list.page(1, { signal })],
    ['total()', (list, signal) => list.total({ signal })],
    ['pages()', (list, signal) => list.pages({ signal }).next()],
  ])('%s can be aborted by itself', async (_what, read) => {
    const { server, list } = listOf(25);
    expect(await rejection(read(list, AbortSignal.abort('enough')))).toBe('enough');
    expect(server.requests).toEqual([]);
    expect(await list.first()).toEqual({ id: 1 });
  });
});

describe('a listing that reads ahead', () => {
  it.each([
    ['requests 8 pages at once by default', {}, 8],
    ['requests as many as the option says', { concurrency: 3 }, 3],
    ['requests one after another with a concurrency of 1', { concurrency: 1 }, 1],
  ])('%s', async (_what, options, most) => {
    const { server, list } = listOf(400, options);
    server.latency = 50;
    expect(ids(await list.toArray())).toEqual(ids(things(400)));
    expect(server.maxConcurrent).toBe(most);
    expect(pagesAsked(server)).toEqual(ids(things(40)));
  });

  it('starts in the middle of the first page', async () => {
    const { server, list } = listOf(400);
    server.latency = 50;
    const reader = list[Symbol.asyncIterator]();
    for (let i = 0; i < 5; i++) await reader.next();
    expect(server.requests).toHaveLength(1);
    await reader.next();
    await server.clock.advance(0);
    expect(server.requests).toHaveLength(9);
    await reader.return();
  });

  it('starts with the second page of pages()', async () => {
    const { server, list } = listOf(400);
    server.latency = 50;
    const reader = list.pages();
    await reader.next();
    expect(server.requests).toHaveLength(1);
    await reader.next();
    expect(server.maxConcurrent).toBe(8);
    await reader.return(undefined);
  });

  it('keeps the order of the API, however late each page is', async () => {
    const { server, list } = listOf(95);
    const answer = server.respond;
    server.respond = async (request, nth) => {
      await new Promise<void>((resolve) => server.clock.after((nth * 37) % 100, resolve));
      return answer(request, nth);
    };
    expect(ids(await list.toArray())).toEqual(ids(things(95)));
  });

  it('takes no longer than its slowest pages', async () => {
    const { server, list } = listOf(90);
    server.latency = 1_000;
    await list.toArray();
    expect(server.clock.now()).toBe(2_000);
  });

  it('yields the same items for any size, page and concurrency', async () => {
    const options = fc.record({
      perPage: fc.integer({ min: 1, max: 200 }),
      concurrency: fc.integer({ min: 1, max: 20 }),
    });
    const property = fc.asyncProperty(fc.integer({ min: 0, max: 300 }), options, async (count, how) => {
      const { server, list } = listOf(count, how);
      expect(ids(await list.toArray())).toEqual(ids(things(count)));
      expect(server.requests).toHaveLength(Math.max(1, Math.ceil(count / how.perPage)));
      expect(server.maxConcurrent).toBeLessThanOrEqual(how.concurrency);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

describe('a listing with a page that fails', () => {
  it('fails too, after the pages before it', async () => {
    const { server, list } = listOf(95);
    const answer = server.respond;
    server.respond = (request, nth) =>
      request.query.page === '4' ? { status: 500, body: errors[500] } : answer(request, nth);
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const item of list) seen.push(item);
    })();
    expect(await rejection(reading)).toMatchObject({ status: 500 });
    expect(ids(seen)).toEqual(ids(things(30)));
    expect(await rejection(list.toArray())).toMatchObject({ status: 500 });
    expect(await list.page(5)).toMatchObject({ number: 5 });
  });

  it('names the item that cannot be read', async () => {
    const server = new MemoryServer(() => ({
      body: { images: [{ id: 1 }, { id: 'two' }], meta: { total: 2 } },
    }));
    const error = await rejection(server.api().fetchAllImages().toArray());
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect(error).toMatchObject({ problem: 'images[1].id: expected a positive whole number, got "two"' });
  });

  throwsWrongInput([
    ...eachWrong('a listing', 'perPage', NO_SIZES, (api, bad) => api.fetchAllImages({ perPage: bad })),
    ...eachWrong(
      'a listing',
      'concurrency',
      [...outOfBounds(0, -1, 2.5, Infinity), ...wrongTypes('8')],
      (api, bad) => api.fetchAllRegions({ concurrency: bad }),
    ),
    ...eachWrong('a listing', 'consistent', wrongTypes('yes', 1, null), (api, bad) =>
      api.fetchAllActions({ consistent: bad }),
    ),
    ...eachWrong('a listing', 'signal', wrongTypes('stop', {}, null), (api, bad) =>
      api.image(5).fetchAllActions({ signal: bad }),
    ),
  ]);
  rejectsWrongInput(
    eachWrong(
      'page()',
      'number',
      [...outOfBounds(0, -1, 1.5, Infinity), ...wrongTypes('1', undefined)],
      (api, bad) => api.fetchAllImages().page(bad),
    ),
  );
});

describe('deleting while a listing is read', () => {
  it.each([{}, { concurrency: 1 }, { perPage: 50, concurrency: 1 }, { perPage: 7 }, { perPage: 125 }])(
    'leaves nothing out, in fewer requests than two readings: %j',
    async (options) => {
      const images = Array.from({ length: 1_000 }, (_, index) => ({ id: index + 1 }));
      const sandbox = new Sandbox({ images, rateLimit: false });
      const list = sandbox.api({ rateLimit: false }).fetchAllPrivateImages(options);
      for await (const image of list) await image.delete();
      expect(sandbox.images).toEqual([]);
      expect(list.drifted).toBe(false);
      const lists = sandbox.requests.filter(({ method }) => method === 'GET').length;
      const { perPage = 200 } = { ...options };
      expect(lists).toBeLessThanOrEqual((2 * 1_000) / perPage + 3);
    },
  );
});

describe('a listing that nothing changes', () => {
  it('is read in one request for each page: 10,000 items in 50', async () => {
    for (const options of [{}, { concurrency: 1 }, { consistent: true }]) {
      const { server, list } = listOf(10_000, { perPage: 200, ...options });
      expect(await list.toArray()).toHaveLength(10_000);
      expect(server.requests).toHaveLength(50);
    }
  });
});

behavesWellWhenAListMoves();
