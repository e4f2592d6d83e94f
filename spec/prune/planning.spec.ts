import { describe, expect, it } from '@jest/globals';
import {
  DOApiError,
  type DOApi,
  type DOApiOptions,
  PermissionDeniedError,
  type PruneOptions,
} from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { prefixOf } from '../../lib/prune/image-groups';
import { type Json, MemoryServer, pageJson, rejection, type Reply, stamp } from '../support/builders';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** An image of so many days ago, at noon. */
const image = (id: number, daysAgo: number, more: Json = {}): Json => ({
  id,
  name: `web-${id}`,
  type: 'snapshot',
  public: false,
  slug: null,
  status: 'available',
  regions: ['nyc1'],
  size_gigabytes: 1.1,
  tags: [],
  created_at: stamp(-daysAgo * DAY),
  ...more,
});

interface Lists {
  images: Json[];
  droplets?: Json[];
  gpus?: Json[];
  pools?: Json[];
  actions?: Json[];
  snapshots?: Json[];
  /** Paths that are refused with 403. */
  denied?: string[];
}

/** An account with these lists. */
function serverOf(lists: Lists): MemoryServer {
  const denied: Reply = { status: 403, body: { id: 'forbidden', message: 'You are not authorized.' } };
  return new MemoryServer((request) => {
    const { path, query } = request;
    if (lists.denied?.includes(path)) return denied;
    if (path === '/v2/images') return { body: pageJson('images', lists.images, request) };
    if (path === '/v2/droplets') {
      const droplets = query.type === 'gpus' ? lists.gpus : lists.droplets;
      return { body: pageJson('droplets', droplets ?? [], request) };
    }
    if (path === '/v2/droplets/autoscale')
      return { body: pageJson('autoscale_pools', lists.pools ?? [], request) };
    if (path === '/v2/snapshots') return { body: pageJson('snapshots', lists.snapshots ?? [], request) };
    if (path === '/v2/actions') return { body: pageJson('actions', lists.actions ?? [], request) };
    const [, droplet] = /^\/v2\/droplets\/(\d+)$/.exec(path) ?? [];
    if (droplet !== undefined)
      return { body: { droplet: lists.droplets?.find(({ id }) => String(id) === droplet) } };
    const [, id] = /^\/v2\/(?:images|droplets)\/(\d+)\/actions$/.exec(path) ?? [];
    const own = (lists.actions ?? []).filter(({ resource_id }) => String(resource_id) === id);
    return { body: pageJson('actions', own, request) };
  });
}

/** The reasons of a plan, by image: those of the deleted ones begin with "-". */
async function reasons(lists: Lists, options: PruneOptions, api?: DOApi): Promise<Record<number, string>> {
  const plan = await (api ?? serverOf(lists).api()).planPrune(options);
  return Object.fromEntries([
    ...plan.keep.map((one) => [one.image.id, one.reason] as const),
    ...plan.delete.map((one) => [one.image.id, `- ${one.reason}`] as const),
  ]);
}

