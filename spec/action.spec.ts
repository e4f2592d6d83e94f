import { describe, expect, it } from '@jest/globals';
import {
  Action,
  ActionError,
  type DOApiOptions,
  Image,
  NotFoundError,
  PermissionDeniedError,
  Region,
  UnexpectedResponseError,
} from '../lib';
import errors from './fixtures/error/documented.json';
import wrong from './fixtures/action/wrong.json';
import { behavesLikeASnapshot } from './support/behaves-like-a-snapshot';
import {
  actionJson,
  anApi,
  anyActionJson,
  ENDPOINT,
  fieldsOf,
  imageJson,
  MemoryServer,
  regionJson,
  rejection,
  type Reply,
} from './support/builders';
import { fakeServer } from './support/nock';

const server = fakeServer();
const api = anApi();
const action = api.action(actionJson());
const forbidden = { status: 403, body: errors[403] };
const notFound = { status: 404, body: errors[404] };

describe('Action: its fields', () => {
  behavesLikeASnapshot({
    json: actionJson(),
    make: (client, json) => client.action(json),
    fields: [
      ...[
        'id',
        'status',
        'type',
        'startedAt',
        'completedAt',
        'resourceId',
        'resourceType',
        'region',
        'regionSlug',
      ],
    ],
    any: anyActionJson,
    wrong,
    path: 'action',
  });

  it('have JavaScript types', () => {
    const { region, ...rest } = api.action(
      actionJson({ status: 'completed', completed_at: '2014-11-14T17:00:00Z' }),
    );
    expect({ ...rest }).toStrictEqual({
      id: 36805527,
      status: 'completed',
      type: 'transfer',
      startedAt: new Date('2014-11-14T16:42:45Z'),
      completedAt: new Date('2014-11-14T17:00:00Z'),
      resourceId: 7938269,
      resourceType: 'image',
      regionSlug: 'nyc3',
    });
    expect(region).toBeInstanceOf(Region);
    expect(region?.name).toBe('New York 3');
  });

  const nothing = {
    ...{ status: null, type: null, startedAt: null, completedAt: null, resourceId: null },
    ...{ resourceType: null, region: null, regionSlug: null },
  };

  it('may all be absent or null, except the id', () => {
    const nulls = Object.fromEntries(Object.keys(actionJson()).map((key) => [key, null]));
    expect(fieldsOf(api.action(5))).toStrictEqual({ id: 5, ...nothing });
    expect(fieldsOf(api.action({ id: 5 }))).toStrictEqual({ id: 5, ...nothing });
    expect(fieldsOf(api.action({ ...nulls, id: 5 }))).toStrictEqual({ id: 5, ...nothing });
  });

  it.each([
    ['region_slug', { region: null, region_slug: 'nyc3' }, 'nyc3'],
    [
      'the region, where region_slug is absent',
      { region: regionJson({ slug: 'ric1' }), region_slug: undefined },
      'ric1',
    ],
    [
      'the region, where region_slug is null',
      { region: regionJson({ slug: 'ric1' }), region_slug: null },
      'ric1',
    ],
    ['a bare slug in place of the region', { region: 'ams1', region_slug: null }, 'ams1'],
    ['nothing at all', { region: null, region_slug: null }, null],
  ])('take the region from %s', (_what, changes, slug) => {
    expect(api.action(actionJson(changes)).regionSlug).toBe(slug);
  });
});

describe('Action: its status', () => {
  it.each([
    ['in-progress', { inProgress: true, completed: false, errored: false, done: false }],
    ['completed', { inProgress: false, completed: true, errored: false, done: true }],
    ['errored', { inProgress: false, completed: false, errored: true, done: true }],
    ['paused', { inProgress: false, completed: false, errored: false, done: false }],
    [null, { inProgress: false, completed: false, errored: false, done: false }],
  ])('%s', (status, expected) => {
    for (const completed_at of [null, '2014-11-14T17:00:00Z']) {
      const { inProgress, completed, errored, done } = api.action(actionJson({ status, completed_at }));
      expect({ inProgress, completed, errored, done }).toEqual(expected);
    }
  });

  it('throwIfErrored() throws an ActionError with the action', () => {
    const errored = api.action(actionJson({ status: 'errored' }));
    expect(() => errored.throwIfErrored()).toThrow(ActionError);
    for (const status of ['in-progress', 'completed', null])
      expect(() => api.action(actionJson({ status })).throwIfErrored()).not.toThrow();
  });

  it.each([
    [
      {},
      'Action 36805527 ended as errored: transfer to nyc3 of image 7938269; DigitalOcean gives no reason, it may be started again',
    ],
    [
      { type: null, region: null, region_slug: null, resource_type: null },
      'Action 36805527 ended as errored: action of resource 7938269; DigitalOcean gives no reason, it may be started again',
    ],
    [
      { type: 'convert', region: null, region_slug: null, resource_id: null },
      'Action 36805527 ended as errored: convert; DigitalOcean gives no reason, it may be started again',
    ],
  ])('ActionError has a message with the known fields: %j', (changes, message) => {
    const errored = api.action(actionJson({ status: 'errored', ...changes }));
    const error = new ActionError(errored);
    expect({ name: error.name, message: error.message }).toEqual({ name: 'ActionError', message });
    expect(error.action).toBe(errored);
  });
});

