import http from 'node:http';
import {
  ConnectionError,
  type RequestInfo,
  PermissionDeniedError,
  responseError,
  TimeoutError,
  UnexpectedResponseError,
} from '../errors/errors';
import { UnknownOutcomeError } from '../errors/unknown-outcome';
import { throwIfAborted } from '../util/abort';
import { type Moment, momentOf, type ServerClock } from '../util/server-clock';
import type { WorkLimits } from '../util/with-limits';
import { type Awaited, type CallDecision, type CallInfo, type CallSettings, NOTHING_FROM } from './call-info';
import { describeFailure, isOwnError, parseErrorBody } from './response/error-body';
import { Failure } from './failure';
import { rateLimitOf, requestIdOf } from './response/response-headers';
import { backoffDelay, MAX_RETRY_AFTER, requestedDelay, retryDecision } from './retry-policy';
import type { AttemptTrace, HttpResponse } from './transport/types';

/**
 * The state of one call: how many attempts were made, whether one of them may have been carried out, and how much time
 * is left. Decides once for each failed attempt what follows. Does no I/O.
 */
export class CallState {
  attempt = 0;
  /** The digest of the token of the current attempt; '' before there is one. */
  tokenKey = '';
  /** Of the current attempt. */
  trace: AttemptTrace = { mayHaveBeenSent: false };
  /** When the current attempt was sent, and its place among all attempts and responses of the process. */
  sentAt: Moment = { now: 0, date: 0 };
  sequence = 0;
  /** What the last `date` header until now, or until the end of the attempt, told. */
  serverClock: ServerClock | null = null;
  /** Whether an earlier attempt may have been carried out. */
  private mayHaveExecuted = false;
  /** Whether a 401 has been answered with another call of the token function. */
  private hasRenewedToken = false;
  private deadlineAt: number;
  /** Milliseconds in the queue of the rate limit, in all attempts. */
  private queuedFor = 0;

  constructor(
    readonly info: CallInfo,
    private readonly settings: CallSettings,
  ) {
    this.deadlineAt = settings.clock.now() + settings.limits.deadline;
  }

  /** Whether the current attempt may have reached the server. */
  get mayHaveBeenSent(): boolean {
    return this.trace.mayHaveBeenSent;
  }

  startAttempt(): void {
    this.attempt += 1;
    this.trace = { mayHaveBeenSent: false };
  }

  /** @throws the reason of an aborted signal; the {@link deadlineError} once the deadline has passed */
  throwIfEnded(): void {
    for (const signal of this.info.signals) throwIfAborted(signal);
    if (this.remaining <= 0) throw this.deadlineError();
  }

  /**
   * What ends the current attempt: its timeout, or the deadline of the call when that comes first.
   * @param awaited what the attempt waits for, as the subject of a message
   */
  attemptLimits(awaited: Awaited = 'response'): WorkLimits {
    const { clock, limits } = this.settings;
    const { timeout } = limits;
    if (this.remaining <= timeout) return this.overallLimits(awaited);
    const onTimeout = (): Failure => {
      const { mayHaveBeenSent } = this.trace;
      const message = `${NOTHING_FROM[awaited]} within ${timeout} ms`;
      return new Failure({ kind: 'timeout', mayHaveBeenSent, message });
    };
    return { clock, signals: this.info.signals, timeout, onTimeout };
  }

  /** What ends the wait for a permit. Polls have no limit of their own: the wait they serve has one. */
  queueLimits(): WorkLimits {
    const { clock, limits } = this.settings;
    const { signals, background } = this.info;
    const timeout = background ? Infinity : limits.queueTimeout - this.queuedFor;
    const request = { ...this.request, attempts: this.attempt - 1 };
    const onTimeout = (): Error => new TimeoutError(request, 'queue', limits.queueTimeout);
    return { clock, signals, timeout, onTimeout };
  }

  /** Adds milliseconds in the queue of the rate limit, which extend the deadline. */
  addQueueTime(ms: number): void {
    this.queuedFor += ms;
    this.deadlineAt += ms;
  }

  /** What ends the call, during an attempt or between two. */
  overallLimits(awaited: Awaited = 'response'): WorkLimits {
    const { clock } = this.settings;
    const { signals } = this.info;
    return { clock, signals, timeout: this.remaining, onTimeout: () => this.deadlineError(awaited) };
  }

  /** Decides what follows the failure of the current attempt. Call it once for each failure. */
  decide(failure: Failure): CallDecision {
    const { response } = failure;
    if (response && this.isAlreadyDeleted(response)) return { action: 'succeed', response };
    if (response?.status === 401 && this.settings.isTokenRenewable && !this.hasRenewedToken) {
      // The token may have expired meanwhile. The next attempt gets it again, at once.
      this.hasRenewedToken = true;
      this.trace = { mayHaveBeenSent: false };
      return { action: 'retry', delay: 0 };
    }
    const decision = retryDecision(failure, this.info.safety);
    if (decision === 'unknown')
      return { action: 'fail', error: this.unknownOutcome(describeFailure(failure), response) };
    const retries = this.settings.retries + (this.hasRenewedToken ? 1 : 0);
    if (decision === 'fail' || this.attempt > retries) return this.fail(failure);
    return this.retryInTime(failure);
  }

  /** The error of a call whose deadline has passed. */
  deadlineError(awaited: Awaited = 'response'): Error {
    const { deadline } = this.settings.limits;
    if (this.info.safety === 'unsafe' && this.trace.mayHaveBeenSent)
      return this.unknownOutcome(`no response within ${deadline} ms`, null);
    const problem =
      awaited === 'token' ? `${NOTHING_FROM.token} before the call's deadline of ${deadline} ms` : undefined;
    return new TimeoutError(this.request, 'deadline', deadline, problem);
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
    // Without enough time for another attempt, the call fails now instead of at the deadline.
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

  /** The error of a call that ends with this failure of the current attempt. */
  toError(failure: Failure): Error {
    const { kind, message, response } = failure;
    switch (kind) {
      case 'status':
        return this.statusError(response ?? { status: 0, headers: {}, body: '' });
      case 'timeout':
        return new TimeoutError(this.request, 'attempt', this.settings.limits.timeout, message);
      case 'token':
        return new ConnectionError(this.request, failure, 'nothing was sent');
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
    const error = responseError(info, this.info.scope());
    if (error instanceof PermissionDeniedError && isOwnError(body))
      this.settings.deniedScopes.record(error, this.tokenKey);
    return error;
  }

  private unknownOutcome(problem: string, response: HttpResponse | null): Error {
    const { id, requestId } = response
      ? parseErrorBody(response.body, response.headers, '')
      : { id: null, requestId: null };
    const status = response?.status ?? null;
    const { sentAt, sequence, serverClock } = this;
    const times = { sentAt, lostAt: momentOf(this.settings.clock), sequence, serverClock };
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
