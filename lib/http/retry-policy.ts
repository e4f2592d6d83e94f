import type { Failure } from './failure';
import { rateLimitOf, retryAfterOf, serverDate } from './response/response-headers';
import type { HttpResponse } from './transport/types';

/** What to do about a failed attempt: retry, fail, or fail without knowing whether the request was carried out. */
export type RetryDecision = 'retry' | 'fail' | 'unknown';

/**
 * What repeating a request may do, as RFC 9110 has it: a `safe` one has no effect, an `idempotent` one (PUT, DELETE,
 * tagging) has the same effect twice as once. An `unsafe` one (POST, PATCH) is retried only when the first attempt provably
 * never arrived or was refused with 429.
 */
export type Safety = 'safe' | 'idempotent' | 'unsafe';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['PUT', 'DELETE']);

/** @param idempotent whether the request is so although its method need not be, as for tagging with POST */
export function safetyOf(method: string, idempotent = false): Safety {
  if (SAFE_METHODS.has(method)) return 'safe';
  return IDEMPOTENT_METHODS.has(method) || idempotent ? 'idempotent' : 'unsafe';
}

type RetryRule = Readonly<Record<Safety, RetryDecision>>;

const RETRY_ALL: RetryRule = { safe: 'retry', idempotent: 'retry', unsafe: 'retry' };
const RETRY_IDEMPOTENT: RetryRule = { safe: 'retry', idempotent: 'retry', unsafe: 'unknown' };
const RETRY_SAFE: RetryRule = { safe: 'retry', idempotent: 'fail', unsafe: 'unknown' };
const NO_RETRY: RetryRule = { safe: 'fail', idempotent: 'fail', unsafe: 'unknown' };
const REFUSED: RetryRule = { safe: 'fail', idempotent: 'fail', unsafe: 'fail' };

/** Statuses of a transient failure. All other 4xx and 5xx would come back. */
const RETRYABLE_STATUSES = new Set([408, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** The retry rules, as a table. */
function ruleFor(failure: Failure): RetryRule {
  switch (failure.kind) {
    case 'unsent':
    case 'token':
      return RETRY_ALL;
    case 'timeout':
    case 'lost':
      return failure.mayHaveBeenSent ? RETRY_IDEMPOTENT : RETRY_ALL;
    case 'unreadable':
      return RETRY_SAFE;
    case 'protocol':
      return NO_RETRY;
    case 'tls':
      return REFUSED;
    case 'status':
      return ruleForStatus(failure.response?.status ?? 0);
  }
}

function ruleForStatus(status: number): RetryRule {
  if (status === 429) return RETRY_ALL;
  if (RETRYABLE_STATUSES.has(status)) return RETRY_IDEMPOTENT;
  return status >= 500 ? NO_RETRY : REFUSED;
}

/** Whether a failed attempt may be retried. */
export function retryDecision(failure: Failure, safety: Safety): RetryDecision {
  return ruleFor(failure)[safety];
}

/** Exponential backoff with full jitter, in milliseconds. */
const BACKOFF = { base: 500, baseAfter429: 1_000, factor: 2, cap: 20_000 };

/** Longest delay a call waits for when the server requests it, in milliseconds; for a longer one the call fails at once. */
export const MAX_RETRY_AFTER = 60_000;

/**
 * The delay before the next attempt, in milliseconds. A delay the server requests is authoritative; up to a tenth is
 * added, so that clients do not return all at once.
 * @param attempt how many attempts were made, 1 or more
 * @param date the local date in milliseconds since 1970
 * @param random from 0 to 1
 */
export function backoffDelay(failure: Failure, attempt: number, date: number, random: number): number {
  const requested = requestedDelay(failure.response, date);
  if (requested !== null && requested > 0) return requested * (1 + 0.1 * random);
  const base = failure.response?.status === 429 ? BACKOFF.baseAfter429 : BACKOFF.base;
  return random * Math.min(BACKOFF.cap, base * BACKOFF.factor ** (attempt - 1));
}

/** The delay the server requests: `retry-after`, or on a 429 without it a `ratelimit-reset` within the next minute. */
export function requestedDelay(response: HttpResponse | null, date: number): number | null {
  if (!response) return null;
  const { status, headers } = response;
  const retryAfter = retryAfterOf(headers, date);
  if (retryAfter !== null || status !== 429) return retryAfter;
  const reset = rateLimitOf(headers)?.resetAt.getTime();
  if (reset === undefined) return null;
  const delay = reset - serverDate(headers, date);
  return delay > 0 && delay <= MAX_RETRY_AFTER ? delay : null;
}

/** For how long a 429 pauses all requests of the token, in milliseconds. */
export function pauseAfter429(response: HttpResponse, date: number): number {
  return requestedDelay(response, date) ?? BACKOFF.baseAfter429;
}