describe('Action: fetch()', () => {
  it('uses the URL of the action and returns a new object', async () => {
    server.replies({ body: { action: actionJson({ status: 'completed' }) } });
    const now = await action.fetch();
    expect(now).toBeInstanceOf(Action);
    expect([action.status, now.status]).toEqual(['in-progress', 'completed']);
    expect(action.url).toBe(`${ENDPOINT}/v2/actions/36805527`);
    expect(server.asked).toMatchObject([
      { method: 'GET', path: '/v2/actions/36805527', query: {}, body: undefined },
    ]);
  });

  it('uses the URL under the image when the token lacks actions:read, from then on at once', async () => {
    const client = anApi();
    const refused = client.action(actionJson());
    const response = { body: { action: actionJson({ status: 'completed' }) } };
    server.replies(forbidden, response, response);
    expect((await refused.fetch()).completed).toBe(true);
    expect((await client.action(actionJson()).fetch()).completed).toBe(true);
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/v2/actions/36805527',
      '/v2/images/7938269/actions/36805527',
      '/v2/images/7938269/actions/36805527',
    ]);
  });

  describe('after a 403', () => {
    const PATHS = { own: '/v2/actions/36805527', image: '/v2/images/7938269/actions/36805527' };
    const page = '<html><title>Attention Required!</title></html>';
    /** A server that refuses the action's own URL, and a client whose latest fetch shows where it goes. */
    const refusing = (
      refusal: Reply,
      options: DOApiOptions = {},
    ): { server: MemoryServer; fetched: () => Promise<string[]> } => {
      const server = new MemoryServer(({ path, headers }) =>
        path === PATHS.own && headers.authorization !== 'Bearer another-token'
          ? refusal
          : { body: { action: actionJson() } },
      );
      const client = server.api(options);
      const fetched = async (): Promise<string[]> => {
        server.requests.length = 0;
        await client.action(actionJson()).fetch();
        return server.requests.map(({ path }) => path);
      };
      return { server, fetched };
    };

    it('of DigitalOcean the scope counts as missing for five minutes, and no longer', async () => {
      const { server, fetched } = refusing(forbidden);
      expect(await fetched()).toEqual([PATHS.own, PATHS.image]);
      await server.clock.advance(299_000);
      expect(await fetched()).toEqual([PATHS.image]);
      await server.clock.advance(2_000);
      expect(await fetched()).toEqual([PATHS.own, PATHS.image]);
    });

    it('of DigitalOcean the scope counts as missing for that token alone', async () => {
      let token = 'the-first-token';
      const { fetched } = refusing(forbidden, { token: () => token });
      expect(await fetched()).toEqual([PATHS.own, PATHS.image]);
      expect(await fetched()).toEqual([PATHS.image]);
      token = 'another-token';
      expect(await fetched()).toEqual([PATHS.own]);
      token = 'the-first-token';
      expect(await fetched()).toEqual([PATHS.image]);
    });

    it.each([
      ['a page of the edge', page],
      ['no body', ''],
      ['JSON without an id', { message: 'Forbidden' }],
      ['JSON without a message', { id: 'forbidden' }],
    ])('of another server no scope is missing: %s', async (_what, body) => {
      const { fetched } = refusing({ status: 403, body });
      for (let i = 0; i < 2; i++) expect(await fetched()).toEqual([PATHS.own, PATHS.image]);
    });

    it('of the edge the message speaks of no scope', async () => {
      const { server } = refusing({ status: 403, body: page });
      const error = await rejection(server.api().action(36805527).fetch());
      expect(error).toMatchObject({ name: 'PermissionDeniedError', id: null, detail: 'Attention Required!' });
      expect((error as Error).message).toBe(`GET ${ENDPOINT}${PATHS.own}: 403 Attention Required!`);
    });
  });

  it('names the missing scope when there is no other URL', async () => {
    server.replies(forbidden, forbidden);
    for (const bare of [api.action(5), api.action(actionJson({ resource_type: 'volume' }))]) {
      const error = await rejection(bare.fetch());
      expect(error).toBeInstanceOf(PermissionDeniedError);
      expect(error).toMatchObject({ scope: 'actions:read', status: 403 });
      expect((error as Error).message).toMatch(/; the token needs the scope actions:read$/);
    }
  });

  it('rejects with any other error', async () => {
    server.replies(notFound);
    await expect(action.fetch()).rejects.toBeInstanceOf(NotFoundError);
    expect(server.asked).toHaveLength(1);
  });

  it('rejects a response without the key `action`', async () => {
    server.replies({ body: actionJson() });
    const error = await rejection(action.fetch());
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect((error as UnexpectedResponseError).problem).toBe('action: expected an object, got nothing');
  });
});

describe('Action: fetchResource()', () => {
  it('returns the image in its current state', async () => {
    server.replies({ body: { image: imageJson({ regions: ['nyc2', 'nyc3'] }) } });
    const image = await action.fetchResource();
    expect(image).toBeInstanceOf(Image);
    expect(image?.regions).toEqual(['nyc2', 'nyc3']);
    expect(server.asked).toMatchObject([{ method: 'GET', path: '/v2/images/7938269' }]);
  });

  it('returns null when the image no longer exists', async () => {
    server.replies(notFound);
    expect(await action.fetchResource()).toBeNull();
  });

  it('rejects with any other error', async () => {
    server.replies({ status: 500, body: errors[500] });
    await expect(action.fetchResource()).rejects.toMatchObject({ status: 500 });
  });

  it.each(['volume', 'reserved_ip', null])(
    'of any other resource says how to get it: %s',
    async (resource_type) => {
      const error = await rejection(api.action(actionJson({ resource_type })).fetchResource());
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(
        /resourceType: expected image or droplet, got .*; fetch it with api\.request\('/,
      );
    },
  );

  it('rejects for an action without a resource', async () => {
    await expect(api.action(5).fetchResource()).rejects.toThrow(
      new TypeError('Action 5: names no resource to fetch (resource_id is null)'),
    );
  });
});
