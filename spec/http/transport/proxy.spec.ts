import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import http from 'node:http';
import https from 'node:https';
import { ConnectionRoutes } from '../../../lib/http/transport/proxy';
import type { TransportOptions } from '../../../lib/http/transport/types';
import * as behave from '../../support/behaviours';
import { aClient, OPERATIONS, TOKEN } from '../../support/calls';
import { CANARIES, expectNoTrace } from '../../support/leaks';
import { rejection } from '../../support/rejection';
import { closedPort, testServers } from '../../support/server';
import { selfSigned } from '../../../tools/support/certificate';

const { serve, serveTls } = testServers();

const IMAGE = { image: { id: 5 } };
const AUTH = { username: 'me:myself', password: 'p@ss wörd' };
const BASIC = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];
const saved = { ...process.env };

beforeEach(() => {
  for (const name of VARIABLES) {
    Reflect.deleteProperty(process.env, name);
    Reflect.deleteProperty(process.env, name.toUpperCase());
  }
});
afterEach(() => {
  process.env = { ...saved };
});

const proxyAt = (port: number): { host: string; port: number } => ({ host: '127.0.0.1', port });

describe('an http: endpoint behind a proxy', () => {
  it('is requested by its whole URL, over one connection', async () => {
    const proxy = await serve(behave.respond(200, IMAGE));
    const { http: client } = aClient({ transport: { proxy: proxyAt(proxy.port) } });
    for (let i = 0; i < 2; i++) {
      await expect(client.send('http://localhost:81/v2/images?page=2', OPERATIONS.GET)).resolves.toEqual(
        IMAGE,
      );
    }
    expect(proxy.requests[0]).toMatchObject({
      method: 'GET',
      target: 'http://localhost:81/v2/images?page=2',
      headers: { host: 'localhost:81', authorization: `Bearer ${TOKEN}` },
    });
    expect(proxy.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    expect(proxy.connections).toBe(1);
  });

  it('authenticates to the proxy', async () => {
    const proxy = await serve(behave.respond(200, IMAGE));
    const { http: client } = aClient({ transport: { proxy: { ...proxyAt(proxy.port), auth: AUTH } } });
    await client.send('http://localhost:81/', OPERATIONS.GET);
    const sent = proxy.requests[0]?.headers['proxy-authorization'] ?? '';
    expect(Buffer.from(sent.replace('Basic ', ''), 'base64').toString()).toBe('me:myself:p@ss wörd');
  });

  it('is not reached when the proxy is down', async () => {
    const { http: client } = aClient({ transport: { proxy: proxyAt(await closedPort()) } });
    const error = await rejection(client.send('http://localhost:81/', OPERATIONS.POST));
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'ECONNREFUSED', attempts: 4 });
  });
});

const LOOPBACK = [
  'localhost',
  'LOCALHOST.',
  '127.0.0.1',
  '127.8.9.10',
  '127.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
];

const agents = { httpAgent: new http.Agent(), httpsAgent: new https.Agent() };

function route(url: string, proxy: TransportOptions['proxy']): object {
  const [{ host, port }, path] = new ConnectionRoutes({ ...agents, proxy }).find(url);
  return { host, port, path };
}

