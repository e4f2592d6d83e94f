import { retryAfterOf, rateLimitOf, serverDate } from './response-headers';
import type { Failure } from './failure';

/** What to do about a failed attempt: try again, give up, or give up not knowing whether it was carried out. */
export type RetryDecision = 'again' | 'give up' | 'unknown';

/**
 * What a method allows. `read` has no effect, `repeatable` has the same effect twice as once (PUT, DELETE, tagging),
 * `once` must not be sent again unless the first one provably never arrived, or was refused with 429.
 */
export type Safety = 'read' | 'repeatable' | 'once';

type Rule = Readonly<Record<Safety, RetryDecision>>;

const ALWAYS: Rule = { read: 'again', repeatable: 'again', once: 'again' };
const NEVER: Rule = { read: 'give up', repeatable: 'give up', once: 'give up' };
const UNLESS_ONCE: Rule = { read: 'again', repeatable: 'again', once: 'unknown' };
const READS_ONLY: Rule = { read: 'again', repeatable: 'give up', once: 'unknown' };
const NEVER_UNKNOWN: Rule = { read: 'give up', repeatable: 'give up', once: 'unknown' };

/** Statuses that say "not now"; all other 4xx and 5xx say "not so". */
const RETRYABLE_STATUSES = new Set([408, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** The retry rules, as a table. */
function ruleFor(failure: Failure): Rule {
  switch (failure.kind) {
    case 'unsent':
      return ALWAYS;
    case 'timeout':
    case 'lost':
      return failure.mayHaveBeenSent ? UNLESS_ONCE : ALWAYS;
    case 'unreadable':
      return READS_ONLY;
    case 'protocol':
      return NEVER_UNKNOWN;
    case 'tls':
      return NEVER;
    case 'status':
      return ruleForStatus(failure.response?.status ?? 0);
  }
}

function ruleForStatus(status: number): Rule {
  if (status === 429) return ALWAYS;
  if (RETRYABLE_STATUSES.has(status)) return UNLESS_ONCE;
  return status >= 500 ? NEVER_UNKNOWN : NEVER;
}

/** Whether a failed attempt may be repeated. */
export function retryDecision(failure: Failure, safety: Safety): RetryDecision {
  return ruleFor(failure)[safety];
}

/** Full jitter from `first` milliseconds, doubled each time. */
export const BACKOFF = { first: 500, firstAfter429: 1_000, factor: 2, longest: 20_000 };

/** Nobody waits longer than this inside one call because a server asks for it: the caller is told how long instead. */
export const MAX_RETRY_AFTER = 60_000;

/**
 * How long to pause before the next attempt, in milliseconds. Never less than the server asks for, and up to a tenth
 * more, so that a crowd does not come back together; otherwise full jitter.
 * @param attempt how many attempts were made, 1 or more
 * @param date the local date in milliseconds since 1970
 * @param random from 0 to 1
 */
export function backoffDelay(failure: Failure, attempt: number, date: number, random: number): number {
  const asked = requestedDelay(failure.response, date);
  if (asked !== null && asked > 0) return asked * (1 + 0.1 * random);
  const first = failure.response?.status === 429 ? BACKOFF.firstAfter429 : BACKOFF.first;
  return random * Math.min(BACKOFF.longest, first * BACKOFF.factor ** (attempt - 1));
}

/** What the server asks for: `retry-after`, or on a 429 without it a `ratelimit-reset` that lies in the next minute. */
export function requestedDelay(answer: Failure['response'], date: number): number | null {
  if (!answer) return null;
  const asked = retryAfterOf(answer.headers, date);
  if (asked !== null || answer.status !== 429) return asked;
  const reset = rateLimitOf(answer.headers)?.resetAt.getTime();
  if (reset === undefined) return null;
  const wait = reset - serverDate(answer.headers, date);
  return wait > 0 && wait <= MAX_RETRY_AFTER ? wait : null;
}
