import { describe, expect, it } from '@jest/globals';
import { Mismatch } from '../../lib/model/fields';
import type { Call } from '../../lib/model/requester';
import type { TargetRef } from '../../lib/model/wait-target';
import { fetchListPage, fetchOne, type PollApi, scopeOfOne } from '../../lib/polling/poll-requests';
import { scopeOfList } from '../../lib/polling/poll-lists';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import { ENDPOINT, type Json } from '../support/builders';

/** An API that responds to everything with `body`, and records its requests. */
function respondingWith(
  body: unknown,
  ...denied: string[]
): { api: PollApi; requests: { url: string; call: Call<unknown> }[] } {
  const requests: { url: string; call: Call<unknown> }[] = [];
  const api: PollApi = {
    endpoint: ENDPOINT,
    clock: new VirtualClock(),
    deniedScopes: new Set(denied),
    send: (url, call) => {
      requests.push({ url, call });
      return Promise.resolve().then(() => call.read(body));
    },
  };
  return { api, requests };
}

const { signal } = new AbortController();
const read = async (body: unknown): Promise<unknown> =>
  fetchListPage(respondingWith(body).api, { list: 'actions', page: 3 }, signal);

describe('fetchListPage()', () => {
  it.each([
    ['actions', '/v2/actions', { page: 2, per_page: 200 }],
    ['images', '/v2/images', { page: 2, per_page: 200, private: true }],
    ['droplets', '/v2/droplets', { page: 2, per_page: 200 }],
    ['images/7938269/actions', '/v2/images/7938269/actions', { page: 2, per_page: 200 }],
    ['droplets/7/actions', '/v2/droplets/7/actions', { page: 2, per_page: 200 }],
  ])('of %s requests %s, 200 items at a time', async (list, path, params) => {
    const { api, requests } = respondingWith({ actions: [], images: [], droplets: [] });
    await fetchListPage(api, { list, page: 2 }, signal);
    expect(requests).toMatchObject([{ url: ENDPOINT + path, call: { params } }]);
  });

  it('is in the background, and can be aborted', async () => {
    const { api, requests } = respondingWith({ actions: [] });
    await fetchListPage(api, { list: 'actions', page: 1 }, signal);
    expect(requests[0]?.call.background).toBe(true);
    expect(requests[0]?.call.signal).toBe(signal);
  });

  const next = { pages: { next: `${ENDPOINT}/v2/actions?page=4` } };
  const items = (count: number): Json[] => Array.from({ length: count }, (_, id) => ({ id }));

  it.each<[what: string, body: Json, lastPage: number]>([
    ['by the total', { actions: items(200), links: next, meta: { total: 950 } }, 5],
    [
      'by the total and the size of the page, when that is smaller than requested',
      { actions: items(50), links: next, meta: { total: 950 } },
      19,
    ],
    ['this is the last one, without a next one', { actions: items(50), links: {}, meta: { total: 950 } }, 3],
    ['by the total, when only the link is missing', { actions: items(200), meta: { total: 950 } }, 5],
    ['this is the last one, although it is full', { actions: items(200), meta: { total: 600 } }, 3],
    ['this one is past the end', { actions: [], meta: { total: 300 } }, 2],
    ['unknown, without a total', { actions: items(200), links: next }, Infinity],
    ['this is the last one, without a total or a next one', { actions: items(200) }, 3],
    [
      'as many as there are items, when the page is empty and has a next one',
      { actions: [], links: next, meta: { total: 7 } },
      7,
    ],
  ])('knows the number of the last page: %s', async (_what, body, lastPage) => {
    expect(await read(body)).toMatchObject({ lastPage });
  });

  it('leaves out items that are not objects', async () => {
    expect(await read({ actions: [{ id: 1 }, null, 'two', 3], meta: { total: 4 } })).toMatchObject({
      items: [{ id: 1 }],
    });
  });

  it.each([null, 'soon', {}, { actions: null }, { actions: { id: 1 } }, { images: [] }])(
    'is a Mismatch without its list: %j',
    async (body) => {
      await expect(read(body)).rejects.toThrow(Mismatch);
      await expect(read(body)).rejects.toThrow(/^actions: expected an array/);
    },
  );
});

describe('fetchOne()', () => {
  it.each<[what: string, target: TargetRef, denied: string[], path: string, scope: string]>([
    ['an action', { kind: 'action', id: 1, parent: 'images/5' }, [], '/v2/actions/1', 'actions:read'],
    [
      "an action, by its image's URL when its own is denied",
      { kind: 'action', id: 1, parent: 'images/5' },
      ['actions:read'],
      '/v2/images/5/actions/1',
      'image:read',
    ],
    [
      'an action of an unknown resource, by its own URL in any case',
      { kind: 'action', id: 1, parent: null },
      ['actions:read'],
      '/v2/actions/1',
      'actions:read',
    ],
    [
      "an action, by its Droplet's URL when its own is denied",
      { kind: 'action', id: 1, parent: 'droplets/7' },
      ['actions:read'],
      '/v2/droplets/7/actions/1',
      'droplet:read',
    ],
    ['an image', { kind: 'image', id: 5 }, ['actions:read'], '/v2/images/5', 'image:read'],
    ['a Droplet', { kind: 'droplet', id: 7 }, ['actions:read'], '/v2/droplets/7', 'droplet:read'],
  ])('%s', async (_what, target, denied, path, scope) => {
    const json = { id: target.id, status: 'in-progress' };
    const { api, requests } = respondingWith({ action: json, image: json, droplet: json }, ...denied);
    expect(await fetchOne(api, target, signal)).toBe(json);
    expect(requests).toMatchObject([{ url: ENDPOINT + path, call: { background: true, signal } }]);
    expect(scopeOfOne(api, target)).toBe(scope);
  });

  it.each([null, [], {}, { action: null }, { action: 'soon' }, { image: { id: 1 } }])(
    'is a Mismatch without the resource: %j',
    async (body) => {
      const fetched = fetchOne(respondingWith(body).api, { kind: 'action', id: 1 }, signal);
      await expect(fetched).rejects.toThrow(/^action: expected an object/);
    },
  );
});

describe('the scope of a list', () => {
  it.each([
    ['actions', 'actions:read'],
    ['images', 'image:read'],
    ['droplets', 'droplet:read'],
    ['images/5/actions', 'image:read'],
    ['droplets/7/actions', 'droplet:read'],
  ])('of %s is %s', (list, scope) => {
    expect(scopeOfList(list)).toBe(scope);
  });
});
