import type { Column, Operation } from './operations';
import type { Place } from './place';

/** The errors that a fault can end in, by name. */
export type ErrorName =
  | 'AuthenticationError'
  | 'ConnectionError'
  | 'NotFoundError'
  | 'PermissionDeniedError'
  | 'RateLimitError'
  | 'RedirectError'
  | 'ResponseError'
  | 'ServerError'
  | 'TimeoutError'
  | 'UnexpectedResponseError'
  | 'UnprocessableError';

/**
 * What becomes of a call that meets a fault every time.
 *
 * - `ok`: answered, as if nothing were.
 * - `hidden`: answered at the second try: the fault cannot happen twice in a row.
 * - `again`: tried four times, then the fault's error. Met once only, it is answered at the second try.
 * - `once`: tried once, then the fault's error.
 * - `unknown`: sent once, then an UnknownOutcomeError, whose `reconcile()` tells the truth.
 * - `goes on`: a wait bears with it until its time is up. Met once only, it does not show.
 * - `gives up`: a wait bears with it for the first minute of an action, then ends with the fault's error.
 */
export type Fate = 'ok' | 'hidden' | 'again' | 'once' | 'unknown' | 'goes on' | 'gives up';

/** One of the sixty-four. */
export interface Fault {
  /** As in the plan: `F01`. */
  code: string;
  name: string;
  /** A fault has many faces; a cell holds when it holds for all of them. */
  variants: readonly Variant[];
  /** Why it cannot happen to an operation; `undefined` when it can. */
  cannot?: (operation: Operation) => string | undefined;
}

export interface Variant {
  name?: string;
  fates: Readonly<Record<Column, Fate>>;
  error: ErrorName;
  /** Whether requests reach the API. */
  reaches: boolean;
  /** Whether the API carries them out. */
  executes: boolean;
  /** How long the server asks to wait before the next attempt. */
  asks?: number;
  /** Requests that a `once` of a wait takes, when it has another way to ask; default 1. */
  waitTries?: number;
  /** Requests that an `ok` may take beyond those it needs. */
  slack?: number;
  /** The same API is asked for something before the fault comes. */
  isWarm?: boolean;
  /** The same manager can be used again after the fault; default true. */
  heals?: boolean;
  /** @param times how many requests meet the fault */
  arrange: (place: Place, times: number) => unknown;
}

type Fates = Variant['fates'];

/** Never sent, or refused with 429: everybody may try again. */
export const ALWAYS: Fates = row('again', 'again', 'again', 'again', 'goes on');
/** It may have been carried out: everybody but a POST may try again. */
export const UNLESS_POST: Fates = row('again', 'again', 'again', 'unknown', 'goes on');
/** A 2xx that is no JSON. */
export const ONLY_READS: Fates = row('again', 'once', 'once', 'unknown', 'goes on');
/** Nothing that another try would change, but a POST may have been carried out. */
export const NEVER_UNKNOWN: Fates = row('once', 'once', 'once', 'unknown', 'goes on');
/** Refused, and that is final. */
export const NEVER: Fates = row('once', 'once', 'once', 'once', 'once');
export const FINE: Fates = row('ok', 'ok', 'ok', 'ok', 'ok');

export function row(read: Fate, put: Fate, del: Fate, post: Fate, wait: Fate): Fates {
  return { read, put, delete: del, post, wait };
}

/** `sandbox.fail` wants a count or nothing. */
export const often = (times: number): { times?: number } => (times === Infinity ? {} : { times });

export const ofDeletes = (operation: Operation): string | undefined =>
  operation.column === 'delete' ? 'the answer to DELETE has no body' : undefined;
