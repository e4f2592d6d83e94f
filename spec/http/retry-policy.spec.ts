import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Headers } from '../../lib/http/response-headers';
import { Failure, type FailureKind } from '../../lib/http/failure';
import { requestedDelay, MAX_RETRY_AFTER, backoffDelay, retryDecision } from '../../lib/http/retry-policy';

const NOW = Date.UTC(2026, 0, 31, 12);
const SAFETIES = ['read', 'repeatable', 'once'] as const;

const failed = (kind: FailureKind, sent: boolean): Failure =>
  new Failure({ kind, message: kind, mayHaveBeenSent: sent });

function answered(status: number, headers: Headers = {}): Failure {
  const answer = { status, headers, body: '' };
  return new Failure({ kind: 'status', message: String(status), mayHaveBeenSent: true, response: answer });
}

const limited = (resetInMs: number, more: Headers = {}): Failure =>
  answered(429, {
    'ratelimit-limit': '5000',
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(Math.round((NOW + resetInMs) / 1_000)),
    ...more,
  });

describe('what to do about a failed attempt', () => {
  /** Columns: GET; PUT, DELETE and idempotent POST; POST. */
  const RULES: [what: string, failure: Failure, verdicts: [string, string, string]][] = [
    ['nothing was sent', failed('unsent', false), ['again', 'again', 'again']],
    ['time was up before anything was sent', failed('timeout', false), ['again', 'again', 'again']],
    ['time was up', failed('timeout', true), ['again', 'again', 'unknown']],
    ['the connection was lost before anything was sent', failed('lost', false), ['again', 'again', 'again']],
    ['the connection was lost', failed('lost', true), ['again', 'again', 'unknown']],
    ['a 2xx is not JSON', failed('unreadable', true), ['again', 'give up', 'unknown']],
    ['not HTTP, or too large', failed('protocol', true), ['give up', 'give up', 'unknown']],
    ['the certificate was refused', failed('tls', false), ['give up', 'give up', 'give up']],
    ['429', answered(429), ['again', 'again', 'again']],
    ...[408, 500, 502, 503, 504, 520, 521, 522, 523, 524].map((status): (typeof RULES)[number] => [
      String(status),
      answered(status),
      ['again', 'again', 'unknown'],
    ]),
    ...[501, 505, 507, 525, 599].map((status): (typeof RULES)[number] => [
      String(status),
      answered(status),
      ['give up', 'give up', 'unknown'],
    ]),
    ...[300, 301, 307, 308, 400, 401, 403, 404, 409, 412, 418, 422].map((status): (typeof RULES)[number] => [
      String(status),
      answered(status),
      ['give up', 'give up', 'give up'],
    ]),
  ];

  it.each(RULES)('%s', (_what, failure, verdicts) => {
    expect(SAFETIES.map((safety) => retryDecision(failure, safety))).toEqual(verdicts);
  });

  it('never sends a POST again that may have been carried out, whatever the failure', () => {
    const kinds = fc.constantFrom<FailureKind>('unsent', 'lost', 'timeout', 'tls', 'unreadable', 'protocol');
    const failures = fc.oneof(
      kinds.map((kind) => failed(kind, kind !== 'unsent')),
      fc.integer({ min: 100, max: 599 }).map((status) => answered(status)),
    );
    fc.assert(
      fc.property(failures, (failure) => {
        if (retryDecision(failure, 'once') !== 'again') return;
        expect(!failure.mayHaveBeenSent || failure.response?.status === 429).toBe(true);
      }),
    );
  });
});

describe('how long the server asks to wait', () => {
  it('is what retry-after says, on any status', () => {
    expect(requestedDelay(answered(503, { 'retry-after': '7' }).response, NOW)).toBe(7_000);
    expect(requestedDelay(limited(30_000, { 'retry-after': '7' }).response, NOW)).toBe(7_000);
  });

  it('is nothing without an answer', () => {
    expect(requestedDelay(failed('lost', true).response, NOW)).toBeNull();
  });

  it.each([
    ['in the near future', 30_000, 30_000],
    ['in the next minute', 60_000, 60_000],
    ['later than that', 61_000, null],
    ['now', 0, null],
    ['in the past, as has been seen', -1_500_000, null],
  ])('is on a 429 until ratelimit-reset, which lies %s', (_when, resetIn, asked) => {
    expect(requestedDelay(limited(resetIn).response, NOW)).toBe(asked);
  });

  it("compares ratelimit-reset with the server's own date", () => {
    const date = new Date(NOW + 300_000).toUTCString();
    expect(requestedDelay(limited(320_000, { date }).response, NOW)).toBe(20_000);
  });

  it('is nothing on a 429 without any of these headers', () => {
    expect(requestedDelay(answered(429).response, NOW)).toBeNull();
  });

  it('does not heed ratelimit-reset on other statuses', () => {
    const { headers } = limited(30_000).response ?? { headers: {} };
    expect(requestedDelay(answered(503, headers).response, NOW)).toBeNull();
  });
});

describe('the pause before the next attempt', () => {
  const longest = (failure: Failure): number[] =>
    [1, 2, 3, 4, 5, 6, 7, 11].map((attempt) => backoffDelay(failure, attempt, NOW, 1));

  it('is anything from 0 to twice as much each time, 20 s at most', () => {
    expect(longest(failed('lost', true))).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    expect(backoffDelay(failed('lost', true), 3, NOW, 0.25)).toBe(500);
    expect(backoffDelay(failed('lost', true), 3, NOW, 0)).toBe(0);
  });

  it('begins with twice as much after a 429', () => {
    expect(longest(answered(429))).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000]);
  });

  it('is what the server asks for and up to a tenth more, on every attempt', () => {
    const failure = answered(503, { 'retry-after': '10' });
    expect(backoffDelay(failure, 1, NOW, 0)).toBe(10_000);
    expect(backoffDelay(failure, 5, NOW, 1)).toBeCloseTo(11_000);
  });

  it('is no hot loop when the server asks for no pause at all', () => {
    expect(backoffDelay(answered(503, { 'retry-after': '0' }), 1, NOW, 0.5)).toBe(250);
    expect(backoffDelay(limited(-1_500_000), 1, NOW, 0.5)).toBe(500);
  });

  it('is finite, never negative and never less than asked for, whatever the headers say', () => {
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
          const failure = answered(status, h);
          const asked = requestedDelay(failure.response, NOW);
          const pause = backoffDelay(failure, n, NOW, r);
          expect(Number.isFinite(pause) && pause >= (asked ?? 0)).toBe(true);
          if (asked === null || asked === 0) expect(pause).toBeLessThanOrEqual(20_000);
          else expect(pause).toBeLessThanOrEqual(asked * 1.1);
          // What is longer is not waited for at all: such a call fails at once (see http.spec).
          if ((asked ?? 0) <= MAX_RETRY_AFTER) expect(pause).toBeLessThanOrEqual(66_000);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
