import { describe, expect, it } from '@jest/globals';
import * as errors from '../../lib/errors/errors';
import type { TransportResponse } from '../../lib/http/transport/types';
import { UnknownOutcomeError } from '../../lib/errors/unknown-outcome';
import { createNodeTransport } from '../../lib/http/transport/node-transport';
import * as behave from '../support/behaviours';
import { rejection } from '../support/rejection';
import { aClient, OPERATIONS } from '../support/calls';
import { testServers } from '../support/server';

const { serve, accept } = testServers();

const IMAGE = JSON.stringify({ image: { id: 5, name: 'golden' } });

describe('what failed at first', () => {
  const once: [what: string, behaviour: behave.Behaviour][] = [
    ['a 503', behave.refusal(503, 'service_unavailable', 'Later.')],
    ['a 429', behave.refusal(429, 'too_many_requests', 'Later.')],
    ['a reset', behave.reset],
    ['a body that is cut off', behave.cutOff(IMAGE)],
    ['truncated JSON', behave.respond(200, '{"image": {')],
  ];

  it.each(once)('is tried again and answered: %s', async (_what, behaviour) => {
    const server = await serve(behaviour, behaviour, behave.respond(200, IMAGE));
    const { http: client, clock } = aClient();
    await expect(client.send(server.url, OPERATIONS.GET)).resolves.toEqual(JSON.parse(IMAGE));
    expect([server.calls, clock.pauses.length]).toEqual([3, 2]);
  });

  it('is tried again with the same body and headers', async () => {
    const server = await serve(
      behave.refusal(429, 'too_many_requests', 'Later.'),
      behave.respond(201, IMAGE),
    );
    await aClient().http.send(server.url, OPERATIONS.POST);
    const [first, second] = server.requests;
    expect(second).toEqual(first);
    expect(first?.body).toBe('{"type":"convert"}');
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '18' });
  });

  it('is not tried again when retries are 0', async () => {
    const server = await serve(behave.reset);
    const error = await rejection(aClient({ retries: 0 }).http.send(server.url, OPERATIONS.GET));
    expect([(error as errors.ConnectionError).attempts, server.calls]).toEqual([1, 1]);
  });

  it('is tried again as often as was asked for', async () => {
    const server = await serve(behave.reset);
    const error = await rejection(aClient({ retries: 10 }).http.send(server.url, OPERATIONS.GET));
    expect([(error as errors.ConnectionError).attempts, server.calls]).toEqual([11, 11]);
    expect(String(error)).toContain('(tried 11 times)');
  });
});

describe('a POST over a connection that was used before', () => {
  it('is not sent again when that connection is lost: nobody knows how far it came', async () => {
    const server = await serve(behave.respond(201, IMAGE), behave.reset, behave.respond(201, IMAGE));
    const { http: client } = aClient();
    await client.send(server.url, OPERATIONS.POST);
    expect(await rejection(client.send(server.url, OPERATIONS.POST))).toBeInstanceOf(UnknownOutcomeError);
    expect([server.connections, server.calls]).toEqual([1, 2]);
  });
});

describe("a POST through an agent of the user's own", () => {
  it('is not sent again after a handshake that failed: how far it came, only the agent knows', async () => {
    const { Agent } = await import('node:https');
    const server = await accept(behave.resetUnread, 'https');
    const { http: client } = aClient({ transport: { proxy: false, httpsAgent: new Agent() } });
    expect(await rejection(client.send(server.url, OPERATIONS.POST))).toBeInstanceOf(UnknownOutcomeError);
    expect(server.calls).toBe(1);
  });
});

describe('a DELETE that finds nothing to delete', () => {
  const GONE: [what: string, behaviour: behave.Behaviour][] = [
    ['404', behave.refusal(404, 'not_found', 'Not here.')],
    ['422', behave.refusal(422, 'unprocessable_entity', 'Image Can not delete an already deleted image.')],
  ];
  const AMBIGUOUS: [what: string, behaviour: behave.Behaviour][] = [
    ['a reset', behave.reset],
    ['a 503', behave.refusal(503, 'service_unavailable', 'Later.')],
    ['half an answer', behave.cutChunked('{')],
  ];

  for (const [name, gone] of GONE) {
    it.each(AMBIGUOUS)(`is done (${name}) after %s`, async (_what, ambiguous) => {
      const server = await serve(ambiguous, gone);
      await expect(aClient().http.send(server.url, OPERATIONS.DELETE)).resolves.toBeNull();
      expect(server.calls).toBe(2);
    });

    it(`is an error (${name}) on the first attempt`, async () => {
      const server = await serve(gone);
      expect(await rejection(aClient().http.send(server.url, OPERATIONS.DELETE))).toHaveProperty(
        'status',
        Number(name),
      );
      expect(server.calls).toBe(1);
    });

    it(`is an error (${name}) after an attempt that was refused with 429`, async () => {
      const server = await serve(behave.refusal(429, 'too_many_requests', 'Later.'), gone);
      expect(await rejection(aClient().http.send(server.url, OPERATIONS.DELETE))).toHaveProperty(
        'status',
        Number(name),
      );
    });

    it(`is an error (${name}) for a PUT, whatever came before`, async () => {
      const server = await serve(behave.reset, gone);
      expect(await rejection(aClient().http.send(server.url, OPERATIONS.PUT))).toHaveProperty(
        'status',
        Number(name),
      );
    });
  }

  it('is an error after an attempt that was never sent', async () => {
    const replies = [
      Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })),
      Promise.resolve({ status: 404, headers: {}, body: '' }),
    ];
    const adapter = (): Promise<TransportResponse> =>
      replies.shift() ?? Promise.reject(new Error('once more'));
    const { http: client } = aClient({ transport: { adapter } });
    expect(await rejection(client.send('https://x/v2', OPERATIONS.DELETE))).toBeInstanceOf(
      errors.NotFoundError,
    );
  });

  it('is an error when the 422 says something else', async () => {
    const server = await serve(behave.reset, behave.refusal(422, 'unprocessable_entity', 'It is locked.'));
    const error = await rejection(aClient().http.send(server.url, OPERATIONS.DELETE));
    expect(error).toBeInstanceOf(errors.UnprocessableError);
  });
});

describe('the manager’s own agents', () => {
  it('are closed with it, and nothing can be sent over a kept connection afterwards', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    const wire = createNodeTransport({ proxy: false });
    const { signal } = new AbortController();
    const request = { method: 'GET', url: server.url, headers: {}, signal };
    await wire(request, { mayHaveBeenSent: false });
    await wire(request, { mayHaveBeenSent: false });
    expect([server.connections, server.open]).toEqual([1, 1]);
    wire.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.open).toBe(0);
  });
});
