import { describe, expect, it } from '@jest/globals';
import { Sandbox } from '../lib/sandbox';
import {
  Action,
  ClosedError,
  type Clock,
  type DOApi,
  DOApiError,
  type DOApiOptions,
  Image,
  LookupError,
  RateLimitError,
  ServerError,
  UnknownOutcomeError,
} from '../lib';
import { sleep } from '../lib/util/clock';
import errors from './fixtures/error/documented.json';
import {
  accountOf,
  actionJson,
  type Responder,
  imageJson,
  type Json,
  MemoryServer,
  rejection,
  stamp,
} from './support/builders';

const NEW = { name: 'mine', url: 'https://example.com/disk.raw', region: 'nyc3' };
const transfer = (api: DOApi): Promise<unknown> => api.image(7938269).transfer('nyc3');
const convert = (api: DOApi): Promise<unknown> => api.image(7938269).convert();

/** A server whose responses have a date, by its clock. */
function datedServer(respond: Responder): MemoryServer {
  const server: MemoryServer = new MemoryServer(async (request, nth) => {
    const date = new Date(server.clock.date()).toUTCString();
    if (request.path === '/v2/account') return { body: {}, headers: { date } };
    const reply = await respond(request, nth);
    return reply instanceof Error ? reply : { ...reply, headers: { date, ...reply.headers } };
  });
  return server;
}

/** A server that loses the response to every POST. */
function losingServer(respond: Responder): MemoryServer {
  return datedServer((request, nth) =>
    request.method === 'POST' ? new Error('socket hang up') : respond(request, nth),
  );
}

/** A manager that has received a response, so that it knows the server's date. */
async function knowing(server: MemoryServer, options: DOApiOptions = {}): Promise<DOApi> {
  const api = server.api(options);
  await api.request('/v2/account');
  server.requests.length = 0;
  return api;
}

const withActions = (...list: Json[]): MemoryServer => losingServer(accountOf({ actions: () => list }));
const withImages = (...list: Json[]): MemoryServer => losingServer(accountOf({ images: () => list }));

/** The error of a POST whose response was lost. */
async function lost(
  server: MemoryServer,
  send: (api: DOApi) => Promise<unknown>,
): Promise<UnknownOutcomeError> {
  return (await rejection(send(await knowing(server)))) as UnknownOutcomeError;
}

const young = { started_at: stamp() };

