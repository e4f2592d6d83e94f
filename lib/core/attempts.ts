import type { Clock } from './clock';
import {
  ConnectionError,
  type RequestFacts,
  responseError,
  TimeoutError,
  UnexpectedResponseError,
} from './errors';
import type { Abortable } from './cancel';
import { type Headers, readError, rateLimitOf, requestIdOf } from './answer';
import { askedFor, LONGEST_ASKED, pauseAfter, type Safety, verdict } from './retry';
import { Failure } from './failure';
import type { Limits } from './limits';
import type { RetryBudget } from './retry-budget';
import type { Reconcile } from './unknown-outcome';
import { UnknownOutcomeError } from './unknown-outcome';
import type { Trace } from './wire';
import http from 'node:http';

/** What stays the same for all attempts of one call. */
export interface CallFacts {
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
export interface Patience {
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
export class Attempts {
  count = 0;
  /** The attempt under way. */
  trace: Trace = { sent: false };
  /** The pause that `mayRepeat` has decided on. */
  pause = 0;
  /** An earlier attempt may have been carried out, unseen. */
  private maybeDone = false;
  private outOfTime = false;
  private readonly endsAt: number;

  constructor(
    readonly facts: CallFacts,
    private readonly patience: Patience,
    private readonly random: () => number,
  ) {
    this.endsAt = patience.clock.now() + patience.deadline;
  }

  begin(): void {
    this.count += 1;
    this.trace = { sent: false };
  }

  /** @throws a signal's reason when it has aborted; what `deadlineError` gives when the call's time is up */
  throwIfOver(signals: readonly (Abortable | undefined)[]): void {
    for (const signal of signals) signal?.throwIfAborted();
    if (this.left <= 0) throw this.deadlineError();
  }

  /** What may end the attempt under way: its own time, or the call's if less of that is left. */
  limits(signals: readonly (Abortable | undefined)[]): Limits {
    const { clock, timeout } = this.patience;
    if (this.left <= timeout) return this.callLimits(signals);
    const message = `no complete answer within ${timeout} ms`;
    const onTimeout = (): Failure => new Failure({ kind: 'timeout', sent: this.trace.sent, message });
    return { clock, signals, timeout, onTimeout };
  }

  /** What may end the call, from now on: not only while an attempt is under way. */
  callLimits(signals: readonly (Abortable | undefined)[]): Limits {
    const { clock } = this.patience;
    return { clock, signals, timeout: this.left, onTimeout: () => this.deadlineError() };
  }

  /** Whether to try again after `failure`, and if so after which `pause`. */
  mayRepeat(failure: Failure): boolean {
    if (verdict(failure, this.facts.safety) !== 'again') return false;
    const date = this.patience.clock.date();
    this.pause = pauseAfter(failure, this.count, date, this.random());
    // Asked to wait for long, or no time left for another attempt: better to say so now than to keep the caller.
    if ((askedFor(failure.answer, date) ?? 0) > LONGEST_ASKED) return false;
    this.outOfTime = this.pause >= this.left;
    if (this.outOfTime) return false;
    // A 429 is no failure of the server's: it asks to be called again.
    if (failure.answer?.status !== 429) {
      this.maybeDone ||= failure.sent;
      if (!this.patience.retryBudget.spend()) return false;
    }
    // Whoever runs out of time before the next attempt is told about that one.
    this.trace = { sent: false };
    return true;
  }

  /** A DELETE that finds nothing left to delete is done, if an earlier attempt of it may have done so. */
  isAlreadyDone({ answer }: Failure): boolean {
    if (this.facts.method !== 'DELETE' || !this.maybeDone || !answer) return false;
    return answer.status === 404 || (answer.status === 422 && /already deleted/i.test(answer.body));
  }

  /** What the caller gets for the failure that ended the call. */
  errorFor(failure: Failure): Error {
    if (verdict(failure, this.facts.safety) === 'unknown')
      return this.unknownOutcome(problemOf(failure), failure);
    const { answer } = failure;
    switch (failure.kind) {
      case 'status':
        return this.refusal(failure);
      case 'timeout':
        return this.outOfTime
          ? this.deadlineError()
          : new TimeoutError(this.request, 'attempt', this.patience.timeout);
      case 'unreadable':
      case 'protocol':
        return this.unreadable(failure.message, answer?.status ?? 0, answer?.headers ?? {});
      default:
        return new ConnectionError(this.request, failure);
    }
  }

  /** What the caller gets when the whole call's time is up. */
  deadlineError(): Error {
    const { deadline } = this.patience;
    if (this.facts.safety === 'once' && this.trace.sent)
      return this.unknownOutcome(`no answer within ${deadline} ms`);
    return new TimeoutError(this.request, 'deadline', deadline);
  }

  /** What the caller gets for a 2xx that says something else than it should. */
  unreadable(problem: string, status: number, headers: Headers): Error {
    const requestId = requestIdOf(headers);
    if (this.facts.safety === 'once') {
      return this.unknownOutcome(`${status}, an answer that cannot be read: ${problem}`, {
        answer: { status, headers, body: '' },
      });
    }
    return new UnexpectedResponseError({ ...this.request, status, requestId }, problem);
  }

  /** The status's own error, in the words of the server. */
  private refusal(failure: Failure): Error {
    const { status, headers, body } = failure.answer ?? { status: 0, headers: {}, body: '' };
    const said = readError(body, headers, http.STATUS_CODES[status] ?? '');
    const retryAfter = askedFor(failure.answer, this.patience.clock.date());
    const facts = { ...this.request, ...said, status, retryAfter, rateLimit: rateLimitOf(headers) };
    return responseError(facts, this.facts.scope());
  }

  private unknownOutcome(problem: string, failure: Pick<Failure, 'answer'> = { answer: null }): Error {
    const { answer } = failure;
    const said = answer ? readError(answer.body, answer.headers, '') : { id: null, requestId: null };
    const lost = {
      ...this.request,
      problem,
      status: answer?.status ?? null,
      id: said.id,
      requestId: said.requestId,
    };
    return new UnknownOutcomeError(lost, this.facts.reconcile);
  }

  /** Milliseconds until the call's time is up. */
  private get left(): number {
    return this.endsAt - this.patience.clock.now();
  }

  private get request(): RequestFacts {
    return { method: this.facts.method, url: this.facts.url, attempts: this.count };
  }
}

/** A failed attempt in a few words, for a hook or inside a sentence. */
export function problemOf({ answer, kind, message, code }: Failure): string {
  if (kind === 'status' && answer) {
    const said = readError(answer.body, answer.headers, http.STATUS_CODES[answer.status] ?? '');
    return [answer.status, said.id, said.detail].filter(Boolean).join(' ');
  }
  return code && !message.includes(code) ? `${message} (${code})` : message;
}