describe('the route to a server', () => {
  it('is direct without a proxy, to the given port or the default of the protocol', () => {
    expect(route('http://localhost/a?b=c', false)).toEqual({ host: 'localhost', port: 80, path: '/a?b=c' });
    expect(route('https://localhost/', false)).toEqual({ host: 'localhost', port: 443, path: '/' });
    expect(route('https://[::1]:8443/a', false)).toEqual({ host: '::1', port: 8443, path: '/a' });
  });

  it('has the path that new URL() has, however the URL is written', () => {
    const routes = new ConnectionRoutes({ ...agents, proxy: false });
    const piece = fc.constantFrom(
      '/',
      '/v2',
      '?',
      '&a=b',
      '.',
      '..',
      '%2e',
      '%2F',
      '%',
      ' ',
      'ä',
      '"',
      '<',
      '~',
      '@',
      ':',
    );
    const origins = fc.constantFrom(
      'https://api.example',
      'HTTPS://API.example:443',
      'http://[::1]:80',
      'https://bücher.example:8443',
    );
    const paths = fc
      .array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 6 })
      .map((pieces) => `/${pieces.join('')}`);
    fc.assert(
      fc.property(origins, paths, (origin, rest) => {
        const { protocol, hostname, port, pathname, search } = new URL(origin + rest);
        const [route, path] = routes.find(origin + rest);
        expect([path, route.host, route.secure]).toEqual([
          pathname + search,
          hostname.replace(/[[\]]/g, ''),
          protocol === 'https:',
        ]);
        expect(route.port).toBe(Number(port) || (protocol === 'https:' ? 443 : 80));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is found once for each origin: canonical URLs are not parsed', () => {
    const routes = new ConnectionRoutes({ ...agents, proxy: false });
    const Original = URL;
    const parsed = jest.spyOn(globalThis, 'URL').mockImplementation((...args) => new Original(...args));
    const to = (path: string): unknown => routes.find(`https://api.digitalocean.com${path}`)[1];
    const paths = [
      '/v2/images/5',
      '/v2/images?page=2&per_page=200&tag_name=a%3Ab',
      '/v2/images/ubuntu-24-04-x64',
    ];
    expect(paths.map(to)).toEqual(paths);
    expect(parsed).toHaveBeenCalledTimes(1);
    parsed.mockRestore();
  });

  it('goes to the proxy, to the given port or to port 80', () => {
    process.env.HTTP_PROXY = 'http://proxy.example';
    expect(route('http://server.example/a', undefined)).toEqual({
      host: 'proxy.example',
      port: 80,
      path: 'http://server.example/a',
    });
  });
});

describe('a proxy', () => {
  it('may have an IPv6 address', async () => {
    for (const scheme of ['http', 'https']) {
      const { http: client } = aClient({ transport: { proxy: { host: '::1', port: 1 } }, retries: 0 });
      const error = await rejection(client.send(`${scheme}://127.0.0.1:9/`, OPERATIONS.GET));
      expect(String(error)).toMatch(/connect E\w+ ::1:1/);
    }
  });
});

describe('the proxies of the environment', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('are used: %s', async (variable) => {
    const proxy = await serve(behave.respond(200, IMAGE));
    process.env[variable] = `http://me:p%40ss@127.0.0.1:${proxy.port}`;
    await aClient({ transport: {} }).http.send('http://server.example/', OPERATIONS.GET);
    expect(proxy.calls).toBe(1);
    expect(proxy.requests[0]?.target).toBe('http://server.example/');
    expect(proxy.requests[0]?.headers['proxy-authorization']).toBe(BASIC);
  });

  it('are used for https: endpoints', async () => {
    const proxy = await serve(behave.respond(500));
    process.env.HTTPS_PROXY = `http://me:p%40ss@127.0.0.1:${proxy.port}`;
    const error = await rejection(
      aClient({ transport: {}, retries: 0 }).http.send('https://x.example', OPERATIONS.GET),
    );
    expect(proxy.requests).toMatchObject([
      { method: 'CONNECT', target: 'x.example:443', headers: { 'proxy-authorization': BASIC } },
    ]);
    expect(String(error)).toContain(`the proxy 127.0.0.1:${proxy.port} refused the tunnel`);
    expect(String(error)).not.toMatch(/me:|p@ss|p%40ss/);
  });

  it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])(
    'are connected to by http: without a scheme, as by curl: %s',
    async (variable) => {
      const proxy = await serve(behave.respond(500));
      process.env[variable] = `me:p%40ss@127.0.0.1:${proxy.port}`;
      // The first variable that is set decides.
      if (variable === 'https_proxy') process.env.ALL_PROXY = 'https://127.0.0.1:1';
      const { http: client } = aClient({ transport: {}, retries: 0 });
      const error = await rejection(client.send('https://x.example', OPERATIONS.GET));
      expect(proxy.requests).toMatchObject([
        { method: 'CONNECT', target: 'x.example:443', headers: { 'proxy-authorization': BASIC } },
      ]);
      expect(String(error)).toContain(`the proxy 127.0.0.1:${proxy.port} refused the tunnel`);
    },
  );

  it.each(['server.example', '*', 'example.com,server.example'])(
    'are not used for hosts in NO_PROXY: %s',
    (names) => {
      process.env.HTTP_PROXY = 'http://proxy.example';
      expect(route('http://server.example/a', undefined)).toMatchObject({ host: 'proxy.example' });
      process.env.NO_PROXY = names;
      expect(route('http://server.example/a', undefined)).toMatchObject({ host: 'server.example' });
    },
  );

  it.each(LOOPBACK)('are never used for this machine: %s', (host) => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) process.env[name] = 'http://proxy.example';
    process.env.NO_PROXY = '';
    for (const scheme of ['http', 'https'])
      expect(route(`${scheme}://${host}:81/a`, undefined)).toMatchObject({ port: 81, path: '/a' });
  });

  it.each([
    '127.0.0.1.example',
    'localhost.example',
    'notlocalhost',
    '[::ffff:8000:1]',
    '128.0.0.1',
    '[::2]',
  ])('are used for a host that only looks like this machine: %s', (host) => {
    process.env.HTTP_PROXY = 'http://proxy.example';
    expect(route(`http://${host}/a`, undefined)).toMatchObject({ host: 'proxy.example' });
  });

  it('never see a request to this machine', async () => {
    const [proxy, server] = [
      await serve(behave.respond(200, IMAGE)),
      await serve(behave.respond(200, IMAGE)),
    ];
    for (const name of VARIABLES.slice(0, 3)) process.env[name] = proxy.url;
    process.env.NO_PROXY = '';
    await aClient({ transport: {} }).http.send(server.url, OPERATIONS.GET);
    expect([proxy.connections, server.calls]).toEqual([0, 1]);
  });

  it('are not used when the options name another or none', async () => {
    const [proxy, other, server] = await Promise.all([1, 2, 3].map(() => serve(behave.respond(200, IMAGE))));
    process.env.HTTP_PROXY = proxy?.url;
    await aClient({ transport: { proxy: false } }).http.send(server?.url ?? '', OPERATIONS.GET);
    await aClient({ transport: { proxy: proxyAt(other?.port ?? 0) } }).http.send(
      server?.url ?? '',
      OPERATIONS.GET,
    );
    expect([proxy?.calls, other?.calls, server?.calls]).toEqual([0, 1, 1]);
  });

  it('are replaced by the one of the options, for this machine too', () => {
    process.env.HTTP_PROXY = 'http://proxy.example';
    for (const host of LOOPBACK)
      expect(route(`http://${host}/a`, { host: 'other.example', port: 8080 })).toMatchObject({
        host: 'other.example',
        port: 8080,
      });
  });

  it.each(['socks5://me:hunter2@127.0.0.1:1080', 'http://me:hunter2@:x', 'ftp://127.0.0.1'])(
    'are refused when they are not HTTP proxies: %s',
    async (value) => {
      process.env.HTTPS_PROXY = value;
      const { http: client } = aClient({ token: CANARIES[1], transport: {} });
      const error = await rejection(client.send('https://server.example', OPERATIONS.GET));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/^TypeError: proxy: expected an http: or https: URL in HTTPS_PROXY/);
      expectNoTrace(CANARIES[1], error);
      expect(String(error)).not.toContain('hunter2');
      expect(Object.keys(error as object)).toEqual([]);
    },
  );
});

