import type { CallOptions, Fits } from '../model/requester';
import type { TracedCall } from '../model/trace-channels';
import type { Reconcile } from '../errors/unknown-outcome';
import type { AnySignal } from '../util/abort';
import type { Clock } from '../util/clock';
import type { DeniedScopes } from './denied-scopes';
import type { RetryBudget } from './retry-budget';
import type { Safety } from './retry-policy';
import type { HttpResponse } from './transport/types';

/** What stays the same for all attempts of a call. */
export interface CallInfo {
  method: string;
  url: string;
  /** JSON text. */
  body: string | undefined;
  safety: Safety;
  /** The first of them to abort ends the call. */
  signals: readonly (AnySignal | undefined)[];
  /** Whether calls that are not in the background get their permits first. */
  background: boolean;
  /** Whether a wait follows, for whose polls permits are kept. */
  startsWait?: boolean | undefined;
  /** Returns the scope the call needs, for the error of a 403. */
  scope: () => string | null;
  /** The call is not sent when the token is known to lack this scope. */
  unlessDenied?: string | undefined;
  /** Called before each attempt, as late as can be: what it throws ends the call. */
  beforeAttempt?: (() => void) | undefined;
  reconcile: Reconcile | undefined;
  /** Of a POST that makes something: see `Call.fits`. */
  fits?: Fits | undefined;
  /** What subscribers of the tracing channel get; `undefined` without a subscriber. */
  traced?: TracedCall | undefined;
}

/** How long a call may take, in milliseconds. */
export interface CallLimits {
  /** Of one attempt. */
  timeout: number;
  /** Of the whole call: all attempts and the delays between them, without the time in the queue of the rate limit. */
  deadline: number;
  /** Of all its time in that queue. */
  queueTimeout: number;
}

/** What all calls of a client share. */
export interface CallSettings {
  limits: CallLimits;
  /** How many attempts may follow the first. */
  retries: number;
  retryBudget: RetryBudget;
  /** Whether the token comes from a function, which may return another one after a 401. */
  isTokenRenewable: boolean;
  /** What calls of the client know of missing scopes. */
  deniedScopes: DeniedScopes;
  clock: Clock;
  random: () => number;
}

/** The settings of a client, with those of the call in their place. */
export function settingsOf(settings: CallSettings, call: CallOptions): CallSettings {
  const { timeout, deadline, queueTimeout, retries = settings.retries } = call;
  if ((timeout ?? deadline ?? queueTimeout) === undefined && retries === settings.retries) return settings;
  const limits = {
    timeout: timeout ?? settings.limits.timeout,
    deadline: deadline ?? settings.limits.deadline,
    queueTimeout: queueTimeout ?? settings.limits.queueTimeout,
  };
  return { ...settings, limits, retries };
}

/** What an attempt waits for: its token, when that comes from a function, then the response. */
export type Awaited = 'token' | 'response';

export const NOTHING_FROM: Readonly<Record<Awaited, string>> = {
  token: 'the token function did not return',
  response: 'no complete response',
};

/** What follows a failed attempt. */
export type CallDecision =
  | { action: 'retry'; /** In milliseconds. */ delay: number }
  /** A retried DELETE finds nothing left to delete. */
  | { action: 'succeed'; response: HttpResponse }
  | { action: 'fail'; error: Error };
