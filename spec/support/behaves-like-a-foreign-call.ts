import { expect, it } from '@jest/globals';
import * as library from '../../lib';
import { DOApi, type DOApiError } from '../../lib';
import errors from '../fixtures/error/documented.json';
import { account, type Plan } from './behaves-like-a-wait';
import { anApi, type SentRequest, fieldsOf, type Json, type Reply, rejection, TOKEN } from './builders';
import type { FakeServer } from './nock';

/** An expected request. */
export type Sent = Pick<SentRequest, 'method' | 'path'> & Partial<Pick<SentRequest, 'query' | 'body'>>;

/** A call of another library, and the same call of this one. */
export interface ForeignCall {
  /** Such as `Image.fetch()`. */
  call: string;
  here: (api: DOApi) => unknown;
  /** The responses of the server, in order. */
  replies?: Reply[];
  /** All requests, in order. */
  sends?: Sent[];
  /** The result; a class matches any of its instances. */
  gives: unknown;
}

/** Checks the requests and the result of every call. */
export function worksLike(server: FakeServer, calls: ForeignCall[]): void {
  it.each(calls)('$call', async ({ here, replies = [], sends = [], gives }) => {
    server.replies(...replies);
    const result = await here(anApi());
    expectSent(server.asked, sends);
    if (typeof gives === 'function') expect(result).toBeInstanceOf(gives);
    else expect(plain(result)).toEqual(gives);
  });
}

function expectSent(asked: SentRequest[], sends: Sent[]): void {
  expect(asked.map(({ method, path, query, body }) => ({ method, path, query, body }))).toEqual(
    sends.map((sent) => ({ query: {}, body: undefined, ...sent })),
  );
  for (const { headers, body } of asked) {
    expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(headers.accept).toBe('application/json');
    expect(headers['content-type']).toBe(body === undefined ? undefined : 'application/json');
  }
}

/** Replaces objects of the library by their JSON. */
function plain(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(plain);
  const resources = [library.Image, library.Action, library.Droplet, library.Snapshot];
  if (resources.some((type) => result instanceof type)) return (result as library.Image).toJSON();
  return result instanceof library.Region ? fieldsOf(result) : result;
}

/** A call that waits, in an account whose actions end as planned. */
export interface ForeignWait {
  call: string;
  here: (api: DOApi) => Promise<unknown>;
  account: Plan[];
  /** Options of the client. */
  options?: library.DOApiOptions;
  /** The first request; all others are polls. */
  sends?: Sent;
  gives?: Json;
  fails?: Json;
  /** The bounds of the duration, in milliseconds. */
  takes: [from: number, to: number];
}

/** Checks the first request of every call, that only polls follow, the result and the duration. */
export function waitsLike(waits: ForeignWait[]): void {
  it.each(waits)('$call', async ({ here, account: plans, options, sends, gives, fails, takes }) => {
    const { server } = account(...plans);
    const outcome = here(server.api(options));
    if (fails) expect(await rejection(outcome)).toMatchObject(fails);
    else expect(await outcome).toMatchObject(gives ?? {});
    const first = sends ? [sends] : [];
    expectSent(server.requests.slice(0, first.length), first);
    const polls = server.requests.slice(first.length);
    expect(polls.length).toBeGreaterThan(0);
    expect(polls.every(({ method }) => method === 'GET')).toBe(true);
    const [from, to] = takes;
    expect(server.clock.now()).toBeGreaterThanOrEqual(from);
    expect(server.clock.now()).toBeLessThanOrEqual(to);
  });
}

/** An operation of a generated client, with its documented statuses. */
export interface Operation {
  call: string;
  here: (api: DOApi) => Promise<unknown>;
  sends: Sent;
  /** In addition to 401, 429, 500 and an undocumented one. */
  statuses?: 404[];
}

const RATE_LIMIT = { 'ratelimit-limit': '5000', 'ratelimit-remaining': '1', 'ratelimit-reset': '1767229200' };

const ERRORS = {
  401: 'AuthenticationError',
  404: 'NotFoundError',
  429: 'RateLimitError',
  500: 'ServerError',
  418: 'ResponseError',
} as const;

/** Checks the error class, its fields and the rate limit for every documented status of every operation. */
export function refusesLike(server: FakeServer, operations: Operation[]): void {
  const rows = operations.flatMap((operation) =>
    ([401, ...(operation.statuses ?? []), 429, 500, 418] as const).map((status) => ({
      ...operation,
      status,
    })),
  );
  it.each(rows)('$call: $status', async ({ here, sends, status }) => {
    const { id, message } = errors[status];
    server.replies({ status, body: errors[status], headers: RATE_LIMIT });
    const api = anApi();
    const error = (await rejection(here(api))) as DOApiError;
    // After a 500 a POST may have been executed.
    const isUnknown = sends.method === 'POST' && status === 500;
    const name = isUnknown ? 'UnknownOutcomeError' : ERRORS[status];
    expect(error).toBeInstanceOf(library[name]);
    expect(error).toMatchObject({ name, status, id, method: sends.method });
    expect(error.message).toContain(message);
    // A method that makes something searches for it, with GETs.
    const calls = isUnknown ? server.asked.filter(({ method }) => method !== 'GET') : server.asked;
    expectSent(calls, [sends]);
    const rateLimit = { limit: 5000, remaining: 1, resetAt: new Date('2026-01-01T01:00:00Z') };
    expect(api.rateLimit).toEqual(rateLimit);
    if (!isUnknown) expect(error).toMatchObject({ rateLimit });
  });
}
