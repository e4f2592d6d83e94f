import type { Clock } from '../../lib';

interface Timer {
  due: number;
  callback: () => void;
}

/** Nothing is going on any more when nobody has used the clock for so many rounds of so many milliseconds. */
const QUIET = { rounds: 6, ms: 8 };

export interface Limits {
  /** Of attempts and calls: met only when somebody lets time pass. `all`: nothing happens by itself. */
  lengths: readonly number[] | 'all';
  /** When the patience of a wait ends: met when nothing else is going on. */
  end: number;
}

/**
 * The clock of a cell, for calls over real sockets: a pause is over as soon as everything at hand is done, while limits
 * keep out of the way.
 */
export class CellClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #limits: Limits;
  readonly #date = Date.UTC(2026, 0, 1);
  #now = 0;
  /** When limits are met that began with another one. */
  readonly #moments: number[] = [];
  /** Counts what is done with timers. */
  #stirred = 0;
  #isListening = false;

  /** @param onPass told when time has passed, and how much */
  constructor(
    limits: Limits,
    private readonly onPass: (ms: number) => unknown = () => undefined,
  ) {
    this.#limits = limits;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return Math.floor(this.#date + this.#now);
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.#now + ms, callback };
    this.#timers.add(timer);
    this.#stirred += 1;
    const { lengths, end } = this.#limits;
    if (timer.due === end) void this.#endInQuiet();
    else if (ms === 0 || (lengths !== 'all' && !this.#isLimit(ms, timer.due, lengths))) this.#passTo(timer);
    return () => {
      this.#stirred += 1;
      this.#timers.delete(timer);
    };
  }

  /** A limit, or what is left of one that began with another: the last attempt of a call has what is left of its deadline. */
  #isLimit(ms: number, due: number, lengths: readonly number[]): boolean {
    if (!lengths.includes(ms)) return this.#moments.some((moment) => Math.abs(moment - due) < 0.001);
    for (const length of lengths) this.#moments.push(this.#now + length);
    return true;
  }

  /** Lets time pass: whatever is due by then happens, in order. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(); next && next.due <= until; next = this.#next()) this.#fire(next);
    this.#moveTo(until);
  }

  /** Lets time pass until something happens. */
  passToNext(): void {
    const next = this.#next();
    if (next) this.#fire(next);
  }

  /** Timers that were neither met nor taken back. */
  get pending(): number {
    return this.#timers.size;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.due < (first?.due ?? Infinity)) first = timer;
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#moveTo(timer.due);
    timer.callback();
  }

  #moveTo(time: number): void {
    if (time <= this.#now) return;
    this.onPass(time - this.#now);
    this.#now = time;
  }

  /** What is due before it comes first, and may take it back. */
  #passTo(timer: Timer): void {
    setImmediate(() => {
      if (!this.#timers.has(timer)) return;
      this.passToNext();
      this.#passTo(timer);
    });
  }

  /** As long as an attempt is under way, its own limit comes before the end. */
  async #endInQuiet(): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = true;
    for (let rounds = 0, seen = this.#stirred; rounds < QUIET.rounds; rounds++) {
      await new Promise((done) => setTimeout(done, QUIET.ms));
      if (seen !== this.#stirred) rounds = 0;
      seen = this.#stirred;
    }
    this.#isListening = false;
    const next = this.#next();
    if (next?.due === this.#limits.end) this.#fire(next);
    else if (next) void this.#endInQuiet();
  }
}
