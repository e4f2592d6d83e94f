import http from 'node:http';
import {
  ConnectionError,
  type RequestInfo,
  responseError,
  TimeoutError,
  UnexpectedResponseError,
} from '../errors/errors';
import { type Reconcile, UnknownOutcomeError } from '../errors/unknown-outcome';
import type { AnySignal } from '../util/abort';
import type { Clock } from '../util/clock';
import type { WorkLimits } from '../util/with-limits';
import { parseErrorBody } from './error-body';
import { Failure } from './failure';
import { rateLimitOf, requestIdOf } from './response-headers';
import type { RetryBudget } from './retry-budget';
import { backoffDelay, MAX_RETRY_AFTER, requestedDelay, retryDecision, type Safety } from './retry-policy';
import type { AttemptTrace, HttpResponse } from './transport/types';

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
  /** Returns the scope the call needs, for the error of a 403. */
  scope: () => string | null;
  reconcile: Reconcile | undefined;
}

/** How long a call may take, in milliseconds. */
export interface CallLimits {
  /** Of one attempt. */
  timeout: number;
  /** Of the whole call: all attempts and delays. */
  deadline: number;
}

/** What all calls of a client share. */
export interface CallSettings {
  limits: CallLimits;
  /** How many attempts may follow the first. */
  retries: number;
  retryBudget: RetryBudget;
  clock: Clock;
  random: () => number;
}

/** What follows a failed attempt. */
export type CallDecision =
  | { action: 'retry'; /** In milliseconds. */ delay: number }
  /** A retried DELETE finds nothing left to delete. */
  | { action: 'succeed'; response: HttpResponse }
  | { action: 'fail'; error: Error };

/**
 * The state of one call: how many attempts were made, whether one of them may have been carried out, and how much time
 * is left. Decides once for each failed attempt what follows. Does no I/O.
 */
export class CallState {
  attempt = 0;
  /** Of the current attempt. */
  trace: AttemptTrace = { mayHaveBeenSent: false };
  /** When the current attempt was sent, in milliseconds since 1970. */
  sentAt = 0;
  /** Whether an earlier attempt may have been carried out. */
  private mayHaveExecuted = false;
  private readonly deadlineAt: number;

  constructor(
    readonly info: CallInfo,
    private readonly settings: CallSettings,
  ) {
    this.deadlineAt = settings.clock.now() + settings.limits.deadline;
  }

  startAttempt(): void {
    this.attempt += 1;
    this.trace = { mayHaveBeenSent: false };
  }

  /** @throws the reason of an aborted signal; the {@link deadlineError} once the deadline has passed */
  throwIfEnded(): void {
    for (const signal of this.info.signals) signal?.throwIfAborted();
    if (this.remaining <= 0) throw this.deadlineError();
  }

  /** What ends the current attempt: its timeout, or the deadline of the call when that comes first. */
  attemptLimits(): WorkLimits {
    const { clock, limits } = this.settings;
    const { timeout } = limits;
    if (this.remaining <= timeout) return this.overallLimits();
    const onTimeout = (): Failure => {
      const { mayHaveBeenSent } = this.trace;
      const message = `no complete response within ${timeout} ms`;
      return new Failure({ kind: 'timeout', mayHaveBeenSent, message });
    };
    return { clock, signals: this.info.signals, timeout, onTimeout };
  }

  /** What ends the call, during an attempt or between two. */
  overallLimits(): WorkLimits {
    const { clock } = this.settings;
    const { signals } = this.info;
    return { clock, signals, timeout: this.remaining, onTimeout: () => this.deadlineError() };
  }

  /** Decides what follows the failure of the current attempt. Call it once for each failure. */
  decide(failure: Failure): CallDecision {
    const { response } = failure;
    if (response && this.isAlreadyDeleted(response)) return { action: 'succeed', response };
    const decision = retryDecision(failure, this.info.safety);
    if (decision === 'unknown')
      return { action: 'fail', error: this.unknownOutcome(describeFailure(failure), response) };
    if (decision === 'fail' || this.attempt > this.settings.retries) return this.fail(failure);
    return this.retryInTime(failure);
  }

