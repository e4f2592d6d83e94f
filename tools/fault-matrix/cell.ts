import { getEventListeners } from 'node:events';
import * as library from '../../lib';
import { traceIn } from '../support/canary';
import { textIn, SINKS } from '../support/sinks';
import { type Expectation, expectationOf, type Fault, type Variant } from './fault';
import { MINUTE } from '../../lib/util/time-units';
import type { Operation } from './operations';
import { DEADLINE, TestBed, WAIT } from './test-bed';

/** What was observed when an operation met one variant of a fault. */
export interface Observation {
  outcome: string;
  /** Attempts, requests that the API received, and requests it carried out. */
  tries: number;
  reached: number;
  executed: number;
  /** Milliseconds that passed for the caller. */
  elapsed: number;
}

/** One cell of the matrix. */
export interface Cell {
  fault: Fault;
  operation: Operation;
  expectation: Expectation | null;
  /** Why it cannot occur. */
  cannot: string | null;
  /** Of the first variant of the fault, met every time. */
  seen: Observation | null;
  /** Expectations that do not hold, in sentences. */
  problems: string[];
  /** Places that were searched for the token. */
  leakChecks: number;
}

/** The longest time of a cell, in milliseconds. */
const LONGEST = 10_000;
const TRIES = 4;
/** Slow responses advance time in steps of a second. */
const GRAIN = 1_000;

/** Tries a fault on operations. */
export async function tryRow(fault: Fault, operations: readonly Operation[]): Promise<Cell[]> {
  if (!fault.isAlone) return Promise.all(operations.map((operation) => tryCell(fault, operation)));
  const cells: Cell[] = [];
  for (const operation of operations) cells.push(await tryCell(fault, operation));
  return cells;
}

/** Tries a fault on an operation: all its variants, each met every time and met once. */
export async function tryCell(fault: Fault, operation: Operation): Promise<Cell> {
  const cannot = fault.cannot?.(operation) ?? null;
  const expectation = fault.variants[0] ? expectationOf(fault.variants[0], operation) : null;
  const cell: Cell = { fault, operation, expectation, cannot, seen: null, problems: [], leakChecks: 0 };
  if (cannot !== null) return cell;
  for (const variant of fault.variants) {
    const passing = ['again', 'goes on', 'gives up'].includes(expectationOf(variant, operation));
    const meetings: Meeting[] = passing ? ['always', 'once'] : ['always'];
    if (passing && operation.column === 'job' && variant.reaches) meetings.push('by its POST');
    for (const meeting of meetings) {
      const trial = new Trial(cell, variant, meeting);
      const seen = await trial.run();
      cell.seen ??= seen;
    }
  }
  return cell;
}

/** Which requests meet the fault: all, the first one, or the POST of a job that has begun well. */
type Meeting = 'always' | 'once' | 'by its POST';

class Trial {
  constructor(
    private readonly cell: Cell,
    private readonly variant: Variant,
    private readonly meeting: Meeting,
  ) {}

  async run(): Promise<Observation> {
    const { variant, times } = this;
    const { operation } = this.cell;
    const began = performance.now();
    const bed = await TestBed.open(undefined, { clocksAreOff: this.variant.mayDoubt === true });
    try {
      if (this.meeting === 'by its POST') bed.onPost = () => void variant.arrange(bed, 1);
      else if (!variant.isWarm) await variant.arrange(bed, times);
      const api = bed.api();
      if (variant.isWarm) {
        await api.fetchAllRegions().first();
        if (this.meeting !== 'by its POST') await variant.arrange(bed, times);
      }
      const before = { tries: this.triesOn(bed), reached: bed.sandbox.requests.length, now: bed.clock.now() };
      const { signal } = new AbortController();
      const outcome = await operation.run(api, { signal }).then(
        (result: unknown) => (operation.isRight(result) ? 'ok' : `a wrong result: ${String(result)}`),
        (error: unknown) => error,
      );
      const requests = bed.sandbox.requests.slice(before.reached).filter(({ method }) => this.counts(method));
      const seen = {
        outcome: typeof outcome === 'string' ? outcome : String((outcome as Error | undefined)?.name),
        tries: this.triesOn(bed) - before.tries,
        reached: requests.length,
        executed: requests.filter(({ executed }) => executed).length,
        elapsed: bed.clock.now() - before.now,
      };
      this.checkOutcome(outcome, seen);
      if (operation.column === 'job') this.checkJob(seen, bed);
      else this.checkCounts(seen);
      this.expect(bed.decoy.connections === 0, 'no request goes to another host');
      this.expect(getEventListeners(signal, 'abort').length === 0, 'no listener is left on the signal');
      this.checkLeaks(outcome, bed, api);
      await this.heal(bed, api, outcome);
      this.expect(bed.clock.pending === 0, `no timer is left, ${bed.clock.pending} are`);
      await api.close();
      await this.expectSoon(() => bed.proxy.open === 0, 'no connection is left open');
      this.expect(performance.now() - began < LONGEST, `it is over in ${LONGEST} ms`);
      return seen;
    } finally {
      await bed.close();
    }
  }

