import type { Clock } from '../util/clock';
import {
  ConnectionError,
  type RequestInfo,
  responseError,
  TimeoutError,
  UnexpectedResponseError,
} from '../errors/errors';
import type { Abortable } from '../util/abort';
import { type Headers, rateLimitOf, requestIdOf } from './response-headers';
import { parseErrorBody } from './error-body';
import { requestedDelay, MAX_RETRY_AFTER, backoffDelay, type Safety, retryDecision } from './retry-policy';
import { Failure } from './failure';
import type { WorkLimits } from '../util/with-limits';
import type { RetryBudget } from './retry-budget';
import type { Reconcile } from '../errors/unknown-outcome';
import { UnknownOutcomeError } from '../errors/unknown-outcome';
import type { AttemptTrace } from './transport/node-transport';
import http from 'node:http';

/** What stays the same for all attempts of one call. */
export interface CallInfo {
  method: string;
  url: string;
  /** JSON text. */
  body: string | undefined;
  safety: Safety;
  /** The scope the call needs, for a 403. */
  scope: () => string | null;
  reconcile: Reconcile | undefined;
}

/** How patient a call is. */
export interface CallLimits {
  clock: Clock;
  timeout: number;
  deadline: number;
  /** What the manager can still afford. */
  retryBudget: RetryBudget;
}

/**
 * One call and all its attempts: how many there were, whether any of them may have been carried out, and what the
 * caller is told in the end. No I/O happens here.
 */
export class CallState {
  attempt = 0;
  /** The attempt under way. */
  trace: AttemptTrace = { mayHaveBeenSent: false };
  /** The pause that `mayRepeat` has decided on. */
  retryDelay = 0;
  /** An earlier attempt may have been carried out, unseen. */
  private mayHaveExecuted = false;
  private outOfTime = false;
  private readonly deadlineAt: number;

  constructor(
    readonly call: CallInfo,
    private readonly limits: CallLimits,
    private readonly random: () => number,
  ) {
    this.deadlineAt = limits.clock.now() + limits.deadline;
  }

  startAttempt(): void {
    this.attempt += 1;
    this.trace = { mayHaveBeenSent: false };
  }

  /** @throws a signal's reason when it has aborted; what `deadlineError` gives when the call's time is up */
  throwIfEnded(signals: readonly (Abortable | undefined)[]): void {
    for (const signal of signals) signal?.throwIfAborted();
    if (this.remaining <= 0) throw this.deadlineError();
  }

  /** What may end the attempt under way: its own time, or the call's if less of that is left. */
  attemptLimits(signals: readonly (Abortable | undefined)[]): WorkLimits {
    const { clock, timeout } = this.limits;
    if (this.remaining <= timeout) return this.overallLimits(signals);
    const message = `no complete answer within ${timeout} ms`;
    const onTimeout = (): Failure =>
      new Failure({ kind: 'timeout', mayHaveBeenSent: this.trace.mayHaveBeenSent, message });
    return { clock, signals, timeout, onTimeout };
  }

  /** What may end the call, from now on: not only while an attempt is under way. */
  overallLimits(signals: readonly (Abortable | undefined)[]): WorkLimits {
    const { clock } = this.limits;
    return { clock, signals, timeout: this.remaining, onTimeout: () => this.deadlineError() };
  }

  /** Whether to try again after `failure`, and if so after which `pause`. */
  shouldRetry(failure: Failure): boolean {
    if (retryDecision(failure, this.call.safety) !== 'again') return false;
    const date = this.limits.clock.date();
    this.retryDelay = backoffDelay(failure, this.attempt, date, this.random());
    // Asked to wait for long, or no time left for another attempt: better to say so now than to keep the caller.
    if ((requestedDelay(failure.response, date) ?? 0) > MAX_RETRY_AFTER) return false;
    this.outOfTime = this.retryDelay >= this.remaining;
    if (this.outOfTime) return false;
    // A 429 is no failure of the server's: it asks to be called again.
    if (failure.response?.status !== 429) {
      this.mayHaveExecuted ||= failure.mayHaveBeenSent;
      if (!this.limits.retryBudget.spend()) return false;
    }
    // Whoever runs out of time before the next attempt is told about that one.
    this.trace = { mayHaveBeenSent: false };
    return true;
  }

