import type { Clock } from '../../lib';

interface Timer {
  due: number;
  callback: () => void;
}

/** A cell is idle when no timer was set or cleared in this many rounds. */
const IDLE = { rounds: 6, ms: 8 };

export interface Limits {
  /** Limits of attempts and calls: they fire only when time is advanced. `all`: no timer fires by itself. */
  lengths: readonly number[] | 'all';
  /** When a wait times out: fires when the cell is idle. */
  end: number;
}

/**
 * The clock of a cell, for calls over real sockets. A pause ends as soon as the event loop is free; limits fire only
 * when time is advanced.
 */
export class CellClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #limits: Limits;
  #date = Date.UTC(2026, 0, 1);
  #now = 0;
  /** When the known limits end. */
  readonly #deadlines: number[] = [];
  /** Counts how often timers were set and cleared. */
  #changes = 0;
  #isWaitingForIdle = false;

  /** @param onPass called with the milliseconds that passed */
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
    this.#changes += 1;
    const { lengths, end } = this.#limits;
    if (timer.due === end) void this.#endWhenIdle();
    else if (ms === 0 || (lengths !== 'all' && !this.#isLimit(ms, timer.due, lengths))) this.#passTo(timer);
    return () => {
      this.#changes += 1;
      this.#timers.delete(timer);
    };
  }

  /** A limit, or the rest of one: the last attempt of a call gets the rest of its deadline. */
  #isLimit(ms: number, due: number, lengths: readonly number[]): boolean {
    if (!lengths.includes(ms)) return this.#deadlines.some((deadline) => Math.abs(deadline - due) < 0.001);
    for (const length of lengths) this.#deadlines.push(this.#now + length);
    return true;
  }

  /** Corrects the date, as a user or a time server does. Durations are not affected. */
  jump(ms: number): void {
    this.#date += ms;
  }

  /** Advances time and fires what is due, in order. Returns whether anything was due. */
  pass(ms: number): boolean {
    const until = this.#now + ms;
    let hasFired = false;
    for (let next = this.#next(); next && next.due <= until; next = this.#next()) {
      this.#fire(next);
      hasFired = true;
    }
    this.#moveTo(until);
    return hasFired;
  }

  /** Advances time to the next timer. */
  passToNext(): void {
    const next = this.#next();
    if (next) this.#fire(next);
  }

  /** Timers that neither fired nor were cleared. */
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

  /** Earlier timers fire first, and may clear this one. */
  #passTo(timer: Timer): void {
    setImmediate(() => {
      if (!this.#timers.has(timer)) return;
      this.passToNext();
      this.#passTo(timer);
    });
  }

  /** While an attempt is in flight, its limit fires before the end of the wait. */
  async #endWhenIdle(): Promise<void> {
    if (this.#isWaitingForIdle) return;
    this.#isWaitingForIdle = true;
    for (let rounds = 0, seen = this.#changes; rounds < IDLE.rounds; rounds++) {
      await new Promise((done) => setTimeout(done, IDLE.ms));
      if (seen !== this.#changes) rounds = 0;
      seen = this.#changes;
    }
    this.#isWaitingForIdle = false;
    const next = this.#next();
    if (next?.due === this.#limits.end) this.#fire(next);
    else if (next) void this.#endWhenIdle();
  }
}
