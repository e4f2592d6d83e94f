import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ConnectionError,
  DOApiError,
  type ResponseInfo,
  responseError,
  TimeoutError,
  UnexpectedResponseError,
} from '../../lib/errors/errors';
import { requestMessage } from '../../lib/errors/message';
import { ReadOnlyError } from '../../lib/errors/read-only';
import { UnknownOutcomeError } from '../../lib/errors/unknown-outcome';

const text = fc.string({ maxLength: 1_000 });
const info = fc.record<ResponseInfo>({
  method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'),
  url: text.map((path) => `https://api.digitalocean.com/${path}`),
  attempts: fc.integer({ min: 0, max: 12 }),
  status: fc.constantFrom(0, 200, 307, 401, 403, 404, 422, 429, 500),
  id: fc.option(text),
  detail: text,
  requestId: fc.option(text),
  rateLimit: fc.constant(null),
  retryAfter: fc.option(fc.nat()),
});

/** When a request was sent and lost. */
const MOMENT = { now: 0, date: 0 };
const SENT = { sentAt: MOMENT, lostAt: MOMENT, sequence: 1, serverClock: null };

describe('a message', () => {
  it('has at most 300 characters, and 400 for unknown outcomes and responses that cannot be read', () => {
    fc.assert(
      fc.property(info, text, (facts, problem) => {
        const errors = [
          responseError(facts, 'image:update'),
          new ConnectionError(facts, { message: problem, code: null, syscall: null }),
          new TimeoutError(facts, 'attempt', 30_000, problem),
          new ReadOnlyError({ ...facts, body: problem, scope: 'image:update' }),
          new DOApiError(problem),
        ];
        for (const { message } of errors) expect(message.length).toBeLessThanOrEqual(300);
        for (const { message } of [
          new UnexpectedResponseError(facts, problem),
          new UnknownOutcomeError({ ...facts, ...SENT, problem }),
          new UnknownOutcomeError({ ...facts, ...SENT, problem }, () => Promise.resolve(null)),
        ])
          expect(message.length).toBeLessThanOrEqual(400);
      }),
    );
  });

  it('keeps its end when it is cut: the request id, the attempts, and what to do', () => {
    const long = 'x'.repeat(1_000);
    const parts = {
      method: 'GET',
      url: `https://api.digitalocean.com/${long}`,
      attempts: 4,
      requestId: 'abc',
    };
    const message = requestMessage(parts, long, '; try again in 5 s');
    expect(message).toHaveLength(300);
    expect(message).toMatch(
      /^GET https:\/\/api\.digitalocean\.com\/x+…: x+… \(request abc\) \(tried 4 times\); try again/,
    );
    // A long URL leaves more than a third to what happened.
    expect(message.split(': ', 1)[0]).toHaveLength('GET '.length + 120);
    const lost = { ...parts, ...SENT, problem: long, status: null, id: null };
    expect(new UnknownOutcomeError(lost).message).toMatch(/may have been carried out.*\(request abc\)/);
  });

  it('is not cut when it is short enough', () => {
    expect(new DOApiError('x'.repeat(300)).message).toBe('x'.repeat(300));
    expect(new DOApiError('x'.repeat(301)).message).toBe(`${'x'.repeat(299)}…`);
  });
});

describe('a ReadOnlyError', () => {
  const body = { url: 'https://example.com/a.qcow2?X-Signature=secret' };
  const error = new ReadOnlyError({
    method: 'POST',
    url: 'https://x.example/v2/images',
    body,
    scope: 'image:create',
  });

  it('says what would have been sent', () => {
    expect(error).toMatchObject({
      method: 'POST',
      url: 'https://x.example/v2/images',
      scope: 'image:create',
    });
    expect(error.body).toBe(body);
    expect(error.message).toBe(
      'POST https://x.example/v2/images: not sent, since this DOApi is read-only; it needs the scope image:create',
    );
  });

  it('does not log the body, which may hold a presigned URL', () => {
    expect(JSON.stringify(error) + String(Object.values(error))).not.toContain('secret');
  });
});
