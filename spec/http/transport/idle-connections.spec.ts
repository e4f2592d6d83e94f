import { describe, expect, it } from '@jest/globals';
import http from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import type { Call } from '../../../lib/model/requester';
import { createAgent } from '../../../lib/http/transport/connection-pool';
import { noteKeepAlive } from '../../../lib/http/transport/idle-connections';
import * as behave from '../../support/behaviours';
import { aCall, aClient, OPERATIONS, settled, TOKEN, until } from '../../support/calls';
import { type RawServer, testServers } from '../../support/server';
import { TestClock } from '../../support/test-clock';
import { selfSigned } from '../../../tools/support/certificate';

const { serve, serveTls, accept } = testServers();

const PATCH = aCall({ method: 'PATCH' as 'POST', body: {} });

/** A server that keeps connections open, and sends the `keep-alive` header given, or none. */
function keeping(keepAlive?: string): Promise<RawServer> {
  const headers = ['content-type: application/json', 'content-length: 2'];
  if (keepAlive !== undefined) headers.push(`keep-alive: ${keepAlive}`);
  return accept((socket) => {
    socket.on('data', (data) => {
      if (/^(GET|POST|PUT|PATCH|DELETE) /.test(data.toString()))
        socket.write(`HTTP/1.1 200 OK\r\n${headers.join('\r\n')}\r\n\r\n{}`);
    });
    socket.resume();
  });
}

/** Sends a GET, lets the connection be idle for a while, and sends a call. @returns how many connections were made */
async function connectionsFor(
  server: { url: string; connections: number },
  call: Call<unknown>,
  idle: number,
  options: Parameters<typeof aClient>[0] = {},
): Promise<number> {
  const { http: client, clock } = aClient(options);
  await client.send(server.url, OPERATIONS.GET);
  await settled();
  clock.pass(idle);
  await client.send(server.url, call);
  client.sender.close();
  return server.connections;
}

describe('a request that is not safe', () => {
  it.each([
    ['POST', OPERATIONS.POST],
    ['PATCH', PATCH],
  ])(
    'goes out on a fresh connection when the last one has been idle for more than 4 s: %s',
    async (_name, call) => {
      expect(await connectionsFor(await keeping(), call, 4_001)).toBe(2);
    },
  );

  it.each([
    ['POST', OPERATIONS.POST],
    ['PATCH', PATCH],
  ])('uses a connection that was used a moment ago: %s', async (_name, call) => {
    expect(await connectionsFor(await keeping(), call, 3_999)).toBe(1);
  });

  it('closes the idle connection that it does not use', async () => {
    const server = await keeping();
    const { http: client, clock } = aClient();
    await client.send(server.url, OPERATIONS.GET);
    await settled();
    clock.pass(4_001);
    await client.send(server.url, OPERATIONS.POST);
    await until(() => server.open === 1);
    client.sender.close();
  });

  it('skips all connections that are too old, and takes one that is not', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((response, request) => {
      waiting.push(() => behave.respond(200)(response, request));
    });
    const { http: client, clock } = aClient({ timeout: Infinity });
    const calls = Array.from({ length: 5 }, () => client.send(server.url, OPERATIONS.GET));
    await server.called(5);
    for (const respond of waiting.splice(0, 4)) respond();
    await Promise.all(calls.slice(0, 4));
    await settled();
    clock.pass(4_001);
    waiting.shift()?.();
    await calls[4];
    await settled();
    server.play(behave.respond(200));
    await client.send(server.url, OPERATIONS.POST);
    expect(server.connections).toBe(5);
    await until(() => server.open === 1);
    client.sender.close();
  });

  it('is not lost on a connection that the server has closed meanwhile', async () => {
    // It closes idle connections at the very moment at which the request comes.
    const server = await accept((socket) => {
      let requests = 0;
      socket.on('data', () => {
        if (++requests > 1) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      });
      socket.resume();
    });
    const { http: client, clock } = aClient({ retries: 0 });
    for (let i = 0; i < 3; i++) {
      await expect(client.send(server.url, OPERATIONS.POST)).resolves.toEqual({});
      await settled();
      clock.pass(5_000);
    }
    expect(server.connections).toBe(3);
    client.sender.close();
  });

  it("holds for a user's own agent", async () => {
    const agent = (): http.Agent => new http.Agent({ keepAlive: true });
    const idle = async (call: Call<unknown>, ms: number): Promise<number> =>
      connectionsFor(await keeping(), call, ms, { transport: { proxy: false, httpAgent: agent() } });
    expect(await idle(OPERATIONS.POST, 4_001)).toBe(2);
    expect(await idle(OPERATIONS.GET, 4_001)).toBe(1);
  });

  it("does not use an idle connection of unknown age, as of other code with the user's agent", async () => {
    const server = await keeping();
    const httpAgent = new http.Agent({ keepAlive: true });
    await new Promise((resolve) => {
      http.get(server.url, { agent: httpAgent }, (response) => response.resume().on('close', resolve));
    });
    await settled();
    const { http: client } = aClient({ transport: { proxy: false, httpAgent } });
    await client.send(server.url, OPERATIONS.POST);
    expect(server.connections).toBe(2);
    httpAgent.destroy();
  });

  it('holds over TLS, and through a tunnel of a proxy', async () => {
    const certificate = selfSigned();
    const server = await serveTls(certificate, behave.respond(200));
    const proxy = await serve(behave.respond(500));
    proxy.tunnel = (_request, client, head) => {
      const upstream = net.connect(server.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      for (const end of [upstream, client]) end.on('error', () => undefined);
      client.on('close', () => upstream.destroy());
    };
    let connections = 0;
    for (const address of [false, { host: '127.0.0.1', port: proxy.port }] as const) {
      const httpsAgent = new https.Agent({ ca: certificate.cert, keepAlive: true });
      const transport = { proxy: address, httpsAgent };
      const made = await connectionsFor(server, OPERATIONS.POST, 4_001, { transport });
      expect(made - connections).toBe(2);
      connections = made;
    }
    expect(proxy.requests.map(({ method }) => method)).toEqual(['CONNECT', 'CONNECT']);
  });
});