describe('reconcile() finds', () => {
  it.each([
    ['a transfer', transfer, actionJson({ id: 7, ...young })],
    ['a convert', convert, actionJson({ id: 7, type: 'convert', region: null, region_slug: null, ...young })],
    [
      'a convert under its former name',
      convert,
      actionJson({ id: 7, type: 'convert_to_snapshot', ...young }),
    ],
    ['one whose date was rounded down', transfer, actionJson({ id: 7, started_at: stamp(-1_000) })],
    ['one that has ended', transfer, actionJson({ id: 7, status: 'errored', ...young })],
  ])('the action: %s', async (_what, send, found) => {
    const server = withActions(actionJson({ id: 6, type: 'other', ...young }), found);
    const error = await lost(server, send);
    const action = (await error.reconcile()) as Action;
    expect(action).toBeInstanceOf(Action);
    expect(action.id).toBe(7);
    expect(server.lines.slice(1)).toEqual(Array(2).fill('GET /v2/images/7938269/actions'));
    expect(server.clock.now()).toBe(60_000);
  });

  it('nothing when several actions fit: what fits two calls is never claimed', async () => {
    const [a, b] = [8, 9].map((id) => actionJson({ id, ...young }));
    const error = await lost(withActions(a ?? {}, b ?? {}), transfer);
    const undecided = (await rejection(error.reconcile())) as LookupError<Action>;
    expect(undecided).toBeInstanceOf(LookupError);
    expect(undecided.candidates.map(({ id }) => id)).toEqual([8, 9]);
    expect(undecided.message).toBe(
      'reconcile: 2 actions may be what the request made (8, 9), so the outcome is still unknown',
    );
    expect(error.mayHaveExecuted).toBe(true);
  });

  it('not what another call of the manager has started', async () => {
    const errored = actionJson({ id: 7, status: 'errored', ...young });
    const server = datedServer((request, nth) =>
      request.method === 'POST'
        ? nth === 1
          ? { status: 201, body: { action: errored } }
          : new Error('socket hang up')
        : accountOf({ actions: () => [errored] })(request, nth),
    );
    const api = server.api();
    await transfer(api);
    const error = (await rejection(transfer(api))) as UnknownOutcomeError;
    expect(await error.reconcile()).toBeNull();
    expect(error.mayHaveExecuted).toBe(false);
  });

  it('what it has found before, again', async () => {
    const error = await lost(withActions(actionJson({ id: 7, ...young })), transfer);
    for (let i = 0; i < 2; i++) expect(await error.reconcile()).toMatchObject({ id: 7 });
  });

  it('nothing when one action fits two lost calls', async () => {
    const api = await knowing(withActions(actionJson({ id: 7, ...young })));
    const errors = [await rejection(transfer(api)), await rejection(transfer(api))] as UnknownOutcomeError[];
    for (const error of errors) {
      expect(await rejection(error.reconcile())).toMatchObject({
        name: 'LookupError',
        candidates: [expect.objectContaining({ id: 7 })],
        message: expect.stringContaining('action 7 may be what the request made, or something else'),
      });
      expect(error.mayHaveExecuted).toBe(true);
    }
  });

  it('the action in a later call', async () => {
    const list: Json[] = [];
    const error = await lost(losingServer(accountOf({ actions: () => list })), transfer);
    expect(await error.reconcile()).toBeNull();
    list.push(actionJson({ id: 7, ...young }));
    expect(await error.reconcile()).toMatchObject({ id: 7 });
  });
});

describe('reconcile(): no match', () => {
  it.each([
    ['another type', actionJson({ type: 'convert', ...young })],
    ['another region', actionJson({ region: null, region_slug: 'ams3', ...young })],
    ['an earlier start', actionJson({ started_at: stamp(-7_203_000) })],
  ])('returns null after two readings: %s', async (_what, other) => {
    const server = withActions(other);
    const error = await lost(server, transfer);
    expect(await error.reconcile()).toBeNull();
    expect(server.requests).toHaveLength(3);
    expect(server.clock.now()).toBe(60_000);
    expect(error).toMatchObject({ mayHaveExecuted: false, canReconcile: true });
    expect(error.message).toMatch(/; it was not carried out and may be sent again$/);
  });

  it.each([3_000, 59_000])('does not return null while a list lags by %d ms', async (lag) => {
    const server: MemoryServer = losingServer(() => {
      const actions = server.clock.now() < lag ? [] : [actionJson({ id: 7, ...young })];
      return { body: { actions, meta: { total: actions.length } } };
    });
    const error = await lost(server, transfer);
    expect(await error.reconcile()).toMatchObject({ id: 7 });
  });

  it('returns null one interval after the first reading when the POST was sent long ago', async () => {
    const server = withActions();
    const error = await lost(server, transfer);
    await sleep(server.clock, 3_600_000);
    expect(await error.reconcile()).toBeNull();
    expect(server.clock.now()).toBe(3_605_000);
  });

  it.each([20, 5_000, 45_000])(
    'returns null no earlier than after a minute: interval %d',
    async (interval) => {
      const server = withActions();
      const error = await rejection(transfer(await knowing(server, { waitInterval: interval })));
      expect(await (error as UnknownOutcomeError).reconcile()).toBeNull();
      expect(server.clock.now()).toBe(60_000);
    },
  );

  it('counts the minute from the loss of the attempt that was sent, not from the start of the call', async () => {
    const server = new MemoryServer(async ({ method }, nth) => {
      if (method !== 'POST') return { body: { actions: [], meta: { total: 0 } } };
      if (nth === 1) return { status: 429, headers: { 'retry-after': '20' }, body: errors[429] };
      await sleep(server.clock, 10_000);
      return new Error('socket hang up');
    });
    const error = (await rejection(transfer(server.api({ retries: 1 })))) as UnknownOutcomeError;
    const lostAt = server.clock.now();
    expect(lostAt).toBeGreaterThanOrEqual(30_000);
    expect(await error.reconcile()).toBeNull();
    expect(server.clock.now()).toBe(lostAt + 60_000);
  });

  it('takes nothing that started before the attempt, however long the call has waited', async () => {
    const before = actionJson({ id: 6, started_at: stamp(-7_200_000 + 30_000) });
    const server = datedServer(({ method }, nth) => {
      if (method !== 'POST') return { body: { actions: [before], meta: { total: 1 } } };
      if (nth === 1) return { status: 429, headers: { 'retry-after': '40' }, body: errors[429] };
      return new Error('socket hang up');
    });
    const error = (await rejection(transfer(await knowing(server, { retries: 1 })))) as UnknownOutcomeError;
    expect(await error.reconcile()).toBeNull();
  });

  it('rejects when the list keeps changing', async () => {
    const server = losingServer((_request, nth) => ({ body: { actions: [], meta: { total: nth } } }));
    const error = await lost(server, transfer);
    const undecided = await rejection(error.reconcile());
    expect(undecided).toBeInstanceOf(DOApiError);
    expect(String(undecided)).toContain('the outcome is still unknown; try again in a minute');
  });

  it('rejects when the list cannot be read', async () => {
    const server = losingServer(() => ({ status: 500, body: errors[500] }));
    const error = await lost(server, transfer);
    await expect(error.reconcile()).rejects.toMatchObject({ status: 500 });
  });
});