  /** A DELETE that finds nothing left to delete is done, if an earlier attempt of it may have done so. */
  isAlreadyDone({ response: answer }: Failure): boolean {
    if (this.call.method !== 'DELETE' || !this.mayHaveExecuted || !answer) return false;
    return answer.status === 404 || (answer.status === 422 && /already deleted/i.test(answer.body));
  }

  /** What the caller gets for the failure that ended the call. */
  toError(failure: Failure): Error {
    if (retryDecision(failure, this.call.safety) === 'unknown')
      return this.unknownOutcome(describeFailure(failure), failure);
    const { response: answer } = failure;
    switch (failure.kind) {
      case 'status':
        return this.refusal(failure);
      case 'timeout':
        return this.outOfTime
          ? this.deadlineError()
          : new TimeoutError(this.request, 'attempt', this.limits.timeout);
      case 'unreadable':
      case 'protocol':
        return this.unreadableError(failure.message, answer?.status ?? 0, answer?.headers ?? {});
      default:
        return new ConnectionError(this.request, failure);
    }
  }

  /** What the caller gets when the whole call's time is up. */
  deadlineError(): Error {
    const { deadline } = this.limits;
    if (this.call.safety === 'once' && this.trace.mayHaveBeenSent)
      return this.unknownOutcome(`no answer within ${deadline} ms`);
    return new TimeoutError(this.request, 'deadline', deadline);
  }

  /** What the caller gets for a 2xx that says something else than it should. */
  unreadableError(problem: string, status: number, headers: Headers): Error {
    const requestId = requestIdOf(headers);
    if (this.call.safety === 'once') {
      return this.unknownOutcome(`${status}, an answer that cannot be read: ${problem}`, {
        response: { status, headers, body: '' },
      });
    }
    return new UnexpectedResponseError({ ...this.request, status, requestId }, problem);
  }

  /** The status's own error, in the words of the server. */
  private refusal(failure: Failure): Error {
    const { status, headers, body } = failure.response ?? { status: 0, headers: {}, body: '' };
    const said = parseErrorBody(body, headers, http.STATUS_CODES[status] ?? '');
    const retryAfter = requestedDelay(failure.response, this.limits.clock.date());
    const facts = { ...this.request, ...said, status, retryAfter, rateLimit: rateLimitOf(headers) };
    return responseError(facts, this.call.scope());
  }

  private unknownOutcome(problem: string, failure: Pick<Failure, 'response'> = { response: null }): Error {
    const { response: answer } = failure;
    const said = answer ? parseErrorBody(answer.body, answer.headers, '') : { id: null, requestId: null };
    const lost = {
      ...this.request,
      problem,
      status: answer?.status ?? null,
      id: said.id,
      requestId: said.requestId,
    };
    return new UnknownOutcomeError(lost, this.call.reconcile);
  }

  /** Milliseconds until the call's time is up. */
  private get remaining(): number {
    return this.deadlineAt - this.limits.clock.now();
  }

  private get request(): RequestInfo {
    return { method: this.call.method, url: this.call.url, attempts: this.attempt };
  }
}

/** A failed attempt in a few words, for a hook or inside a sentence. */
export function describeFailure({ response: answer, kind, message, code }: Failure): string {
  if (kind === 'status' && answer) {
    const said = parseErrorBody(answer.body, answer.headers, http.STATUS_CODES[answer.status] ?? '');
    return [answer.status, said.id, said.detail].filter(Boolean).join(' ');
  }
  return code && !message.includes(code) ? `${message} (${code})` : message;
}
