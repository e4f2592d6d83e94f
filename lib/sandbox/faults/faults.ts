import type { ActionOutcome, Reply } from '../routes/route-handler';
import { must, oneOf, whole, type Check } from '../state/checks';
import type { WireResponse, DeliveryMode } from '../server/delivery';
import { errorId, errorMessage } from '../routes/api-error';
import { bodyOf, withForeignLink, withOtherRoot, withWrongTypes } from './corrupt-body';

/** What can be said about each kind of fault. Times are milliseconds unless the name says otherwise. */
export interface FaultOptions {
  status: {
    status?: number;
    id?: string;
    message?: string;
    body?: unknown;
    headers?: Record<string, string>;
  };
  'status-after-execution': { status?: number; message?: string };
  html: { status?: number };
  'burst-limit': { retryAfterSeconds?: number };
  'hourly-limit': { resetSeconds?: number };
  redirect: { status?: number; to?: string };
  delay: { ms?: number };
  refused: object;
  'reset-before-execution': object;
  'reset-after-execution': object;
  'stall-before-execution': object;
  'stall-after-execution': object;
  'stall-in-body': object;
  'cut-in-body': object;
  drip: { every?: number };
  'not-http': object;
  empty: object;
  'truncated-json': object;
  'invalid-json': object;
  'wrong-types': object;
  'wrong-root': object;
  oversized: { bytes?: number };
  altered: { alter: (body: unknown) => unknown };
  'foreign-link': { to?: string };
  drift: { change?: 'insert' | 'delete' };
  'errored-action': object;
  'failed-import': { message?: string };
}

/** The name of a fault: see the table in docs/testing.md. */
export type FaultKind = keyof FaultOptions;

/** What a kind of fault does to a request. */
interface Kind<O> {
  /** Whether the API carries the request out all the same. */
  executes: boolean;
  /** What may be said about it; `required` names what must be said. */
  options?: { [K in keyof O]-?: Check };
  required?: keyof O;
  /** Stands in for the reply of the API. */
  reply?: (options: O, reply: Reply) => Reply;
  /** Changes the answer after it was written. */
  answer?: (answer: WireResponse, options: O) => WireResponse;
  manner?: (options: O) => DeliveryMode;
  delay?: (options: O) => number;
  fate?: (options: O) => ActionOutcome;
}

const status = whole(200, 599, 'an HTTP status from 200 to 599');
const seconds = whole(-(2 ** 31), 2 ** 31, 'a whole number of seconds');

/** Every fault there is: what the API does with the request, and what the caller sees. */
export const FAULTS: { readonly [K in FaultKind]: Kind<FaultOptions[K]> } = {
  status: {
    executes: false,
    options: { status, id: must.text, message: must.text, body: must.anything, headers: must.headers },
    reply: ({ status = 500, id, message, body }) =>
      error(status, message, id, body === undefined ? undefined : (body as Reply['body'])),
    answer: (answer, { body, headers: own }) => ({
      status: answer.status,
      headers: {
        ...answer.headers,
        ...(typeof body === 'string' ? { 'content-type': 'text/plain; charset=utf-8' } : {}),
        ...own,
      },
      text: typeof body === 'string' ? body : answer.text,
    }),
  },
  'status-after-execution': {
    executes: true,
    options: { status, message: must.text },
    reply: ({ status = 503, message }) => error(status, message),
  },
  html: {
    executes: false,
    options: { status },
    reply: ({ status = 502 }) => ({ status, body: {} }),
    answer: ({ status }) => ({
      status,
      headers: { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' },
      text: `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>Error ${status}</h1></body></html>\n`,
    }),
  },
  'burst-limit': {
    executes: false,
    options: { retryAfterSeconds: seconds },
    reply: () => error(429),
    answer: (answer, { retryAfterSeconds = 29 }) =>
      withHeaders(answer, { 'ratelimit-remaining': '0', 'retry-after': String(retryAfterSeconds) }),
  },
  'hourly-limit': {
    executes: false,
    options: { resetSeconds: seconds },
    reply: () => error(429),
    answer: (answer, { resetSeconds }) => {
      // The gate has put the honest reset there: an hour from now. A negative wish puts it into the past, as was seen.
      const reset = Number(answer.headers['ratelimit-reset']) - 3600 + (resetSeconds ?? 3600);
      return withHeaders(answer, { 'ratelimit-remaining': '0', 'ratelimit-reset': String(reset) });
    },
  },
  redirect: {
    executes: false,
    options: { status: whole(300, 399), to: must.headerValue },
    reply: ({ status = 302 }) => ({ status }),
    answer: (answer, { to = 'https://elsewhere.example/v2' }) => withHeaders(answer, { location: to }),
  },
  delay: { executes: true, options: { ms: must.ms }, delay: ({ ms: wanted = 1_000 }) => wanted },
  refused: { executes: false, manner: () => ({ how: 'refused' }) },
  'reset-before-execution': { executes: false, manner: () => ({ how: 'reset' }) },
  'reset-after-execution': { executes: true, manner: () => ({ how: 'reset' }) },
  'stall-before-execution': { executes: false, manner: () => ({ how: 'stall' }) },
  'stall-after-execution': { executes: true, manner: () => ({ how: 'stall' }) },
  'stall-in-body': { executes: true, manner: () => ({ how: 'stall-in-body' }) },
  'cut-in-body': { executes: true, manner: () => ({ how: 'cut-in-body' }) },
  drip: {
    executes: true,
    options: { every: must.ms },
    manner: ({ every = 100 }) => ({ how: 'drip', every }),
  },
  'not-http': { executes: false, manner: () => ({ how: 'not-http' }) },
  empty: { executes: true, answer: (answer) => ({ ...answer, text: '' }) },
  'truncated-json': {
    executes: true,
    answer: (answer) => ({ ...answer, text: answer.text.slice(0, Math.floor(answer.text.length / 2)) }),
  },
  'invalid-json': {
    executes: true,
    answer: (answer) => ({ ...answer, text: `${answer.text.slice(0, -1)},}` }),
  },
  'wrong-types': { executes: true, reply: (_, reply) => withWrongTypes(reply) },
  'wrong-root': { executes: true, reply: (_, reply) => withOtherRoot(reply) },
  oversized: {
    executes: true,
    options: { bytes: whole(1, 2 ** 28) },
    answer: (answer, { bytes = 11 * 2 ** 20 }) => ({ ...answer, text: answer.text.padEnd(bytes) }),
  },
  altered: {
    executes: true,
    options: { alter: must.fn },
    required: 'alter',
    reply: ({ alter }, reply) => ({ ...reply, body: alter(bodyOf(reply)) as Reply['body'] }),
  },
  'foreign-link': {
    executes: true,
    options: { to: must.text },
    reply: ({ to = 'https://elsewhere.example/v2/images?page=2' }, reply) => withForeignLink(reply, to),
  },
  // What drifts is the world, between the pages: see `drift`.
  drift: {
    executes: true,
    options: { change: oneOf('insert', 'delete') },
  },
  'errored-action': { executes: true, fate: () => ({ erroredAction: true }) },
  'failed-import': {
    executes: true,
    options: { message: must.text },
    fate: ({ message = 'The image could not be imported.' }) => ({ failedImport: message }),
  },
};

function error(
  status: number,
  message = errorMessage(status),
  id = errorId(status),
  body: Reply['body'] = { id, message },
): Reply {
  return { status, body };
}

function withHeaders(answer: WireResponse, headers: Record<string, string>): WireResponse {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
