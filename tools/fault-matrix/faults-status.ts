import { CANARY } from '../support/canary';
import {
  ALWAYS,
  type ErrorName,
  type Fault,
  NEVER,
  NEVER_BY_API,
  NEVER_UNKNOWN,
  often,
  row,
  UNLESS_POST,
  type Variant,
} from './fault';

type Headers = Record<string, string>;

const HTML = { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' };

/** An HTML page of the edge, which also shows the token. */
const page = (title: string): string =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>Bearer ${CANARY}</p>${'<p>ray id</p>'.repeat(99)}</body></html>`;

interface ErrorBody {
  id?: string;
  message?: string;
  /** Replaces the JSON. */
  body?: string;
  headers?: Headers;
}

/** The API responds with this status and carries nothing out. */
function respondingWith(
  status: number,
  { headers = {}, ...said }: ErrorBody = {},
): Pick<Variant, 'arrange' | 'reaches' | 'executes'> {
  return {
    reaches: true,
    executes: false,
    arrange: ({ sandbox }, times) =>
      void sandbox.fail({ with: 'status', status, ...said, headers: { ...headers }, ...often(times) }),
  };
}

/** A refusal that a retry would not change. */
const refusal = (
  code: string,
  status: number,
  error: ErrorName,
  said: ErrorBody,
  more: Partial<Variant> = {},
): Fault => ({
  code,
  name: `${status} ${said.id ?? said.message?.split(':', 1)[0] ?? 'as plain text'}`,
  variants: [{ ...respondingWith(status, said), error, expectations: NEVER, ...more }],
});

/** A failure of the server. */
const outage = (code: string, name: string, ...variants: Partial<Variant>[]): Fault => ({
  code,
  name,
  variants: variants.map((variant) => ({
    ...respondingWith(500),
    error: 'ServerError',
    expectations: UNLESS_POST,
    ...variant,
  })),
});

const limited = (code: string, name: string, ...variants: Partial<Variant>[]): Fault => ({
  code,
  name,
  variants: variants.map((variant) => ({
    ...respondingWith(429),
    error: 'RateLimitError',
    expectations: ALWAYS,
    ...variant,
  })),
});

const afterExecution = (status: number): Partial<Variant> => ({
  name: `${status}, carried out`,
  executes: true,
  arrange: ({ sandbox }, times) =>
    void sandbox.fail({ with: 'status-after-execution', status, message: `No, ${CANARY}.`, ...often(times) }),
});

/** A 429 with this value of `retry-after`. */
const withRetryAfter = (value: string): Partial<Variant> => ({
  name: value,
  ...respondingWith(429, { headers: { 'retry-after': value } }),
});

const IN_VAIN = row('once', 'once', 'once', 'once', 'goes on');

/** A bot check of the edge. */
const BOT_CHECK = respondingWith(403, { body: page('Just a moment...'), headers: HTML });

export const STATUS_FAULTS: readonly Fault[] = [
  refusal('F23', 401, 'AuthenticationError', {
    id: 'unauthorized',
    message: `Unable to authenticate ${CANARY}`,
  }),
  refusal(
    'F24',
    401,
    'AuthenticationError',
    { body: `Unable to authenticate you with Bearer ${CANARY}` },
    { expectations: NEVER_BY_API },
  ),
  refusal('F25', 403, 'PermissionDeniedError', { id: 'forbidden' }, { waitTries: 2 }),
  refusal(
    'F26',
    404,
    'NotFoundError',
    { id: 'not_found' },
    { expectations: { ...NEVER, wait: 'gives up' }, exceptions: { takeSnapshot: 'once' } },
  ),
  refusal('F27', 409, 'ResponseError', { id: 'conflict' }),
  refusal('F28', 412, 'ResponseError', { id: 'precondition_failed' }),
  refusal('F29', 422, 'UnprocessableError', { message: 'Image is already available in region nyc1.' }),
  refusal('F30', 422, 'UnprocessableError', { message: `Image already has a pending event: ${CANARY}` }),

  limited('F31', '429, retry-after 1 s', {
    retryAfter: 1_000,
    ...respondingWith(429, { headers: { 'retry-after': '1' } }),
  }),
  limited('F32', '429, reset in 7 s', {
    retryAfter: 6_000,
    arrange: ({ sandbox }, times) =>
      void sandbox.fail({ with: 'hourly-limit', resetSeconds: 7, ...often(times) }),
  }),
  limited('F33', '429, reset in the past', {
    arrange: ({ sandbox }, times) =>
      void sandbox.fail({ with: 'hourly-limit', resetSeconds: -1_528, ...often(times) }),
  }),
  limited('F34', '429, retry-after a date', {
    retryAfter: 3_000,
    arrange: ({ sandbox }, times) => {
      const headers = {
        // A getter, since each response has its own time.
        get 'retry-after'() {
          return new Date(sandbox.clock.date() + 4_000).toUTCString();
        },
      };
      sandbox.fail({ with: 'status', status: 429, headers, ...often(times) });
    },
  }),
  limited(
    'F35',
    '429, hostile retry-after',
    ...['99999999', '2147483648', '1e400'.replace('e', '0'.repeat(400))].map((value) => ({
      ...withRetryAfter(value),
      expectations: IN_VAIN,
    })),
    ...['-5', 'abc', 'Infinity', '0x10', '', '1e9', 'NaN', 'Thu, 99 Foo 2026'].map(withRetryAfter),
  ),

  outage('F36', '500', respondingWith(500, { message: `Server error, ${CANARY}` }), afterExecution(500)),
  outage('F37', '502 HTML', respondingWith(502, { body: page('502'), headers: HTML })),
  outage('F38', '503', respondingWith(503), afterExecution(503), {
    name: 'with retry-after 2 s',
    retryAfter: 2_000,
    ...respondingWith(503, { headers: { 'retry-after': '2' } }),
  }),
  outage('F39', '504 HTML', respondingWith(504, { body: page('504'), headers: HTML })),
  outage('F40', '520 to 524', ...[520, 521, 522, 523, 524].map((status) => respondingWith(status))),
  outage('F41', '505 although carried out', { ...afterExecution(505), expectations: NEVER_UNKNOWN }),
  {
    code: 'F42',
    name: '403 HTML, a bot check',
    variants: [{ ...BOT_CHECK, error: 'PermissionDeniedError', expectations: NEVER_BY_API }],
  },
];
