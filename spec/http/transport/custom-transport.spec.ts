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

describe("an adapter of the user's own", () => {
  const answer: TransportResponse = { status: 200, headers: {}, body: JSON.stringify(IMAGE) };
  const failing = (failure: unknown) => (): Promise<never> =>
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- anything may be thrown
    Promise.reject(failure);

  it('takes the place of the network', async () => {
    const asked: TransportRequest[] = [];
    const adapter = (request: TransportRequest): Promise<TransportResponse> => {
      asked.push(request);
      return Promise.resolve(answer);
    };
    const { http } = aClient({ transport: { adapter } });
    await expect(http.send('https://x.example/v2/images', OPERATIONS.PUT)).resolves.toEqual(IMAGE);
    http.sender.close();
    expect(asked).toMatchObject([
      { method: 'PUT', url: 'https://x.example/v2/images', body: '{"name":"new"}' },
    ]);
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(asked[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it.each([
    [undefined, 'a status that is not an integer'],
    [{ body: '{}' }, 'a status that is not an integer'],
    [{ status: '200' }, 'a status that is not an integer'],
    [{ status: 201, body: { id: 5 } }, 'a body that is not a string'],
    [{ status: 201, headers: 'none' }, 'headers that are not an object'],
  ])('that gives %j leaves a POST in doubt, and says why', async (given, why) => {
    const adapter = (): Promise<TransportResponse> => Promise.resolve(given as unknown as TransportResponse);
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
  ])('may leave out what is empty, and give numbers for headers: %j', async (given, body) => {
    const adapter = (): Promise<TransportResponse> => Promise.resolve(given as unknown as TransportResponse);
    const { http } = aClient({ transport: { adapter } });
    await expect(http.send('https://x.example', OPERATIONS.PUT)).resolves.toBe(body);
  });

  it('gives its answer as the wire would: small names, and texts or nothing', async () => {
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

  it('keeps no place in the budget when its 429 is an odd one', async () => {
    const answers = [
      { status: 429, headers: { 'retry-after': 5 } },
      { status: 200, body: '{}' },
    ];
    const adapter = (): Promise<TransportResponse> =>
      Promise.resolve(answers.shift() as unknown as TransportResponse);
    const { http, clock } = aClient({
      transport: { adapter },
      rateLimits: DEFAULT_RATE_LIMITS,
      endpoint: 'https://odd.example',
    });
    await expect(http.send('https://x.example', OPERATIONS.GET)).resolves.toEqual({});
    expect(clock.pauses.some((pause) => pause >= 5_000)).toBe(true);
  });

  it.each([
    [{ code: 'ECONNREFUSED' }, 4],
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 4],
    [{ code: 'EAI_AGAIN' }, 4],
    [{ code: 'ETIMEDOUT', syscall: 'connect' }, 4],
    [{ code: 'ECONNRESET', syscall: 'read' }, 1],
    [{ code: 'EPIPE', syscall: 'write' }, 1],
    [{}, 1],
  ])('is asked to POST again only when %j proves that nothing was sent', async (facts, attempts) => {
    const adapter = failing(Object.assign(new Error('it failed'), facts));
    const { http, events } = aClient({ transport: { adapter } });
    const error = await rejection(http.send('https://x.example', OPERATIONS.POST));
    expect(error).toBeInstanceOf(attempts === 4 ? errors.ConnectionError : UnknownOutcomeError);
    expect(events.filter(([what]) => what === 'request')).toHaveLength(attempts);
  });

  it.each([['text'], [undefined], [{ code: 5 }]])('may fail with anything: %j', async (failure) => {
    const { http } = aClient({ transport: { adapter: failing(failure) }, retries: 0 });
    const error = await rejection(http.send('https://x.example', OPERATIONS.GET));
    expect(error).toBeInstanceOf(errors.ConnectionError);
    expect(String(error)).toContain('no answer: the adapter failed');
  });

  it('may write its headers as it likes, and leave out what is empty', async () => {
    const odd = { status: 204, headers: { 'X-Request-ID': 'abc', 'Content-Type': undefined } };
    const adapter = (): Promise<TransportResponse> => Promise.resolve(odd as unknown as TransportResponse);
    const { http, events } = aClient({ transport: { adapter } });
    await expect(http.send('https://x.example', OPERATIONS.DELETE)).resolves.toBeNull();
    expect(events[1]).toMatchObject(['response', { status: 204, requestId: 'abc' }]);
    const bare = (): Promise<TransportResponse> => Promise.resolve({ status: 200 } as TransportResponse);
    const other = aClient({ transport: { adapter: bare } });
    await expect(other.http.send('https://x.example', OPERATIONS.PUT)).resolves.toBeNull();
  });

  it('is not let off the bounds of an answer', async () => {
    const body = '"'.padEnd(10 * 1024 * 1024 + 1, 'x');
    const { http, events } = aClient({ transport: { adapter: () => Promise.resolve({ ...answer, body }) } });
    const error = await rejection(http.send('https://x.example', OPERATIONS.GET));
    expect(error).toBeInstanceOf(errors.UnexpectedResponseError);
    expect(String(error)).toContain('200, an answer that cannot be read: a body of more than 10 MiB');
    expect(events).toHaveLength(1);
  });
});
