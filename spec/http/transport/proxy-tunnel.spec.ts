import { describe, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import httpModule, { type ClientRequest } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { ConnectionError } from '../../../lib/errors/errors';
import type { TransportOptions } from '../../../lib/http/transport/types';
import { unbracketed } from '../../../lib/http/transport/proxy-tunnel';
import * as behave from '../../support/behaviours';
import { aCall, aClient, OPERATIONS, TOKEN, until } from '../../support/calls';
import { type Certificate, selfSigned } from '../../../tools/support/certificate';
import { expectNoTrace } from '../../support/leaks';
import { rejection } from '../../support/rejection';
import { closedPort, type TestServer, testServers } from '../../support/server';
import { TestClock, TIMEOUT } from '../../support/test-clock';

const { serve, serveTls, accept } = testServers();

const IMAGE = { image: { id: 5 } };
const AUTH = { username: 'me:myself', password: 'p@ss wörd' };

const proxyAt = (port: number): { host: string; port: number } => ({ host: '127.0.0.1', port });

/** A proxy that forwards the bytes of a tunnel. */
async function tunnelling(): Promise<TestServer> {
  const proxy = await serve(behave.respond(500));
  proxy.tunnel = (request, client, head) => {
    const [host, port] = (request.url ?? '').split(':');
    const server = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.write(head);
      server.pipe(client).pipe(server);
    });
    for (const end of [server, client]) end.on('error', () => undefined);
    client.on('end', () => server.destroy());
    server.on('close', () => client.destroy());
  };
  return proxy;
}

const trusting = ({ cert }: Certificate): TransportOptions => ({ httpsAgent: new https.Agent({ ca: cert }) });

