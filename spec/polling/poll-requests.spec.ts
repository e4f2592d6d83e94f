import { describe, expect, it } from '@jest/globals';
import { Mismatch } from '../../lib/model/fields';
import type { Call, Requester } from '../../lib/model/requester';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import {
  fetchOne,
  fetchListPage,
  scopeOfList,
  scopeOfOne,
  type TargetRef,
} from '../../lib/polling/poll-requests';
import { ENDPOINT, type Json } from '../support/builders';

/** A manager that answers everything alike, and shows what it was asked. */
function answering(
  body: unknown,
  ...denied: string[]
): { api: Requester; asked: { url: string; call: Call<unknown> }[] } {
  const asked: { url: string; call: Call<unknown> }[] = [];
  const api: Requester = {
    endpoint: ENDPOINT,
    perPage: 20,
    waitInterval: 5_000,
    waitTime: Infinity,
    clock: new VirtualClock(),
    deniedScopes: new Set(denied),
    signal: new AbortController().signal,
    clockSkew: 0,
    poller: null as never,
    send: (url, call) => {
      asked.push({ url, call });
      return Promise.resolve().then(() => call.read(body));
    },
    fetchResource: () => Promise.reject(new Error('nobody asked')),
  };
  return { api, asked };
}

const { signal } = new AbortController();
const read = async (body: unknown): Promise<unknown> =>
  fetchListPage(answering(body).api, { list: 'actions', page: 3 }, signal);

describe('a look at a page of a list', () => {
  it.each([
    ['actions', '/v2/actions', { page: 2, per_page: 200 }],
    ['images', '/v2/images', { page: 2, per_page: 200, private: true }],
    [7938269, '/v2/images/7938269/actions', { page: 2, per_page: 200 }],
  ])('of %s asks for %s, 200 at a time', async (list, path, params) => {
    const { api, asked } = answering({ actions: [], images: [] });
    await fetchListPage(api, { list, page: 2 }, signal);
    expect(asked).toMatchObject([{ url: ENDPOINT + path, call: { params } }]);
  });

  it('is in the background, and can be called off', async () => {
    const { api, asked } = answering({ actions: [] });
    await fetchListPage(api, { list: 'actions', page: 1 }, signal);
    expect(asked[0]?.call.background).toBe(true);
    expect(asked[0]?.call.signal).toBe(signal);
  });

  const next = { pages: { next: `${ENDPOINT}/v2/actions?page=4` } };
  const items = (count: number): Json[] => Array.from({ length: count }, (_, id) => ({ id }));

  it.each<[what: string, body: Json, lastPage: number]>([
    ['as many as hold all', { actions: items(200), links: next, meta: { total: 950 } }, 5],
    [
      'more of them, when pages are smaller than asked for',
      { actions: items(50), links: next, meta: { total: 950 } },
      19,
    ],
    [
      'this is the last one, when there is no next one',
      { actions: items(50), links: {}, meta: { total: 950 } },
      3,
    ],
    ['as many as hold all, when only the link is missing', { actions: items(200), meta: { total: 950 } }, 5],
    ['this is the last one, though it is full', { actions: items(200), meta: { total: 600 } }, 3],
    ['this one is past the end', { actions: [], meta: { total: 300 } }, 2],
    ['nobody knows how many, without a total', { actions: items(200), links: next }, Infinity],
    ['this is the last one, without a total or a next one', { actions: items(200) }, 3],
    ['one for each item at most, whatever is said', { actions: [], links: next, meta: { total: 7 } }, 7],
  ])('tells how many pages there are: %s', async (_what, body, lastPage) => {
    expect(await read(body)).toMatchObject({ lastPage });
  });

  it('leaves out what is no object', async () => {
    expect(await read({ actions: [{ id: 1 }, null, 'two', 3], meta: { total: 4 } })).toMatchObject({
      items: [{ id: 1 }],
    });
  });

  it.each([null, 'soon', {}, { actions: null }, { actions: { id: 1 } }, { images: [] }])(
    'cannot be read without its list: %j',
    async (body) => {
      await expect(read(body)).rejects.toThrow(Mismatch);
      await expect(read(body)).rejects.toThrow(/^actions: expected an array/);
    },
  );
});

describe('a look at one thing', () => {
  it.each<[what: string, target: TargetRef, denied: string[], path: string, scope: string]>([
    ['an action', { kind: 'action', id: 1, image: 5 }, [], '/v2/actions/1', 'actions:read'],
    [
      "an action, by its image's URL when its own is denied",
      { kind: 'action', id: 1, image: 5 },
      ['actions:read'],
      '/v2/images/5/actions/1',
      'image:read',
    ],
    [
      'an action of nobody knows what, by its own URL in any case',
      { kind: 'action', id: 1, image: null },
      ['actions:read'],
      '/v2/actions/1',
      'actions:read',
    ],
    ['an image', { kind: 'image', id: 5 }, ['actions:read'], '/v2/images/5', 'image:read'],
  ])('%s', async (_what, target, denied, path, scope) => {
    const json = { id: target.id, status: 'in-progress' };
    const { api, asked } = answering({ action: json, image: json }, ...denied);
    expect(await fetchOne(api, target, signal)).toBe(json);
    expect(asked).toMatchObject([{ url: ENDPOINT + path, call: { background: true, signal } }]);
    expect(scopeOfOne(api, target)).toBe(scope);
  });

  it.each([null, [], {}, { action: null }, { action: 'soon' }, { image: { id: 1 } }])(
    'cannot be read without it: %j',
    async (body) => {
      const look = fetchOne(answering(body).api, { kind: 'action', id: 1 }, signal);
      await expect(look).rejects.toThrow(/^action: expected an object/);
    },
  );
});

describe('the scope of a list', () => {
  it.each([
    ['actions', 'actions:read'],
    ['images', 'image:read'],
    [5, 'image:read'],
  ])('of %s is %s', (list, scope) => {
    expect(scopeOfList(list)).toBe(scope);
  });
});
