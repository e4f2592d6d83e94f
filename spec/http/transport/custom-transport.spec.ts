import { describe, expect, it } from '@jest/globals';
import { createCustomTransport } from '../../../lib/http/transport/custom-transport';
import { AbortScope } from '../../../lib/util/abort';
import * as errors from '../../../lib/errors/errors';
import { DEFAULT_RATE_LIMITS } from '../../../lib/rate-limit/limits';
import type { TransportRequest, TransportResponse } from '../../../lib/http/transport/types';
import { UnknownOutcomeError } from '../../../lib/errors/unknown-outcome';
import { rejection } from '../../support/rejection';
import { aClient, OPERATIONS, TOKEN } from '../../support/calls';

const IMAGE = { image: { id: 5, name: 'golden' } };

describe("a user's adapter", () => {
  const response: TransportResponse = { status: 200, headers: {}, body: JSON.stringify(IMAGE) };
  const failing = (failure: unknown) => (): Promise<never> =>
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- anything may be thrown
    Promise.reject(failure);

  it('replaces the network', async () => {
    const requests: TransportRequest[] = [];
    const adapter = (request: TransportRequest): Promise<TransportResponse> => {
      requests.push(request);
      return Promise.resolve(response);
    };
    const { http } = aClient({ transport: { adapter } });
    await expect(http.send('https://x.example/v2/images', OPERATIONS.PUT)).resolves.toEqual(IMAGE);
    http.sender.close();
    expect(requests).toMatchObject([
      { method: 'PUT', url: 'https://x.example/v2/images', body: '{"name":"new"}' },
    ]);
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(requests[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it.each([
    [undefined, 'a status that is not an integer'],
    [{ body: '{}' }, 'a status that is not an integer'],
    [{ status: '200' }, 'a status that is not an integer'],
    [{ status: 201, body: { id: 5 } }, 'a body that is not a string'],
    [{ status: 201, headers: 'none' }, 'headers that are not an object'],
  ])('that returns %j leaves the outcome of a POST unknown, with the reason', async (returned, why) => {
    const adapter = (): Promise<TransportResponse> =>
      Promise.resolve(returned as unknown as TransportResponse);
    const { http } = aClient({ transport: { adapter } });
    const error = await rejection(http.send('https://x.example', OPERATIONS.POST));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(String(error)).toContain(`the adapter returned ${why}`);
  });

  it.each([
    [{ status: 200, headers: null, body: null }, null],
    [
      {
        status: 200,
        headers: { 'RateLimit-Limit': 5000, 'x-request-id': 7, odd: [1], more: undefined },
        body: '5',
      },
      5,
    ],
  ])('may leave out what is empty, and return numbers as headers: %j', async (returned, body) => {
    const adapter = (): Promise<TransportResponse> =>
      Promise.resolve(returned as unknown as TransportResponse);
    const { http } = aClient({ transport: { adapter } });
    await expect(http.send('https://x.example', OPERATIONS.PUT)).resolves.toBe(body);
  });

  it('gets its response normalized: lower-case names, string values or undefined', async () => {
    const headers = { 'RateLimit-Limit': 5000, ETag: 'a', odd: ['b'], more: undefined };
    const adapter = (): Promise<TransportResponse> =>
      Promise.resolve({ status: 204, headers } as unknown as TransportResponse);
    const request = { method: 'GET', url: 'https://x.example', headers: {}, signal: new AbortScope() };
    await expect(createCustomTransport(adapter)(request, { mayHaveBeenSent: false })).resolves.toEqual({
      status: 204,
      headers: { 'ratelimit-limit': '5000', etag: 'a', odd: undefined, more: undefined },
      body: '',
    });
  });

  it('keeps no permit when its 429 has unusual headers', async () => {
    const responses = [
      { status: 429, headers: { 'retry-after': 5 } },
      { status: 200, body: '{}' },
    ];
    const adapter = (): Promise<TransportResponse> =>
      Promise.resolve(responses.shift() as unknown as TransportResponse);
    const { http, clock } = aClient({
      transport: { adapter },
      rateLimits: DEFAULT_RATE_LIMITS,
      endpoint: 'https://unusual.example',
    });
    await expect(http.send('https://x.example', OPERATIONS.GET)).resolves.toEqual({});
    expect(clock.delays.some((delay) => delay >= 5_000)).toBe(true);
  });

  it.each([
    [{ code: 'ECONNREFUSED' }, 4],
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 4],
    [{ code: 'EAI_AGAIN' }, 4],
    [{ code: 'ETIMEDOUT', syscall: 'connect' }, 4],
    [{ code: 'ECONNRESET', syscall: 'read' }, 1],
    [{ code: 'EPIPE', syscall: 'write' }, 1],
    [{}, 1],
  ])('receives a POST again only when %j proves that nothing was sent', async (properties, attempts) => {
    const adapter = failing(Object.assign(new Error('it failed'), properties));
    const { http, events } = aClient({ transport: { adapter } });
    const error = await rejection(http.send('https://x.example', OPERATIONS.POST));
    expect(error).toBeInstanceOf(attempts === 4 ? errors.ConnectionError : UnknownOutcomeError);
    expect(events.filter(([what]) => what === 'request')).toHaveLength(attempts);
  });

  it.each([['text'], [undefined], [{ code: 5 }]])('may fail with anything: %j', async (failure) => {
    const { http } = aClient({ transport: { adapter: failing(failure) }, retries: 0 });
    const error = await rejection(http.send('https://x.example', OPERATIONS.GET));
    expect(error).toBeInstanceOf(errors.ConnectionError);
    expect(String(error)).toContain('no response: the adapter failed');
  });

  it('may return header names in any case, and leave out what is empty', async () => {
    const odd = { status: 204, headers: { 'X-Request-ID': 'abc', 'Content-Type': undefined } };
    const adapter = (): Promise<TransportResponse> => Promise.resolve(odd as unknown as TransportResponse);
    const { http, events } = aClient({ transport: { adapter } });
    await expect(http.send('https://x.example', OPERATIONS.DELETE)).resolves.toBeNull();
    expect(events[1]).toMatchObject(['response', { status: 204, requestId: 'abc' }]);
    const bare = (): Promise<TransportResponse> => Promise.resolve({ status: 200 } as TransportResponse);
    const other = aClient({ transport: { adapter: bare } });
    await expect(other.http.send('https://x.example', OPERATIONS.PUT)).resolves.toBeNull();
  });

  it('is bound by the maximum size of a body', async () => {
    const body = '"'.padEnd(10 * 1024 * 1024 + 1, 'x');
    const { http, events } = aClient({
      transport: { adapter: () => Promise.resolve({ ...response, body }) },
    });
    const error = await rejection(http.send('https://x.example', OPERATIONS.GET));
    expect(error).toBeInstanceOf(errors.UnexpectedResponseError);
    expect(String(error)).toContain('200, unreadable response: a body of more than 10 MiB');
    expect(events).toHaveLength(1);
  });
});