describe('an https: endpoint behind a proxy', () => {
  it('is reached through a tunnel, of which the proxy sees nothing', async () => {
    const certificate = selfSigned();
    const server = await serveTls(certificate, behave.respond(200, IMAGE));
    const proxy = await tunnelling();
    const transport = { ...trusting(certificate), proxy: proxyAt(proxy.port) };
    const { http } = aClient({ transport });
    for (let i = 0; i < 2; i++) {
      await expect(http.send(`${server.url}/v2/images`, OPERATIONS.POST)).resolves.toEqual(IMAGE);
    }
    expect(proxy.requests).toMatchObject([
      {
        method: 'CONNECT',
        target: `127.0.0.1:${server.port}`,
        headers: { host: `127.0.0.1:${server.port}` },
      },
    ]);
    expectNoTrace(TOKEN, proxy.requests);
    expect(server.requests[0]).toMatchObject({
      target: '/v2/images',
      headers: { authorization: `Bearer ${TOKEN}`, host: `127.0.0.1:${server.port}` },
    });
    expect([server.connections, server.calls]).toEqual([1, 2]);
  });

  it('has its certificate checked all the same', async () => {
    const server = await serveTls(selfSigned(), behave.respond(200, IMAGE));
    const proxy = await tunnelling();
    const { http } = aClient({ transport: { proxy: proxyAt(proxy.port) } });
    const error = await rejection(http.send(server.url, OPERATIONS.GET));
    expect(error).toMatchObject({
      name: 'ConnectionError',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      attempts: 1,
    });
    expect(server.calls).toBe(0);
  });

  it('authenticates to the proxy', async () => {
    const proxy = await serve(behave.respond(500));
    const { http } = aClient({ transport: { proxy: { ...proxyAt(proxy.port), auth: AUTH } }, retries: 0 });
    await rejection(http.send('https://127.0.0.1:9/', OPERATIONS.GET));
    const sent = proxy.requests[0]?.headers['proxy-authorization'] ?? '';
    expect(Buffer.from(sent.replace('Basic ', ''), 'base64').toString()).toBe('me:myself:p@ss wörd');
  });

  it.each([
    ['407 Proxy Authentication Required', '407 Proxy Authentication Required'],
    ['403 Forbidden', '403 Forbidden'],
    ['502 Whatever', '502 Bad Gateway'],
    ['599 Whatever', '599'],
  ])('is not reached when the proxy refuses: %s', async (line, status) => {
    const proxy = await serve(behave.respond(500));
    proxy.tunnel = (_request, client) => client.end(`HTTP/1.1 ${line}\r\n\r\n`);
    const { http } = aClient({ transport: { proxy: { ...proxyAt(proxy.port), auth: AUTH } } });
    const error = await rejection(http.send('https://127.0.0.1:9/', OPERATIONS.POST));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toBe(
      `ConnectionError: POST https://127.0.0.1:9/: no response: the proxy 127.0.0.1:${proxy.port} refused the tunnel: ${status} (tried 4 times)`,
    );
    // Nothing of the request can have been sent: a POST may be retried.
    expect(proxy.requests).toHaveLength(4);
    expectNoTrace(TOKEN, proxy.requests, error);
  });

  it('is not reached when the proxy is down, and the error names the proxy', async () => {
    const port = await closedPort();
    const { http } = aClient({ transport: { proxy: proxyAt(port) } });
    const error = await rejection(http.send('https://127.0.0.1:9/', OPERATIONS.POST));
    expect(error).toMatchObject({
      name: 'ConnectionError',
      code: 'ECONNREFUSED',
      syscall: 'connect',
      attempts: 4,
    });
    expect(String(error)).toContain(`no response: the proxy 127.0.0.1:${port} failed: connect ECONNREFUSED`);
  });

  it('is not reached when the proxy closes the connection', async () => {
    const proxy = await accept(behave.resetUnread);
    const { http } = aClient({ transport: { proxy: proxyAt(proxy.port) }, retries: 0 });
    const error = await rejection(http.send('https://127.0.0.1:9/', OPERATIONS.GET));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toContain(`the proxy 127.0.0.1:${proxy.port} failed: `);
  });

  it('is not reached when the proxy does not respond, and the connection to it is closed', async () => {
    const clock = new TestClock();
    const proxy = await serve(behave.respond(500));
    proxy.tunnel = (_request, client) => {
      client.resume();
      clock.pass(TIMEOUT);
    };
    const { http } = aClient({ clock, transport: { proxy: proxyAt(proxy.port) } });
    const error = await rejection(http.send('https://127.0.0.1:9/', OPERATIONS.POST));
    expect(error).toMatchObject({ name: 'TimeoutError', kind: 'attempt', attempts: 4 });
    await until(() => proxy.open === 0);
  });

  describe('during the handshake', () => {
    /** A call that waits in the handshake. */
    const shakingHands = async (): Promise<{
      call: Promise<unknown>;
      stop: AbortController;
      proxy: TestServer;
      close: () => void;
    }> => {
      let greeted = (): void => undefined;
      const greeting = new Promise<void>((resolve) => (greeted = resolve));
      const server = await accept((socket) => socket.on('data', greeted).resume(), 'https');
      const proxy = await tunnelling();
      const [stop, closed] = [new AbortController(), new AbortController()];
      const transport = { proxy: proxyAt(proxy.port) };
      const { http } = aClient({ transport, retries: 0, signal: closed.signal });
      const call = rejection(http.send(server.url, aCall({ signal: stop.signal })));
      await greeting;
      const close = (): void => {
        closed.abort('closed');
        http.sender.close();
      };
      return { call, stop, proxy, close };
    };

    it('the connection is closed when the call is aborted', async () => {
      const { call, stop, proxy } = await shakingHands();
      stop.abort('enough');
      expect(await call).toBe('enough');
      await until(() => proxy.open === 0);
    });

    it('the connection is closed when the client is closed', async () => {
      const { call, proxy, close } = await shakingHands();
      close();
      expect(await call).toBe('closed');
      await until(() => proxy.open === 0);
    });
  });

  it.each([
    [{ code: 'ECONNREFUSED' }, 'failed: ECONNREFUSED'],
    [{}, 'failed: no connection'],
  ])('has an error that explains what is known: %j', async (properties, explanation) => {
    jest.spyOn(httpModule, 'request').mockImplementation(() => {
      const request = Object.assign(new EventEmitter(), { end: () => undefined, destroy: () => undefined });
      setImmediate(() => request.emit('error', Object.assign(new Error(''), properties)));
      return request as unknown as ClientRequest;
    });
    const { http } = aClient({ transport: { proxy: proxyAt(9) }, retries: 0 });
    const error = await rejection(http.send('https://127.0.0.1:9/', OPERATIONS.GET));
    expect(String(error)).toContain(`no response: the proxy 127.0.0.1:9 ${explanation}`);
  });
});

describe('the host of a URL', () => {
  it.each([
    ['[::1]', '::1'],
    ['example.com', 'example.com'],
    ['a[b', 'a[b'],
    ['a]b', 'a]b'],
  ])('is what a socket takes: %s as %s', (host, bare) => expect(unbracketed(host)).toBe(bare));
});
