import { describe, expect, it } from '@jest/globals';
import { type DOApi, ActionError, ImageImportError, WaitTimeoutError } from '../../lib';
import errors from '../fixtures/error/documented.json';
import { account, MINUTE, slow, failRequests } from '../support/behaves-like-a-wait';
import { accountOf, imageJson, type Json, MemoryServer, rejection, stamp } from '../support/builders';

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
    failRequests(server, 1, { status: 500, body: errors[500] });
    expect(await rejection(api.image(7938269).waitForAction())).toMatchObject({ status: 500 });
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
