import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rateLimitOf, retryAfterOf } from '../../lib/http/response-headers';
import { Failure } from '../../lib/http/failure';
import { requestedDelay, MAX_RETRY_AFTER, backoffDelay } from '../../lib/http/retry-policy';
import { DOApi, RateLimitError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/rejection';

const NOW = Date.UTC(2026, 10, 1);
/** A timer of Node's that is longer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What a server may write where a number or a date belongs. */
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

describe('a `Retry-After`, whatever stands in it', () => {
  it('is no time, or one that is finite and not negative: 100,000 of them', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const asked = retryAfterOf({ 'retry-after': text }, NOW);
        if (asked !== null && !(Number.isFinite(asked) && asked >= 0)) throw new RangeError(String(asked));
        if (/^\d+$/.test(text.trim()) && asked === null) throw new RangeError('seconds were not read');
      }),
      { numRuns: 100_000, seed: 2026 },
    );
  }, 60_000);
});

describe('the headers of limits, whatever stands in them', () => {
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

  it('give a pause that a timer can hold and that is not shorter than asked for, or none: 50,000 of them', () => {
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
          const asked = requestedDelay(failure.response, NOW);
          const pause = backoffDelay(failure, attempt, NOW, 0.5);
          if (!(Number.isFinite(pause) && pause >= (asked ?? 0))) throw new RangeError(`a pause of ${pause}`);
          // What asks for more is not waited for at all.
          if ((asked ?? 0) <= MAX_RETRY_AFTER && pause > LONGEST_TIMER)
            throw new RangeError(`a pause of ${pause}`);
          if ((asked ?? 0) === 0 && pause === 0) throw new RangeError('a hot loop');
          const limit = rateLimitOf(headers);
          if (limit && Number.isNaN(limit.resetAt.getTime())) throw new RangeError('an Invalid Date');
        },
      ),
      { numRuns: 50_000, seed: 2026 },
    );
  }, 60_000);
});

describe('a server that asks for a pause', () => {
  const HOSTILE = ['99999999', '-5', 'abc', 'Infinity', '0x10', String(2 ** 31), '61', '1e9', ''];

  it.each(HOSTILE)('is not asked in a hot loop, and not for ever: Retry-After: %j', async (value) => {
    const sandbox = new Sandbox({ images: [{ id: 5 }] });
    let pauses = 0;
    const api: DOApi = sandbox.api({ onRetry: ({ delay }) => void (pauses += delay) });
    sandbox.fail({ with: 'status', status: 429, headers: { 'retry-after': value } });
    const began = sandbox.clock.now();
    const error = await rejection(api.fetchImage(5));
    expect(error).toBeInstanceOf(RateLimitError);
    const isLong = Number(value) > 60 && /^\d+$/.test(value);
    expect(sandbox.requests).toHaveLength(isLong ? 1 : 4);
    expect((error as RateLimitError).retryAfter).toBe(isLong ? Number(value) * 1_000 : null);
    if (!isLong) expect(sandbox.clock.now() - began).toBeGreaterThanOrEqual(Math.floor(pauses));
    expect(pauses > 0).toBe(!isLong);
  });
});
