import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Headers } from '../../lib/http/response/response-headers';
import { Failure, type FailureKind } from '../../lib/http/failure';
import {
  backoffDelay,
  MAX_RETRY_AFTER,
  requestedDelay,
  retryDecision,
  safetyOf,
} from '../../lib/http/retry-policy';

const NOW = Date.UTC(2026, 0, 31, 12);
const SAFETIES = ['safe', 'idempotent', 'unsafe'] as const;

const failed = (kind: FailureKind, sent: boolean): Failure =>
  new Failure({ kind, message: kind, mayHaveBeenSent: sent });

function statusFailure(status: number, headers: Headers = {}): Failure {
  const response = { status, headers, body: '' };
  return new Failure({ kind: 'status', message: String(status), mayHaveBeenSent: true, response });
}

const limited = (resetInMs: number, more: Headers = {}): Failure =>
  statusFailure(429, {
    'ratelimit-limit': '5000',
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(Math.round((NOW + resetInMs) / 1_000)),
    ...more,
  });

describe('safetyOf', () => {
  it.each([
    ['GET', false, 'safe'],
    ['HEAD', false, 'safe'],
    ['PUT', false, 'idempotent'],
    ['DELETE', false, 'idempotent'],
    ['POST', true, 'idempotent'],
    ['POST', false, 'unsafe'],
    ['PATCH', false, 'unsafe'],
  ])('is as in RFC 9110: %s, idempotent by the call %s: %s', (method, idempotent, safety) => {
    expect(safetyOf(method, idempotent)).toBe(safety);
  });
});

describe('retryDecision', () => {
  /** Columns: GET; PUT, DELETE and idempotent POST; POST. */
  const RULES: [what: string, failure: Failure, decisions: [string, string, string]][] = [
    ['nothing was sent', failed('unsent', false), ['retry', 'retry', 'retry']],
    ['a timeout before anything was sent', failed('timeout', false), ['retry', 'retry', 'retry']],
    ['a timeout', failed('timeout', true), ['retry', 'retry', 'unknown']],
    ['the connection was lost before anything was sent', failed('lost', false), ['retry', 'retry', 'retry']],
    ['the connection was lost', failed('lost', true), ['retry', 'retry', 'unknown']],
    ['a 2xx is not JSON', failed('unreadable', true), ['retry', 'fail', 'unknown']],
    ['not HTTP, or too large', failed('protocol', true), ['fail', 'fail', 'unknown']],
    ['the certificate was refused', failed('tls', false), ['fail', 'fail', 'fail']],
    ['429', statusFailure(429), ['retry', 'retry', 'retry']],
    ...[408, 500, 502, 503, 504, 520, 521, 522, 523, 524].map((status): (typeof RULES)[number] => [
      String(status),
      statusFailure(status),
      ['retry', 'retry', 'unknown'],
    ]),
    ...[501, 505, 507, 525, 599].map((status): (typeof RULES)[number] => [
      String(status),
      statusFailure(status),
      ['fail', 'fail', 'unknown'],
    ]),
    ...[300, 301, 307, 308, 400, 401, 403, 404, 409, 412, 418, 422].map((status): (typeof RULES)[number] => [
      String(status),
      statusFailure(status),
      ['fail', 'fail', 'fail'],
    ]),
  ];

  it.each(RULES)('%s', (_what, failure, decisions) => {
    expect(SAFETIES.map((safety) => retryDecision(failure, safety))).toEqual(decisions);
  });

  it('never retries a POST that may have been carried out, whatever the failure', () => {
    const kinds = fc.constantFrom<FailureKind>('unsent', 'lost', 'timeout', 'tls', 'unreadable', 'protocol');
    const failures = fc.oneof(
      kinds.map((kind) => failed(kind, kind !== 'unsent')),
      fc.integer({ min: 100, max: 599 }).map((status) => statusFailure(status)),
    );
    fc.assert(
      fc.property(failures, (failure) => {
        if (retryDecision(failure, 'unsafe') !== 'retry') return;
        expect(!failure.mayHaveBeenSent || failure.response?.status === 429).toBe(true);
      }),
    );
  });
});

