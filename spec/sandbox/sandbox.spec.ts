import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ActionError, Image, NotFoundError, PermissionDeniedError, WaitTimeoutError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { ROUTE_TABLE } from '../../lib/sandbox/routes/route-table';
import { RequestLog } from '../../lib/sandbox/server/request-log';
import { send, withOneImage } from './support';
import { cpuTime } from '../support/cpu-time';

describe('A client of the sandbox', () => {
  it('waits for an hour within milliseconds', async () => {
    const sandbox = withOneImage({ actionTime: 3_500_000 });
    const image = await sandbox.api().fetchImage(5);
    const action = await image.transfer('nyc3', { wait: true });
    expect(action.completed).toBe(true);
    expect(sandbox.clock.now()).toBeGreaterThanOrEqual(3_500_000);
    expect((await image.fetch()).regions).toEqual(['nyc1', 'nyc3']);
  });

  it('gets the errors of the API', async () => {
    const sandbox = withOneImage();
    const api = sandbox.api();
    await expect(api.fetchImage(6)).rejects.toThrow(NotFoundError);
    sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'errored-action' });
    await expect(api.image(5).convert({ wait: true })).rejects.toThrow(ActionError);
    await expect(api.image(5).transfer('ams3', { wait: { timeout: 1_000 } })).rejects.toThrow(
      WaitTimeoutError,
    );
  });

  it('retries after faults, without waiting in real time', async () => {
    const sandbox = withOneImage();
    for (const kind of ['reset-before-execution', 'stall-before-execution', 'html'] as const) {
      sandbox.fail({ on: 'GET /v2/images/:id', with: kind, times: 1 });
    }
    expect(await sandbox.api().fetchImage(5)).toBeInstanceOf(Image);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([null, null, 502, 200]);
  });

  it('takes an endpoint with a path, and other options', async () => {
    const sandbox = new Sandbox({ images: 30 });
    const api = sandbox.api({ endpoint: 'https://proxy.example/digitalocean', perPage: 20, token: 'mine' });
    const images = await api.fetchAllImages().toArray();
    expect(images).toHaveLength(30);
    expect(sandbox.requests.map(({ path, query }) => `${path} ${query.page}`)).toEqual([
      '/v2/images 1',
      '/v2/images 2',
    ]);
  });
});

describe('Tokens and scopes', () => {
  it('every token is accepted in process; a request without a token is refused', async () => {
    const sandbox = withOneImage();
    expect((await send(sandbox, 'GET /v2/images/5', undefined, { token: 'whatever' })).status).toBe(200);
    const refused = await send(sandbox, 'GET /v2/images/5', undefined, { token: '' });
    expect(refused).toMatchObject({
      status: 401,
      body: { id: 'Unauthorized', message: 'Unable to authenticate you' },
    });
    expect(refused.headers['x-request-id']).toBeDefined();
    expect(refused.headers).not.toHaveProperty('ratelimit-limit');
  });

  it('only the tokens in `tokens` are accepted, if it is given', async () => {
    const sandbox = withOneImage({ tokens: ['one', 'two'] });
    const status = async (token: string) =>
      (await send(sandbox, 'GET /v2/images/5', undefined, { token })).status;
    expect([await status('one'), await status('two'), await status('three')]).toEqual([200, 200, 401]);
    expect(sandbox.token).toBe('one');
    expect(await sandbox.api().fetchImage(5)).toBeInstanceOf(Image);
  });

  it('a token without the scope of a route gets 403', async () => {
    const sandbox = withOneImage({ scopes: ['image:read'] });
    expect((await send(sandbox, 'GET /v2/images/5')).status).toBe(200);
    const refused = await send(sandbox, 'DELETE /v2/images/5');
    expect(refused).toMatchObject({
      status: 403,
      body: { id: 'forbidden', message: 'You do not have permission to perform this action.' },
    });
    expect((await send(sandbox, 'GET /v2/actions')).status).toBe(403);
    expect((await send(sandbox, 'GET /v2/images/5/actions')).status).toBe(200);
    await expect(sandbox.api().image(5).delete()).rejects.toThrow(PermissionDeniedError);
  });

  it('each token can have scopes of its own', async () => {
    const sandbox = withOneImage({
      tokens: { reader: ['image:read'], writer: ['image:read', 'image:delete'] },
    });
    const status = async (token: string) =>
      (await send(sandbox, 'DELETE /v2/images/5', undefined, { token })).status;
    expect([await status('reader'), await status('writer')]).toEqual([403, 204]);
  });
});