describe('planPrune', () => {
  it('deletes what the policy does not keep, and says why each image stays or goes', async () => {
    const images = [image(1, 0), image(2, 1), image(3, 1.1), image(4, 2)];
    expect(await reasons({ images }, { keep: { last: 1, daily: 2 } })).toEqual({
      1: 'last 1, daily 2026-01-01',
      2: 'daily 2025-12-31',
      3: '- not kept by last 1, daily 2',
      4: '- not kept by last 1, daily 2',
    });
  });

  it('sends nothing but GETs', async () => {
    const server = serverOf({ images: [image(1, 0), image(2, 1)] });
    await server.api().planPrune({ keep: 1 });
    expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('lists what is deleted and kept by group, newest first, whatever the order of the list', async () => {
    const images = [5, 2, 4, 1, 3].map((id) => image(id, id, { name: id % 2 ? 'odd' : 'even' }));
    const plan = await serverOf({ images }).api().planPrune({ groupBy: 'name', keep: 1 });
    expect(plan.delete.map((one) => [one.group, one.image.id])).toEqual([
      ['even', 4],
      ['odd', 3],
      ['odd', 5],
    ]);
    expect(plan.keep.map((one) => one.image.id)).toEqual([2, 1]);
    expect(plan.gigabytes).toBe(3.3);
  });

  it('considers only images of a Droplet', async () => {
    const images = [1, 2, 3, 4].map((id) => image(id, id));
    const droplets = [
      { id: 12, name: 'web', image: { id: 900 }, snapshot_ids: [2, 3], backup_ids: [4] },
      { id: 13, name: 'db', image: { id: 900 }, snapshot_ids: [1] },
    ];
    expect(await reasons({ images, droplets }, { keep: 1, match: { droplet: 12 } })).toEqual({
      2: 'last 1',
      3: '- not kept by last 1',
      4: '- not kept by last 1',
    });
  });

  it('says in its policy what it was asked for', async () => {
    const match = { name: /^web-/, type: 'snapshot', olderThan: '2w', region: 'nyc1' };
    const plan = await serverOf({ images: [] })
      .api()
      .planPrune({ match, groupBy: 'name', keep: { daily: 7 }, olderThan: '36h' });
    expect(plan.toString()).toContain(
      'Policy: daily 7, by name, nothing younger than 36h, of images with ' +
        'type snapshot, region nyc1, olderThan 14d, name /^web-/.',
    );
  });

  it('considers only images that match, and only those of the account', async () => {
    const server = serverOf({ images: [image(1, 0), image(2, 1), image(3, 2, { name: 'db' })] });
    const plan = await server.api().planPrune({ match: { name: /^web-/g }, keep: 1 });
    expect(plan.delete.map((one) => one.image.id)).toEqual([2]);
    expect(plan.keep.map((one) => one.image.id)).toEqual([1]);
    expect(server.requests[0]?.query).toMatchObject({ private: 'true', per_page: '200' });
  });

  it('never deletes what is younger than olderThan', async () => {
    const images = [image(1, 0), image(2, 3), image(3, 20)];
    expect(await reasons({ images }, { keep: 1, olderThan: '14d' })).toEqual({
      1: 'last 1, younger than 14d',
      2: 'younger than 14d',
      3: '- not kept by last 1',
    });
  });

  it("tells ages by DigitalOcean's clock", async () => {
    const images = [image(1, 0), image(2, 13)];
    const server = serverOf({ images });
    const { respond } = server;
    server.respond = async (request, nth) => {
      const reply = (await respond(request, nth)) as Reply;
      return { ...reply, headers: { date: new Date(server.clock.date() + 2 * DAY).toUTCString() } };
    };
    expect(await reasons({ images }, { keep: 1, olderThan: '14d' }, server.api())).toMatchObject({
      2: '- not kept by last 1',
    });
  });
});

describe('groups', () => {
  const images = [
    image(1, 0, { name: 'web-2026-11-20' }),
    image(2, 1, { name: 'web-2026-11-19' }),
    image(3, 2, { name: 'db-2026-11-18' }),
    image(4, 3, { name: 'db-2026-11-18' }),
  ];

  it('are all images together by default', async () => {
    const plan = await serverOf({ images }).api().planPrune({ keep: 1 });
    expect(plan.delete.map((one) => one.image.id)).toEqual([2, 3, 4]);
    expect(plan.keep[0]?.group).toBe('all');
  });

  it.each([
    ['name', { 1: 'web-2026-11-20', 2: 'web-2026-11-19', 3: 'db-2026-11-18' }, [4]],
    ['prefix', { 1: 'web', 3: 'db' }, [4, 2]],
    [({ id }: { id: number }) => (id < 4 ? 'low' : 'high'), { 1: 'low', 4: 'high' }, [2, 3]],
  ] as const)('are by groupBy: %s', async (groupBy, groups, deleted) => {
    const plan = await serverOf({ images }).api().planPrune({ groupBy, keep: 1 });
    expect(Object.fromEntries(plan.keep.map((one) => [one.image.id, one.group]))).toEqual(groups);
    expect(plan.delete.map((one) => one.image.id)).toEqual(deleted);
  });

  it('by a function that returns no string are refused', async () => {
    const groupBy = (() => undefined) as unknown as () => string;
    const error = await rejection(serverOf({ images }).api().planPrune({ groupBy, keep: 1 }));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('groupBy: expected a string for image 1 (web-2026-11-20), got nothing');
  });

  it('by prefix end before the last run of digits and dashes', () => {
    const names = ['web-01-1595954862243', 'web', 'my-app', 'web-20261120-full', '2026-11-20-db', ''];
    // The whole name, where nothing would be left of it.
    expect(names.map(prefixOf)).toEqual(['web', 'web', 'my-app', 'web', '2026-11-20-db', '']);
  });

  it('by Droplet are those of snapshots and backups, also of Droplets that are gone; images of none stay', async () => {
    const lists = {
      images: [1, 2, 3, 4, 5, 6].map((id) => image(id, id)),
      droplets: [{ id: 12, name: 'web', image: { id: 99 }, snapshot_ids: [1], backup_ids: [2] }],
      snapshots: [3, 4].map((id) => ({ id: String(id), resource_id: '13', resource_type: 'droplet' })),
    };
    const plan = await serverOf(lists).api().planPrune({ groupBy: 'droplet', keep: 1 });
    expect(plan.delete.map((one) => [one.image.id, one.group])).toEqual([
      [2, '12'],
      [4, '13'],
    ]);
    expect(plan.keep.slice(2).map((one) => [one.image.id, one.reason])).toEqual([
      [5, 'of no Droplet that is known'],
      [6, 'of no Droplet that is known'],
    ]);
  });

  it('by Droplet need one of the lists that tell it', async () => {
    const lists = {
      images: [1, 2, 3].map((id) => image(id, id)),
      droplets: [{ id: 12, name: 'web', image: { id: 99 }, snapshot_ids: [1, 2], backup_ids: [] }],
      snapshots: [2, 3].map((id) => ({ id: String(id), resource_id: '13', resource_type: 'droplet' })),
    };
    const options = { groupBy: 'droplet', keep: 1, protect: { inUse: false } } as const;
    const noSnapshots = { ...lists, denied: ['/v2/snapshots'] };
    expect(await reasons(noSnapshots, options)).toMatchObject({
      2: '- not kept by last 1',
      3: 'of no Droplet that is known',
    });
    const noDroplets = { ...lists, denied: ['/v2/droplets'] };
    expect(await reasons(noDroplets, options)).toMatchObject({
      1: 'of no Droplet that is known',
      3: '- not kept by last 1',
    });
    const neither = { ...lists, denied: ['/v2/droplets', '/v2/snapshots'] };
    expect(await rejection(reasons(neither, options))).toBeInstanceOf(PermissionDeniedError);
  });
});

describe('what always stays', () => {
  const keep = { keep: 1 };

  it('is what a Droplet uses, a GPU Droplet, or an autoscale pool; with their names', async () => {
    const lists = {
      images: [1, 2, 3, 4, 5, 6].map((id) => image(id, id)),
      droplets: [
        { id: 13, name: 'web-2', image: { id: 2 } },
        { id: 12, name: 'web-1', image: { id: 2 } },
        { id: 15, name: 'text', image: '6' },
      ],
      gpus: [{ id: 14, name: 'gpu', image: { id: 3 } }],
      pools: [{ id: 'a-uuid', name: 'pool', droplet_template: { image: '4' } }],
    };
    expect(await reasons(lists, keep)).toEqual({
      1: 'last 1',
      2: 'in use by Droplets 12 (web-1), 13 (web-2)',
      3: 'in use by Droplet 14 (gpu)',
      4: 'in use by autoscale pool a-uuid (pool)',
      5: '- not kept by last 1',
      6: 'in use by Droplet 15 (text)',
    });
    const unprotected = await reasons(lists, { ...keep, protect: { inUse: false } });
    expect(Object.values(unprotected).filter((one) => one.startsWith('-'))).toHaveLength(5);
  });

  it('is any image of a Droplet that is being restored, until that has ended', async () => {
    const droplets = [{ id: 7, name: 'web', image: { id: 900 }, snapshot_ids: [2], backup_ids: [3] }];
    const locked = droplets.map((one) => ({ ...one, locked: true }));
    const restore = {
      id: 70,
      type: 'restore',
      status: 'in-progress',
      resource_id: 7,
      resource_type: 'droplet',
    };
    const images = [1, 2, 3, 4].map((id) => image(id, id));
    expect(await reasons({ images, droplets: locked, actions: [restore] }, keep)).toEqual({
      1: 'last 1',
      2: 'in use by Droplet 7 (web)',
      3: 'in use by Droplet 7 (web)',
      4: '- not kept by last 1',
    });
    for (const lists of [{ droplets: locked, actions: [{ ...restore, status: 'completed' }] }, { droplets }])
      expect(await reasons({ images, ...lists }, keep)).toMatchObject({ 2: '- not kept by last 1' });
  });

  it('is named with at most five of its users', async () => {
    const droplets = [1, 2, 3, 4, 5, 6, 7].map((id) => ({ id, name: 'w', image: { id: 2 } }));
    expect((await reasons({ images: [image(1, 0), image(2, 1)], droplets }, keep))[2]).toBe(
      'in use by Droplets 1 (w), 2 (w), 3 (w), 4 (w), 5 (w), 2 more',
    );
  });

  it('is public, not available, or without a date, and takes the place of nothing that can be used', async () => {
    const images = [
      image(1, 0, { status: 'deleted' }),
      image(2, 1, { created_at: null }),
      image(3, 2, { public: true, slug: 'ubuntu' }),
      image(4, 3),
      image(5, 4),
      image(6, 5, { status: 'pending' }),
    ];
    expect(await reasons({ images }, { keep: 1, match: { private: false } })).toEqual({
      1: 'not available: deleted',
      2: 'has no date',
      3: 'public',
      4: 'last 1',
      5: '- not kept by last 1',
      6: 'not available: pending',
    });
  });

  it('has an action in progress', async () => {
    const action = (id: number, resource: number, status: string, type: string | null = 'image'): Json => ({
      id,
      status,
      type: 'transfer',
      resource_id: resource,
      resource_type: type,
    });
    const actions = [
      action(70, 2, 'in-progress'),
      action(71, 3, 'completed'),
      action(72, 4, 'a-new-status'),
      // It does not say what it is about.
      action(73, 5, 'in-progress', null),
      action(74, 6, 'in-progress', 'droplet'),
    ];
    const images = [1, 2, 3, 4, 5, 6].map((id) => image(id, id));
    const expected = {
      1: 'last 1',
      2: 'transfer 70 is in progress',
      3: '- not kept by last 1',
      4: 'transfer 72 is in progress',
      5: 'transfer 73 is in progress',
      6: '- not kept by last 1',
    };
    expect(await reasons({ images, actions }, keep)).toEqual(expected);
    // Without actions:read, each image is asked.
    const server = serverOf({ images, actions, denied: ['/v2/actions'] });
    expect(await reasons({ images }, keep, server.api())).toEqual(expected);
    expect(server.lines.filter((line) => line.endsWith('/actions')).sort()).toEqual([
      'GET /v2/actions',
      'GET /v2/images/2/actions',
      'GET /v2/images/3/actions',
      'GET /v2/images/4/actions',
      'GET /v2/images/5/actions',
      'GET /v2/images/6/actions',
    ]);
  });

  it.each<[string, (meta: { total?: number }, nth: number) => unknown]>([
    ['changes each time it is read', (meta, nth) => (meta.total = 300 + nth)],
    ['does not say how long it is', (meta) => delete meta.total],
  ])("asks the images for their actions when the account's list %s", async (_, change) => {
    const images = Array.from({ length: 4 }, (__, id) => image(id + 1, id));
    const actions = Array.from({ length: 300 }, (__, id) => ({
      id: id + 1,
      status: id === 0 ? 'in-progress' : 'completed',
      type: 'transfer',
      resource_id: id === 0 ? 2 : 9_000 + id,
      resource_type: 'image',
    }));
    const server = serverOf({ images, actions });
    const { respond } = server;
    server.respond = async (request, nth) => {
      const reply = (await respond(request, nth)) as { body: { meta: { total?: number } } };
      if (request.path === '/v2/actions') change(reply.body.meta, nth);
      return reply;
    };
    expect(await reasons({ images }, keep, server.api())).toMatchObject({ 2: 'transfer 1 is in progress' });
    expect(
      server.lines
        .filter((line) => line.endsWith('/actions'))
        .slice(-3)
        .sort(),
    ).toEqual(['GET /v2/images/2/actions', 'GET /v2/images/3/actions', 'GET /v2/images/4/actions']);
  });

  it("asks the images for their actions when that needs fewer requests than the account's list", async () => {
    const actions = Array.from({ length: 900 }, (_, id) => ({
      id: id + 1,
      status: 'completed',
      type: 'transfer',
      resource_id: 9_000 + id,
      resource_type: 'image',
    }));
    const server = serverOf({ images: [1, 2, 3].map((id) => image(id, id)), actions });
    await server.api().planPrune(keep);
    expect(server.lines.slice(-3)).toEqual([
      'GET /v2/actions',
      'GET /v2/images/2/actions',
      'GET /v2/images/3/actions',
    ]);
  });
});

describe('a refusal instead of a guess', () => {
  const images = [image(1, 0), image(2, 1)];
  const planOf = (
    lists: Lists,
    options: Partial<PruneOptions> = {},
    more: DOApiOptions = {},
  ): Promise<unknown> =>
    rejection(
      serverOf(lists)
        .api(more)
        .planPrune({ keep: 1, ...options }),
    );

  it('comes when the token cannot see Droplets, and says what to do', async () => {
    const lists = { images, denied: ['/v2/droplets'] };
    const error = await planOf(lists);
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({ scope: 'droplet:read', status: 403 });
    expect(String(error)).toContain(
      'the token needs the scope droplet:read; protect: { inUse: false } prunes without checking what is in use',
    );
    expect(await reasons(lists, { keep: 1, protect: { inUse: false } })).toMatchObject({ 1: 'last 1' });
  });

  it('does not come when only autoscale pools are hidden, or unknown to the API', async () => {
    const lists = { images, denied: ['/v2/droplets/autoscale'] };
    expect(await reasons(lists, { keep: 1 })).toMatchObject({ 2: '- not kept by last 1' });
    const api = new Sandbox().api();
    expect((await api.planPrune({ keep: 1 })).delete).not.toEqual([]);
  });

  it('comes when a Droplet is being rebuilt, since nothing tells from which image', async () => {
    const droplets = [{ id: 7, name: 'web', image: { id: 900 }, locked: true }];
    const rebuild = {
      id: 70,
      type: 'rebuild',
      status: 'in-progress',
      resource_id: 7,
      resource_type: 'droplet',
    };
    const error = await planOf({ images, droplets, actions: [rebuild] });
    expect(error).toBeInstanceOf(DOApiError);
    expect(String(error)).toContain('Droplet 7 (web) is being rebuilt, and nothing tells from which image.');
    expect(await reasons({ images, droplets, actions: [] }, { keep: 1 })).toMatchObject({
      2: '- not kept by last 1',
    });
  });

  it('comes when a later page of the autoscale pools is refused', async () => {
    const pool = (id: number): Json => ({ id, name: 'pool', droplet_template: { image: 'debian-13-x64' } });
    const server = serverOf({ images, pools: Array.from({ length: 201 }, (_, id) => pool(id)) });
    const { respond } = server;
    server.respond = (request, nth) =>
      request.path === '/v2/droplets/autoscale' && request.query.page === '2'
        ? { status: 403, body: { id: 'forbidden', message: 'You are not authorized.' } }
        : respond(request, nth);
    expect(await rejection(server.api().planPrune({ keep: 1 }))).toBeInstanceOf(PermissionDeniedError);
  });

  it('comes when the list of autoscale pools is refused by something else than the API', async () => {
    for (const status of [403, 404]) {
      const server = serverOf({ images });
      const { respond } = server;
      server.respond = (request, nth) =>
        request.path === '/v2/droplets/autoscale'
          ? { status, body: '<html><title>Blocked by firewall</title></html>' }
          : respond(request, nth);
      expect(await rejection(server.api().planPrune({ keep: 1 }))).toMatchObject({ status });
    }
  });

  it('comes when a Droplet does not tell its image', async () => {
    const error = await planOf({ images, droplets: [{ id: 12, name: 'web' }] });
    expect(String(error)).toContain(
      'droplets[0] (id 12).image: expected an image (the token may lack the scope image:read; protect: { inUse: false } does not check Droplets), got nothing',
    );
  });

  it.each([
    ['images', '/v2/images'],
    ['actions of image 2', '/v2/images/2/actions'],
  ])('comes when the list of %s changes each time it is read', async (what, path) => {
    const many = Array.from({ length: 250 }, (_, id) => ({
      id: id + 1,
      resource_id: 2,
      resource_type: 'image',
    }));
    const server = serverOf({
      images: many.map(({ id }) => image(id, id)),
      actions: many,
      denied: ['/v2/actions'],
    });
    const { respond } = server;
    server.respond = async (request, nth) => {
      const reply = (await respond(request, nth)) as { body: { meta: { total: number } } };
      if (request.path === path) reply.body.meta.total += nth;
      return reply;
    };
    const error = await rejection(server.api().planPrune({ keep: 1 }));
    expect(error).toBeInstanceOf(DOApiError);
    expect(String(error)).toContain(`The list of ${what} changed each time it was read`);
  });

  it('comes when a page fails', async () => {
    for (const path of ['/v2/images', '/v2/droplets', '/v2/droplets/autoscale', '/v2/actions']) {
      const server = serverOf({ images });
      const { respond } = server;
      server.respond = (request, nth) =>
        request.path === path ? { status: 500, body: {} } : respond(request, nth);
      expect(await rejection(server.api().planPrune({ keep: 1 }))).toMatchObject({ status: 500 });
    }
  });

  it.each([[0], [{}], [{ last: 0, daily: 0 }]])(
    'comes for the policy %j, before any request',
    async (keep) => {
      const server = serverOf({ images });
      const error = await rejection(server.api().planPrune({ keep }));
      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toContain('keepNone: true');
      expect(server.requests).toEqual([]);
      const plan = await server.api().planPrune({ keep, keepNone: true });
      expect(plan.delete.map((one) => one.reason)).toEqual(['not kept by nothing', 'not kept by nothing']);
    },
  );

  it('comes when a group would lose all its images', async () => {
    const tagged = [
      image(1, 0, { tags: ['gold'] }),
      image(2, 1, { tags: ['gold'] }),
      image(3, 2, { name: 'db' }),
    ];
    const options = { keep: { tags: ['gold'] }, groupBy: 'prefix' } as const;
    const error = await planOf({ images: tagged }, options);
    expect(error).toBeInstanceOf(RangeError);
    expect(String(error)).toContain(
      'keep: would keep no image of group "db" (it has 1); keepNone: true allows that',
    );
    expect(await reasons({ images: tagged }, { ...options, keepNone: true })).toMatchObject({
      3: '- not kept by tagged gold',
    });
    // What protects an image now does not make the policy keep it.
    const droplets = [{ id: 12, name: 'db', image: { id: 3 } }];
    const younger = { ...options, olderThan: '30d' };
    for (const other of [options, younger])
      expect(String(await planOf({ images: tagged, droplets }, other))).toContain(
        'keep no image of group "db"',
      );
  });

  it.each([
    [{ keep: 1, kep: 2 }, 'kep: unknown option; did you mean keep?'],
    [{}, 'keep: expected a whole number from 0 up'],
    [{ keep: 1, groupBy: 'region' }, 'groupBy: expected "name", "droplet", "prefix" or a function'],
    [{ keep: 1, olderThan: 'soon' }, 'olderThan: expected milliseconds'],
    [{ keep: 1, protect: { inuse: false } }, 'protect.inuse: unknown option; did you mean inUse?'],
    [{ keep: 1, match: { nme: 'web' } }, 'match.nme: unknown option; did you mean name?'],
  ])('comes for the options %j, before any request', async (options, message) => {
    const server = serverOf({ images });
    const error = await rejection(server.api().planPrune(options as PruneOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
    expect(server.requests).toEqual([]);
  });

  it('comes when the signal aborts', async () => {
    const server = serverOf({ images });
    const reason = new Error('enough');
    expect(await rejection(server.api().planPrune({ keep: 1, signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    expect(server.requests).toEqual([]);
  });
});

describe('the requests of a plan', () => {
  it('are one for each 200 images, Droplets and actions, whatever the perPage of the manager', async () => {
    const server = serverOf({
      images: Array.from({ length: 450 }, (_, id) => image(id + 1, id)),
      droplets: Array.from({ length: 401 }, (_, id) => ({ id: id + 1, name: 'w', image: { id: 9_999 } })),
    });
    await server.api({ perPage: 20 }).planPrune({ keep: 1 });
    const count = (line: string): number => server.lines.filter((one) => one === line).length;
    expect(
      ['/v2/images', '/v2/droplets', '/v2/droplets/autoscale', '/v2/actions'].map((path) =>
        count(`GET ${path}`),
      ),
    ).toEqual([
      3,
      3 + 1, // with those that have a GPU
      1,
      1,
    ]);
  });
});
