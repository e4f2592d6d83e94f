import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  rateLimitOf,
  requestIdOf,
  retryAfterOf,
  serverDate,
} from '../../../lib/http/response/response-headers';
import { parseErrorBody } from '../../../lib/http/response/error-body';

const NOW = Date.UTC(2026, 0, 31, 12);
const httpDate = (ms: number): string => new Date(ms).toUTCString();

describe('parseErrorBody', () => {
  it("reads DigitalOcean's name and message", () => {
    const body = JSON.stringify({ id: 'not_found', message: 'Not here.', request_id: 'abc' });
    expect(parseErrorBody(body, {}, 'Not Found')).toEqual({
      id: 'not_found',
      detail: 'Not here.',
      requestId: 'abc',
    });
  });

  it.each([
    ['{"error":"name is invalid"}', null, 'name is invalid'],
    ['{"id":"x"}', 'x', ''],
    ['{"id":5,"message":{"a":1}}', null, ''],
    ['{"id":"","message":"m"}', null, 'm'],
    ['{}', null, ''],
    ['[]', null, '[]'],
    ['null', null, 'null'],
    ['"Unauthorized"', null, '"Unauthorized"'],
    ['Unable to authenticate you', null, 'Unable to authenticate you'],
    ['<html>\n<b>504</b></html>', null, '504'],
    ['{"id":"cut', null, '{"id":"cut'],
    ['', null, 'Bad Gateway'],
    [' \n', null, 'Bad Gateway'],
  ])('accepts any body: %j', (body, id, detail) => {
    expect(parseErrorBody(body, {}, 'Bad Gateway')).toEqual({ id, detail, requestId: null });
  });

  it("prefers the body's request id to the header's", () => {
    const headers = { 'x-request-id': 'header' };
    expect(parseErrorBody('{"request_id":"body"}', headers, '').requestId).toBe('body');
    expect(parseErrorBody('{}', headers, '').requestId).toBe('header');
    expect(requestIdOf({ 'x-request-id': 'a\u001b[31m\nb' })).toBe('a [31m b');
    expect(requestIdOf({ 'x-request-id': '' })).toBeNull();
  });

  it('quotes at most 200 characters, on one line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.webUrl()), (text) => {
        for (const body of [text, JSON.stringify({ id: text, message: text, request_id: text })]) {
          const { id, detail, requestId } = parseErrorBody(body, { 'x-request-id': text }, '');
          for (const quoted of [id, detail, requestId]) {
            expect(quoted?.length ?? 0).toBeLessThanOrEqual(200);
            expect(quoted ?? '').not.toMatch(/[\r\n]/);
          }
        }
      }),
    );
  });
});

describe('rateLimitOf', () => {
  const headers = {
    'ratelimit-limit': '5000',
    'ratelimit-remaining': '4999',
    'ratelimit-reset': '1769860800',
  };

  it('reads the three headers', () => {
    expect(rateLimitOf(headers)).toEqual({
      limit: 5000,
      remaining: 4999,
      resetAt: new Date(1_769_860_800_000),
    });
  });

  it('accepts white space around the numbers', () => {
    expect(rateLimitOf({ ...headers, 'ratelimit-remaining': ' 7\t' })?.remaining).toBe(7);
  });

  it('returns null unless all three are numbers', () => {
    for (const name of Object.keys(headers)) {
      for (const value of [undefined, '', '-1', '1.5', 'abc', '0x10', '1e3', '5000, 5000', '9'.repeat(13)]) {
        expect(rateLimitOf({ ...headers, [name]: value })).toBeNull();
      }
    }
  });

  it('returns a valid date for any number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,14}$/), (reset) => {
        const limit = rateLimitOf({ ...headers, 'ratelimit-reset': reset });
        expect(Number.isNaN(limit?.resetAt.getTime() ?? 0)).toBe(false);
      }),
    );
  });
});

describe('retryAfterOf', () => {
  it.each([
    ['29', 29_000],
    ['0', 0],
    ['1.5', 1_500],
    ['1.25', 1_250],
    [' 7 ', 7_000],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ])('reads seconds: %j', (value, ms) => {
    expect(retryAfterOf({ 'retry-after': value }, NOW)).toBe(ms);
  });

  it.each(['', ' ', '-5', '+5', '0x10', '1e9', 'Infinity', 'NaN', 'abc', '5s', '5, 5', '٣', 'Mon, never'])(
    'returns null for an invalid value: %j',
    (value) => {
      expect(retryAfterOf({ 'retry-after': value }, NOW)).toBeNull();
    },
  );

  it('returns null when other text precedes the date', () => {
    const date = httpDate(NOW + 30_000);
    expect(retryAfterOf({ 'retry-after': `on ${date}` }, NOW)).toBeNull();
    expect(retryAfterOf({ 'retry-after': `0 ${date}` }, NOW)).toBeNull();
  });

  it('returns null without the header', () => {
    expect(retryAfterOf({}, NOW)).toBeNull();
  });

  it('reads a date, by the local clock when there is no date header', () => {
    expect(retryAfterOf({ 'retry-after': httpDate(NOW + 30_000) }, NOW)).toBe(30_000);
    expect(retryAfterOf({ 'retry-after': httpDate(NOW - 30_000) }, NOW)).toBe(0);
  });

  it.each([-300_000, 0, 300_000])("compares with the server's date when clocks differ by %d ms", (skew) => {
    const headers = { date: httpDate(NOW + skew), 'retry-after': httpDate(NOW + skew + 30_000) };
    expect(retryAfterOf(headers, NOW)).toBe(30_000);
    expect(serverDate(headers, NOW)).toBe(NOW + skew);
  });

  it('falls back to the local date when the date header is missing or invalid', () => {
    expect(serverDate({ date: 'yesterday' }, NOW)).toBe(NOW);
    expect(serverDate({}, NOW)).toBe(NOW);
  });

  it('returns null, or a finite delay that is not negative, for any headers', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[0-9a-fx.,+eE: -]*$/),
      fc.stringMatching(/^(Mon|Tuesday|Xyz), [0-9]{1,3} (Jan|Feb|Foo) [0-9]{1,7} [0-9:]* (GMT|UTC|\+\d{4})$/),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      fc.double().map(String),
      fc.bigInt().map(String),
    );
    fc.assert(
      fc.property(wild, fc.option(wild, { nil: undefined }), (retryAfter, date) => {
        const ms = retryAfterOf({ 'retry-after': retryAfter, date }, NOW);
        expect(ms === null || (Number.isFinite(ms) && ms >= 0)).toBe(true);
        // Digits are decimal seconds, never hexadecimal, octal or a power.
        if (/^\d+$/.test(retryAfter)) {
          expect(ms).toBe(Math.min(Number(retryAfter) * 1_000, Number.MAX_SAFE_INTEGER));
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
