import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TransportAdapter, TransportResponse } from '../../../lib/http/transport/types';
import type { Fault, FaultKind, Listening, Sandbox } from '../../../lib/sandbox';
import { FAULTS } from '../../../lib/sandbox/faults/faults';
import { overHttp, rejection, send, withOneImage, type Body } from '../support';

const ACT = 'POST /v2/images/:id/actions';
const TRANSFER = { type: 'transfer', region: 'nyc3' };

/** What each fault does: whether the transfer is executed, and what the caller sees. */
const EXPECTED: Record<FaultKind, { executed: boolean; sees: (seen: Seen) => void; fault?: Partial<Fault> }> =
  {
    status: { executed: false, sees: error(500, 'server_error') },
    'status-after-execution': { executed: true, sees: error(503, 'service_unavailable') },
    html: {
      executed: false,
      sees: ({ status, headers, body }) => {
        expect(status).toBe(502);
        expect(headers['content-type']).toContain('text/html');
        expect(headers).not.toHaveProperty('ratelimit-limit');
        expect(body).toMatch(/^<!DOCTYPE html>/);
      },
    },
    'burst-limit': {
      executed: false,
      sees: (seen) => {
        error(429, 'too_many_requests')(seen);
        expect(seen.headers).toMatchObject({ 'retry-after': '29', 'ratelimit-remaining': '0' });
      },
    },
    'hourly-limit': {
      executed: false,
      sees: (seen) => {
        error(429, 'too_many_requests')(seen);
        expect(seen.headers).not.toHaveProperty('retry-after');
        expect(seen.headers).toMatchObject({ 'ratelimit-remaining': '0' });
        expect(Number(seen.headers['ratelimit-reset'])).toBe(Date.UTC(2026, 0, 1, 1) / 1000);
      },
    },
    redirect: {
      executed: false,
      sees: ({ status, headers, body }) => {
        expect({ status, body }).toEqual({ status: 302, body: '' });
        expect(headers.location).toBe('https://elsewhere.example/v2');
      },
    },
    delay: { executed: true, sees: created },
    refused: { executed: false, sees: failure('ECONNREFUSED', 'ECONNRESET') },
    'reset-before-execution': { executed: false, sees: failure('ECONNRESET') },
    'reset-after-execution': { executed: true, sees: failure('ECONNRESET') },
    'stall-before-execution': { executed: false, sees: abortedByCaller },
    'stall-after-execution': { executed: true, sees: abortedByCaller },
    'stall-in-body': { executed: true, sees: abortedByCaller },
    'cut-in-body': { executed: true, sees: failure('ECONNRESET') },
    drip: { executed: true, sees: created },
    'not-http': { executed: false, sees: failure('HPE_INVALID_CONSTANT') },
    empty: {
      executed: true,
      sees: ({ status, body }) => expect({ status, body }).toEqual({ status: 201, body: '' }),
    },
    'truncated-json': { executed: true, sees: notJson },
    'invalid-json': { executed: true, sees: notJson },
    'wrong-types': {
      executed: true,
      sees: ({ json }) =>
        expect(json.action).toMatchObject({
          id: expect.any(String),
          status: expect.any(Number),
          completed_at: [null],
        }),
    },
    'wrong-root': { executed: true, sees: ({ json }) => expect(json).toEqual({ data: expect.anything() }) },
    oversized: { executed: true, sees: ({ body }) => expect(body).toHaveLength(11 * 2 ** 20) },
    altered: {
      executed: true,
      fault: { alter: (body: unknown) => ({ more: true, ...(body as object) }) },
      sees: ({ json }) => expect(json).toMatchObject({ more: true, action: { type: 'transfer' } }),
    },
    'foreign-link': { executed: true, sees: created },
    drift: { executed: true, sees: created },
    'errored-action': { executed: true, sees: created },
    'failed-import': { executed: true, sees: created },
  };

/** What the caller of a request sees: a response, or the error. */
interface Seen extends TransportResponse {
  json: Body;
  error: (Error & { code?: string }) | null;
}

