import { describe, expect, it } from '@jest/globals';
import { type DOApi, ActionError, ImageImportError, NotFoundError, WaitTimeoutError } from '../../lib';
import errors from '../fixtures/error/documented.json';
import { account, MINUTE, slow, failRequests } from '../support/behaves-like-a-wait';
import {
  accountOf,
  imageJson,
  type Json,
  MemoryServer,
  type Reply,
  rejection,
  stamp,
} from '../support/builders';

describe('image.waitForAction()', () => {
  it('waits for the latest action, then returns the new state', async () => {
    const { server, api } = account({ id: 1, ends: 0 }, { id: 2, ends: MINUTE });
    const image = api.image(imageJson({ name: 'before' }));
    const now = await image.waitForAction();
    expect(now?.name).toBe('nightly 2014-11-14');
    expect(image.name).toBe('before');
    expect(server.clock.now()).toBeGreaterThanOrEqual(MINUTE);
    expect(server.lines.at(-1)).toBe('GET /v2/images/7938269');
  });

  it('returns the image itself when there was never an action', async () => {
    const { server, api } = account();
    const image = api.image(imageJson());
    expect(await image.waitForAction()).toBe(image);
    expect(server.lines).toEqual(['GET /v2/images/7938269/actions']);
  });

  it('does not wait for an action that has ended', async () => {
    const { server, api } = account({ id: 1, ends: 0 });
    expect((await api.image(7938269).waitForAction())?.name).toBe('nightly 2014-11-14');
    expect(server.lines).toEqual(['GET /v2/images/7938269/actions', 'GET /v2/images/7938269']);
  });

  it('returns null when the image is gone, before or after', async () => {
    const gone = new MemoryServer(() => ({ status: 404, body: errors[404] }));
    expect(await gone.api().image(5).waitForAction()).toBeNull();
    const { server, api } = account({ id: 1, ends: MINUTE });
    const { respond: answer } = server;
    server.respond = (request, nth) =>
      request.path.endsWith('/7938269') ? { status: 404, body: errors[404] } : answer(request, nth);
    expect(await api.image(7938269).waitForAction()).toBeNull();
  });

  it('throws an ActionError when the action errored, unless throwOnError is false', async () => {
    const { api } = account({ id: 1, ends: MINUTE, status: 'errored' });
    expect(await rejection(api.image(7938269).waitForAction())).toBeInstanceOf(ActionError);
    expect((await api.image(7938269).waitForAction({ throwOnError: false }))?.id).toBe(7938269);
  });

  it('throws a WaitTimeoutError that holds the action', async () => {
    const { api } = account(slow);
    const error = (await rejection(
      api.image(7938269).waitForAction({ timeout: MINUTE }),
    )) as WaitTimeoutError;
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error.inProgress).toMatchObject([{ id: 1, status: 'in-progress' }]);
  });

  it('passes on any other error', async () => {
    const { server, api } = account(slow);
    failRequests(server, 1, { status: 422, body: errors[422] });
    expect(await rejection(api.image(7938269).waitForAction())).toMatchObject({ status: 422 });
  });

  const ACTIONS = '/v2/images/7938269/actions';
  const IMAGE = '/v2/images/7938269';
  /** Fails requests for a path for as long as a condition holds. */
  function failWhile(
    server: MemoryServer,
    path: string,
    isFailing: () => boolean,
    failure: Reply | Error,
  ): void {
    const { respond } = server;
    server.respond = (request, nth) =>
      request.path === path && isFailing() ? failure : respond(request, nth);
  }

  const TROUBLE: [what: string, failure: Reply | Error][] = [
    ['a 503', { status: 503, body: '<html>' }],
    ['a lost connection', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
  ];

  it.each(TROUBLE)('bears trouble that passes in its first list: %s', async (_what, failure) => {
    const { server, api } = account(slow);
    failWhile(server, ACTIONS, () => server.clock.now() < MINUTE, failure);
    expect((await api.image(7938269).waitForAction())?.id).toBe(7938269);
    expect(server.clock.now()).toBeGreaterThanOrEqual(slow.ends);
  });

  it.each(TROUBLE)('bears trouble that passes in its last fetch: %s', async (_what, failure) => {
    const { server, api } = account(slow);
    failWhile(server, IMAGE, () => server.clock.now() < slow.ends + 10 * MINUTE, failure);
    expect((await api.image(7938269).waitForAction())?.id).toBe(7938269);
    expect(server.clock.now()).toBeGreaterThanOrEqual(slow.ends + 10 * MINUTE);
  });

  it.each([2 * MINUTE, 0])(
    'rejects when its first list fails until its time is up: after %i ms',
    async (timeout) => {
      const { server, api } = account(slow);
      failWhile(server, ACTIONS, () => true, { status: 503, body: '<html>' });
      const error = await rejection(api.image(7938269).waitForAction({ timeout }));
      expect(error).toBeInstanceOf(WaitTimeoutError);
      expect(error).toMatchObject({ elapsed: timeout, cause: { name: 'ServerError', status: 503 } });
      expect(server.clock.now()).toBe(timeout);
    },
  );

  it('rejects with the failure of its last fetch when there is no time left to repeat it', async () => {
    const { server, api } = account(slow);
    failWhile(server, IMAGE, () => true, { status: 503, body: '<html>' });
    const error = await rejection(api.image(7938269).waitForAction({ timeout: 5 * MINUTE }));
    expect(error).toMatchObject({ name: 'ServerError', status: 503 });
    expect(server.clock.now()).toBe(5 * MINUTE - 500);
  });

  it('fetches the image once, even when its time is up by then', async () => {
    const { api } = account({ id: 1, ends: 0 });
    expect((await api.image(7938269).waitForAction({ timeout: 0 }))?.id).toBe(7938269);
  });

  describe('when the action is not found', () => {
    /** The action is listed, and not found afterwards, neither in lists nor by itself. */
    function lost({ imageGone = false } = {}): ReturnType<typeof account> {
      const lostAction = account(slow);
      const { server } = lostAction;
      const { respond } = server;
      server.respond = (request, nth) => {
        if (nth === 1 || (request.path === IMAGE && !imageGone)) return respond(request, nth);
        if (request.path.endsWith('/actions')) return { body: { actions: [], meta: { total: 0 } } };
        return { status: 404, body: errors[404] };
      };
      return lostAction;
    }

    it('rejects with that, since the image is there, after a minute', async () => {
      const { server, api } = lost();
      expect(await rejection(api.image(7938269).waitForAction())).toBeInstanceOf(NotFoundError);
      expect(server.clock.now()).toBeGreaterThanOrEqual(MINUTE);
      expect(server.lines.at(-1)).toBe(`GET ${IMAGE}`);
    });

    it('returns null when the image is not found either', async () => {
      const { api } = lost({ imageGone: true });
      expect(await api.image(7938269).waitForAction()).toBeNull();
    });

    it('says nothing during the first minute', async () => {
      const { server, api } = account(slow);
      failWhile(server, '/v2/actions/1', () => server.clock.now() < 50_000, {
        status: 404,
        body: errors[404],
      });
      expect((await api.image(7938269).waitForAction())?.id).toBe(7938269);
      expect(server.clock.now()).toBeGreaterThanOrEqual(slow.ends);
    });
  });

  it('is not found itself only when its own URL says so', async () => {
    const { server, api } = account(slow);
    failWhile(server, ACTIONS, () => true, { status: 404, body: errors[404] });
    expect(await rejection(api.image(7938269).waitForAction())).toBeInstanceOf(NotFoundError);
  });

  it('passes on the reason of an abort, also when that is a NotFoundError', async () => {
    const { api } = account(slow);
    const reason = await rejection(account().api.fetchAction(404));
    expect(reason).toBeInstanceOf(NotFoundError);
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = (): void => controller.abort(reason);
    expect(await rejection(api.image(7938269).waitForAction({ signal, onProgress }))).toBe(reason);
  });
});

