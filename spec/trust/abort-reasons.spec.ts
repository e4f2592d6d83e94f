import { beforeAll, describe, expect, it } from '@jest/globals';
import { LookupError, WaitTimeoutError, type Cancellable, type DOApi, UnknownOutcomeError } from '../../lib';
import * as library from '../../lib';
import errors from '../fixtures/error/documented.json';
import { account, slow } from '../support/behaves-like-a-wait';
import { scaled } from '../support/scale';
import { accountOf, actionJson, imageJson, MemoryServer, type Reply, rejection } from '../support/builders';

const IMAGE = 7938269;
const LOST = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** Every method that takes a signal. */
const METHODS: Readonly<Record<string, (api: DOApi, options: Cancellable) => Promise<unknown>>> = {
  'api.request': (api, options) => api.request('/v2/account', options),
  'api.request, a POST': (api, options) => api.request('/v2/x', { method: 'POST', body: {}, ...options }),
  'api.paginate': (api, options) => api.paginate('/v2/actions', 'actions').toArray(options),
  'api.fetchImage': (api, options) => api.fetchImage(IMAGE, options),
  'api.fetchAllImages': (api, options) => api.fetchAllImages().toArray(options),
  'api.fetchAllImages, a page': (api, options) => api.fetchAllImages().page(1, options),
  'api.createCustomImage': (api, options) =>
    api.createCustomImage({ name: 'x', url: 'https://images.example/x.raw', region: 'nyc3' }, options),
  'api.fetchAction': (api, options) => api.fetchAction(1, options),
  'api.fetchLastAction': (api, options) => api.fetchLastAction(options),
  'api.waitActions': (api, options) => api.waitActions([1, 2], options).next(),
  'api.fetchAllRegions': (api, options) => api.fetchAllRegions().toArray(options),
  'image.fetch': (api, options) => api.image(IMAGE).fetch(options),
  'image.update': (api, options) => api.image(IMAGE).update({ name: 'new' }, options),
  'image.delete': (api, options) => api.image(IMAGE).delete(options),
  'image.act': (api, options) => api.image(IMAGE).act({ type: 'convert' }, options),
  'image.transfer': (api, options) => api.image(IMAGE).transfer('ams3', options),
  'image.transfer, waiting': (api, options) => api.image(IMAGE).transfer('ams3', { wait: true, ...options }),
  'image.transfer, waiting with the signal': (api, options) =>
    api.image(IMAGE).transfer('ams3', { wait: { ...options } }),
  'image.convert, waiting': (api, options) => api.image(IMAGE).convert({ wait: true, ...options }),
  'image.replicate': (api, options) => api.image(IMAGE).replicate(['ams3', 'sgp1'], options),
  'image.waitForAction': (api, options) => api.image(IMAGE).waitForAction(options),
  'image.waitUntilAvailable': (api, options) => api.image(5).waitUntilAvailable(options),
  'image.tag': (api, options) => api.image(IMAGE).tag('blue', options),
  'image.untag': (api, options) => api.image(IMAGE).untag('blue', options),
  'image.fetchAllActions': (api, options) => api.image(IMAGE).fetchAllActions().toArray(options),
  'image.fetchAction': (api, options) => api.image(IMAGE).fetchAction(1, options),
  'image.fetchLastAction': (api, options) => api.image(IMAGE).fetchLastAction(options),
  'image.fetchCurrentAction': (api, options) => api.image(IMAGE).fetchCurrentAction(options),
  'action.fetch': (api, options) => api.action(actionJson({ id: 1 })).fetch(options),
  'action.fetchResource': (api, options) => api.action(actionJson({ id: 1 })).fetchResource(options),
  'action.wait': (api, options) => api.action(1).wait(options),
  'error.reconcile': async (api, options) => {
    const error = await rejection(api.image(IMAGE).convert({ signal: undefined }));
    return error instanceof UnknownOutcomeError ? error.reconcile(options) : error;
  },
};

/** The error of a request to which a server responds so. */
const errorOf = (reply: Reply | Error, method: 'GET' | 'POST' = 'GET'): Promise<unknown> =>
  rejection(new MemoryServer(() => reply).api().request('/v2/x', { method }));

/** One of each class of error, as the library makes them, and some other reasons. */
async function makeReasons(): Promise<unknown[]> {
  const { api } = account(slow);
  const failed = new MemoryServer(
    accountOf({
      actions: () => [actionJson({ id: 1, status: 'errored' })],
      images: () => [imageJson({ id: 5, status: 'deleted' })],
    }),
  ).api();
  const closed = account().api;
  await closed.close();
  const notFound = (await errorOf({ status: 404 })) as library.NotFoundError;
  return [
    ...(await Promise.all([302, 401, 403, 404, 418, 422, 429, 503].map((status) => errorOf({ status })))),
    await errorOf({ status: 403, body: errors[403] }),
    await errorOf(LOST),
    await errorOf(LOST, 'POST'),
    await errorOf({ body: '<html>' }),
    await rejection(new MemoryServer(() => LOST).api().image(5).convert()),
    await rejection(new MemoryServer(() => new Promise(() => undefined)).api().request('/v2/x')),
    await rejection(api.action(1).wait({ timeout: 1_000 })),
    await rejection(api.waitActions([404]).next()),
    await rejection(failed.action(1).wait()),
    await rejection(failed.image(5).waitUntilAvailable()),
    await rejection(new MemoryServer(() => LOST).api({ readOnly: true }).image(5).delete()),
    await rejection(closed.fetchImage(5)),
    new LookupError('two fit', []),
    new library.CreateDropletsError([], [], 2),
    new library.DropletCreationError(5, notFound),
    new library.DOApiError('no more'),
    new DOMException('time is up', 'TimeoutError'),
    new TypeError('not a function'),
    'a string',
    null,
    0,
  ];
}

