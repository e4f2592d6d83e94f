import fc from 'fast-check';
import { CallState } from '../../../lib/http/call-state';
import { Failure, type FailureKind } from '../../../lib/http/failure';
import type { Safety } from '../../../lib/http/retry-policy';
import { RetryBudget } from '../../../lib/http/retry-budget';
import { UnknownOutcomeError } from '../../../lib/errors/unknown-outcome';
import { CellClock } from '../../../tools/fault-matrix/cell-clock';

const DEADLINE = 120_000;
const LONGEST_ASKED = 60_000;
/** What a manager can afford. */
const AFFORDABLE = 100;

/** What is known of a call from outside: written down anew, not taken from the code. */
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
  const patience = { clock, timeout: 30_000, deadline: DEADLINE, retryBudget: new RetryBudget() };
  const attempts = new CallState(facts, patience, Math.random);
  return { model: { safety, tries: 0, spent: 0, over: false }, real: { attempts, clock } };
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
    const hasAnswer = ['status', 'unreadable', 'protocol'].includes(kind);
    const answer = { status: kind === 'status' ? status : 200, headers, body: '' };
    this.failure = new Failure({
      kind,
      mayHaveBeenSent: this.sent,
      message: 'no',
      ...(hasAnswer && { response: answer }),
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
    const again = attempts.shouldRetry(this.failure);
    const { retryDelay: pause } = attempts;
    const asked = this.asked;
    const isLimited = this.facts.kind === 'status' && this.facts.status === 429;
    const inTime = clock.now() + pause < DEADLINE;
    const isAffordable = isLimited || model.spent < AFFORDABLE;
    const expected = this.rule(model.safety) === 'again' && asked <= LONGEST_ASKED && inTime && isAffordable;
    expect(
      again === expected,
      `${this.toString()}: again? ${again}, ${clock.now()} ms, ${model.spent} spent`,
    );
    if (again) {
      if (!isLimited) model.spent += 1;
      const longest =
        asked > 0 ? asked * 1.1 : Math.min(20_000, (isLimited ? 1_000 : 500) * 2 ** (model.tries - 1));
      expect(pause >= asked && pause <= longest, `${this.toString()}: a pause of ${pause} ms`);
      clock.pass(pause);
      return;
    }
    model.over = true;
    const error = attempts.toError(this.failure);
    const isUnknown = error instanceof UnknownOutcomeError;
    expect(isUnknown === (this.rule(model.safety) === 'unknown'), `${this.toString()}: ${String(error)}`);
    // What may have been carried out is never called a failure, and never done again.
    if (model.safety === 'once' && this.mayHaveExecuted)
      expect(isUnknown, `${this.toString()}: ${String(error)}`);
  }

  /** Milliseconds. */
  private get asked(): number {
    return this.failure.response ? (this.facts.retryAfter ?? 0) * 1_000 : 0;
  }

  private get mayHaveExecuted(): boolean {
    const { kind, status } = this.facts;
    return this.sent && (kind !== 'status' || status >= 500 || status === 408);
  }

  /** The README's rules in another's words. */
  private rule(safety: Safety): 'again' | 'give up' | 'unknown' {
    const { kind, status } = this.facts;
    const isOnce = safety === 'once';
    if (kind === 'tls') return 'give up';
    if (!this.sent || (kind === 'status' && status === 429)) return 'again';
    if (isOnce) return this.mayHaveExecuted ? 'unknown' : 'give up';
    if (kind === 'unreadable') return safety === 'read' ? 'again' : 'give up';
    if (kind === 'protocol') return 'give up';
    if (kind === 'status') return [408, 500, 502, 503, 504, 520, 524].includes(status) ? 'again' : 'give up';
    return 'again';
  }

  toString(): string {
    return `fails: ${JSON.stringify(this.facts)}`;
  }
}

/** An attempt takes its time. */
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
