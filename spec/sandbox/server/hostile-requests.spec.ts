import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { request } from 'node:http';
import { connect } from 'node:net';
import { type Listening, Sandbox } from '../../../lib/sandbox';
import { ROUTE_TABLE } from '../../../lib/sandbox/routes/route-table';
import { runSandboxCommand } from '../../../lib/sandbox/sandbox-command';
import { scaled } from '../../support/scale';
import { dangerousIn, HOSTILE_PARTS } from '../../support/hostile-text';

const sandbox = new Sandbox({ rateLimit: false });
let listening: Listening;
beforeAll(async () => {
  listening = await sandbox.listen();
});
afterAll(() => listening.close());

/** Sends a request with any body, and resolves to the status. */
function send(
  method: string,
  path: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<number> {
  const { hostname, port } = new URL(listening.url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path,
        headers: {
          authorization: `Bearer ${listening.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Sends bytes as they are, and resolves to what came back. */
function sendRaw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(listening.url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.end(Buffer.from(bytes, 'latin1')));
    socket.setEncoding('latin1').on('data', (data: string) => (received += data));
    socket.once('close', () => resolve(received)).once('error', reject);
  });
}

const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e300,
    '',
    '5',
    'nyc1',
    'snapshot',
    'image',
    {},
    [],
    [null],
    [[]],
  ),
  fc.constantFrom(...HOSTILE_PARTS),
  fc.constantFrom(
    'http://[',
    'http://%/a',
    'https://a:b:c/d',
    'http://x:99999/a.gz',
    'http://a b/c',
    'http://\u0000/a',
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const FIELDS = 'name url region distribution description tags type resources resource_id resource_type '
  .concat('transfer_id recipient_email recipient_uuid __proto__ constructor toString')
  .split(' ');
const anyUrl = fc
  .tuple(fc.constantFrom('http://', 'https://'), fc.string({ maxLength: 8 }), fc.string({ maxLength: 6 }))
  .map(([scheme, host, path]) => `${scheme}${host}/${path}`);
const anyBody = fc.oneof(
  fc.oneof(anyUrl, fc.webUrl(), nasty).map((url) => JSON.stringify({ name: 'a', region: 'nyc1', url })),
  fc
    .dictionary(fc.constantFrom(...FIELDS), nasty, { noNullPrototype: true })
    .map((body) => JSON.stringify(body)),
  fc.array(nasty).map((resources) => JSON.stringify({ resources, name: 'a' })),
  fc.jsonValue().map((body) => JSON.stringify(body)),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const IMPORTS = ROUTE_TABLE.filter(({ method, path }) => method === 'POST' && path === '/v2/images');
const segment = fc.oneof(
  fc.constantFrom(
    '1',
    '63663001',
    '0',
    '-1',
    '1e3',
    '9'.repeat(30),
    '%',
    '%00',
    '%ff',
    '__proto__',
    'constructor',
  ),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);
const query = fc.oneof(
  fc.constantFrom(
    '',
    '?',
    '?page=0',
    '?page=1e9',
    '?per_page=-1',
    '?%',
    '?%ff=%00',
    '?__proto__=1',
    '?page=999999999',
  ),
  fc.webQueryParameters().map((text) => `?${text}`),
);

describe('a sandbox that listens', () => {
  it('answers no request with 500, whatever its path, query and body', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...ROUTE_TABLE), fc.constantFrom(...IMPORTS)),
        segment,
        query,
        anyBody,
        async (route, id, search, body) => {
          const path = route.path.replaceAll(/:\w+/g, () => id) + search;
          const status = await send(route.method, path, route.method === 'GET' ? '' : body);
          expect({ path, body, isServerError: status >= 500 }).toMatchObject({ isServerError: false });
        },
      ),
      { numRuns: scaled(10_000, 500) },
    );
    expect(await send('GET', '/v2/account')).toBe(200);
  });

  it.each([
    ['http://['],
    ['http://[::1/a.gz'],
    ['https://a:b:c/d'],
    ['http://x:99999/a.gz'],
    ['http://%/a'],
    ['ftp://a/b'],
    ['nothing'],
    ['https://host'],
  ])('refuses the import of %j with 422, and makes no image', async (url) => {
    const before = sandbox.images.length;
    expect(await send('POST', '/v2/images', JSON.stringify({ name: 'a', url, region: 'nyc1' }))).toBe(422);
    expect(sandbox.images).toHaveLength(before);
  });

  it('refuses a body that is nested a hundred thousand times', async () => {
    for (const body of [
      '['.repeat(100_000) + ']'.repeat(100_000),
      '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000),
    ])
      expect(await send('POST', '/v2/tags', body)).toBe(400);
  });

  it.each([
    ['\u0000\u0001\u0002\r\n\r\n'],
    ['GET /v2/images HTTP/9.9\r\n\r\n'],
    ['CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['GET http://evil.example/v2/images HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['GET * HTTP/1.1\r\nhost: \u009b\r\n\r\n'],
    ['OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['POST /v2/images HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['POST /v2/images HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{'],
    ['GET /v2/images HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'],
    ['GET /v2/images HTTP/1.1\r\nhost: x\r\nexpect: magic\r\n\r\n'],
  ])('survives the bytes %j', async (bytes) => {
    expect(await sendRaw(bytes).catch(() => '')).not.toContain(' 500 ');
    expect(await send('GET', '/v2/account')).toBe(200);
  });
});

describe('the log of doapi-ts sandbox', () => {
  it('is printable, whatever a client sends', async () => {
    const stop = new AbortController();
    let out = '';
    let started = (): void => undefined;
    const ready = new Promise<void>((resolve) => (started = resolve));
    const running = runSandboxCommand(['--port', '0', '--token', 'mine'], {
      out: (text) => {
        out += text;
        if (out.includes('Ctrl-C')) started();
      },
      err: () => undefined,
      signal: stop.signal,
    });
    await ready;
    const [, url = ''] = /DIGITALOCEAN_API_URL=(\S+)/.exec(out) ?? [];
    const headers = { authorization: 'Bearer mine', 'content-type': 'application/json' };
    const nested = { method: 'POST', headers, body: '['.repeat(100_000) + ']'.repeat(100_000) };
    expect((await fetch(`${url}/v2/tags`, nested)).status).toBe(400);
    for (const part of HOSTILE_PARTS) {
      await fetch(`${url}/v2/tags`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ name: part, [part]: 1 }),
      });
      await fetch(`${url}/v2/tags`, { method: 'POST', headers, body: part });
    }
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
        socket.end(Buffer.from('GET /v2/\u009b2K\u0085x HTTP/1.1\r\nhost: x\r\n\r\n', 'latin1')),
      );
      socket.resume().once('close', () => resolve());
    });
    stop.abort();
    await running;
    expect(out.split('→').length).toBeGreaterThan(2 * HOSTILE_PARTS.length);
    expect(dangerousIn(out)).toBeNull();
  });
});
