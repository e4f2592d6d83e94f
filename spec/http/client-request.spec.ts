import { describe, expect, it } from '@jest/globals';
import * as errors from '../../lib/errors/errors';
import * as behave from '../support/behaviours';
import { rejection } from '../support/rejection';
import { aCall, aClient, OPERATIONS, TOKEN } from '../support/calls';
import { testServers } from '../support/server';

const { serve } = testServers();

const IMAGE = { image: { id: 5, name: 'golden' } };
const tooManyRequests = behave.refusal(429, 'too_many_requests', 'Later.');

describe('a request', () => {
  it('carries the token, the user agent and the accepted encodings', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    await aClient().http.send(`${server.url}/v2/images?page=2`, OPERATIONS.GET);
    expect(server.requests).toEqual([
      {
        method: 'GET',
        target: '/v2/images?page=2',
        headers: {
          accept: 'application/json',
          'accept-encoding': 'gzip, deflate, br',
          authorization: `Bearer ${TOKEN}`,
          'user-agent': 'a spec',
          host: `127.0.0.1:${server.port}`,
          connection: 'keep-alive',
        },
        body: '',
      },
    ]);
  });

  it('has a JSON body, with its length in bytes', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    await aClient().http.send(server.url, aCall({ method: 'PUT', body: { name: 'größer ✓' } }));
    const [request] = server.requests;
    expect(request?.body).toBe('{"name":"größer ✓"}');
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '23' });
  });

  it('calls the token function for each attempt', async () => {
    const server = await serve(tooManyRequests, behave.respond(200, IMAGE));
    let calls = 0;
    const { http } = aClient({ token: () => Promise.resolve(`token-${++calls}`) });
    await http.send(server.url, OPERATIONS.GET);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  it('is not sent when the token function fails', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    const { http } = aClient({ token: () => Promise.reject(new Error('sealed')) });
    const error = await rejection(http.send(server.url, OPERATIONS.POST));
    expect(error).toBeInstanceOf(errors.DOApiError);
    expect(server.calls).toBe(0);
  });

  it('is not sent when its body cannot be serialized', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const error = await rejection(aClient().http.send(server.url, aCall({ method: 'POST', body: circle })));
    expect(error).toBeInstanceOf(TypeError);
    expect(server.calls).toBe(0);
  });

  it('reuses a connection', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    const { http } = aClient();
    for (let i = 0; i < 5; i++) await http.send(server.url, OPERATIONS.GET);
    expect([server.calls, server.connections]).toEqual([5, 1]);
  });

  it('reuses a connection after an error response', async () => {
    const server = await serve(behave.refusal(404, 'not_found', 'No.'), behave.respond(200, IMAGE));
    const { http } = aClient();
    await rejection(http.send(server.url, OPERATIONS.GET));
    await http.send(server.url, OPERATIONS.GET);
    expect(server.connections).toBe(1);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('is never followed: %d', async (status) => {
    const target = await serve(behave.respond(200, IMAGE));
    for (const location of [`${target.url}/v2`, '/v2/droplets/9', '//evil.example', '']) {
      const server = await serve(behave.redirect(status, location));
      for (const call of Object.values(OPERATIONS)) {
        const error = await rejection(aClient().http.send(server.url, call));
        expect(error).toBeInstanceOf(errors.RedirectError);
        expect(error).toHaveProperty('status', status);
      }
      expect(server.calls).toBe(Object.keys(OPERATIONS).length);
    }
    expect(target.connections).toBe(0);
  });
});

describe('the hooks', () => {
  it('receive an event for each attempt, response and retry', async () => {
    const limits = { 'ratelimit-limit': '5000', 'ratelimit-remaining': '9', 'ratelimit-reset': '1769860800' };
    const server = await serve(
      behave.refusal(503, 'service_unavailable', 'Busy.', { 'x-request-id': 'first' }),
      behave.reset,
      behave.respond(200, IMAGE, { ...limits, 'x-request-id': 'third' }),
    );
    const { http, events } = aClient({ random: () => 1 });
    const url = `${server.url}/v2/images/5`;
    await http.send(url, OPERATIONS.GET);
    const request = { method: 'GET', url };
    expect(events).toEqual([
      ['request', { ...request, attempt: 1 }],
      ['response', { ...request, attempt: 1, status: 503, elapsed: 0, requestId: 'first', rateLimit: null }],
      ['retry', { ...request, attempt: 1, delay: 500, reason: '503 service_unavailable Busy.' }],
      ['request', { ...request, attempt: 2 }],
      ['retry', { ...request, attempt: 2, delay: 1_000, reason: expect.stringContaining('ECONNRESET') }],
      ['request', { ...request, attempt: 3 }],
      [
        'response',
        {
          ...request,
          attempt: 3,
          status: 200,
          elapsed: 0,
          requestId: 'third',
          rateLimit: { limit: 5000, remaining: 9, resetAt: new Date(1_769_860_800_000) },
        },
      ],
    ]);
  });
});