describe('an https: proxy with an address in place of a name', () => {
  it('is trusted by the CA of the agent, and gets no server name', async () => {
    const certificate = selfSigned();
    const proxy = await serveTls(certificate, behave.respond(500));
    const names: unknown[] = [];
    proxy.tunnel = (_request, client) => {
      names.push((client as { servername?: unknown }).servername);
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    };
    process.env.HTTPS_PROXY = `https://127.0.0.1:${proxy.port}`;
    const send = (transport: TransportOptions): Promise<unknown> =>
      rejection(aClient({ transport, retries: 0 }).http.send('https://x.example', OPERATIONS.GET));
    const trusting = await send({ httpsAgent: new https.Agent({ ca: certificate.cert }) });
    expect(String(trusting)).toContain(`the proxy 127.0.0.1:${proxy.port} refused the tunnel: 502`);
    expect(names).toEqual([false]);
    expect(await send({})).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });
});

describe('a user name or password of a proxy', () => {
  it.each([
    ['me:100%', 'me:100%'],
    ['m%65:100%25', 'me:100%'],
    ['%zz:%', '%zz:%'],
  ])('may have a percent sign that encodes nothing: %s', async (given, credentials) => {
    const proxy = await serve(behave.respond(200, IMAGE));
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY'])
      process.env[name] = `http://${given}@127.0.0.1:${proxy.port}`;
    const { http: client } = aClient({ transport: {}, retries: 0 });
    await client.send('http://server.example/', OPERATIONS.GET);
    await rejection(client.send('https://server.example/', OPERATIONS.GET));
    const basic = `Basic ${Buffer.from(credentials).toString('base64')}`;
    expect(proxy.requests.map(({ headers }) => headers['proxy-authorization'])).toEqual([basic, basic]);
  });
});

describe('a variable that Object.prototype has', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>;

  it.each(['https_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'no_proxy'])('is none: %s', (name) => {
    prototype[name] = 'http://evil.example';
    try {
      expect(() => route('https://server.example/', undefined)).toThrow(
        `proxy: a package in this process has set Object.prototype.${name}, which is no variable`,
      );
      process.env[name] = name.toLowerCase() === 'no_proxy' ? '*' : 'http://good.example';
      expect(route('https://server.example/', undefined)).toMatchObject({
        host: 'server.example',
      });
    } finally {
      Reflect.deleteProperty(prototype, name);
    }
  });
});