describe('The requests of a sandbox', () => {
  it('are in sandbox.requests, with their outcomes', async () => {
    const sandbox = withOneImage();
    await send(sandbox, 'GET /v2/images?private=true&page=1');
    await send(sandbox, 'POST /v2/images/5/actions', { type: 'transfer', region: 'nyc1' });
    await send(sandbox, 'PUT /v2/images/5', 'not JSON');
    await send(sandbox, 'GET /v2/volumes');
    expect(sandbox.requests).toEqual([
      {
        method: 'GET',
        path: '/v2/images',
        query: { private: 'true', page: '1' },
        body: undefined,
        status: 200,
        executed: true,
      },
      {
        method: 'POST',
        path: '/v2/images/5/actions',
        query: {},
        body: { type: 'transfer', region: 'nyc1' },
        status: 422,
        executed: false,
      },
      { method: 'PUT', path: '/v2/images/5', query: {}, body: 'not JSON', status: 400, executed: false },
      { method: 'GET', path: '/v2/volumes', query: {}, body: undefined, status: 404, executed: false },
    ]);
    sandbox.clearRequests();
    expect(sandbox.requests).toEqual([]);
  });

  it('are passed to onRequest at once', async () => {
    const seen: string[] = [];
    const sandbox = withOneImage({
      onRequest: ({ path, status }) => seen.push(`${path} ${String(status)}`),
    });
    await send(sandbox, 'GET /v2/images/5');
    expect(seen).toEqual(['/v2/images/5 200']);
  });

  it('are limited in number: the oldest are dropped', () => {
    const log = new RequestLog();
    const request = { method: 'GET', path: '/', query: {}, body: undefined, status: 200, executed: true };
    for (let sent = 0; sent <= 200_000; sent++) log.add({ ...request, status: sent });
    expect(log.requests).toHaveLength(100_000);
    expect(log.requests.at(-1)?.status).toBe(200_000);
  });
});

