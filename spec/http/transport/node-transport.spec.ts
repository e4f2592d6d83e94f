import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import https from 'node:https';
import net from 'node:net';
import { createNodeTransport } from '../../../lib/http/transport/node-transport';
import * as behave from '../../support/behaviours';
import { testServers } from '../../support/server';
import { selfSigned } from '../../../tools/support/certificate';

const { serve, serveTls } = testServers();

describe('the transport over node:http', () => {
  const { signal } = new AbortController();
  const request = { method: 'GET', headers: {}, signal };

  it('knows that nothing was sent until the connection is established', async () => {
    const server = await serve(behave.respond(200, {}));
    const transport = createNodeTransport({ proxy: false });
    for (const port of [1, server.port]) {
      const trace = { mayHaveBeenSent: false };
      await transport({ ...request, url: `http://127.0.0.1:${port}` }, trace).catch(() => undefined);
      expect(trace.mayHaveBeenSent).toBe(port === server.port);
    }
    transport.close();
  });

  it('counts a request over a reused connection as sent from the start', async () => {
    const server = await serve(behave.respond(200, {}));
    const transport = createNodeTransport({ proxy: false });
    await transport({ ...request, url: server.url }, { mayHaveBeenSent: false });
    const trace = { mayHaveBeenSent: false };
    const attempt = transport({ ...request, url: server.url }, trace);
    await new Promise((resolve) => process.nextTick(() => process.nextTick(resolve)));
    expect([trace.mayHaveBeenSent, server.calls]).toEqual([true, 1]);
    await attempt;
    transport.close();
  });

  describe('with NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
    const saved = { ...process.env };
    beforeEach(() => {
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      // Node warns of the variable.
      jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    });
    afterEach(() => {
      process.env = { ...saved };
    });

    it.each(['directly', 'through a proxy', 'with an agent of the user'])(
      'checks certificates all the same: %s',
      async (way) => {
        const server = await serveTls(selfSigned(), behave.respond(200, {}));
        const proxy = await serve(behave.respond(500));
        proxy.tunnel = (_request, client) => {
          const upstream = net.connect(server.port, '127.0.0.1', () => {
            client.write('HTTP/1.1 200 OK\r\n\r\n');
            client.pipe(upstream).pipe(client);
          });
          for (const end of [upstream, client]) end.on('error', () => undefined);
        };
        const transport = createNodeTransport({
          proxy: way === 'through a proxy' && { host: '127.0.0.1', port: proxy.port },
          ...(way === 'with an agent of the user' && { httpsAgent: new https.Agent() }),
        });
        await expect(
          transport({ ...request, url: server.url }, { mayHaveBeenSent: false }),
        ).rejects.toMatchObject({
          kind: 'tls',
          code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        });
        expect(server.calls).toBe(0);
        transport.close();
      },
    );

    it('leaves the decision to the options of an agent of the user', async () => {
      const server = await serveTls(selfSigned(), behave.respond(200, {}));
      const httpsAgent = new https.Agent({ rejectUnauthorized: false });
      const transport = createNodeTransport({ proxy: false, httpsAgent });
      await expect(
        transport({ ...request, url: server.url }, { mayHaveBeenSent: false }),
      ).resolves.toMatchObject({
        status: 200,
      });
      transport.close();
    });
  });

  it('returns status, lower-case headers and body', async () => {
    const server = await serve(behave.respond(201, 'text', { 'X-Request-Id': 'abc' }));
    const transport = createNodeTransport({ proxy: false });
    const response = await transport({ ...request, url: server.url }, { mayHaveBeenSent: false });
    expect(response).toMatchObject({ status: 201, body: 'text', headers: { 'x-request-id': 'abc' } });
    transport.close();
  });
});
