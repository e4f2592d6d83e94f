import { getEventListeners } from 'node:events';
import * as library from '../../lib';
import { traceIn } from '../support/canary';
import { seenIn, SINKS } from '../support/sinks';
import type { Fate, Fault, Variant } from './fault';
import type { Operation } from './operations';
import { MINUTE } from '../../lib/util/time-units';
import { DEADLINE, Place, WAIT } from './place';

/** What was seen when an operation met one face of a fault. */
export interface Seen {
  outcome: string;
  /** Attempts, requests that reached the API, and requests it carried out. */
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
  fate: Fate | null;
  /** Why it cannot occur. */
  cannot: string | null;
  /** Of the first face of the fault, met every time. */
  seen: Seen | null;
  /** What does not hold, in sentences; a good cell has none. */
  problems: string[];
  /** Places in which the token was looked for. */
  leakChecks: number;
}

/** However slow the machine is, a cell takes no longer. */
const LONGEST = 10_000;
const TRIES = 4;
/** What is slow takes time in steps of a second. */
const GRAIN = 1_000;

/** Tries a fault on an operation: all its faces, each met every time and met once. */
export async function tryCell(fault: Fault, operation: Operation): Promise<Cell> {
  const cannot = fault.cannot?.(operation) ?? null;
  const fate = fault.variants[0]?.fates[operation.column] ?? null;
  const cell: Cell = { fault, operation, fate, cannot, seen: null, problems: [], leakChecks: 0 };
  if (cannot !== null) return cell;
  for (const variant of fault.variants) {
    const passing = ['again', 'goes on', 'gives up'].includes(variant.fates[operation.column]);
    for (const times of passing ? [Infinity, 1] : [Infinity]) {
      const trial = new Trial(cell, variant, times);
      const seen = await trial.run();
      cell.seen ??= seen;
    }
  }
  return cell;
}

class Trial {
  constructor(
    private readonly cell: Cell,
    private readonly variant: Variant,
    private readonly times: number,
  ) {}

  async run(): Promise<Seen> {
    const { variant, times } = this;
    const { operation } = this.cell;
    const began = performance.now();
    const place = await Place.open();
    try {
      if (!variant.isWarm) await variant.arrange(place, times);
      const api = place.api();
      if (variant.isWarm) {
        await api.fetchAllRegions().first();
        await variant.arrange(place, times);
      }
      const before = {
        tries: this.triesAt(place),
        reached: place.sandbox.requests.length,
        now: place.clock.now(),
      };
      const { signal } = new AbortController();
      const outcome = await operation.run(api, { signal }).then(
        (result: unknown) => (operation.isRight(result) ? 'ok' : `a wrong result: ${String(result)}`),
        (error: unknown) => error,
      );
      const requests = place.sandbox.requests
        .slice(before.reached)
        .filter(({ method }) => this.counts(method));
      const seen = {
        outcome: typeof outcome === 'string' ? outcome : String((outcome as Error | undefined)?.name),
        tries: this.triesAt(place) - before.tries,
        reached: requests.length,
        executed: requests.filter(({ executed }) => executed).length,
        elapsed: place.clock.now() - before.now,
      };
      this.checkOutcome(outcome, seen);
      this.checkCounts(seen);
      this.expect(place.elsewhere.connections === 0, 'nobody asks elsewhere');
      this.expect(getEventListeners(signal, 'abort').length === 0, 'no listener is left on the signal');
      this.checkLeaks(outcome, place, api);
      await this.heal(place, api, outcome, seen);
      this.expect(place.clock.pending === 0, `no timer is left, ${place.clock.pending} are`);
      await api.close();
      await this.expectSoon(() => place.proxy.open === 0, 'no connection is left open');
      this.expect(performance.now() - began < LONGEST, `it is over in ${LONGEST} ms`);
      return seen;
    } finally {
      await place.close();
    }
  }

  /** The requests with which a lost POST is searched for are not counted: how often it is sent is what matters. */
  private counts(method: string): boolean {
    return method === 'POST' || this.cell.operation.isSearching !== true;
  }

  private triesAt(place: Place): number {
    return this.cell.operation.isSearching ? place.posts : place.tries;
  }

  private get fate(): Fate {
    return this.variant.fates[this.cell.operation.column];
  }

