import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inspect } from 'node:util';
import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  DOApiError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  RedirectError,
  responseError,
  ResponseError,
  type ResponseInfo,
  ServerError,
  TimeoutError,
  UnexpectedResponseError,
  UnprocessableError,
} from '../../lib/errors/errors';
import { UnknownOutcomeError } from '../../lib/errors/unknown-outcome';
import { rejection } from '../support/rejection';

const request = { method: 'POST', url: 'https://api.digitalocean.com/v2/images/5/actions', attempts: 1 };
const LINE = `${request.method} ${request.url}`;

const refused = (status: number, more: Partial<ResponseInfo> = {}): ResponseInfo => ({
  ...request,
  status,
  id: 'an_id',
  detail: 'A sentence.',
  requestId: '4d9d8375',
  rateLimit: null,
  retryAfter: null,
  ...more,
});

describe('a refused request', () => {
  it.each([
    [300, RedirectError],
    [307, RedirectError],
    [400, ResponseError],
    [401, AuthenticationError],
    [403, PermissionDeniedError],
    [404, NotFoundError],
    [409, ResponseError],
    [422, UnprocessableError],
    [429, RateLimitError],
    [500, ServerError],
    [505, ServerError],
    [599, ServerError],
  ])('with status %d is a %p', (status, type) => {
    const error = responseError(refused(status), null);
    expect(error.constructor).toBe(type);
    expect(error.name).toBe(type.name);
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toBeInstanceOf(DOApiError);
    expect(error).toBeInstanceOf(Error);
  });

  it('is one line for a support ticket', () => {
    expect(responseError(refused(422), null).message).toBe(
      `${LINE}: 422 an_id: A sentence. (request 4d9d8375)`,
    );
  });

  it.each<[string, Partial<ResponseInfo>]>([
    [': 409', { id: null, detail: '', requestId: null }],
    [': 409 an_id', { detail: '', requestId: null }],
    [': 409 A sentence.', { id: null, requestId: null }],
    [': 409 an_id: A sentence. (request 4d9d8375) (tried 4 times)', { attempts: 4 }],
  ])('has a message of what is known: %s', (rest, more) => {
    expect(responseError(refused(409, more), null).message).toBe(LINE + rest);
  });

  it('holds all information', () => {
    const rateLimit = { limit: 5000, remaining: 0, resetAt: new Date(0) };
    const error = responseError(refused(429, { rateLimit, retryAfter: 29_000, attempts: 2 }), null);
    expect(Object.fromEntries(Object.entries(error))).toEqual({
      ...request,
      attempts: 2,
      status: 429,
      id: 'an_id',
      detail: 'A sentence.',
      requestId: '4d9d8375',
      rateLimit,
      retryAfter: 29_000,
    });
  });

  it('names the scope that a 403 requires, if it is known', () => {
    const error = responseError(refused(403), 'image:update');
    expect(error).toHaveProperty('scope', 'image:update');
    expect(error.message).toContain('; the token needs the scope image:update');
    const unknown = responseError(refused(403), null);
    expect(unknown).toHaveProperty('scope', null);
    expect(unknown.message).not.toContain('scope');
    expect(new PermissionDeniedError(refused(403)).scope).toBeNull();
  });

  it('names the delay that a 429 requests, if there is one', () => {
    expect(responseError(refused(429, { retryAfter: 61_500 }), null).message).toMatch(/; try again in 62 s$/);
    expect(responseError(refused(429), null).message).not.toContain('try again');
  });
});