  /** The error of a call whose deadline has passed. */
  deadlineError(): Error {
    const { deadline } = this.settings.limits;
    if (this.info.safety === 'unsafe' && this.trace.mayHaveBeenSent)
      return this.unknownOutcome(`no response within ${deadline} ms`, null);
    return new TimeoutError(this.request, 'deadline', deadline);
  }

  /** The error of a 2xx whose content is not what it should be. */
  unreadableError(problem: string, { status, headers }: Pick<HttpResponse, 'status' | 'headers'>): Error {
    if (this.info.safety === 'unsafe') {
      const response = { status, headers, body: '' };
      return this.unknownOutcome(`${status}, unreadable response: ${problem}`, response);
    }
    return new UnexpectedResponseError({ ...this.request, status, requestId: requestIdOf(headers) }, problem);
  }

  private retryInTime(failure: Failure): CallDecision {
    const { clock, random, retryBudget } = this.settings;
    const { response } = failure;
    const date = clock.date();
    // Without enough time for another attempt, the call fails now instead of waiting in vain.
    if ((requestedDelay(response, date) ?? 0) > MAX_RETRY_AFTER) return this.fail(failure);
    const delay = backoffDelay(failure, this.attempt, date, random());
    if (delay >= this.remaining)
      return failure.kind === 'timeout'
        ? { action: 'fail', error: this.deadlineError() }
        : this.fail(failure);
    // A 429 is not a failure of the server: it costs nothing of the budget.
    if (response?.status !== 429) {
      this.mayHaveExecuted ||= failure.mayHaveBeenSent;
      if (!retryBudget.spend()) return this.fail(failure);
    }
    // A deadline that passes before the next attempt concerns that attempt, of which nothing was sent.
    this.trace = { mayHaveBeenSent: false };
    return { action: 'retry', delay };
  }

  /** A DELETE that finds nothing left to delete is done if an earlier attempt of it may have been carried out. */
  private isAlreadyDeleted({ status, body }: HttpResponse): boolean {
    if (this.info.method !== 'DELETE' || !this.mayHaveExecuted) return false;
    return status === 404 || (status === 422 && /already deleted/i.test(body));
  }

  private fail(failure: Failure): CallDecision {
    return { action: 'fail', error: this.toError(failure) };
  }

  private toError(failure: Failure): Error {
    const { kind, message, response } = failure;
    switch (kind) {
      case 'status':
        return this.statusError(response ?? { status: 0, headers: {}, body: '' });
      case 'timeout':
        return new TimeoutError(this.request, 'attempt', this.settings.limits.timeout);
      case 'unreadable':
      case 'protocol':
        return this.unreadableError(message, response ?? { status: 0, headers: {} });
      default:
        return new ConnectionError(this.request, failure);
    }
  }

  private statusError(response: HttpResponse): Error {
    const { status, headers, body } = response;
    const errorBody = parseErrorBody(body, headers, http.STATUS_CODES[status] ?? '');
    const retryAfter = requestedDelay(response, this.settings.clock.date());
    const info = { ...this.request, ...errorBody, status, retryAfter, rateLimit: rateLimitOf(headers) };
    return responseError(info, this.info.scope());
  }

  private unknownOutcome(problem: string, response: HttpResponse | null): Error {
    const { id, requestId } = response
      ? parseErrorBody(response.body, response.headers, '')
      : { id: null, requestId: null };
    const status = response?.status ?? null;
    const times = { sentAt: this.sentAt, lostAt: this.settings.clock.now() };
    const lost = { ...this.request, problem, status, id, requestId, ...times };
    return new UnknownOutcomeError(lost, this.info.reconcile);
  }

  /** Milliseconds until the deadline. */
  private get remaining(): number {
    return this.deadlineAt - this.settings.clock.now();
  }

  private get request(): RequestInfo {
    return { method: this.info.method, url: this.info.url, attempts: this.attempt };
  }
}

/** A failed attempt in a few words, for a hook or for the middle of a sentence. */
export function describeFailure({ response, kind, message, code }: Failure): string {
  if (kind === 'status' && response) {
    const { status, headers, body } = response;
    const { id, detail } = parseErrorBody(body, headers, http.STATUS_CODES[status] ?? '');
    return [status, id, detail].filter(Boolean).join(' ');
  }
  return code && !message.includes(code) ? `${message} (${code})` : message;
}
