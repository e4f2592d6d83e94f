import type { AbortSignalLike } from '../util/platform-types';
import { is } from '../util/validate';
import { validateOptions } from '../util/options/validate-options';
import {
  NotFoundError,
  RateLimitError,
  ConnectionError,
  ResponseError,
  ServerError,
  TimeoutError,
  UnexpectedResponseError,
} from '../errors/errors';
import { isCertificateRefused } from '../http/failure';
import type { Requester } from '../model/requester';
import type { Progress, WaitPolicy } from '../model/wait-target';

const MAX_FINAL_POLL_LEAD = 500;

/** How to wait. `T` is what is polled: an action, or an image under import. */
export interface WaitOptions<T = unknown> {
  /** Shortest pause between two polls, in milliseconds; default: the manager's `waitInterval` (5,000). */
  interval?: number | undefined;
  /** How long to wait at most, in milliseconds; default: the manager's `waitTime` (an hour); 0: one poll at most. */
  timeout?: number | undefined;
  /** Ends the wait at once, with the signal's own reason. */
  signal?: AbortSignalLike | undefined;
  /** `false`: an action that ended as errored, or an import that failed, is returned like any other. Default `true`. */
  throwOnError?: boolean | undefined;
  /** Called after each poll. When it throws, or the promise it returns rejects, the wait rejects with that reason. */
  onProgress?: ((progress: Progress<T>) => unknown) | undefined;
}

/** The options of a wait for many: each result says how it ended. */
export const GROUP_WAIT_OPTIONS = {
  interval: is.milliseconds({ zero: false }),
  timeout: is.milliseconds({ zero: true }),
  signal: is.signal,
  onProgress: is.function,
};

export const WAIT_OPTIONS = { ...GROUP_WAIT_OPTIONS, throwOnError: is.flag };

/** @throws TypeError, RangeError naming the option */
export function checkWaitOptions<T>(
  api: Pick<Requester, 'waitInterval' | 'waitTime'>,
  options: WaitOptions<T> = {},
  checks: typeof GROUP_WAIT_OPTIONS = WAIT_OPTIONS,
): WaitPolicy<T> {
  const checked = validateOptions(options, checks) as WaitOptions<T>;
  const { interval = api.waitInterval, timeout = api.waitTime, signal, onProgress } = checked;
  return { interval, timeout, signal, throwOnError: checked.throwOnError ?? true, onProgress };
}

/**
 * However long a transfer takes, its end is noticed within half a minute, and within six intervals: a short interval
 * suits a server faster than DigitalOcean's, or a user in a hurry.
 */
const MAX_POLL_DELAY = { ms: 30_000, intervals: 6 };

/**
 * The pause between two polls: a young action changes soon, one that has taken an hour is unlikely to end this second.
 * @param age milliseconds since the action began
 */
export function pollDelay(interval: number, age: number): number {
  const max = Math.min(MAX_POLL_DELAY.ms, MAX_POLL_DELAY.intervals * interval);
  return Math.max(interval, Math.min(max, age / 10));
}

/** How long before its deadline the last poll of a wait comes, so that its response arrives in time. */
export function finalPollLead(interval: number): number {
  return Math.min(MAX_FINAL_POLL_LEAD, interval / 2);
}

/** For this long not every server of the API knows a new resource, so a 404 proves nothing. */
export const NOT_FOUND_GRACE = 60_000;

/** The status of a server that received the request too slowly. */
const REQUEST_TIMEOUT = 408;

/** Failures of the network and of the server. */
const TRANSIENT_ERRORS = [
  ConnectionError,
  ServerError,
  TimeoutError,
  RateLimitError,
  UnexpectedResponseError,
];

/**
 * Whether a failed poll says nothing about its target, so that the wait continues. DigitalOcean's own refusals (401, 403),
 * its 404 and a rejected certificate are final. An error without DigitalOcean's name for it is one of a server in between:
 * the page of a load balancer or a proxy, or the redirect of a captive portal.
 * @param isNew whether the target was just made: then a 404 is transient, too
 */
export function isTransient(error: unknown, isNew: boolean): boolean {
  if (error instanceof ResponseError && (error.id === null || error.status === REQUEST_TIMEOUT)) return true;
  if (error instanceof NotFoundError) return isNew;
  if (error instanceof ConnectionError && isCertificateRefused(error.code)) return false;
  return TRANSIENT_ERRORS.some((type) => error instanceof type);
}