describe.each([
  [
    'transfer',
    (api: DOApi, signal?: AbortSignal) =>
      api.image(7938269).transfer('nyc3', { wait: true, ...(signal && { signal }) }),
  ],
  [
    'convert',
    (api: DOApi, signal?: AbortSignal) =>
      api.image(7938269).convert({ wait: true, ...(signal && { signal }) }),
  ],
  [
    'act',
    (api: DOApi, signal?: AbortSignal) =>
      api.image(7938269).act({ type: 'resize' }, { wait: true, ...(signal && { signal }) }),
  ],
  [
    'createCustomImage',
    (api: DOApi, signal?: AbortSignal) => api.createCustomImage(NEW, signal ? { signal } : {}),
  ],
])('a lost %s that is waited for, or makes something', (name, send) => {
  const made: Json = { id: 8, name: 'mine', type: name === 'act' ? 'resize' : name, status: 'completed' };
  const item =
    name === 'createCustomImage'
      ? imageJson({ ...made, type: 'custom', regions: [], description: '', created_at: stamp() })
      : actionJson({ ...made, ...young });
  const account = (items: () => Json[]): Responder => accountOf({ actions: items, images: items });
  const posts = (server: MemoryServer): number =>
    server.lines.filter((line) => line.startsWith('POST')).length;

  it('is searched for and adopted', async () => {
    const server = losingServer(account(() => [item]));
    expect(await send(server.api())).toMatchObject({ id: 8 });
    expect(posts(server)).toBe(1);
  });

  it('is adopted when lists show it late', async () => {
    const server: MemoryServer = losingServer((request, nth) =>
      account(() => (server.clock.now() < 59_000 ? [] : [item]))(request, nth),
    );
    expect(await send(server.api())).toMatchObject({ id: 8 });
    expect(posts(server)).toBe(1);
  });

  it('was not carried out when it is not there a minute later', async () => {
    const server = losingServer(account(() => []));
    const error = await rejection(send(server.api({ waitInterval: 20 })));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ mayHaveExecuted: false, canReconcile: true, attempts: 1 });
    expect(String(error)).toMatch(/it was not carried out and may be sent again/);
    expect(server.clock.now()).toBe(60_000);
    expect(posts(server)).toBe(1);
  });

  it.each([
    ['fails', () => ({ status: 500, body: errors[500] }), ServerError],
    [
      'is refused',
      () => ({ status: 429, headers: { 'retry-after': '3600' }, body: errors[429] }),
      RateLimitError,
    ],
    ['finds several', (request, nth) => account(() => [item, { ...item, id: 9 }])(request, nth), LookupError],
    [
      'cannot tell',
      (_request, nth) => ({ body: { actions: [], images: [], meta: { total: nth } } }),
      DOApiError,
    ],
  ] as [string, Responder, typeof DOApiError][])(
    'stays unknown, with the cause, when the search %s',
    async (_what, respond, cause) => {
      const server = losingServer(respond);
      const error = (await rejection(send(server.api()))) as UnknownOutcomeError;
      expect(error).toBeInstanceOf(UnknownOutcomeError);
      expect(error).toMatchObject({ mayHaveExecuted: true, canReconcile: true });
      expect(error.cause).toBeInstanceOf(cause);
      expect(error.message).toContain('may have been carried out; reconcile() looks for it');
      expect(posts(server)).toBe(1);
    },
  );

  it('is given up with the reason of the signal, at any time of the search', async () => {
    const server = losingServer(account(() => []));
    const controller = new AbortController();
    server.clock.after(30_000, () => controller.abort('enough'));
    expect(await rejection(send(server.api(), controller.signal))).toBe('enough');
    expect(server.clock.now()).toBe(30_000);
  });

  it('is given up at once when the manager is closed', async () => {
    const server = losingServer(account(() => []));
    const api = server.api();
    server.clock.after(30_000, () => void api.close());
    expect(await rejection(send(api))).toBeInstanceOf(ClosedError);
    expect(server.clock.now()).toBe(30_000);
  });
});

