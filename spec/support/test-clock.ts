import type { Clock } from '../../lib/util/clock';

/** The `timeout` and `deadline` of the HTTP specs: lengths that no delay has. */
export const TIMEOUT = 1_009;
export const DEADLINE = 120_011;

interface Timer {
  ms: number;
  due: number;
  callback: () => void;
}

/**
 * A clock for specs with real sockets. Delays end at once and are recorded; the limits of attempts and calls end only
 * when the spec advances the time.
 */
export class TestClock implements Clock {
  /** Every delay that was waited for, in milliseconds. */
  readonly delays: number[] = [];
  readonly #timers = new Set<Timer>();
  /** When the limits end that started with another one, such as the deadline with the first timeout. */
  #moments: number[] = [];
  #now = 1_000;
  #date: number;

  /** @param limits timers of exactly these lengths, or of what is left of them, are limits, all others are delays; `all`: every timer is a limit */
  constructor(
    private readonly limits: readonly number[] | 'all' = [TIMEOUT, DEADLINE],
    date = Date.UTC(2026, 0, 1),
  ) {
    this.#date = date - this.#now;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.#now + this.#date;
  }

  /** Sets the date, and leaves the monotonic time alone. */
  setDate(date: number): void {
    this.#date = date - this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { ms, due: this.#now + ms, callback };
    this.#timers.add(timer);
    if (this.limits !== 'all' && !this.#isLimit(timer, this.limits)) {
      this.delays.push(ms);
      setImmediate(() => this.#timers.has(timer) && this.pass(timer.due - this.#now));
    }
    return () => this.#timers.delete(timer);
  }

  #isLimit({ ms, due }: Timer, lengths: readonly number[]): boolean {
    if (!lengths.includes(ms)) return this.#moments.some((moment) => Math.abs(moment - due) < 0.001);
    this.#moments = [
      ...this.#moments.filter((moment) => moment > this.#now),
      ...lengths.map((length) => this.#now + length),
    ];
    return true;
  }

  /** Advances the time and runs all timers that are due by then, in order. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = next.due;
      next.callback();
    }
    this.#now = until;
  }

  /** Milliseconds until the next timer is due; `Infinity` when there is none. */
  get untilNext(): number {
    return Math.min(Infinity, ...[...this.#timers].map(({ due }) => due - this.#now));
  }

  /** Whether a timer of exactly this length is pending. */
  isSetTo(ms: number): boolean {
    return [...this.#timers].some((timer) => timer.ms === ms);
  }

  /** Timers that have neither run nor been cancelled. */
  get pending(): number {
    return this.#timers.size;
  }
}