  private get times(): number {
    return this.meeting === 'always' ? Infinity : 1;
  }

  /** The requests of a search are not counted: what matters is how often the POST is sent. */
  private counts(method: string): boolean {
    return method === 'POST' || this.cell.operation.isSearching !== true;
  }

  private triesOn(bed: TestBed): number {
    return this.cell.operation.isSearching ? bed.posts : bed.tries;
  }

  private get expectation(): Expectation {
    return expectationOf(this.variant, this.cell.operation);
  }

  private expect(holds: boolean, what: string): void {
    if (holds) return;
    const { name } = this.variant;
    const met = { always: null, once: 'met once', 'by its POST': 'met once, by its POST' }[this.meeting];
    const when = [name, met].filter(Boolean).join(', ');
    this.cell.problems.push(`${when === '' ? '' : `${when}: `}${what}`);
  }

  private async expectSoon(holds: () => boolean, what: string): Promise<void> {
    for (let turn = 0; turn < 200 && !holds(); turn++) await new Promise((done) => setTimeout(done, 5));
    this.expect(holds(), what);
  }

  /** The class of the result or error. */
  private checkOutcome(outcome: unknown, seen: Observation): void {
    const expected = this.expected;
    if ((expected === 'ok' || this.cell.operation.column === 'job') && this.isDoubt(outcome)) return;
    this.expect(seen.outcome === expected, `expected ${expected}, got ${seen.outcome}: ${String(outcome)}`);
    if (expected === 'ok' || !(outcome instanceof Error)) return;
    const { constructor: Class } = outcome;
    this.expect(Class === library[expected as 'DOApiError'], `it is the library's own ${expected}`);
    this.expect(outcome instanceof library.DOApiError, 'it is a DOApiError');
    const isLine = outcome.message.length < 700 && !/[\p{Cc}]|undefined|NaN|\[object/u.test(outcome.message);
    this.expect(isLine, `its message is one line for a ticket: ${outcome.message}`);
    if (expected === 'WaitTimeoutError') {
      const cause = outcome.cause as Error | undefined;
      const isCause = cause === undefined || [this.variant.error, 'DOApiError'].includes(cause.name);
      this.expect(isCause, `its cause is the fault, it is ${String(cause)}`);
    }
  }

  /** A call that searches by itself may say that it does not know, where `reconcile()` may. */
  private isDoubt(outcome: unknown): boolean {
    const { column, isSearching } = this.cell.operation;
    if (!this.variant.mayDoubt || !(isSearching || column === 'job')) return false;
    return outcome instanceof library.UnknownOutcomeError && outcome.cause instanceof library.LookupError;
  }

  private get expected(): string {
    if (this.meeting !== 'always') return 'ok';
    const names = {
      ok: 'ok',
      hidden: 'ok',
      again: this.variant.error,
      once: this.variant.error,
      unknown: 'UnknownOutcomeError',
      twice: this.variant.error,
      ends: this.variant.error,
      'goes on': 'WaitTimeoutError',
      'gives up': this.variant.error,
    };
    return names[this.expectation];
  }

  /** Requests sent, received and carried out, and the time it took. */
  private checkCounts({ tries, reached, executed, elapsed }: Observation): void {
    const { reaches, executes, retryAfter = 0, slack = 0 } = this.variant;
    const { column, requests, isSearching } = this.cell.operation;
    const isWaiting = this.expectation === 'goes on' || this.expectation === 'gives up';
    const least = this.leastTries;
    const isList = this.expectation === 'ends';
    const most = isWaiting && this.times > 1 ? 8 * TRIES : least + slack;
    this.expect(tries >= least && tries <= most, `${least} to ${most} requests, not ${tries}`);
    // Requests that did not meet the fault are received and carried out.
    const sound = this.times === 1 ? requests : this.expectation === 'hidden' ? requests : 0;
    const met = tries - sound;
    const arrived = reaches ? tries : sound;
    // The last poll of a wait, and the pages a listing has read ahead, may be aborted before they arrive.
    const isCut = isWaiting ? reached === tries - 1 : isList && reached < tries && reached >= least;
    this.expect(reached === arrived || isCut, `${arrived} requests reach the API, not ${reached}`);
    const areExecuted = executes || this.expectation === 'ok';
    const due = !areExecuted ? sound : column === 'delete' ? 1 : reached;
    this.expect(executed === due, `${due} requests are carried out, not ${executed}`);
    if (column === 'post') this.expect(executed <= 1, 'a POST is carried out once at most');
    // A search reads the list twice, a minute apart, and each reading is a call of its own.
    const longest = isSearching ? 3 * DEADLINE + MINUTE : DEADLINE;
    const limit = (column === 'wait' ? WAIT : longest) + GRAIN;
    this.expect(elapsed <= limit, `it takes ${limit} ms at most, not ${elapsed}`);
    const pauses = column === 'wait' ? 0 : met - (this.times === 1 ? 0 : 1);
    this.expect(elapsed >= pauses * retryAfter, `no retry comes before the server allows it: ${elapsed} ms`);
  }

  /** A job repeats its steps until its time is up. Its POST is carried out once at most, and once if it succeeds. */
  private checkJob({ outcome, tries, reached, elapsed }: Observation, bed: TestBed): void {
    const { requests } = this.cell.operation;
    const { reaches, slack = 0 } = this.variant;
    const isOnce = this.expected !== 'ok' && ['once', 'twice'].includes(this.expectation);
    const least = outcome === 'ok' ? requests : this.expectation === 'once' ? 1 : 2;
    // A refusal that names a pending event makes it look for the action.
    const most = isOnce && this.meeting === 'always' ? least + 1 : 8 * (TRIES + slack);
    this.expect(tries >= least && tries <= most, `${least} to ${most} requests, not ${tries}`);
    if (!reaches && this.meeting === 'always')
      this.expect(reached === 0 || outcome === 'ok', `no request reaches the API, not ${reached}`);
    const posts = postsCarriedOut(bed);
    this.expect(posts <= 1, `a POST is carried out once at most, not ${posts} times`);
    if (outcome === 'ok') this.expect(posts === 1, 'its POST is carried out');
    this.expect(elapsed <= WAIT + GRAIN, `it takes ${WAIT + GRAIN} ms at most, not ${elapsed}`);
  }

  private get leastTries(): number {
    const { column, requests } = this.cell.operation;
    if (this.times === 1) return requests + 1;
    switch (this.expectation) {
      case 'ok':
        return requests;
      case 'hidden':
      case 'ends':
        return requests + 1;
      case 'twice':
        return 2;
      case 'again':
        return TRIES;
      case 'goes on':
      case 'gives up':
        return 2;
      default:
        return column === 'wait' ? (this.variant.waitTries ?? 1) : 1;
    }
  }

  /** The token is in none of the sixteen places. */
  private checkLeaks(outcome: unknown, { reported }: TestBed, api: library.DOApi): void {
    const context = { reported, related: [api, api.image(5), api.action(6), api.fetchAllImages()] };
    for (const [name, sink] of Object.entries(SINKS)) {
      const trace = traceIn(textIn(sink, outcome, context));
      this.expect(trace === null, `the token is in ${name}: ${String(trace)}`);
      this.cell.leakChecks += 1;
    }
  }

  /** After the fault, the manager works again and a lost response can be reconciled. */
  private async heal(bed: TestBed, api: library.DOApi, outcome: unknown): Promise<void> {
    if (this.variant.heals === false) return;
    const executed = postsCarriedOut(bed);
    const isLost = outcome instanceof library.UnknownOutcomeError;
    if (isLost && this.variant.reconcilesDuring) await this.checkSearch(outcome, executed);
    bed.sandbox.heal();
    bed.proxy.heal();
    if (!bed.proxy.isUp) await bed.proxy.up();
    bed.repair();
    const works = await api.fetchAllRegions().first().catch(String);
    this.expect(works instanceof library.Region, `the manager goes on afterwards: ${String(works)}`);
    if (isLost && !this.variant.reconcilesDuring) await this.checkSearch(outcome, executed);
  }

  /** What was carried out is found, what was not is denied, and what may be either is a doubt. */
  private async checkSearch(error: library.UnknownOutcomeError, executed: number): Promise<void> {
    const found: unknown = await error.reconcile().catch((reason: unknown) => reason);
    const { isRight, isStarted = isRight } = this.cell.operation;
    const isTrue = executed > 0 ? isStarted(found) : found === null;
    const isDoubt =
      found instanceof library.LookupError &&
      (executed === 0 || found.candidates.some((one) => isStarted(one)));
    const mayDoubt = this.variant.mayDoubt === true;
    this.expect(
      isTrue || (mayDoubt && isDoubt),
      `reconcile() is right, ${executed} carried out: ${String(found)}`,
    );
  }
}

function postsCarriedOut({ sandbox }: TestBed): number {
  return sandbox.requests.filter(({ method, executed }) => method === 'POST' && executed).length;
}