describe('a lost createCustomImage', () => {
  const image = imageJson({
    id: 2,
    name: 'mine',
    type: 'custom',
    regions: [],
    description: '',
    created_at: stamp(),
  });
  it.each<[what: string, lose: (clock: Clock) => ReturnType<Responder>]>([
    ['the deadline has passed', (clock) => sleep(clock, 600_000).then(() => new Error('too late'))],
    ['the response has the wrong shape', () => ({ body: { image: { id: 'two' } } })],
  ])('is searched for when %s', async (_what, lose) => {
    const server: MemoryServer = datedServer((request, nth) =>
      request.method === 'POST' ? lose(server.clock) : accountOf({ images: () => [image] })(request, nth),
    );
    expect(await server.api({ timeout: Infinity }).createCustomImage(NEW)).toMatchObject({ id: 2 });
    expect(server.lines).toEqual(['POST /v2/images', 'GET /v2/images', 'GET /v2/images']);
  });

  it('is found among the private images, by its name and date', async () => {
    const server = withImages(
      imageJson({
        id: 1,
        name: 'mine',
        type: 'custom',
        regions: [],
        description: '',
        created_at: stamp(-3_600_000),
      }),
      imageJson({
        id: 2,
        name: 'mine',
        type: 'custom',
        regions: [],
        description: '',
        created_at: stamp(),
        status: 'NEW',
      }),
      imageJson({ id: 3, name: 'other', type: 'custom', regions: [], description: '', created_at: stamp() }),
    );
    const image = await (await knowing(server)).createCustomImage(NEW);
    expect(image).toBeInstanceOf(Image);
    expect(image).toMatchObject({ id: 2, name: 'mine', status: 'NEW' });
    expect(server.requests[1]).toMatchObject({ path: '/v2/images', query: { private: 'true' } });
  });

  it.each([
    ['another name', { name: 'other' }],
    ['another type', { type: 'snapshot' }],
    ['other regions', { regions: ['ams3', 'fra1'] }],
    ['an earlier date', { created_at: stamp(-7_203_000) }],
  ])('is not an image with %s', async (_what, changes) => {
    const api = await knowing(withImages({ ...image, ...changes }));
    const error = await rejection(api.createCustomImage(NEW));
    expect(error).toMatchObject({ name: 'UnknownOutcomeError', mayHaveExecuted: false });
  });

  it.each([
    ['no date', { created_at: null }, {}],
    ['no name', { name: undefined }, {}],
    ['another description', { description: 'not mine' }, {}],
    ['another distribution', { distribution: 'Debian' }, { distribution: 'Ubuntu' }],
    ['no tag that was sent', { tags: ['x'] }, { tags: ['y'] }],
  ])('is perhaps an image with %s', async (_what, changes, own) => {
    const api = await knowing(withImages({ ...image, ...changes }));
    const error = await rejection(api.createCustomImage({ ...NEW, ...own }));
    expect(error).toMatchObject({
      mayHaveExecuted: true,
      cause: { name: 'LookupError', candidates: [{ id: 2 }] },
    });
  });

  it('is an image whose distribution DigitalOcean does not know', async () => {
    const api = await knowing(withImages({ ...image, distribution: 'Unknown', tags: ['Prod', 'x'] }));
    expect(await api.createCustomImage({ ...NEW, distribution: 'Mine', tags: ['prod'] })).toMatchObject({
      id: 2,
    });
  });

  it('is not the image of another call of the same name', async () => {
    const first = { ...image, id: 1 };
    const server = datedServer((request, nth) => {
      if (request.method !== 'POST') return accountOf({ images: () => [first] })(request, nth);
      return nth === 1 ? { status: 202, body: { image: first } } : new Error('socket hang up');
    });
    const api = server.api();
    expect(await api.createCustomImage(NEW)).toMatchObject({ id: 1 });
    expect(await rejection(api.createCustomImage(NEW))).toMatchObject({ mayHaveExecuted: false });
  });
});

