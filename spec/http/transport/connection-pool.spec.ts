import { afterEach, describe, expect, it } from '@jest/globals';
import http from 'node:http';
import https from 'node:https';
import { ConnectionPool, createAgent } from '../../../lib/http/transport/connection-pool';
import { createNodeTransport } from '../../../lib/http/transport/node-transport';
import type { Transport, TransportOptions } from '../../../lib/http/transport/types';
import * as behave from '../../support/behaviours';
import { until } from '../../support/calls';
import { rejection } from '../../support/rejection';
import { testServers } from '../../support/server';

const { serve } = testServers();

const opened: Transport[] = [];
afterEach(() => {
  for (const transport of opened.splice(0)) transport.close();
});

/** The transport of a manager. */
function aTransport(options: TransportOptions = { proxy: false }): Transport {
  const transport = createNodeTransport(options);
  opened.push(transport);
  return transport;
}

const get = (transport: Transport, url: string, signal = new AbortController().signal): Promise<unknown> =>
  transport({ method: 'GET', url, headers: {}, signal }, { mayHaveBeenSent: false });

describe('the connections to one origin', () => {
  it('are shared by managers with the same transport options', async () => {
    const server = await serve(behave.respond(200));
    const [a, b] = [aTransport(), aTransport()];
    for (const transport of [a, b, a, b]) await get(transport, `${server.url}/v2/images`);
    expect([server.connections, server.calls]).toEqual([1, 4]);
  });

  it('are not shared with managers that have an agent of their own', async () => {
    const server = await serve(behave.respond(200));
    const httpAgent = new http.Agent({ keepAlive: true });
    for (const options of [{}, { httpAgent }, {}, { httpAgent }])
      await get(aTransport({ proxy: false, ...options }), server.url);
    expect(server.connections).toBe(2);
    httpAgent.destroy();
  });

  it('are not shared with managers that use a proxy, which share those to the proxy', async () => {
    const [server, proxy] = [await serve(behave.respond(200)), await serve(behave.respond(200))];
    const direct = { proxy: false } as const;
    const indirect = { proxy: { host: '127.0.0.1', port: proxy.port } };
    for (const options of [direct, indirect, direct, indirect]) await get(aTransport(options), server.url);
    expect([server, proxy].map(({ connections, calls }) => [connections, calls])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('stay open for the others when one manager is closed, and are closed with the last one', async () => {
    const server = await serve(behave.respond(200));
    const [a, b] = [aTransport(), aTransport()];
    for (const transport of [a, b]) await get(transport, server.url);
    a.close();
    await get(b, server.url);
    expect([server.connections, server.open]).toEqual([1, 1]);
    b.close();
    await until(() => server.open === 0);
    const later = aTransport();
    await get(later, server.url);
    expect(server.connections).toBe(2);
  });

  it('are left once by a manager that is closed twice', async () => {
    const server = await serve(behave.respond(200));
    const [a, b] = [aTransport(), aTransport()];
    for (const transport of [a, b]) await get(transport, server.url);
    a.close();
    a.close();
    await get(b, server.url);
    expect(server.connections).toBe(1);
  });

  it('do not end a request that is in flight when all managers are closed, and are not kept afterwards', async () => {
    let respond = (): void => undefined;
    const server = await serve((response, request) => {
      respond = () => behave.respond(200, 'late')(response, request);
    });
    const transport = aTransport();
    const response = get(transport, server.url);
    await server.called(1);
    transport.close();
    respond();
    expect(await response).toMatchObject({ status: 200, body: 'late' });
    await until(() => server.open === 0);
  });

  it('are at most 128 at once: further requests wait for one, and 10 are kept when idle', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((response, request) => {
      waiting.push(() => behave.respond(200)(response, request));
    });
    const [a, b] = [aTransport(), aTransport()];
    const all = Array.from({ length: 300 }, (_, at) => get(at % 2 === 0 ? a : b, server.url));
    await server.called(128);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([server.connections, server.calls]).toEqual([128, 128]);
    for (let answered = 0; answered < 300; answered++) {
      await server.called(answered + 1);
      waiting[answered]?.();
    }
    expect(await Promise.all(all)).toHaveLength(300);
    expect(server.connections).toBe(128);
    await until(() => server.open === 10);
  });

  it('are free again when requests that wait for one are aborted', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((response, request) => {
      waiting.push(() => behave.respond(200)(response, request));
    });
    const transport = aTransport();
    const busy = Array.from({ length: 128 }, () => get(transport, server.url));
    await server.called(128);
    const controller = new AbortController();
    const queued = rejection(get(transport, server.url, controller.signal));
    const last = get(transport, server.url);
    controller.abort();
    for (const respond of waiting) respond();
    await Promise.all(busy);
    await server.called(129);
    waiting[128]?.();
    expect(await last).toMatchObject({ status: 200 });
    expect(await queued).toMatchObject({ kind: 'unsent' });
    expect([server.calls, server.connections]).toEqual([129, 128]);
  });
});

describe('a pool', () => {
  it('has an agent that keeps connections alive, 10 idle ones and 128 at most', () => {
    for (const [secure, Agent] of [
      [false, http.Agent],
      [true, https.Agent],
    ] as const) {
      const agent = createAgent(secure);
      expect(agent.constructor).toBe(Agent);
      expect(agent).toMatchObject({ maxSockets: 128, maxFreeSockets: 10, options: { keepAlive: true } });
    }
  });

  it('is one for each key, as long as it has users', () => {
    const join = (key: string): ConnectionPool => ConnectionPool.join(key, () => createAgent(false));
    const [a, b, other] = [join('a'), join('a'), join('b')];
    expect([a === b, a === other]).toEqual([true, false]);
    a.leave();
    expect(join('a')).toBe(b);
    for (const pool of [a, b, other]) pool.leave();
    const fresh = join('a');
    expect(fresh === a).toBe(false);
    fresh.leave();
  });
});