describe('a missing response', () => {
  it("is a ConnectionError with Node's code and system call", () => {
    const failure = { message: 'connect ECONNREFUSED 127.0.0.1:9', code: 'ECONNREFUSED', syscall: 'connect' };
    const error = new ConnectionError({ ...request, attempts: 4 }, failure);
    expect(error.message).toBe(`${LINE}: no response: connect ECONNREFUSED 127.0.0.1:9 (tried 4 times)`);
    expect(Object.fromEntries(Object.entries(error))).toEqual({
      ...request,
      attempts: 4,
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
  });

  it('in time is a TimeoutError that names the limit', () => {
    const attempt = new TimeoutError(request, 'attempt', 30_000);
    expect(attempt.message).toBe(`${LINE}: no complete response within 30000 ms`);
    expect(Object.fromEntries(Object.entries(attempt))).toEqual({
      ...request,
      kind: 'attempt',
      limit: 30_000,
    });
    const deadline = new TimeoutError({ ...request, attempts: 3 }, 'deadline', 120_000);
    expect(deadline.message).toBe(`${LINE}: the call's deadline of 120000 ms has passed (tried 3 times)`);
    expect(deadline.kind).toBe('deadline');
  });
});

describe('an unreadable response', () => {
  it('is an UnexpectedResponseError that says what is wrong and where', () => {
    const problem = 'image.created_at: expected a date like 2026-01-31T12:00:00Z, got 5';
    const error = new UnexpectedResponseError({ ...request, status: 200, requestId: 'abc' }, problem);
    expect(error.message).toBe(`${LINE}: 200, unreadable response: ${problem} (request abc)`);
    expect(error).toMatchObject({ status: 200, requestId: 'abc', problem });
  });

  it('has no status when it is not HTTP', () => {
    const error = new UnexpectedResponseError({ ...request, status: 0, requestId: null }, 'not HTTP');
    expect(error.message).toBe(`${LINE}: unreadable response: not HTTP`);
  });
});

describe('an unknown outcome', () => {
  const moment = { now: 5, date: Date.UTC(2026, 0, 1) };
  const times = { sentAt: moment, lostAt: moment, sequence: 1, serverClock: null };
  const lost = { ...request, problem: '503', status: 503, id: 'x', requestId: 'abc', ...times };
  const searching = (found: unknown) => (): Promise<unknown> => Promise.resolve(found);

  it('says that the request may have been carried out, and how to find out', () => {
    const error = new UnknownOutcomeError(lost, searching(null));
    expect(error.message).toBe(
      `${LINE}: 503, so it may have been carried out; reconcile() looks for it before you send it again (request abc)`,
    );
    expect(error).toMatchObject({
      mayHaveExecuted: true,
      canReconcile: true,
      status: 503,
      id: 'x',
      requestId: 'abc',
      attempts: 1,
    });
    expect(new UnknownOutcomeError({ ...lost, requestId: null }).message).not.toContain('request abc');
  });

  it('looks for what was started, with the signal of the caller', async () => {
    const received: unknown[] = [];
    const found = { id: 5 };
    const error = new UnknownOutcomeError(lost, (...args) => {
      received.push(args);
      return Promise.resolve(found);
    });
    const { signal } = new AbortController();
    expect(await error.reconcile({ signal })).toBe(found);
    expect(received).toEqual([[lost, { signal }]]);
    expect(error.mayHaveExecuted).toBe(true);
    expect(error.message).toContain('may have been carried out');
  });

  it('that was searched for and not found was not carried out: message and stack say so', async () => {
    const error = new UnknownOutcomeError(lost, searching(null));
    expect(await error.reconcile()).toBeNull();
    expect(error).toMatchObject({ mayHaveExecuted: false, canReconcile: true });
    expect(error.message).toBe(`${LINE}: 503; it was not carried out and may be sent again (request abc)`);
    expect(error.stack).toContain(error.message);
    expect(inspect(error)).not.toContain('may have been carried out');
    expect(Object.keys(error)).not.toContain('message');
  });

  it('is unknown as long as searches fail, and again when a later search finds it after all', async () => {
    const results: (() => Promise<unknown>)[] = [
      () => Promise.reject(new Error('lists fail')),
      searching(null),
      searching({ id: 5 }),
    ];
    const error = new UnknownOutcomeError(lost, () => results.shift()?.() ?? Promise.resolve(null));
    const { message } = error;
    await expect(error.reconcile()).rejects.toThrow('lists fail');
    expect(error).toMatchObject({ mayHaveExecuted: true, message });
    await error.reconcile();
    expect(error.mayHaveExecuted).toBe(false);
    await error.reconcile();
    expect(error).toMatchObject({ mayHaveExecuted: true, message });
  });

  it('cannot be reconciled for a bare request, and does not say that it can', async () => {
    const error = new UnknownOutcomeError(lost);
    expect(error).toMatchObject({ mayHaveExecuted: true, canReconcile: false });
    expect(error.message).toBe(
      `${LINE}: 503, so it may have been carried out; check before you send it again (request abc)`,
    );
    const refusal = await rejection(error.reconcile());
    expect(refusal).toBeInstanceOf(TypeError);
    expect(String(refusal)).toContain(`reconcile: ${LINE} was a bare request`);
    expect(error.mayHaveExecuted).toBe(true);
  });

  it('has a message of at most 400 characters, and always says what it means', async () => {
    const text = fc.string({ maxLength: 1_000 });
    await fc.assert(
      fc.asyncProperty(text, text, fc.option(text), fc.boolean(), async (url, problem, requestId, found) => {
        const error = new UnknownOutcomeError(
          { ...lost, url, problem, requestId },
          searching(found ? {} : null),
        );
        expect(error.message.length).toBeLessThanOrEqual(400);
        await error.reconcile();
        expect(error.message.length).toBeLessThanOrEqual(400);
        expect(error.message).toContain(found ? 'may have been carried out' : 'may be sent again');
      }),
    );
  });
});

describe('every error of the library', () => {
  it('has the name of its class, as a hidden property', () => {
    const error = new ClosedError();
    expect(error.name).toBe('ClosedError');
    expect(Object.keys(error)).toEqual([]);
    expect(String(error)).toBe('ClosedError: This DOApi is closed; create a new one.');
  });
});