describe('Any request', () => {
  it('gets JSON and a status of the API, and is recorded', async () => {
    const paths = fc.oneof(
      fc.constantFrom(...ROUTE_TABLE.map(({ path }) => path.replaceAll(/:\w+/g, '5'))),
      fc.webPath(),
      fc.string().map((text) => `/v2/images/${encodeURIComponent(text)}/actions`),
    );
    const bodies = fc.oneof(fc.constant(undefined), fc.jsonValue(), fc.string(), fc.object({ maxDepth: 1 }));
    const keys = fc.constantFrom(
      'name',
      'type',
      'region',
      'url',
      'tags',
      'resources',
      'transfer_id',
      'recipient_uuid',
    );
    const knownBodies = fc.dictionary(keys, fc.jsonValue());
    const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH');
    await fc.assert(
      fc.asyncProperty(methods, paths, fc.oneof(bodies, knownBodies), async (method, path, body) => {
        const sandbox = withOneImage();
        const response = await send(sandbox, `${method} ${path}`, body);
        expect([200, 201, 202, 204, 400, 403, 404, 422]).toContain(response.status);
        if (response.status >= 400)
          expect(response.body[response.body.id ? 'message' : 'error']).toEqual(expect.any(String));
        expect(sandbox.requests).toMatchObject([
          { method, status: response.status, executed: response.status < 300 },
        ]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('The time of a sandbox', () => {
  const transfer = { type: 'transfer', region: 'nyc3' };

  it('moves from event to event', async () => {
    const sandbox = withOneImage({ clock: 'manual', actionTime: 10_000, importTime: 4_000 });
    expect(await sandbox.advanceToNextEvent()).toBe(0);
    await send(sandbox, 'POST /v2/images/5/actions', transfer);
    await send(sandbox, 'POST /v2/images', { name: 'n', url: 'http://a.b/c.raw', region: 'nyc3' });
    expect(await sandbox.advanceToNextEvent()).toBe(1_000);
    expect(sandbox.images[1]?.status).toBe('pending');
    expect(await sandbox.advanceToNextEvent()).toBe(3_000);
    expect(sandbox.images[1]?.status).toBe('available');
    sandbox.clock.after(2_000, () => undefined);
    expect(await sandbox.advanceToNextEvent()).toBe(2_000);
    expect(await sandbox.advanceToNextEvent()).toBe(4_000);
    expect(sandbox.actions[0]?.status).toBe('completed');
    expect(await sandbox.advanceToNextEvent()).toBe(0);
  });

  it('ends actions of resources that the sandbox does not have', async () => {
    const sandbox = withOneImage({
      actions: [{ resource_id: 404, resource_type: 'droplet', status: 'in-progress' }],
    });
    await sandbox.settle();
    expect(sandbox.actions[0]?.status).toBe('completed');
  });

  it('settles when no action is in progress and no timer is set', async () => {
    const sandbox = withOneImage({ clock: 'manual' });
    const waiting = sandbox.api().image(5).transfer('nyc3', { wait: true });
    await sandbox.settle();
    expect((await waiting).completed).toBe(true);
    expect(sandbox.images[0]?.regions).toEqual(['nyc1', 'nyc3']);
  });

  it('stands still between two calls of advance if it is manual', async () => {
    const sandbox = withOneImage({ clock: 'manual' });
    const waiting = sandbox.api().image(5).transfer('nyc3', { wait: true });
    await sandbox.advance(59_999);
    expect(sandbox.actions[0]?.status).toBe('in-progress');
    await sandbox.advance(10_000);
    expect((await waiting).completed).toBe(true);
  });

  it('cannot be moved backwards, and a real clock cannot be moved', async () => {
    await expect(withOneImage().advance(-1)).rejects.toThrow(
      'ms: expected a finite number of milliseconds, 0 or more, got -1',
    );
    const real = withOneImage({ clock: 'real' });
    await expect(real.advance(1)).rejects.toThrow('time of this sandbox runs by itself');
    await expect(real.advanceToNextEvent()).rejects.toThrow('time of this sandbox runs by itself');
  });

  it('runs by itself from today if it is real, at the given speed', async () => {
    const sandbox = withOneImage({ clock: 'real', speed: 10_000, actionTime: 600_000 });
    const before = Date.now();
    expect(Math.abs(sandbox.clock.date() - before)).toBeLessThan(3_600_000);
    await send(sandbox, 'POST /v2/images/5/actions', transfer);
    expect(sandbox.actions[0]?.status).toBe('in-progress');
    await sandbox.settle();
    expect(sandbox.actions[0]?.status).toBe('completed');
    expect(sandbox.clock.now()).toBeGreaterThanOrEqual(600_000);
    await sandbox.settle();
  });

  it('advances 10,000 actions by an hour within a second of CPU time', async () => {
    const sandbox = withOneImage({ actionTime: [1, 3_600_000], rateLimit: false });
    for (let started = 0; started < 10_000; started++) {
      void send(sandbox, 'POST /v2/images/5/actions', { type: 'convert' });
    }
    const inProgress = (): number => sandbox.actions.filter(({ status }) => status === 'in-progress').length;
    expect(inProgress()).toBe(10_000);
    const start = cpuTime();
    await sandbox.advance(3_600_000);
    expect(cpuTime() - start).toBeLessThan(1_000);
    expect(inProgress()).toBe(0);
  });
});

describe('A snapshot of the sandbox', () => {
  it('is plain JSON from which another sandbox continues', async () => {
    const sandbox = new Sandbox({ actionTime: 90_000 });
    await sandbox.advance(5_000);
    const [image] = sandbox.images;
    await send(sandbox, `POST /v2/images/${image?.id ?? 0}/actions`, { type: 'transfer', region: 'nyc3' });
    await send(sandbox, `DELETE /v2/images/${sandbox.images[2]?.id ?? 0}`);
    await sandbox.advance(30_000);
    const snapshot = sandbox.snapshot();
    const text = JSON.stringify(snapshot);

    const other = new Sandbox({ from: JSON.parse(text) as typeof snapshot });
    expect(other.snapshot()).toEqual(snapshot);
    expect(other.clock.date()).toBe(sandbox.clock.date());
    await other.advance(59_999);
    expect(other.actions[0]).toMatchObject({ status: 'in-progress' });
    await other.advance(1);
    expect(other.actions[0]).toMatchObject({ status: 'completed', completed_at: '2026-01-01T00:01:35Z' });
    expect(other.images[0]?.regions).toContain('nyc3');
    expect(JSON.stringify(snapshot)).toBe(text);
    expect(sandbox.actions[0]?.status).toBe('in-progress');
  });

  it('keeps deleted images and the next ids', async () => {
    const first = withOneImage();
    await send(first, 'DELETE /v2/images/5');
    const { id } = first.addImage();
    const second = new Sandbox({ from: first.snapshot(), clock: 'real' });
    expect((await send(second, 'DELETE /v2/images/5')).status).toBe(422);
    expect(second.addImage().id).toBe(id + 1);
    expect(second.clock.now()).toBeGreaterThanOrEqual(first.clock.now());
  });

  it('may hold events of resources that it does not contain', async () => {
    const snapshot = withOneImage().snapshot();
    const events: typeof snapshot.events = [
      { due: 1, event: { do: 'end-action', id: 404, as: 'completed' } },
      { due: 1, event: { do: 'begin-import', id: 404 } },
      { due: 1, event: { do: 'end-import', id: 404, region: 'nyc1', error: null } },
    ];
    const sandbox = new Sandbox({ from: { ...snapshot, events } });
    const before = sandbox.images;
    await sandbox.settle();
    expect(sandbox.images).toEqual(before);
  });
});
