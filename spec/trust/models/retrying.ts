import fc from 'fast-check';
import { CallState } from '../../../lib/http/call-state';
import { Failure, type FailureKind } from '../../../lib/http/failure';
import type { Safety } from '../../../lib/http/retry-policy';
import { RetryBudget } from '../../../lib/http/retry-budget';
import { UnknownOutcomeError } from '../../../lib/errors/unknown-outcome';
import { CellClock } from '../../../tools/fault-matrix/cell-clock';

const DEADLINE = 120_000;
const MAX_RETRY_AFTER = 60_000;
/** The size of the retry budget. */
const BUDGET = 100;

/** The state of a call, independent of the implementation. */
export interface Model {
  safety: Safety;
  tries: number;
  spent: number;
  over: boolean;
}

export interface Real {
  attempts: CallState;
  clock: CellClock;
}

export function aCall(safety: Safety): { model: Model; real: Real } {
  const clock = new CellClock({ lengths: 'all', end: NaN });
  const method = { read: 'GET', repeatable: 'DELETE', once: 'POST' }[safety];
  const facts = {
    method,
    url: 'https://x/',
    body: undefined,
    safety,
    scope: () => null,
    reconcile: undefined,
  };
  const limits = { clock, timeout: 30_000, deadline: DEADLINE, retryBudget: new RetryBudget() };
  const attempts = new CallState(facts, limits, Math.random);
  return { model: { safety, tries: 0, spent: 0, over: false }, real: { attempts, clock } };
}

interface Facts {
  kind: FailureKind;
  sent: boolean;
  status: number;
  /** Seconds; `null`: no header. */
  retryAfter: number | null;
}

const STATUSES = [301, 400, 401, 404, 408, 409, 422, 429, 500, 501, 502, 503, 504, 505, 520, 524];

export const anyFacts: fc.Arbitrary<Facts> = fc.record({
  kind: fc.constantFrom<FailureKind>(
    'unsent',
    'lost',
    'timeout',
    'tls',
    'status',
    'status',
    'status',
    'unreadable',
    'protocol',
  ),
  sent: fc.boolean(),
  status: fc.constantFrom(...STATUSES),
  retryAfter: fc.option(fc.constantFrom(0, 1, 5, 30, 60, 61, 99_999_999)),
});

/** An attempt fails. */
export class Fail implements fc.Command<Model, Real> {
  readonly failure: Failure;

  constructor(readonly facts: Facts) {
    const { kind, status, retryAfter } = facts;
    const headers = retryAfter === null ? {} : { 'retry-after': String(retryAfter) };
    const hasResponse = ['status', 'unreadable', 'protocol'].includes(kind);
    const response = { status: kind === 'status' ? status : 200, headers, body: '' };
    this.failure = new Failure({
      kind,
      mayHaveBeenSent: this.sent,
      message: 'no',
      ...(hasResponse && { response }),
    });
  }

  private get sent(): boolean {
    const { kind, sent } = this.facts;
    if (kind === 'unsent' || kind === 'tls') return false;
    return kind === 'timeout' ? sent : true;
  }

  check({ over }: Readonly<Model>): boolean {
    return !over;
  }

  run(model: Model, { attempts, clock }: Real): void {
    model.tries += 1;
    attempts.startAttempt();
    attempts.trace.mayHaveBeenSent = this.sent;
    const retries = attempts.shouldRetry(this.failure);
    const { retryDelay: delay } = attempts;
    const requested = this.requestedDelay;
    const isLimited = this.facts.kind === 'status' && this.facts.status === 429;
    const inTime = clock.now() + delay < DEADLINE;
    const isAffordable = isLimited || model.spent < BUDGET;
    const expected =
      this.rule(model.safety) === 'retry' && requested <= MAX_RETRY_AFTER && inTime && isAffordable;
    expect(
      retries === expected,
      `${this.toString()}: retries? ${retries}, ${clock.now()} ms, ${model.spent} spent`,
    );
    if (retries) {
      if (!isLimited) model.spent += 1;
      const longest =
        requested > 0
          ? requested * 1.1
          : Math.min(20_000, (isLimited ? 1_000 : 500) * 2 ** (model.tries - 1));
      expect(delay >= requested && delay <= longest, `${this.toString()}: a delay of ${delay} ms`);
      clock.pass(delay);
      return;
    }
    model.over = true;
    const error = attempts.toError(this.failure);
    const isUnknown = error instanceof UnknownOutcomeError;
    expect(isUnknown === (this.rule(model.safety) === 'unknown'), `${this.toString()}: ${String(error)}`);
    // A POST that may have been carried out is neither reported as failed nor retried.
    if (model.safety === 'once' && this.mayHaveExecuted)
      expect(isUnknown, `${this.toString()}: ${String(error)}`);
  }

  /** Milliseconds. */
  private get requestedDelay(): number {
    return this.failure.response ? (this.facts.retryAfter ?? 0) * 1_000 : 0;
  }

  private get mayHaveExecuted(): boolean {
    const { kind, status } = this.facts;
    return this.sent && (kind !== 'status' || status >= 500 || status === 408);
  }

  /** The rules of the README. */
  private rule(safety: Safety): 'retry' | 'fail' | 'unknown' {
    const { kind, status } = this.facts;
    const isOnce = safety === 'once';
    if (kind === 'tls') return 'fail';
    if (!this.sent || (kind === 'status' && status === 429)) return 'retry';
    if (isOnce) return this.mayHaveExecuted ? 'unknown' : 'fail';
    if (kind === 'unreadable') return safety === 'read' ? 'retry' : 'fail';
    if (kind === 'protocol') return 'fail';
    if (kind === 'status') return [408, 500, 502, 503, 504, 520, 524].includes(status) ? 'retry' : 'fail';
    return 'retry';
  }

  toString(): string {
    return `fails: ${JSON.stringify(this.facts)}`;
  }
}

/** Time passes. */
export class Pass implements fc.Command<Model, Real> {
  constructor(readonly ms: number) {}

  check({ over }: Readonly<Model>): boolean {
    return !over;
  }

  run(_model: Model, { clock }: Real): void {
    clock.pass(this.ms);
  }

  toString(): string {
    return `${this.ms} ms pass`;
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
