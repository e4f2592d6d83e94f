import { afterEach, describe, expect, it } from '@jest/globals';
import type { TransportAdapter } from '../../../lib/http/transport/types';
import type { Listening, Sandbox } from '../../../lib/sandbox';
import { overHttp, send, sendRaw, withOneImage } from '../support';

describe('The body of a request', () => {
  const on = 'POST /v2/images/5/actions';
  const transfer = { type: 'transfer', region: 'nyc3' };

  it.each(['', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'is refused with the content type "%s": the API takes JSON only',
    async (type) => {
      const sandbox = withOneImage();
      expect(await send(sandbox, on, transfer, { type })).toMatchObject({
        status: 415,
        body: {
          id: 'unsupported_media_type',
          message: 'The content type of the request body must be application/json.',
        },
      });
      expect(sandbox.actions).toEqual([]);
      expect(sandbox.requests).toMatchObject([{ status: 415, executed: false }]);
    },
  );

  it.each(['application/json; charset=utf-8', 'Application/JSON'])('may be %s', async (type) => {
    expect((await send(withOneImage(), on, transfer, { type })).status).toBe(201);
  });

  it('needs no content type where there is none', async () => {
    expect((await send(withOneImage(), 'PUT /v2/images/5', undefined, { type: '' })).status).toBe(200);
  });
});

describe('A method that the API does not have', () => {
  it.each([
    'PATCH /v2/images/5',
    'PATCH /v2/images',
    'PUT /v2/images',
    'DELETE /v2/images',
    'POST /v2/images/5',
    'PUT /v2/images/5/actions',
    'DELETE /v2/actions/9',
    'POST /v2/regions',
    'PATCH /v2/account',
  ])('%s is not found', async (on) => {
    const sandbox = withOneImage();
    expect(await send(sandbox, on, {})).toMatchObject({ status: 404, body: { id: 'not_found' } });
    expect(sandbox.images).toHaveLength(1);
  });
});

describe('HEAD', () => {
  let listening: Listening | undefined;

  afterEach(() => listening?.close());

  async function adapterOf(sandbox: Sandbox, transport: string): Promise<TransportAdapter> {
    if (transport === 'in process') return sandbox.adapter;
    listening = await sandbox.listen();
    return overHttp(listening.url, listening.token);
  }

  it.each(['in process', 'over HTTP'])('responds as GET does, without a body: %s', async (transport) => {
    const sandbox = withOneImage({ clock: 'virtual' });
    const adapter = await adapterOf(sandbox, transport);
    const ask = async (method: string, path: string) => {
      const url = `https://api.digitalocean.com${path}`;
      const { signal } = new AbortController();
      const { status, headers, body } = await adapter({
        method,
        url,
        headers: { authorization: 'Bearer a' },
        signal,
      });
      return { status, type: headers['content-type'], body };
    };
    for (const path of ['/v2/images/5', '/v2/images', '/v2/images/6', '/v2/nothing']) {
      expect(await ask('HEAD', path)).toEqual({ ...(await ask('GET', path)), body: '' });
    }
  });

  it.each(['in process', 'over HTTP'])('has no body in which a fault could be: %s', async (transport) => {
    const sandbox = withOneImage({ clock: 'virtual' });
    const adapter = await adapterOf(sandbox, transport);
    for (const kind of ['stall-in-body', 'cut-in-body', 'drip'] as const) {
      const fault = sandbox.fail({ on: 'HEAD /v2/images/:id', with: kind, times: 1 });
      const url = 'https://api.digitalocean.com/v2/images/5';
      const { signal } = new AbortController();
      const { status, body } = await adapter({
        method: 'HEAD',
        url,
        headers: { authorization: 'Bearer a' },
        signal,
      });
      expect({ kind, status, body, met: fault.met }).toEqual({ kind, status: 200, body: '', met: 1 });
    }
  });

  it('changes nothing', async () => {
    const sandbox = withOneImage();
    await sendRaw(sandbox, 'HEAD /v2/images/5');
    expect(sandbox.requests).toMatchObject([{ method: 'HEAD', status: 200, executed: true }]);
  });
});
