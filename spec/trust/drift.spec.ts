import { describe, expect, it } from '@jest/globals';
import { DOApi } from '../../lib';
import { PageReader } from '../../lib/pagination/page-reader';
import { scaled } from '../support/scale';
import { ChangingList, type Order, readAll, type Reading } from './drift/changing-list';

const SEEDS = scaled(5_000, 1_000);
const MAX_REQUESTS = 4 * (1_000 / 200 + 2);

interface Run extends Reading {
  list: ChangingList;
}

async function readMany(order: Order, consistent: boolean, seeds: number): Promise<Run[]> {
  const runs: Run[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const list = new ChangingList(order, seed, seed % 6);
    runs.push({ ...(await readAll(list, consistent)), list });
  }
  return runs;
}

const duplicates = ({ ids }: Run): boolean => new Set(ids).size !== ids.length;

describe.each<Order>(['newest first', 'oldest first'])(
  'a list that changes while it is read, %s',
  (order) => {
    let runs: Run[] = [];

    it(`is read ${SEEDS / 2} times until it is consistent, in a bounded number of requests`, async () => {
      runs = await readMany(order, true, SEEDS / 2);
      expect(Math.max(...runs.map(({ list }) => list.requests))).toBeLessThanOrEqual(MAX_REQUESTS);
      const changed = runs.filter(({ list }) => list.requests > 5).length;
      expect(changed).toBeGreaterThan(SEEDS / 6);
    }, 60_000);

    it('never gives an item twice', () => {
      expect(runs.filter(duplicates)).toEqual([]);
    });

    it('reports missing items, unless additions and deletions cancel out between two requests', () => {
      const silent = runs.filter(({ drifted, missing }) => !drifted && missing.length > 0);
      // Newest first, additions and deletions cancel out on later pages as well.
      if (order === 'newest first') expect(silent).toEqual([]);
      expect(silent.filter(({ list }) => !list.cancelled)).toEqual([]);
      expect(silent.length / runs.length).toBeLessThan(0.05);
    });

    it('is read once when it does not change', async () => {
      const list = new ChangingList(order, 1, 0);
      const { drifted, missing, ids } = await readAll(list, true);
      expect([list.requests, drifted, missing, ids.length]).toEqual([5, false, [], 1_000]);
    });

    it('is reported as drifted when it is read only once', async () => {
      const once = await readMany(order, false, 300);
      expect(once.filter(duplicates)).toEqual([]);
      const silent = once.filter(({ drifted, missing }) => !drifted && missing.length > 0);
      expect(silent.filter(({ list }) => !list.cancelled)).toEqual([]);
      // Missing items do occur.
      expect(once.filter(({ drifted, missing }) => drifted && missing.length > 0).length).toBeGreaterThan(30);
      expect(Math.max(...once.map(({ list }) => list.requests))).toBeLessThanOrEqual(7);
    });
  },
);

describe('a server without pagination', () => {
  /** Sends the same items for every page, and always a link to a next page. */
  async function read(moving: boolean): Promise<{ requests: number; items: number }> {
    let requests = 0;
    const reader = new PageReader({
      fetch: () => {
        requests += 1;
        const items = [{ id: 1 }, { id: 2 }];
        return Promise.resolve({ items, total: moving ? 100 + (requests % 2) : 100, next: 999_999_999 });
      },
      perPage: 2,
      concurrency: 8,
      consistent: true,
      signal: undefined,
      onEnd: () => undefined,
    });
    let items = 0;
    for await (const page of reader.read()) items += page.items.length;
    return { requests, items };
  }

  it('receives a bounded number of requests, even when its total changes all the time', async () => {
    expect((await read(false)).items).toBe(2);
    const moving = await read(true);
    expect(moving.items).toBe(2);
    expect(moving.requests).toBeLessThanOrEqual(4 * 53);
  });
});

describe('a list in each form that the API has sent', () => {
  const shapes: [string, (links: object, total: number) => object][] = [
    ['links and meta', (links, total) => ({ links: { pages: links }, meta: { total } })],
    ['no links', (_links, total) => ({ meta: { total } })],
    ['links that are null', (_links, total) => ({ links: null, meta: { total } })],
    ['links that are empty', (_links, total) => ({ links: {}, meta: { total } })],
    ['no meta', (links) => ({ links: { pages: links } })],
  ];
  const counts = [0, 1, 20, 199, 200, 201, 10_000];

  it.each(shapes.flatMap(([name, shape]) => counts.map((count) => [count, name, shape] as const)))(
    '%d items, with %s',
    async (count, _name, shape) => {
      const requested: string[] = [];
      const adapter = ({
        url,
      }: {
        url: string;
      }): Promise<{ status: number; headers: object; body: string }> => {
        requested.push(url);
        const page = Number(new URL(url).searchParams.get('page'));
        const from = (page - 1) * 200;
        const images = Array.from({ length: Math.max(0, Math.min(200, count - from)) }, (_, at) => ({
          id: from + at + 1,
        }));
        const links = from + 200 < count ? { next: `https://x/?page=${page + 1}` } : {};
        return Promise.resolve({
          status: 200,
          headers: {},
          body: JSON.stringify({ images, ...shape(links, count) }),
        });
      };
      const api = new DOApi({ token: 'x', rateLimit: false, transport: { adapter: adapter as never } });
      const images = await api.fetchAllImages().toArray();
      expect(images.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
      expect(requested.length).toBeLessThanOrEqual(Math.max(1, Math.ceil(count / 200)) + 1);
    },
  );
});
