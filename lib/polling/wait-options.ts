import { checkFlag, checkFunction, checkMs, checkObject, checkSignal } from '../util/validate';
import {
  DOApiError,
  NotFoundError,
  RateLimitError,
  ConnectionError,
  ServerError,
  TimeoutError,
  UnexpectedResponseError,
} from '../errors/errors';
import { isCertificateRefused } from '../http/failure';
import type { Requester } from '../model/requester';

/** How a wait is made. `T` is what is looked at: an action, or an image under import. */
export interface WaitOptions<T = unknown> {
  /** Shortest pause between two looks, in milliseconds; default: the manager's `waitInterval` (5,000). */
  interval?: number;
  /** How long to wait at most, in milliseconds; default: the manager's `waitTime` (an hour); 0: one look at most. */
  timeout?: number;
  /** Ends the wait, at once, with the signal's own reason. */
  signal?: AbortSignal;
  /** `false`: an action that ended as errored, or an import that failed, is returned like any other. Default `true`. */
  throwOnError?: boolean;
  /** Called after each look. */
  onProgress?: (progress: Progress<T>) => void;
}

/** What a look showed. */
export interface Progress<T = unknown> {
  /** The state as it was seen: an action, or the image under import. */
  state: T;
  /** Milliseconds since the wait began. */
  elapsed: number;
  /** Looks so far. */
  polls: number;
}

/** The options of a wait, checked and complete. */
export interface WaitPolicy<T> {
  interval: number;
  timeout: number;
  signal: AbortSignal | undefined;
  throwOnError: boolean;
  onProgress: ((progress: Progress<T>) => void) | undefined;
}

/** @throws TypeError, RangeError naming the option */
export function checkWaitOptions<T>(api: Requester, options: WaitOptions<T> = {}): WaitPolicy<T> {
  checkObject('options', options);
  const {
    interval = api.waitInterval,
    timeout = api.waitTime,
    signal,
    throwOnError = true,
    onProgress,
  } = options;
  if (onProgress !== undefined) checkFunction('onProgress', onProgress);
  return {
    interval: checkMs('interval', interval, { zero: false }),
    timeout: checkMs('timeout', timeout, { zero: true }),
    signal: checkSignal(signal),
    throwOnError: checkFlag('throwOnError', throwOnError),
    onProgress,
  };
}

/** However long a transfer takes, half a minute is soon enough to hear of its end. */
const MAX_POLL_DELAY = 30_000;

/**
 * The pause between two looks: what is young changes soon, what has gone on for an hour will not end this second.
 * @param age milliseconds since the action began
 */
export function pollDelay(interval: number, age: number): number {
  return Math.max(interval, Math.min(MAX_POLL_DELAY, age / 10));
}

/** What was just made is not found by every server at once; for this long a 404 says nothing. */
export const NOT_FOUND_GRACE = 60_000;

/** Troubles of the network and of the server. */
const TRANSIENT_ERRORS = [
  ConnectionError,
  ServerError,
  TimeoutError,
  RateLimitError,
  UnexpectedResponseError,
];

/**
 * Whether a look that failed says nothing about what is waited for, so that the wait goes on. Troubles pass; a refusal
 * (401, 403) does not, nor does a certificate that was refused, nor a 404, except of what was only just made.
 */
export function isTransient(error: unknown, young: boolean): boolean {
  if (error instanceof NotFoundError) return young;
  if (error instanceof ConnectionError && isCertificateRefused(error.code)) return false;
  return TRANSIENT_ERRORS.some((type) => error instanceof type);
}

/** Patience ran out before everything waited for had ended. It goes on at DigitalOcean all the same. */
export class WaitTimeoutError<T = unknown> extends DOApiError {
  /** The last state seen of each that had not ended. */
  readonly inProgress: readonly T[];
  /** Milliseconds waited. */
  readonly elapsed: number;
  /** How often it was looked. */
  readonly polls: number;

  constructor(
    what: string,
    inProgress: readonly T[],
    elapsed: number,
    looks: number,
    problem: unknown = null,
  ) {
    super(
      `${what} had not ended after ${Math.round(elapsed / 1000)} s and ${looks} ${looks === 1 ? 'look' : 'looks'}; it goes on without you: wait again, or for longer (timeout)`,
    );
    this.inProgress = inProgress;
    this.elapsed = elapsed;
    this.polls = looks;
    if (problem !== null) this.cause = problem;
  }
}
