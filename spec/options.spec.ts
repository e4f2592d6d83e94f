import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DOApi, type DOApiOptions } from '../lib';
import { expectRefusal, thrown } from './support/behaves-like-strict-input';
import { anApi, fieldsOf, MemoryServer, rejection, TOKEN } from './support/builders';

const VARIABLES = ['DIGITALOCEAN_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN', 'DIGITALOCEAN_API_URL'];
/** The token that a manager sends. */
async function tokenOf(options: DOApiOptions): Promise<string | undefined> {
  const server = new MemoryServer(() => ({ body: {} }));
  const { clock } = server;
  await new DOApi({ clock, ...options, transport: { adapter: server.adapter } }).request('/v2/account');
  return server.requests[0]?.headers.authorization;
}

describe('options', () => {
  const before = { ...process.env };
  beforeEach(() => {
    for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
  });
  afterEach(() => {
    process.env = { ...before };
  });

  it('have defaults', () => {
    const { endpoint, perPage, waitInterval, waitTime, rateLimit } = new DOApi(TOKEN);
    expect({ endpoint, perPage, waitInterval, waitTime, rateLimit }).toEqual({
      endpoint: 'https://api.digitalocean.com',
      perPage: 200,
      waitInterval: 5_000,
      waitTime: 3_600_000,
      rateLimit: null,
    });
  });

  it('are accepted', () => {
    const { endpoint, perPage, waitInterval, waitTime } = anApi({
      endpoint: 'https://proxy.example/do//',
      perPage: 1,
      waitInterval: 1,
      waitTime: Infinity,
      timeout: Infinity,
      deadline: Infinity,
      queueTimeout: Infinity,
      retries: 10,
      rateLimit: { perMinute: 1, perHour: 5_000 },
    });
    expect({ endpoint, perPage, waitInterval, waitTime }).toEqual({
      endpoint: 'https://proxy.example/do',
      perPage: 1,
      waitInterval: 1,
      waitTime: Infinity,
    });
  });

  it('may be undefined, which is the same as absent', () => {
    const names =
      'endpoint allowHttp readOnly userAgent perPage timeout deadline waitInterval waitTime retries rateLimit';
    const others = 'logger signal transport clock onRequest onResponse onRetry';
    const options = Object.fromEntries(`${names} ${others}`.split(' ').map((name) => [name, undefined]));
    const { endpoint, perPage, waitTime } = new DOApi({ token: TOKEN, ...options });
    expect([endpoint, perPage, waitTime]).toEqual(['https://api.digitalocean.com', 200, 3_600_000]);
  });

  describe('the user agent', () => {
    const sent = async (options: DOApiOptions): Promise<string | undefined> => {
      const server = new MemoryServer(() => ({ body: {} }));
      await server.api(options).request('/v2/account');
      return server.requests[0]?.headers['user-agent'];
    };

    it('goes before the one of the library', async () => {
      const own = await sent({});
      expect(own).toMatch(/^doapi-ts\/\S+ node\/\S+$/);
      expect(await sent({ userAgent: 'my-tool/1.0 (a comment)' })).toBe(`my-tool/1.0 (a comment) ${own}`);
    });

    it.each(['', ' ', 'a\r\nx-evil: 1', 'caf\u00e9', 'a\u0000', 5, null])(
      'must be printable ASCII: %j',
      (userAgent) => {
        expectRefusal(
          thrown(() => anApi({ userAgent: userAgent as string })),
          TypeError,
          'userAgent',
        );
      },
    );
  });

  describe('allowHttp', () => {
    it('lets http: lead to another host, such as a sandbox in a container', () => {
      expect(anApi({ endpoint: 'http://sandbox:8080', allowHttp: true }).endpoint).toBe(
        'http://sandbox:8080',
      );
      for (const allowHttp of [false, undefined])
        expect(() => anApi({ endpoint: 'http://sandbox:8080', allowHttp })).toThrow(
          /http: on this machine only/,
        );
    });
  });

  describe('store', () => {
    const exchange = (): Promise<never> => Promise.reject(new Error('away'));
    const close = (): Promise<void> => Promise.resolve();
    it.each([
      null,
      'redis://127.0.0.1',
      {},
      { permits: { exchange }, polls: { exchange } },
      { permits: {}, polls: { exchange }, close },
      { permits: { exchange }, close },
      ...[undefined, 0, -1, 1.5, NaN, '0.1'].map((share) => ({
        permits: { share, exchange },
        polls: { exchange },
        close,
      })),
    ])('must be a store, not a client of Redis or a URL: %j', (store) => {
      expectRefusal(
        thrown(() => anApi({ store: store as never })),
        TypeError,
        'store',
      );
    });

    it('may be any object with the methods of one', () => {
      expect(() =>
        anApi({ store: { permits: { share: 1, exchange }, polls: { exchange }, close } }),
      ).not.toThrow();
    });
  });

  describe('the token', () => {
    it('is trimmed, as files end in a newline', async () => {
      expect(await tokenOf({ token: `\t ${TOKEN}\n` })).toBe(`Bearer ${TOKEN}`);
    });

    it('comes from the environment: DIGITALOCEAN_TOKEN, then DIGITALOCEAN_ACCESS_TOKEN', async () => {
      process.env.DIGITALOCEAN_ACCESS_TOKEN = 'second';
      expect(await tokenOf({})).toBe('Bearer second');
      process.env.DIGITALOCEAN_TOKEN = ' ';
      expect(await tokenOf({})).toBe('Bearer second');
      process.env.DIGITALOCEAN_TOKEN = 'first';
      expect(await tokenOf({})).toBe('Bearer first');
      expect(await tokenOf({ token: 'own' })).toBe('Bearer own');
    });

    it('may come from a function, which is called for every request and not earlier', async () => {
      let count = 0;
      const server = new MemoryServer(() => ({ body: {} }));
      const api = server.api({ token: () => Promise.resolve(`renewed-${++count}`) });
      expect(count).toBe(0);
      await api.request('/v2/account');
      await api.request('/v2/account');
      expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
        'Bearer renewed-1',
        'Bearer renewed-2',
      ]);
    });

    it('is required by the constructor', () => {
      expectRefusal(
        thrown(() => new DOApi()),
        TypeError,
        'token',
      );
      expect(() => new DOApi({})).toThrow(/DIGITALOCEAN_TOKEN; found none$/);
    });

    it.each([
      ['nothing', ''],
      ['blanks', '  \n'],
      ['white space inside', 'dop_v1_12 34'],
      ['a line break inside', 'dop_v1_12\r\nx-evil: 1'],
      ['a control character', 'dop_v1_\u0000'],
      ['more than ASCII', 'dop_v1_é'],
      ['a refresh token', `dor_v1_${'5ec2e7'.repeat(8)}`],
      ['a number', 12345],
      ['null', null],
      ['a list', [TOKEN]],
    ])('must not be %s', (_what, token) => {
      const error = thrown(() => new DOApi({ token: token as string }));
      expectRefusal(error, TypeError, 'token');
      const text = typeof token === 'string' ? token.trim() : '';
      if (text) expect(inspect(error)).not.toContain(text);
    });

    it('is checked when it comes from a function, at the first request', async () => {
      for (const returned of ['', 'a b', 5, `dor_v1_${'1'.repeat(64)}`]) {
        const error = await rejection(anApi({ token: () => returned as string }).fetchImage(5));
        expectRefusal(error, TypeError, 'token');
      }
    });
  });

  describe('of the wrong kind are refused by name', () => {
    const never =
      (options: object): (() => DOApi) =>
      () =>
        new DOApi({ token: TOKEN, ...options });
    const none = (): void => undefined;
    it.each([
      ['allowHttp', [], ['yes', 1]],
      ['readOnly', [], ['yes', 1]],
      ['perPage', [0, 201, 1.5, NaN, -1], ['200', {}, true]],
      ['retries', [-1, 11, 0.5, Infinity], ['3', {}]],
      ['timeout', [0, -1, NaN], ['30', {}]],
      ['deadline', [0, -1, NaN], ['30', {}]],
      ['queueTimeout', [0, -1, NaN], ['30', {}]],
      ['onQueue', [], [5, {}, null]],
      ['waitInterval', [0, -5, NaN], ['5', {}]],
      ['waitTime', [-1, NaN], ['5', {}]],
      [
        'endpoint',
        [],
        ['', '  ', 5, 'api.digitalocean.com', 'http://api.digitalocean.com', 'ftp://127.0.0.1'],
      ],
      [
        'endpoint',
        [],
        ['https://user:secret@host', 'https://host/?a=b', 'https://host/#a', 'http://127.0.0.1.evil.example'],
      ],
      ['signal', [], ['stop', {}, new AbortController()]],
      ['onRequest', [], ['log', {}]],
      ['onResponse', [], [5]],
      ['onRetry', [], [true]],
      ['logger', [], ['console', console.log, null]],
      ['clock', [], [5, null]],
      ['transport', [], ['axios', null, []]],
      ['rateLimit', [], ['fast', true, null, []]],
    ] as [string, unknown[], unknown[]][])('%s', (name, ranges, types) => {
      for (const value of ranges) expectRefusal(thrown(never({ [name]: value })), RangeError, name);
      for (const value of types) expectRefusal(thrown(never({ [name]: value })), TypeError, name);
    });

    it.each([
      ['logger.error', TypeError, { logger: { debug: none, info: none, warn: none } }],
      ['clock.after', TypeError, { clock: { now: () => 0, date: () => 0 } }],
      ['transport.adapter', TypeError, { transport: { adapter: {} } }],
      ['transport.proxy', TypeError, { transport: { proxy: 'http://proxy:8080' } }],
      ['transport.proxy.host', TypeError, { transport: { proxy: { port: 80 } } }],
      ['transport.proxy.host', TypeError, { transport: { proxy: { host: '', port: 80 } } }],
      ...['a b', 'a/b', 'me@a', 'a:80', 'http://a', 'a?b', '[::1]', '%', 'a..b:1'].map(
        (host) => ['transport.proxy.host', TypeError, { transport: { proxy: { host, port: 80 } } }] as const,
      ),
      ['transport.proxy.port', TypeError, { transport: { proxy: { host: 'proxy' } } }],
      ['transport.proxy.port', RangeError, { transport: { proxy: { host: 'proxy', port: 0 } } }],
      ['rateLimit.perMinute', RangeError, { rateLimit: { perMinute: 0 } }],
      ['rateLimit.perHour', TypeError, { rateLimit: { perHour: '1' } }],
      ['options', TypeError, null],
      ['options', TypeError, 5],
      ['options', TypeError, [TOKEN]],
    ])('%s', (name, error, options) => {
      const make = options && !Array.isArray(options) && typeof options === 'object';
      expectRefusal(thrown(make ? never(options) : () => new DOApi(options as never)), error, name);
    });
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:8080/do', 'http://[::1]:9', 'https://api.example'])(
    'include an endpoint over https, or over http on this machine: %s',
    (endpoint) => {
      expect(anApi({ endpoint }).endpoint).toBe(endpoint);
    },
  );

  it('include the endpoint of DIGITALOCEAN_API_URL', () => {
    process.env.DIGITALOCEAN_API_URL = 'https://proxy.example/';
    expect(new DOApi(TOKEN).endpoint).toBe('https://proxy.example');
    process.env.DIGITALOCEAN_API_URL = 'http://proxy.example/';
    expect(() => new DOApi(TOKEN)).toThrow(TypeError);
    expect(anApi({ endpoint: 'https://own.example' }).endpoint).toBe('https://own.example');
  });

  it('do not reveal the token', async () => {
    const api = anApi();
    await rejection(api.fetchImage(-1));
    const views = [
      inspect(api, { depth: null, showHidden: true }),
      JSON.stringify(api),
      inspect(fieldsOf(api)),
    ];
    for (const view of views) expect(view).not.toContain(TOKEN);
    expect(Object.keys(api).sort()).toEqual(['endpoint', 'perPage', 'waitInterval', 'waitTime']);
  });

  it('include hooks and a logger, which receive events without the token', async () => {
    const received: unknown[] = [];
    const record = (...args: unknown[]): number => received.push(args);
    const server = new MemoryServer((_request, nth) =>
      nth === 1 ? { status: 503 } : { body: {}, headers: { 'x-request-id': 'abc' } },
    );
    const api = server.api({
      retries: 1,
      onRequest: (event) => record('request', event),
      onResponse: (event) => record('response', event),
      onRetry: (event) => record('retry', event),
      logger: { debug: record, info: record, warn: record, error: record },
    });
    await api.request('/v2/account');
    const info = { method: 'GET', url: 'https://api.digitalocean.com/v2/account' };
    const events = received.filter((entry) =>
      ['request', 'response', 'retry'].includes((entry as string[])[0] ?? ''),
    );
    expect(events).toMatchObject([
      ['request', { ...info, attempt: 1 }],
      ['response', { ...info, attempt: 1, status: 503, requestId: null, rateLimit: null }],
      ['retry', { ...info, attempt: 1, reason: '503 Service Unavailable' }],
      ['request', { ...info, attempt: 2 }],
      ['response', { ...info, attempt: 2, status: 200, requestId: 'abc' }],
    ]);
    expect(inspect(received, { depth: null, showHidden: true })).not.toContain(TOKEN);
  });

  it('leave rateLimit to the last response with the headers', async () => {
    const headers = {
      'ratelimit-limit': '5000',
      'ratelimit-remaining': '4816',
      'ratelimit-reset': '1767229200',
    };
    const server = new MemoryServer((_request, nth) => ({ body: {}, ...(nth === 1 && { headers }) }));
    const api = server.api();
    for (let i = 0; i < 2; i++) {
      await api.request('/v2/account');
      expect(api.rateLimit).toEqual({
        limit: 5000,
        remaining: 4816,
        resetAt: new Date('2026-01-01T01:00:00Z'),
      });
    }
  });
});