describe('a lost transfer, convert or act without wait', () => {
  it.each([
    ['transfer', transfer],
    ['convert', convert],
    ['act', (api: DOApi) => api.image(7938269).act({ type: 'resize' })],
  ])('rejects at once, and its error can reconcile: %s', async (_name, send) => {
    const server = withActions();
    const error = await lost(server, send);
    expect(error).toMatchObject({ mayHaveExecuted: true, canReconcile: true });
    expect(server.requests).toHaveLength(1);
    expect(server.clock.now()).toBe(0);
  });
});

describe('a transfer that was not carried out, after a bare request to the same URL', () => {
  it.each(['/v2/images/5/actions', '/v2/images/5/actions?a=1'])(
    'does not get what the lost request made: POST %s',
    async (path) => {
      const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }], actionTime: 1e6 });
      const api = sandbox.api({ retries: 0 });
      const image = await api.fetchImage(5);
      const on = 'POST /v2/images/:id/actions';
      sandbox.fail({ on, with: 'reset-after-execution', times: 1 });
      await rejection(api.request(path, { method: 'POST', body: { type: 'transfer', region: 'fra1' } }));
      sandbox.fail({ on, with: 'reset-before-execution', times: 1 });
      const error = (await rejection(image.transfer('fra1'))) as UnknownOutcomeError;
      expect(sandbox.actions).toHaveLength(1);
      expect(await rejection(error.reconcile())).toBeInstanceOf(LookupError);
    },
  );
});

describe('a lost POST of a bare request', () => {
  it('promises no reconcile(), in no word', async () => {
    const server = new MemoryServer(() => new Error('socket hang up'));
    const call = server.api().request('/v2/droplets', { method: 'POST', body: {} });
    const error = (await rejection(call)) as UnknownOutcomeError;
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ mayHaveExecuted: true, canReconcile: false });
    expect(error.message).not.toMatch(/reconcile/);
    await expect(error.reconcile()).rejects.toBeInstanceOf(TypeError);
    expect(server.requests).toHaveLength(1);
  });
});

describe('reconcile()', () => {
  it('can be aborted', async () => {
    const server = withActions();
    const error = await lost(server, transfer);
    expect(await rejection(error.reconcile({ signal: AbortSignal.abort('enough') }))).toBe('enough');
    expect(server.requests).toHaveLength(1);
    const controller = new AbortController();
    server.clock.after(1_000, () => controller.abort('enough'));
    expect(await rejection(error.reconcile({ signal: controller.signal }))).toBe('enough');
    expect(server.clock.now()).toBe(1_000);
  });

  it('never sends the POST again', async () => {
    const server = withActions();
    await (await lost(server, transfer)).reconcile();
    expect(server.lines.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });
});
