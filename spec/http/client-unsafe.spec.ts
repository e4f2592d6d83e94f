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

describe('a failed attempt', () => {
  const once: [what: string, behaviour: behave.Behaviour][] = [
    ['a 503', behave.refusal(503, 'service_unavailable', 'Later.')],
    ['a 429', behave.refusal(429, 'too_many_requests', 'Later.')],
    ['a reset', behave.reset],
    ['a body that is cut off', behave.cutOff(IMAGE)],
    ['truncated JSON', behave.respond(200, '{"image": {')],
  ];

  it.each(once)('is retried: %s', async (_what, behaviour) => {
    const server = await serve(behaviour, behaviour, behave.respond(200, IMAGE));
    const { http: client, clock } = aClient();
    await expect(client.send(server.url, OPERATIONS.GET)).resolves.toEqual(JSON.parse(IMAGE));
    expect([server.calls, clock.delays.length]).toEqual([3, 2]);
  });

  it('is retried with the same body and headers', async () => {
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

  it('is not retried when `retries` is 0', async () => {
    const server = await serve(behave.reset);
    const error = await rejection(aClient({ retries: 0 }).http.send(server.url, OPERATIONS.GET));
    expect([(error as errors.ConnectionError).attempts, server.calls]).toEqual([1, 1]);
  });

  it('is retried as often as `retries` allows', async () => {
    const server = await serve(behave.reset);
    const error = await rejection(aClient({ retries: 10 }).http.send(server.url, OPERATIONS.GET));
    expect([(error as errors.ConnectionError).attempts, server.calls]).toEqual([11, 11]);
    expect(String(error)).toContain('(tried 11 times)');
  });
});

describe('a status outside 200 to 599', () => {
  const statuses = ['000', '099', '101', '600', '700', '999'];

  it.each(statuses)('of a POST leaves it unknown whether it was carried out: %s', async (status) => {
    const server = await serve(behave.raw(`HTTP/1.1 ${status} Odd\r\ncontent-length: 2\r\n\r\n{}`));
    const error = await rejection(aClient().http.send(server.url, OPERATIONS.POST));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ status: Number(status), mayHaveExecuted: true });
    expect(server.calls).toBe(1);
  });

  it.each(statuses)('of another request is an UnexpectedResponseError: %s', async (status) => {
    for (const operation of [OPERATIONS.GET, OPERATIONS.PUT, OPERATIONS.DELETE]) {
      const server = await serve(behave.raw(`HTTP/1.1 ${status} Odd\r\ncontent-length: 2\r\n\r\n{}`));
      const error = await rejection(aClient().http.send(server.url, operation));
      expect(error).toBeInstanceOf(errors.UnexpectedResponseError);
      expect((error as Error).message).toContain(`a status that ends no request: ${Number(status)}`);
    }
  });

  it.each([-1, 0, 99, 1e9])('of an adapter is no other: %j', async (status) => {
    const adapter = (): Promise<TransportResponse> => Promise.resolve({ status, headers: {}, body: '{}' });
    const error = await rejection(
      aClient({ transport: { adapter } }).http.send('https://a.example', OPERATIONS.POST),
    );
    expect(error).toBeInstanceOf(UnknownOutcomeError);
  });
});

describe('a POST over a reused connection', () => {
  it('is not retried when the connection is lost: it may have arrived', async () => {
    const server = await serve(behave.respond(201, IMAGE), behave.reset, behave.respond(201, IMAGE));
    const { http: client } = aClient();
    await client.send(server.url, OPERATIONS.POST);
    expect(await rejection(client.send(server.url, OPERATIONS.POST))).toBeInstanceOf(UnknownOutcomeError);
    expect([server.connections, server.calls]).toEqual([1, 2]);
  });
});

describe("a POST through a user's agent", () => {
  it('is not retried after a failed handshake: only the agent knows what was sent', async () => {
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
    ['half a response', behave.cutChunked('{')],
  ];

  for (const [name, gone] of GONE) {
    it.each(AMBIGUOUS)(`succeeds (${name}) after %s`, async (_what, ambiguous) => {
      const server = await serve(ambiguous, gone);
      await expect(aClient().http.send(server.url, OPERATIONS.DELETE)).resolves.toBeNull();
      expect(server.calls).toBe(2);
    });

    it(`fails (${name}) on the first attempt`, async () => {
      const server = await serve(gone);
      expect(await rejection(aClient().http.send(server.url, OPERATIONS.DELETE))).toHaveProperty(
        'status',
        Number(name),
      );
      expect(server.calls).toBe(1);
    });

    it(`fails (${name}) after an attempt that was refused with 429`, async () => {
      const server = await serve(behave.refusal(429, 'too_many_requests', 'Later.'), gone);
      expect(await rejection(aClient().http.send(server.url, OPERATIONS.DELETE))).toHaveProperty(
        'status',
        Number(name),
      );
    });

    it(`fails (${name}) for a PUT, whatever preceded it`, async () => {
      const server = await serve(behave.reset, gone);
      expect(await rejection(aClient().http.send(server.url, OPERATIONS.PUT))).toHaveProperty(
        'status',
        Number(name),
      );
    });
  }

  it('fails after an attempt that was never sent', async () => {
    const replies = [
      Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })),
      Promise.resolve({ status: 404, headers: {}, body: '' }),
    ];
    const adapter = (): Promise<TransportResponse> =>
      replies.shift() ?? Promise.reject(new Error('no reply left'));
    const { http: client } = aClient({ transport: { adapter } });
    expect(await rejection(client.send('https://x/v2', OPERATIONS.DELETE))).toBeInstanceOf(
      errors.NotFoundError,
    );
  });

  it('fails when the 422 says something else', async () => {
    const server = await serve(behave.reset, behave.refusal(422, 'unprocessable_entity', 'It is locked.'));
    const error = await rejection(aClient().http.send(server.url, OPERATIONS.DELETE));
    expect(error).toBeInstanceOf(errors.UnprocessableError);
  });
});

describe('the agents of a transport', () => {
  it('are closed with it, idle connections included', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    const transport = createNodeTransport({ proxy: false });
    const { signal } = new AbortController();
    const request = { method: 'GET', url: server.url, headers: {}, signal };
    await transport(request, { mayHaveBeenSent: false });
    await transport(request, { mayHaveBeenSent: false });
    expect([server.connections, server.open]).toEqual([1, 1]);
    transport.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.open).toBe(0);
  });
});