describe('requestedDelay', () => {
  it('is the value of retry-after, on any status', () => {
    expect(requestedDelay(statusFailure(503, { 'retry-after': '7' }).response, NOW)).toBe(7_000);
    expect(requestedDelay(limited(30_000, { 'retry-after': '7' }).response, NOW)).toBe(7_000);
  });

  it('is null without a response', () => {
    expect(requestedDelay(failed('lost', true).response, NOW)).toBeNull();
  });

  it.each([
    ['in the near future', 30_000, 30_000],
    ['in the next minute', 60_000, 60_000],
    ['later than that', 61_000, null],
    ['now', 0, null],
    ['in the past, which happens', -1_500_000, null],
  ])('lasts on a 429 until ratelimit-reset, which lies %s', (_when, resetIn, delay) => {
    expect(requestedDelay(limited(resetIn).response, NOW)).toBe(delay);
  });

  it("compares ratelimit-reset with the server's date", () => {
    const date = new Date(NOW + 300_000).toUTCString();
    expect(requestedDelay(limited(320_000, { date }).response, NOW)).toBe(20_000);
  });

  it('is null on a 429 without these headers', () => {
    expect(requestedDelay(statusFailure(429).response, NOW)).toBeNull();
  });

  it('ignores ratelimit-reset on other statuses', () => {
    const { headers } = limited(30_000).response ?? { headers: {} };
    expect(requestedDelay(statusFailure(503, headers).response, NOW)).toBeNull();
  });
});

describe('backoffDelay', () => {
  const maxima = (failure: Failure): number[] =>
    [1, 2, 3, 4, 5, 6, 7, 11].map((attempt) => backoffDelay(failure, attempt, NOW, 1));

  it('is random, up to a maximum that doubles each time, to 20 s at most', () => {
    expect(maxima(failed('lost', true))).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    expect(backoffDelay(failed('lost', true), 3, NOW, 0.25)).toBe(500);
    expect(backoffDelay(failed('lost', true), 3, NOW, 0)).toBe(0);
  });

  it('starts with twice as much after a 429', () => {
    expect(maxima(statusFailure(429))).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000]);
  });

  it('is the delay the server requests and up to a tenth more, on every attempt', () => {
    const failure = statusFailure(503, { 'retry-after': '10' });
    expect(backoffDelay(failure, 1, NOW, 0)).toBe(10_000);
    expect(backoffDelay(failure, 5, NOW, 1)).toBeCloseTo(11_000);
  });

  it('is the usual backoff when the server requests no delay', () => {
    expect(backoffDelay(statusFailure(503, { 'retry-after': '0' }), 1, NOW, 0.5)).toBe(250);
    expect(backoffDelay(limited(-1_500_000), 1, NOW, 0.5)).toBe(500);
  });

  it('is finite, not negative and not less than requested, whatever the headers hold', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{1,25}$/), fc.double().map(String));
    const headers = fc.record(
      {
        'retry-after': text,
        date: text,
        'ratelimit-limit': text,
        'ratelimit-remaining': text,
        'ratelimit-reset': text,
      },
      { requiredKeys: [] },
    );
    const random = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(429, 503),
        headers,
        fc.integer({ min: 1, max: 11 }),
        random,
        (status, h, n, r) => {
          const failure = statusFailure(status, h);
          const requested = requestedDelay(failure.response, NOW);
          const delay = backoffDelay(failure, n, NOW, r);
          expect(Number.isFinite(delay) && delay >= (requested ?? 0)).toBe(true);
          if (requested === null || requested === 0) expect(delay).toBeLessThanOrEqual(20_000);
          else expect(delay).toBeLessThanOrEqual(requested * 1.1);
          // A call that is asked to wait longer fails at once (see client-rate-limit.spec).
          if ((requested ?? 0) <= MAX_RETRY_AFTER) expect(delay).toBeLessThanOrEqual(66_000);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
