import { CANARY } from '../support/canary';
import {
  ALWAYS,
  type ErrorName,
  type Fault,
  NEVER,
  NEVER_UNKNOWN,
  often,
  row,
  UNLESS_POST,
  type Variant,
} from './fault';

type Headers = Record<string, string>;

const HTML = { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' };

/** A page as the edge shows it; this one also knows too much. */
const page = (title: string): string =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>Bearer ${CANARY}</p>${'<p>ray id</p>'.repeat(99)}</body></html>`;

interface Said {
  id?: string;
  message?: string;
  /** In place of JSON. */
  body?: string;
  headers?: Headers;
}

/** The API answers so in place of carrying anything out. */
function answering(
  status: number,
  { headers = {}, ...said }: Said = {},
): Pick<Variant, 'arrange' | 'reaches' | 'executes'> {
  return {
    reaches: true,
    executes: false,
    arrange: ({ sandbox }, times) =>
      void sandbox.fail({ with: 'status', status, ...said, headers: { ...headers }, ...often(times) }),
  };
}

/** A refusal that another try would not change. Each of them shows the token, as servers have done. */
const refusal = (
  code: string,
  status: number,
  error: ErrorName,
  said: Said,
  more: Partial<Variant> = {},
): Fault => ({
  code,
  name: `${status} ${said.id ?? said.message?.split(':', 1)[0] ?? 'as plain text'}`,
  variants: [{ ...answering(status, said), error, fates: NEVER, ...more }],
});

/** A failure of the server's, with one face or more. */
const outage = (code: string, name: string, ...variants: Partial<Variant>[]): Fault => ({
  code,
  name,
  variants: variants.map((variant) => ({
    ...answering(500),
    error: 'ServerError',
    fates: UNLESS_POST,
    ...variant,
  })),
});

const limited = (code: string, name: string, ...variants: Partial<Variant>[]): Fault => ({
  code,
  name,
  variants: variants.map((variant) => ({
    ...answering(429),
    error: 'RateLimitError',
    fates: ALWAYS,
    ...variant,
  })),
});

const afterExecution = (status: number): Partial<Variant> => ({
  name: `${status}, carried out`,
  executes: true,
  arrange: ({ sandbox }, times) =>
    void sandbox.fail({ with: 'status-after-execution', status, message: `No, ${CANARY}.`, ...often(times) }),
});

/** What `retry-after` has been seen to say, or could. */
const asking = (value: string): Partial<Variant> => ({
  name: value,
  ...answering(429, { headers: { 'retry-after': value } }),
});

const IN_VAIN = row('once', 'once', 'once', 'once', 'goes on');

/** A bot check of the edge: no API is meant, but an image's action can be asked for in two ways. */
const BOT_CHECK = answering(403, { body: page('Just a moment...'), headers: HTML });

export const STATUS_FAULTS: readonly Fault[] = [
  refusal('F23', 401, 'AuthenticationError', {
    id: 'unauthorized',
    message: `Unable to authenticate ${CANARY}`,
  }),
  refusal('F24', 401, 'AuthenticationError', { body: `Unable to authenticate you with Bearer ${CANARY}` }),
  refusal('F25', 403, 'PermissionDeniedError', { id: 'forbidden' }, { waitTries: 2 }),
  refusal('F26', 404, 'NotFoundError', { id: 'not_found' }, { fates: { ...NEVER, wait: 'gives up' } }),
  refusal('F27', 409, 'ResponseError', { id: 'conflict' }),
  refusal('F28', 412, 'ResponseError', { id: 'precondition_failed' }),
  refusal('F29', 422, 'UnprocessableError', { message: 'Image is already available in region nyc1.' }),
  refusal('F30', 422, 'UnprocessableError', { message: `Image already has a pending event: ${CANARY}` }),

  limited('F31', '429, retry-after 1 s', {
    asks: 1_000,
    ...answering(429, { headers: { 'retry-after': '1' } }),
  }),
  limited('F32', '429, reset in 7 s', {
    asks: 6_000,
    arrange: ({ sandbox }, times) =>
      void sandbox.fail({ with: 'hourly-limit', resetSeconds: 7, ...often(times) }),
  }),
  limited('F33', '429, reset in the past', {
    arrange: ({ sandbox }, times) =>
      void sandbox.fail({ with: 'hourly-limit', resetSeconds: -1_528, ...often(times) }),
  }),
  limited('F34', '429, retry-after a date', {
    asks: 3_000,
    arrange: ({ sandbox }, times) => {
      const headers = {
        // Read for each answer anew.
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
      ...asking(value),
      fates: IN_VAIN,
    })),
    ...['-5', 'abc', 'Infinity', '0x10', '', '1e9', 'NaN', 'Thu, 99 Foo 2026'].map(asking),
  ),

  outage('F36', '500', answering(500, { message: `Server error, ${CANARY}` }), afterExecution(500)),
  outage('F37', '502 HTML', answering(502, { body: page('502'), headers: HTML })),
  outage('F38', '503', answering(503), afterExecution(503), {
    name: 'with retry-after 2 s',
    asks: 2_000,
    ...answering(503, { headers: { 'retry-after': '2' } }),
  }),
  outage('F39', '504 HTML', answering(504, { body: page('504'), headers: HTML })),
  outage('F40', '520 to 524', ...[520, 521, 522, 523, 524].map((status) => answering(status))),
  outage('F41', '505 although carried out', { ...afterExecution(505), fates: NEVER_UNKNOWN }),
  {
    code: 'F42',
    name: '403 HTML, a bot check',
    variants: [{ ...BOT_CHECK, error: 'PermissionDeniedError', fates: NEVER, waitTries: 2 }],
  },
];
