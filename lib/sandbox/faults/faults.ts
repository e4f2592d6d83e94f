import type { ActionOutcome, Reply } from '../routes/route-handler';
import { defineCheck, defineRangeCheck, is, type Check } from '../../util/validate';
import type { WireResponse, DeliveryMode } from '../server/delivery';
import { errorId, errorMessage } from '../state/api-error';
import { FINITE_MS } from '../state/durations';
import type { FaultKind, FaultOptions } from './fault-options';
import { bodyOf, withForeignLink, withOtherRoot, withWrongTypes } from './corrupt-body';

/** What a kind of fault does to a request. */
interface Kind<O> {
  /** Whether the API executes the request. */
  executes: boolean;
  options?: { [K in keyof O]-?: Check };
  /** Replaces the reply of the API. */
  reply?: (options: O, reply: Reply) => Reply;
  /** Changes the response after it was written. */
  response?: (response: WireResponse, options: O) => WireResponse;
  mode?: (options: O) => DeliveryMode;
  delay?: (options: O) => number;
  outcome?: (options: O) => ActionOutcome;
}

const isHeaderValue = (value: unknown): value is string =>
  typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

const status = defineRangeCheck('an HTTP status from 200 to 599', is.integer(200, 599).test);
const seconds = defineRangeCheck(
  'a whole number of seconds',
  (value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 31,
);
const headerValue = defineCheck<string>('a string without control characters', isHeaderValue);
const headers = defineCheck<Record<string, string>>(
  'an object of header names and values',
  (value) =>
    is.object.test(value) &&
    Object.entries(value).every(([name, one]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && isHeaderValue(one)),
);

/** Every kind of fault: what the API does with the request, and what the caller sees. */
export const FAULTS: { readonly [K in FaultKind]: Kind<FaultOptions[K]> } = {
  status: {
    executes: false,
    options: { status, id: is.string, message: is.string, body: is.anything, headers },
    reply: ({ status = 500, id, message, body }) =>
      errorReply(status, message, id, body === undefined ? undefined : (body as Reply['body'])),
    response: (response, { body, headers: own }) => ({
      status: response.status,
      headers: {
        ...response.headers,
        ...(typeof body === 'string' ? { 'content-type': 'text/plain; charset=utf-8' } : {}),
        ...own,
      },
      text: typeof body === 'string' ? body : response.text,
    }),
  },
  'status-after-execution': {
    executes: true,
    options: { status, message: is.string },
    reply: ({ status = 503, message }) => errorReply(status, message),
  },
  html: {
    executes: false,
    options: { status },
    reply: ({ status = 502 }) => ({ status, body: {} }),
    response: ({ status }) => ({
      status,
      headers: { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' },
      text: `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>Error ${status}</h1></body></html>\n`,
    }),
  },
  'burst-limit': {
    executes: false,
    options: { retryAfterSeconds: seconds },
    reply: () => errorReply(429),
    response: (response, { retryAfterSeconds = 29 }) =>
      withHeaders(response, { 'ratelimit-remaining': '0', 'retry-after': String(retryAfterSeconds) }),
  },
  'hourly-limit': {
    executes: false,
    options: { resetSeconds: seconds },
    reply: () => errorReply(429),
    response: (response, { resetSeconds }) => {
      // The header already holds the true reset: an hour from now. The real API was seen to send one in the past.
      const reset = Number(response.headers['ratelimit-reset']) - 3600 + (resetSeconds ?? 3600);
      return withHeaders(response, { 'ratelimit-remaining': '0', 'ratelimit-reset': String(reset) });
    },
  },
  redirect: {
    executes: false,
    options: { status: is.integer(300, 399), to: headerValue },
    reply: ({ status = 302 }) => ({ status }),
    response: (response, { to = 'https://elsewhere.example/v2' }) => withHeaders(response, { location: to }),
  },
  delay: { executes: true, options: { ms: FINITE_MS }, delay: ({ ms = 1_000 }) => ms },
  refused: { executes: false, mode: () => ({ how: 'refused' }) },
  'reset-before-execution': { executes: false, mode: () => ({ how: 'reset' }) },
  'reset-after-execution': { executes: true, mode: () => ({ how: 'reset' }) },
  'stall-before-execution': { executes: false, mode: () => ({ how: 'stall' }) },
  'stall-after-execution': { executes: true, mode: () => ({ how: 'stall' }) },
  'stall-in-body': { executes: true, mode: () => ({ how: 'stall-in-body' }) },
  'cut-in-body': { executes: true, mode: () => ({ how: 'cut-in-body' }) },
  drip: {
    executes: true,
    options: { every: FINITE_MS },
    mode: ({ every = 100 }) => ({ how: 'drip', every }),
  },
  'not-http': { executes: false, mode: () => ({ how: 'not-http' }) },
  empty: { executes: true, response: (response) => ({ ...response, text: '' }) },
  'truncated-json': {
    executes: true,
    response: (response) => ({
      ...response,
      text: response.text.slice(0, Math.floor(response.text.length / 2)),
    }),
  },
  'invalid-json': {
    executes: true,
    response: (response) => ({ ...response, text: `${response.text.slice(0, -1)},}` }),
  },
  'wrong-types': { executes: true, reply: (_, reply) => withWrongTypes(reply) },
  'wrong-root': { executes: true, reply: (_, reply) => withOtherRoot(reply) },
  oversized: {
    executes: true,
    options: { bytes: is.integer(1, 2 ** 28) },
    response: (response, { bytes = 11 * 2 ** 20 }) => ({ ...response, text: response.text.padEnd(bytes) }),
  },
  altered: {
    executes: true,
    options: { alter: is.required(is.function) },
    reply: ({ alter }, reply) => ({ ...reply, body: alter(bodyOf(reply)) as Reply['body'] }),
  },
  'foreign-link': {
    executes: true,
    options: { to: is.string },
    reply: ({ to = 'https://elsewhere.example/v2/images?page=2' }, reply) => withForeignLink(reply, to),
  },
  // It changes the world, not the response: see `mutateList`.
  drift: {
    executes: true,
    options: { change: is.oneOf('insert', 'delete') },
  },
  'errored-action': { executes: true, outcome: () => ({ erroredAction: true }) },
  'failed-import': {
    executes: true,
    options: { message: is.string },
    outcome: ({ message = 'The image could not be imported.' }) => ({ failedImport: message }),
  },
};

function errorReply(
  status: number,
  message = errorMessage(status),
  id = errorId(status),
  body: Reply['body'] = { id, message },
): Reply {
  return { status, body };
}

function withHeaders(response: WireResponse, headers: Record<string, string>): WireResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}