function error(status: number, id: string) {
  return (seen: Seen) => {
    expect(seen.status).toBe(status);
    expect(seen.json).toEqual({ id, message: expect.any(String) });
    expect(seen.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  };
}

function failure(...codes: string[]) {
  return ({ error: seen }: Seen) => expect(codes).toContain(seen?.code);
}

function abortedByCaller({ error: seen }: Seen): void {
  expect(seen?.name).toMatch(/^(AbortError|CallerAbort)$/);
}

function created({ status, json }: Seen): void {
  expect(status).toBe(201);
  expect(json.action).toMatchObject({ type: 'transfer', status: 'in-progress' });
}

function notJson({ status, body }: Seen): void {
  expect(status).toBe(201);
  expect(() => JSON.parse(body) as unknown).toThrow(SyntaxError);
}

describe.each(['in process', 'over HTTP'])('%s, the fault', (transport) => {
  let sandbox: Sandbox;
  let adapter: TransportAdapter;
  let listening: Listening | undefined;
  let onHandled = (): void => undefined;

  beforeEach(async () => {
    sandbox = withOneImage({ clock: 'virtual', onRequest: () => onHandled() });
    listening = transport === 'over HTTP' ? await sandbox.listen() : undefined;
    adapter = listening ? overHttp(listening.url, listening.token) : sandbox.adapter;
  });

  afterEach(() => listening?.close());

  /** Sends one request. One that stalls is aborted when the sandbox has handled it. */
  async function see(on: string, body?: unknown, stalls = false): Promise<Seen> {
    const [method = '', path = ''] = on.split(' ');
    const stop = new AbortController();
    onHandled = () => {
      if (stalls) setImmediate(() => stop.abort(Object.assign(new Error('stop'), { name: 'CallerAbort' })));
    };
    try {
      const response = await adapter({
        method,
        url: `https://api.digitalocean.com${path}`,
        headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
        signal: stop.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { ...response, json: parse(response.body), error: null };
    } catch (reason) {
      return { status: 0, headers: {}, body: '', json: parse(''), error: reason as Error };
    }
  }

  it.each(Object.keys(FAULTS).filter((kind) => kind !== 'drift') as FaultKind[])('%s', async (kind) => {
    const { executed, sees, fault } = EXPECTED[kind];
    const rule = sandbox.fail({ on: ACT, with: kind, times: 1, ...fault } as Fault);
    sees(await see('POST /v2/images/5/actions', TRANSFER, kind.startsWith('stall')));
    expect(sandbox.actions).toHaveLength(executed ? 1 : 0);
    expect(sandbox.requests).toHaveLength(1);
    expect(sandbox.requests[0]?.executed).toBe(executed);
    expect(rule.met).toBe(1);
    expect((await see('POST /v2/images/5/actions', TRANSFER)).status).toBe(201);
  });

  it('status takes a body, an id, a message and headers', async () => {
    sandbox.fail({
      with: 'status',
      status: 412,
      id: 'odd',
      message: 'No.',
      headers: { 'x-odd': '1' },
      times: 1,
    });
    const odd = await see('GET /v2/images/5');
    expect(odd).toMatchObject({ status: 412, json: { id: 'odd', message: 'No.' } });
    expect(odd.headers).toMatchObject({ 'x-odd': '1' });
    sandbox.fail({ with: 'status', status: 401, body: 'Unable to authenticate you', times: 1 });
    const text = await see('GET /v2/images/5');
    expect(text).toMatchObject({ status: 401, body: 'Unable to authenticate you' });
    expect(text.headers['content-type']).toBe('text/plain; charset=utf-8');
    sandbox.fail({ with: 'status', status: 400, body: { error: 'e' }, times: 1 });
    expect((await see('GET /v2/images/5')).json).toEqual({ error: 'e' });
    sandbox.fail({ with: 418, times: 1 });
    expect(await see('GET /v2/images/5')).toMatchObject({ status: 418, json: { id: 'server_error' } });
  });

  it('foreign-link makes a list link to another host', async () => {
    sandbox.fail({ on: 'GET /v2/images', with: 'foreign-link' });
    const { json } = await see('GET /v2/images');
    expect(json.links.pages?.next).toBe('https://elsewhere.example/v2/images?page=2');
    expect(json.images).toHaveLength(1);
  });

  it('in the body has no effect on a response without a body', async () => {
    sandbox.fail({ on: 'DELETE /v2/images/:id', with: 'cut-in-body' });
    expect((await see('DELETE /v2/images/5')).status).toBe(204);
  });

  it('wrong-root and wrong-types have no effect on a response without a resource', async () => {
    sandbox.fail({ on: 'DELETE /v2/images/:id', with: 'wrong-root', times: 1 });
    expect((await see('DELETE /v2/images/5')).status).toBe(204);
    sandbox.fail({ on: 'DELETE /v2/images/:id', with: 'wrong-types', times: 1 });
    expect((await see('DELETE /v2/images/6')).status).toBe(404);
  });

  it('wrong-types changes every kind of value of every image', async () => {
    sandbox.fail({ with: 'wrong-types' });
    expect((await see('GET /v2/images')).json.images).toEqual([
      expect.objectContaining({ id: '5', name: 6, public: 'false', regions: { length: 1 }, slug: [null] }),
    ]);
  });

  it('delay and drip take time on the clock of the sandbox', async () => {
    sandbox.fail({ with: 'delay', ms: 3_600_000, times: 1 });
    expect((await see('GET /v2/images/5')).status).toBe(200);
    expect(sandbox.clock.now()).toBe(3_600_000);
    sandbox.fail({ with: 'drip', every: 10, times: 1 });
    const { body } = await see('GET /v2/images/5');
    expect(sandbox.clock.now()).toBe(3_600_000 + 10 * Buffer.byteLength(body));
  });
});

function parse(body: string): Body {
  try {
    return JSON.parse(body) as Body;
  } catch {
    return {} as Body;
  }
}

describe('In process', () => {
  it('a stall ends with the reason of the signal', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ with: 'stall-after-execution' });
    const stop = new AbortController();
    const rejected = rejection(send(sandbox, 'GET /v2/images/5', undefined, { signal: stop.signal }));
    const reason = new Error('stop');
    stop.abort(reason);
    expect(await rejected).toBe(reason);
  });

  it('an aborted signal sends nothing', async () => {
    const sandbox = withOneImage();
    const signal = AbortSignal.abort(new Error('before'));
    expect((await rejection(send(sandbox, 'GET /v2/images/5', undefined, { signal }))).message).toBe(
      'before',
    );
    expect(sandbox.requests).toEqual([]);
  });

  it('a delay can be aborted', async () => {
    const sandbox = withOneImage({ clock: 'manual' });
    sandbox.fail({ with: 'delay', ms: 1_000 });
    const stop = new AbortController();
    const rejected = rejection(send(sandbox, 'GET /v2/images/5', undefined, { signal: stop.signal }));
    stop.abort(new Error('stop'));
    expect((await rejected).message).toBe('stop');
  });
});

describe('Faults of the outcome of an action or import', () => {
  it('errored-action makes the action end as errored', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ on: ACT, with: 'errored-action', times: 1 });
    await send(sandbox, 'POST /v2/images/5/actions', TRANSFER);
    await sandbox.settle();
    expect(sandbox.actions[0]).toMatchObject({ status: 'errored', completed_at: '2026-01-01T00:01:00Z' });
    expect(sandbox.images[0]?.regions).toEqual(['nyc1']);
  });

  it('failed-import makes the import fail with a message', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ on: 'POST /v2/images', with: 'failed-import', message: 'Not an image.', times: 1 });
    sandbox.fail({ on: 'POST /v2/images', with: 'failed-import', times: 1 });
    const body = { name: 'mine', url: 'https://example.com/disk.raw', region: 'nyc3' };
    await send(sandbox, 'POST /v2/images', body);
    await send(sandbox, 'POST /v2/images', body);
    await sandbox.settle();
    expect(sandbox.images.slice(1)).toMatchObject([
      { status: 'deleted', error_message: 'Not an image.' },
      { status: 'deleted', error_message: 'The image could not be imported.' },
    ]);
  });
});
