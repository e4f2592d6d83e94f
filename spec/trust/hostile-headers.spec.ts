import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rateLimitOf, retryAfterOf } from '../../lib/http/response/response-headers';
import { Failure } from '../../lib/http/failure';
import { requestedDelay, MAX_RETRY_AFTER, backoffDelay } from '../../lib/http/retry-policy';
import { DOApi, RateLimitError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/rejection';
import { scaled } from '../support/scale';

const NOW = Date.UTC(2026, 10, 1);
/** A longer timer of Node fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Text in place of a number or a date. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[0-9a-fx.,+eE: -]{0,30}$/),
  fc.stringMatching(/^\d{1,400}$/),
  fc.stringMatching(/^(Mon|Sunday|Xyz), \d{1,3} (Jan|Feb|Foo) \d{1,7} [\d:]{0,9} (GMT|UTC|\+\d{4})$/),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.constantFrom('99999999', '-5', 'abc', 'Infinity', '0x10', '2147483648', '-0', '1e9', ''),
);

describe('any value of `Retry-After`', () => {
  const runs = scaled(100_000, 10_000);

  it(`gives null or a finite delay that is not negative: ${runs} values`, () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const delay = retryAfterOf({ 'retry-after': text }, NOW);
        if (delay !== null && !(Number.isFinite(delay) && delay >= 0)) throw new RangeError(String(delay));
        if (/^\d+$/.test(text.trim()) && delay === null) throw new RangeError('seconds were not read');
      }),
      { numRuns: runs, seed: 2026 },
    );
  }, 60_000);
});

describe('any values of the headers of the rate limit', () => {
  const runs = scaled(50_000, 5_000);
  const names = [
    'retry-after',
    'date',
    'ratelimit-limit',
    'ratelimit-remaining',
    'ratelimit-reset',
    'x-request-id',
  ];
  const anyHeaders = fc.record(Object.fromEntries(names.map((name) => [name, anyText])), {
    requiredKeys: [],
  });

  it(`give a retry delay that a timer can hold and that is not shorter than requested: ${runs} sets`, () => {
    fc.assert(
      fc.property(
        anyHeaders,
        fc.constantFrom(429, 503),
        fc.integer({ min: 1, max: 11 }),
        (headers, status, attempt) => {
          const failure = new Failure({
            kind: 'status',
            message: 'x',
            mayHaveBeenSent: true,
            response: { status, headers, body: '' },
          });
          const requested = requestedDelay(failure.response, NOW);
          const delay = backoffDelay(failure, attempt, NOW, 0.5);
          if (!(Number.isFinite(delay) && delay >= (requested ?? 0)))
            throw new RangeError(`a delay of ${delay}`);
          // A call fails at once when the server requests more.
          if ((requested ?? 0) <= MAX_RETRY_AFTER && delay > LONGEST_TIMER)
            throw new RangeError(`a delay of ${delay}`);
          if ((requested ?? 0) === 0 && delay === 0) throw new RangeError('a hot loop');
          const limit = rateLimitOf(headers);
          if (limit && Number.isNaN(limit.resetAt.getTime())) throw new RangeError('an Invalid Date');
        },
      ),
      { numRuns: runs, seed: 2026 },
    );
  }, 60_000);
});

describe('a server that sends Retry-After', () => {
  const HOSTILE = ['99999999', '-5', 'abc', 'Infinity', '0x10', String(2 ** 31), '61', '1e9', ''];

  it.each(HOSTILE)('receives neither a hot loop of requests nor an endless one: %j', async (value) => {
    const sandbox = new Sandbox({ images: [{ id: 5 }] });
    let delays = 0;
    const api: DOApi = sandbox.api({ onRetry: ({ delay }) => void (delays += delay) });
    sandbox.fail({ with: 'status', status: 429, headers: { 'retry-after': value } });
    const start = sandbox.clock.now();
    const error = await rejection(api.fetchImage(5));
    expect(error).toBeInstanceOf(RateLimitError);
    const isLong = Number(value) > 60 && /^\d+$/.test(value);
    expect(sandbox.requests).toHaveLength(isLong ? 1 : 4);
    expect((error as RateLimitError).retryAfter).toBe(isLong ? Number(value) * 1_000 : null);
    if (!isLong) expect(sandbox.clock.now() - start).toBeGreaterThanOrEqual(Math.floor(delays));
    expect(delays > 0).toBe(!isLong);
  });
});