describe('image.waitUntilAvailable()', () => {
  /** An import that takes a minute and ends so. */
  function importing(end: Json): { server: MemoryServer; api: DOApi } {
    const server: MemoryServer = new MemoryServer(
      accountOf({
        images: () => {
          const now = server.clock.now();
          const state = now < 20_000 ? { status: 'NEW' } : now < MINUTE ? { status: 'pending' } : end;
          return [imageJson({ created_at: stamp(), ...state })];
        },
      }),
    );
    return { server, api: server.api() };
  }

  it('returns the image in its last state', async () => {
    const { server, api } = importing({ status: 'available', size_gigabytes: 0.4 });
    const states: unknown[] = [];
    const image = await api
      .image(imageJson({ created_at: stamp(), status: 'NEW' }))
      .waitUntilAvailable({ onProgress: ({ state }) => states.push(state.status) });
    expect(image).toMatchObject({ status: 'available', sizeGigabytes: 0.4 });
    expect([...new Set(states)]).toEqual(['NEW', 'pending', 'available']);
    expect(server.clock.now()).toBeGreaterThanOrEqual(MINUTE);
  });

  it('sends nothing for an image that is available', async () => {
    const { server, api } = importing({});
    const image = api.image(imageJson());
    expect(await image.waitUntilAvailable()).toBe(image);
    expect(server.requests).toEqual([]);
  });

  it.each(['deleted', 'retired'])(
    'throws an ImageImportError with the reason when the import failed: %s',
    async (status) => {
      const end = { status, error_message: 'Unsupported format.' };
      const { api } = importing(end);
      const error = await rejection(api.image(7938269).waitUntilAvailable());
      expect(error).toBeInstanceOf(ImageImportError);
      expect(error).toMatchObject({ name: 'ImageImportError', image: { id: 7938269, status } });
      expect((error as Error).message).toBe(
        'The import of image 7938269 (nightly 2014-11-14) failed: Unsupported format.',
      );
      expect((await api.image(7938269).waitUntilAvailable({ throwOnError: false })).status).toBe(status);
    },
  );

  it('names the status when the API gives no reason', async () => {
    const { server, api } = importing({});
    const error = await rejection(api.image({ id: 5, status: 'deleted' }).waitUntilAvailable());
    expect((error as Error).message).toBe(
      'The import of image 5 (without a name) failed: its status is deleted, and DigitalOcean gives no reason',
    );
    expect(server.requests).toEqual([]);
  });

  it('throws a WaitTimeoutError that holds the image', async () => {
    const { api } = importing({ status: 'available' });
    const error = (await rejection(
      api.image(7938269).waitUntilAvailable({ timeout: 30_000 }),
    )) as WaitTimeoutError;
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error.message).toMatch(/^The import of image 7938269 is still in progress after 30 s/);
    expect(error.inProgress).toMatchObject([{ id: 7938269, status: 'pending' }]);
  });
});