  private expect(holds: boolean, what: string): void {
    if (holds) return;
    const { name } = this.variant;
    const when = [name, this.times === 1 && 'met once'].filter(Boolean).join(', ');
    this.cell.problems.push(`${when === '' ? '' : `${when}: `}${what}`);
  }

  private async expectSoon(holds: () => boolean, what: string): Promise<void> {
    for (let turn = 0; turn < 200 && !holds(); turn++) await new Promise((done) => setTimeout(done, 5));
    this.expect(holds(), what);
  }

  /** The class of what comes out in the end. */
  private checkOutcome(outcome: unknown, seen: Seen): void {
    const expected = this.expected;
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

  private get expected(): string {
    if (this.times === 1) return 'ok';
    const names = {
      ok: 'ok',
      hidden: 'ok',
      again: this.variant.error,
      once: this.variant.error,
      unknown: 'UnknownOutcomeError',
      'goes on': 'WaitTimeoutError',
      'gives up': this.variant.error,
    };
    return names[this.fate];
  }

  /** How many requests were made, seen and carried out, and how long it took. */
  private checkCounts({ tries, reached, executed, elapsed }: Seen): void {
    const { reaches, executes, asks = 0, slack = 0 } = this.variant;
    const { column, requests, isSearching } = this.cell.operation;
    const isPatient = this.fate === 'goes on' || this.fate === 'gives up';
    const least = this.leastTries;
    const most = isPatient && this.times > 1 ? 8 * TRIES : least + slack;
    this.expect(tries >= least && tries <= most, `${least} to ${most} requests, not ${tries}`);
    // Whatever did not meet the fault has reached the API and was carried out.
    const sound = this.times === 1 ? requests : this.fate === 'hidden' ? requests : 0;
    const met = tries - sound;
    // The last look of a wait may be called off before it arrives.
    const isCut = isPatient && reached === tries - 1;
    const arrived = reaches ? tries : sound;
    this.expect(reached === arrived || isCut, `${arrived} requests reach the API, not ${reached}`);
    const due = column === 'delete' && executes ? 1 : executes ? reached : sound;
    this.expect(executed === due, `${due} requests are carried out, not ${executed}`);
    if (column === 'post') this.expect(executed <= 1, 'a POST is carried out once at most');
    // A search reads the list twice, a minute apart, and each reading is a call of its own.
    const longest = isSearching ? 3 * DEADLINE + MINUTE : DEADLINE;
    const limit = (column === 'wait' ? WAIT : longest) + GRAIN;
    this.expect(elapsed <= limit, `it takes ${limit} ms at most, not ${elapsed}`);
    const pauses = column === 'wait' ? 0 : met - (this.times === 1 ? 0 : 1);
    this.expect(elapsed >= pauses * asks, `the server is not asked sooner than it wants: ${elapsed} ms`);
  }

  private get leastTries(): number {
    const { column, requests } = this.cell.operation;
    if (this.times === 1) return requests + 1;
    switch (this.fate) {
      case 'ok':
        return requests;
      case 'hidden':
        return requests + 1;
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
  private checkLeaks(outcome: unknown, { told }: Place, api: library.DOApi): void {
    const context = { told, luggage: [api, api.image(5), api.action(6), api.fetchAllImages()] };
    for (const [name, sink] of Object.entries(SINKS)) {
      const trace = traceIn(seenIn(sink, outcome, context));
      this.expect(trace === null, `the token is in ${name}: ${String(trace)}`);
      this.cell.leakChecks += 1;
    }
  }

  /** Once the fault is over everything goes on, and a lost answer can be looked up. */
  private async heal(place: Place, api: library.DOApi, outcome: unknown, { executed }: Seen): Promise<void> {
    if (this.variant.heals === false) return;
    place.sandbox.heal();
    place.proxy.heal();
    if (!place.proxy.isUp) await place.proxy.up();
    place.mend();
    const works = await api.fetchAllRegions().first().catch(String);
    this.expect(works instanceof library.Region, `the manager goes on afterwards: ${String(works)}`);
    if (!(outcome instanceof library.UnknownOutcomeError)) return;
    const found: unknown = await outcome.reconcile().catch(String);
    const isTrue = executed > 0 ? this.cell.operation.isRight(found) : found === null;
    this.expect(isTrue, `reconcile() tells the truth, ${executed} carried out: ${String(found)}`);
  }
}
