import { describe, expect, it } from '@jest/globals';
import { createNodeTransport } from '../../../lib/http/transport/node-transport';
import * as behave from '../../support/behaviours';
import { testServers } from '../../support/server';

const { serve } = testServers();

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

  it('returns status, lower-case headers and body', async () => {
    const server = await serve(behave.respond(201, 'text', { 'X-Request-Id': 'abc' }));
    const transport = createNodeTransport({ proxy: false });
    const response = await transport({ ...request, url: server.url }, { mayHaveBeenSent: false });
    expect(response).toMatchObject({ status: 201, body: 'text', headers: { 'x-request-id': 'abc' } });
    transport.close();
  });
});
