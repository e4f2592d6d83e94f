import fc from 'fast-check';
import { CallState } from '../../../lib/http/call-state';
import { Failure, type FailureKind } from '../../../lib/http/failure';
import type { RetryDecision, Safety } from '../../../lib/http/retry-policy';
import { RetryBudget } from '../../../lib/http/retry-budget';
import { UnknownOutcomeError } from '../../../lib/errors/unknown-outcome';
import { CellClock } from '../../../tools/fault-matrix/cell-clock';

const DEADLINE = 120_000;
const MAX_RETRY_AFTER = 60_000;
/** The retries a full budget affords. */
const AFFORDABLE = 100;

/** The state of a call, independent of the implementation. */
export interface Model {
  safety: Safety;
  tries: number;
  spent: number;
  /** Whether an attempt that was retried may have been carried out. */
  mayHaveExecuted: boolean;
  over: boolean;
}

export interface Real {
  call: CallState;
  /** The last random number the call has drawn. */
  drawn: { value: number };
  clock: CellClock;
}

export function aCall(safety: Safety): { model: Model; real: Real } {
  const clock = new CellClock({ lengths: 'all', end: NaN });
  const method = { safe: 'GET', idempotent: 'DELETE', unsafe: 'POST' }[safety];
  const info = {
    method,
    url: 'https://x/',
    body: undefined,
    safety,
    signals: [],
    background: false,
    scope: () => null,
    reconcile: undefined,
  };
  const limits = { timeout: 30_000, deadline: DEADLINE };
  const drawn = { value: NaN };
  const random = (): number => (drawn.value = Math.random());
  const settings = { limits, retries: Infinity, retryBudget: new RetryBudget(), clock, random };
  const call = new CallState(info, settings);
  return {
    model: { safety, tries: 0, spent: 0, mayHaveExecuted: false, over: false },
    real: { call, clock, drawn },
  };
}

interface Facts {
  kind: FailureKind;
  sent: boolean;
  status: number;
  /** Seconds; `null`: the server does not say. */
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

  run(model: Model, { call, clock, drawn }: Real): void {
    model.tries += 1;
    call.startAttempt();
    call.trace.mayHaveBeenSent = this.sent;
    const decision = call.decide(this.failure);
    const { action } = decision;
    const requested = this.requestedDelay;
    const isLimited = this.facts.kind === 'status' && this.facts.status === 429;
    const backoff = Math.min(20_000, (isLimited ? 1_000 : 500) * 2 ** (model.tries - 1));
    const delay = requested > 0 ? requested * (1 + 0.1 * drawn.value) : backoff * drawn.value;
    const inTime = clock.now() + delay < DEADLINE;
    const isAffordable = isLimited || model.spent < AFFORDABLE;
    const isRetryable = this.rule(model.safety) === 'retry' && requested <= MAX_RETRY_AFTER;
    expect(
      (action === 'retry') === (isRetryable && inTime && isAffordable),
      `${this.toString()}: ${action} at ${clock.now()} ms, ${model.spent} spent`,
    );
    if (decision.action === 'retry') {
      if (!isLimited) {
        model.spent += 1;
        model.mayHaveExecuted ||= this.sent;
      }
      expect(Math.abs(decision.delay - delay) < 0.001, `${this.toString()}: a delay of ${decision.delay} ms`);
      clock.pass(decision.delay);
      return;
    }
    model.over = true;
    const isDeleted = model.mayHaveExecuted && this.isNotFound && model.safety === 'idempotent';
    expect((action === 'succeed') === isDeleted, `${this.toString()}: ${action}`);
    if (decision.action === 'succeed') return;
    const { error } = decision;
    const isUnknown = error instanceof UnknownOutcomeError;
    expect(isUnknown === (this.rule(model.safety) === 'unknown'), `${this.toString()}: ${String(error)}`);
    // A POST that may have been carried out is neither reported as failed nor retried.
    if (model.safety === 'unsafe' && this.mayHaveExecuted)
      expect(isUnknown, `${this.toString()}: ${String(error)}`);
  }

  /** Milliseconds. */
  private get requestedDelay(): number {
    return this.failure.response ? (this.facts.retryAfter ?? 0) * 1_000 : 0;
  }

  private get isNotFound(): boolean {
    return this.facts.kind === 'status' && this.facts.status === 404;
  }

  private get mayHaveExecuted(): boolean {
    const { kind, status } = this.facts;
    return this.sent && (kind !== 'status' || status >= 500 || status === 408);
  }

  /** The rules of the README, written independently. */
  private rule(safety: Safety): RetryDecision {
    const { kind, status } = this.facts;
    const isUnsafe = safety === 'unsafe';
    if (kind === 'tls') return 'fail';
    if (!this.sent || (kind === 'status' && status === 429)) return 'retry';
    if (isUnsafe) return this.mayHaveExecuted ? 'unknown' : 'fail';
    if (kind === 'unreadable') return safety === 'safe' ? 'retry' : 'fail';
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