describe('a request that may be sent twice', () => {
  it.each(['GET', 'PUT', 'DELETE', 'idempotent POST'] as const)(
    'uses a connection that has been idle for up to 30 s: %s',
    async (name) => {
      expect(await connectionsFor(await keeping(), OPERATIONS[name], 30_000)).toBe(1);
      expect(await connectionsFor(await keeping(), OPERATIONS[name], 30_001)).toBe(2);
    },
  );

  it.each([
    ['timeout=5', 4_000],
    ['timeout=5, max=100', 4_000],
    ['max=100, timeout=5', 4_000],
    ['max=100;Timeout = "5"', 4_000],
    ['timeout=20', 19_000],
    ['timeout=600', 30_000],
    ['timeout=soon', 30_000],
    ['xtimeout=5', 30_000],
    ['max=100', 30_000],
  ])(
    'uses none that has been idle for longer than the server announces, less a second: %s',
    async (header, ms) => {
      expect(await connectionsFor(await keeping(header), OPERATIONS.GET, ms)).toBe(1);
      expect(await connectionsFor(await keeping(header), OPERATIONS.GET, ms + 1)).toBe(2);
    },
  );

  it.each(['timeout=0', 'timeout=1'])(
    'never uses one that the server keeps for a second or less: %s',
    async (header) => {
      const server = await keeping(header);
      expect(await connectionsFor(server, OPERATIONS.GET, 0)).toBe(2);
      await until(() => server.open === 0);
    },
  );
});

describe('an idle connection', () => {
  const idleSocket = async (agent: http.Agent, server: RawServer): Promise<Socket> => {
    await new Promise((resolve) => {
      const request = http.get(server.url, { agent }, (response) => {
        noteKeepAlive(response.socket, response.headers['keep-alive']);
        response.resume().on('close', resolve);
      });
      request.end();
    });
    await settled();
    const [socket] = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
    if (!socket) throw new Error('no socket is idle');
    return socket;
  };

  it.each([
    [undefined, 30_000],
    ['timeout=5', 4_000],
    ['timeout=600', 30_000],
  ])('is closed by a timer of its own, which does not keep the process alive: %s', async (header, ms) => {
    const agent = createAgent(false);
    const server = await keeping(header);
    const socket = await idleSocket(agent, server);
    expect(socket.timeout).toBe(ms);
    socket.emit('timeout');
    await until(() => server.open === 0);
    agent.destroy();
  });

  it('that is used again has no timer, until it is idle again', async () => {
    const agent = createAgent(false);
    const server = await keeping();
    const socket = await idleSocket(agent, server);
    const timeouts: unknown[] = [];
    const done = new Promise((resolve) => {
      http.get(server.url, { agent }, (response) => {
        timeouts.push(response.socket === socket, socket.timeout);
        response.resume().on('close', resolve);
      });
    });
    await done;
    await settled();
    expect([...timeouts, socket.timeout]).toEqual([true, 0, 30_000]);
    agent.destroy();
  });

  it('has an unknown age for a manager with another clock, which sends no POST on it', async () => {
    const server = await keeping();
    const clients = [aClient({ clock: new TestClock() }), aClient({ clock: new TestClock() })];
    for (const { http: client } of clients) {
      await client.send(server.url, OPERATIONS.GET);
      await settled();
    }
    expect(server.connections).toBe(1);
    await clients[0]?.http.send(server.url, OPERATIONS.POST);
    expect(server.connections).toBe(2);
    for (const { http: client } of clients) client.sender.close();
  });

  it('is no business of an adapter: it does not learn which requests are unsafe', async () => {
    const received: object[] = [];
    const adapter = (request: object): Promise<{ status: number; headers: object; body: string }> => {
      received.push(request);
      return Promise.resolve({ status: 200, headers: {}, body: '{}' });
    };
    const { http: client } = aClient({ transport: { adapter: adapter as never } });
    await client.send('https://api.example.com/', OPERATIONS.POST);
    expect(Object.keys(received[0] ?? {}).sort()).toEqual(['body', 'headers', 'method', 'signal', 'url']);
    expect(received[0]).toMatchObject({ headers: { authorization: `Bearer ${TOKEN}` } });
  });
});