/** What can be seen of a reason. */
const stateOf = (reason: unknown): unknown =>
  reason instanceof Error ? [reason.message, reason.cause, reason.stack, Object.entries(reason)] : reason;

/** The signal aborts before the call, or during this request; then the request fails, is answered, or stays open. */
const MOMENTS = [...Array(scaled(4, 3)).keys()];
const THEN = [LOST, undefined, 'nothing'] as const;

describe('the reason of an aborted signal', () => {
  let reasons: unknown[];
  beforeAll(async () => {
    reasons = await makeReasons();
  });

  it('may be any error of the library', () => {
    const classes = Object.values(library).filter(
      (value): value is typeof library.DOApiError =>
        typeof value === 'function' && value.prototype instanceof library.DOApiError,
    );
    const made = new Set(reasons.map((reason) => (reason as object | null)?.constructor));
    expect(classes.filter((type) => !made.has(type)).map(({ name }) => name)).toEqual([]);
    expect(classes.length).toBeGreaterThan(15);
  });

  /** Runs a method until its signal aborts. @returns what it rejected with; `undefined` when it ended before */
  async function abort(
    method: (typeof METHODS)[string],
    reason: unknown,
    { moment, then, of }: { moment: number; then: (typeof THEN)[number]; of: 'the call' | 'the manager' },
  ): Promise<{ rejected: unknown } | undefined> {
    const { server } = account(slow, { id: 2, ends: Infinity });
    const controller = new AbortController();
    const { respond } = server;
    let sent = 0;
    server.respond = (request, nth) => {
      // The POST whose outcome reconcile() searches for is not part of the search.
      if (request.method === 'POST' && method === METHODS['error.reconcile']) return LOST;
      sent += 1;
      if (sent !== moment) return respond(request, nth);
      controller.abort(reason);
      if (then === 'nothing') return new Promise(() => undefined);
      return then ?? respond(request, nth);
    };
    const { signal } = controller;
    const api = server.api(of === 'the manager' ? { signal } : {});
    if (moment === 0) controller.abort(reason);
    return method(api, of === 'the call' ? { signal } : {}).then(
      (value: unknown) =>
        signal.aborted ? { rejected: `nothing, since it returned ${String(value)}` } : undefined,
      (rejected: unknown) => (signal.aborted ? { rejected } : undefined),
    );
  }

  it.each(Object.keys(METHODS))('goes through untouched: %s', async (name) => {
    const method = METHODS[name] ?? (() => Promise.reject(new Error('no such method')));
    const before = reasons.map(stateOf);
    let aborted = 0;
    for (const of of ['the call', 'the manager'] as const)
      for (const moment of MOMENTS)
        for (const then of moment === 0 ? [undefined] : THEN)
          for (const reason of reasons) {
            if (name === 'error.reconcile' && moment === 0 && of === 'the manager') continue;
            const outcome = await abort(method, reason, { moment, then, of });
            if (!outcome) continue;
            aborted += 1;
            if (outcome.rejected !== reason)
              throw new Error(
                `${String(reason)} of ${of}, request ${moment}, ${String(then)}: rejected with ${String(outcome.rejected)}`,
              );
          }
    expect(aborted).toBeGreaterThanOrEqual(4 * reasons.length);
    expect(reasons.map(stateOf)).toEqual(before);
  });

  it('says nothing about scopes', async () => {
    const { server, api } = account(slow);
    server.respond = () => ({ status: 403, body: errors[403] });
    // An answer that this manager has received: it knows the token of it.
    const reason = await rejection(api.fetchAction(1));
    expect(reason).toBeInstanceOf(library.PermissionDeniedError);
    const action = api.action(actionJson({ id: 1 }));
    expect(await rejection(action.fetch({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    const before = server.requests.length;
    await rejection(action.fetch());
    expect(server.lines.slice(before)).toEqual(['GET /v2/actions/1', `GET /v2/images/${IMAGE}/actions/1`]);
  });

  it('ends a wait for many at once, also when it looks like the timeout of one', async () => {
    const { api, server } = account(slow, { id: 2, ends: Infinity });
    const reason = new WaitTimeoutError('Action 5', [], 1, 1);
    const controller = new AbortController();
    server.clock.after(20_000, () => controller.abort(reason));
    expect(await rejection(api.waitActions([1, 2], { signal: controller.signal }).next())).toBe(reason);
    expect(server.clock.now()).toBe(20_000);
  });
});
