import { describe, expect, it } from '@jest/globals';
import { createNodeTransport } from '../../../lib/http/transport/node-transport';
import * as behave from '../../support/behaviours';
import { testServers } from '../../support/server';

const { serve } = testServers();

describe('one attempt on the wire', () => {
  const { signal } = new AbortController();
  const request = { method: 'GET', headers: {}, signal };

  it('knows that nothing was sent until the connection stands', async () => {
    const server = await serve(behave.respond(200, {}));
    const wire = createNodeTransport({ proxy: false });
    for (const port of [1, server.port]) {
      const trace = { mayHaveBeenSent: false };
      await wire({ ...request, url: `http://127.0.0.1:${port}` }, trace).catch(() => undefined);
      expect(trace.mayHaveBeenSent).toBe(port === server.port);
    }
    wire.close();
  });

  it('counts as sent over a connection that was used before, from the beginning', async () => {
    const server = await serve(behave.respond(200, {}));
    const wire = createNodeTransport({ proxy: false });
    await wire({ ...request, url: server.url }, { mayHaveBeenSent: false });
    const trace = { mayHaveBeenSent: false };
    const attempt = wire({ ...request, url: server.url }, trace);
    await new Promise((resolve) => process.nextTick(() => process.nextTick(resolve)));
    expect([trace.mayHaveBeenSent, server.calls]).toEqual([true, 1]);
    await attempt;
    wire.close();
  });

  it('gives status, headers in lower case, and the body', async () => {
    const server = await serve(behave.respond(201, 'text', { 'X-Request-Id': 'abc' }));
    const wire = createNodeTransport({ proxy: false });
    const answer = await wire({ ...request, url: server.url }, { mayHaveBeenSent: false });
    expect(answer).toMatchObject({ status: 201, body: 'text', headers: { 'x-request-id': 'abc' } });
    wire.close();
  });
});
