import type { Column, Operation } from './operations';
import type { TestBed } from './test-bed';

/** Names of the errors that a fault can lead to. */
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
 * The expected outcome of a call that meets a fault every time.
 *
 * - `ok`: succeeds at the first attempt.
 * - `hidden`: succeeds at the second attempt, since the fault cannot happen twice in a row.
 * - `again`: four attempts, then the fault's error. When only the first attempt meets the fault, the second succeeds.
 * - `once`: one attempt, then the fault's error.
 * - `unknown`: one attempt, then an UnknownOutcomeError whose `reconcile()` is right.
 * - `twice`: two attempts, the second one with another token, then the fault's error.
 * - `ends`: a list is read for a bounded number of pages, then the fault's error.
 * - `goes on`: a wait polls until its timeout. When only one poll meets the fault, the wait succeeds.
 * - `gives up`: a wait polls during the first minute of an action, then rejects with the fault's error.
 */
export type Expectation =
  'ok' | 'hidden' | 'again' | 'once' | 'unknown' | 'twice' | 'ends' | 'goes on' | 'gives up';

/** One row of the matrix. */
export interface Fault {
  /** Such as `F01`. */
  code: string;
  name: string;
  /** Whether its cells are tried one after another: a blocked event loop delays all of them. */
  isAlone?: boolean;
  /** The operation that shows most, for a sample; default: one of all that can meet it. */
  sample?: string;
  /** A cell holds when it holds for every variant. */
  variants: readonly Variant[];
  /** Why it cannot happen to an operation; `undefined` when it can. */
  cannot?: (operation: Operation) => string | undefined;
}

export interface Variant {
  name?: string;
  /** A job begins with requests that do not end it, as those of a wait. */
  expectations: Readonly<Record<Exclude<Column, 'job'>, Expectation>>;
  /** Of operations that differ from others of their column, by name. */
  exceptions?: Readonly<Partial<Record<string, Expectation>>>;
  error: ErrorName;
  /** Whether the API receives requests. */
  reaches: boolean;
  /** Whether the API carries them out; those with the expectation `ok` always are. */
  executes: boolean;
  /** Milliseconds that the server wants between attempts. */
  retryAfter?: number;
  /** Requests of a `once` of a wait that has another way to poll; default 1. */
  waitTries?: number;
  /** Requests that an `ok` or `ends` may send beyond those it needs. */
  slack?: number;
  /** The manager sends a request before the fault begins. */
  isWarm?: boolean;
  /** Whether `reconcile()` runs during the fault; default: after it. */
  reconcilesDuring?: boolean;
  /** Whether a search may end in a LookupError, since two witnesses contradict each other. */
  mayDoubt?: boolean;
  /** Whether the same manager works again after the fault; default true. */
  heals?: boolean;
  /** @param times how many requests meet the fault */
  arrange: (place: TestBed, times: number) => unknown;
}

/** What is expected of an operation that meets a variant of a fault. */
export const expectationOf = (
  { expectations, exceptions }: Variant,
  { name, column }: Operation,
): Expectation => exceptions?.[name] ?? expectations[column === 'job' ? 'wait' : column];

type Expectations = Variant['expectations'];

/** Never sent, or refused with 429: every request is retried. */
export const ALWAYS: Expectations = row('again', 'again', 'again', 'again', 'goes on');
/** It may have been carried out: every request but a POST is retried. */
export const UNLESS_POST: Expectations = row('again', 'again', 'again', 'unknown', 'goes on');
/** A 2xx without valid JSON: only reads are retried. */
export const ONLY_READS: Expectations = row('again', 'once', 'once', 'unknown', 'goes on');
/** A retry would not help, but a POST may have been carried out. */
export const NEVER_UNKNOWN: Expectations = row('once', 'once', 'once', 'unknown', 'goes on');
/** Refused for good. */
export const NEVER: Expectations = row('once', 'once', 'once', 'once', 'once');
/** Refused by a server in between, which a wait does not believe. */
export const NEVER_BY_API: Expectations = { ...NEVER, wait: 'goes on' };
export const FINE: Expectations = row('ok', 'ok', 'ok', 'ok', 'ok');

export function row(
  read: Expectation,
  put: Expectation,
  del: Expectation,
  post: Expectation,
  wait: Expectation,
): Expectations {
  return { read, put, delete: del, post, wait };
}

/** The option of `sandbox.fail`, which takes no `Infinity`. */
export const often = (times: number): { times?: number } => (times === Infinity ? {} : { times });

export const ofDeletes = (operation: Operation): string | undefined =>
  operation.column === 'delete' ? 'the response to DELETE has no body' : undefined;
