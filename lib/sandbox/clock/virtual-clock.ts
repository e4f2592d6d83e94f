// Not the globals: fake timers of a test runner must not stop our turns.
import { setImmediate, setTimeout } from 'node:timers';
import type { Clock } from '../../util/clock';
import { EventQueue } from './event-queue';

/** The date at which every virtual clock starts, so that two runs of a test see the same dates. */
export const VIRTUAL_START = Date.UTC(2026, 0, 1);

/** Where a virtual clock starts. */
export interface VirtualClockOptions {
  /** Whether it jumps to the next timer by itself when nothing else is going on; default `true`. */
  auto?: boolean;
  /** Monotonic time at the start, in milliseconds; default 0. */
  now?: number;
  /** Date at the start, in milliseconds since 1970; default `VIRTUAL_START`. */
  date?: number;
}

/**
 * A clock that stands still while anything is going on, and jumps to the next timer when nothing is: whoever sleeps
 * for an hour wakes within milliseconds. With `auto: false` it moves by `advance` alone.
 *
 * Timers fire in the order in which they are due, then in the order in which they were set; promises settle
 * between two of them. A cancelled timer never moves time. An idle clock does not keep the process alive.
 *
 * It sees what goes on by itself: promises, immediates, and, once told to, timers of up to a millisecond. It does not
 * see a file being read or a socket: who really waits for something while a timer is set, sees time jump.
 */
export class VirtualClock implements Clock {
  readonly #timers = new EventQueue<() => void>();
  readonly #auto: boolean;
  readonly #offset: number;
  #now: number;
  /** Counts what was done with timers: while it moves, something is going on. */
  #stirred = 0;
  /** `advance` calls under way or waiting for their turn: they have the clock to themselves. */
  #advancing = 0;
  #lastAdvance: Promise<void> = Promise.resolve();
  #pumping = false;
  #mindsShortTimers = false;

  constructor({ auto = true, now = 0, date = VIRTUAL_START }: VirtualClockOptions = {}) {
    this.#auto = auto;
    this.#now = now;
    this.#offset = date - now;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return Math.floor(this.#offset + this.#now);
  }

  /** When the next timer is due, in the time of `now()`; `null` when nobody sleeps. */
  get nextTimer(): number | null {
    return this.#timers.next?.due ?? null;
  }

  after(ms: number, callback: () => void): () => void {
    const entry = this.#timers.add(this.#now + Math.max(0, ms), callback);
    this.#stirred++;
    this.#wake();
    return () => {
      this.#timers.remove(entry);
      this.#stirred++;
    };
  }

  /**
   * Moves time by `ms` milliseconds. Every timer that is due on the way fires at its own moment; resolves when
   * what they set off has settled.
   */
  advance(ms: number): Promise<void> {
    return this.#inTurn(() => this.#now + ms);
  }

  /** Moves time to a moment of `now()` in the same way; to one that has passed, it only lets things settle. */
  advanceTo(moment: number): Promise<void> {
    return this.#inTurn(() => Math.max(this.#now, moment));
  }

  #inTurn(target: () => number): Promise<void> {
    this.#advancing++;
    this.#lastAdvance = this.#lastAdvance.then(() => this.#advance(target()));
    return this.#lastAdvance;
  }

  async #advance(target: number): Promise<void> {
    await this.#rest();
    while (this.#fireNext(target)) await this.#rest();
    this.#now = target;
    this.#advancing--;
    this.#wake();
  }

  /**
   * From now on time stands still for the machine's own timers of up to a millisecond as well. Every jump costs a
   * millisecond then: only to be asked for when somebody may set some.
   */
  waitForShortTimers(): void {
    this.#mindsShortTimers = true;
  }

  /** Goes on by itself for as long as there are timers. */
  #wake(): void {
    if (!this.#auto || this.#pumping || this.#timers.size === 0) return;
    this.#pumping = true;
    void this.#pump();
  }

  async #pump(): Promise<void> {
    try {
      do await this.#rest();
      while (this.#advancing === 0 && this.#fireNext(Infinity));
    } finally {
      this.#pumping = false;
    }
  }

  /** Fires the timer that is next, if it is due by `until`. */
  #fireNext(until: number): boolean {
    const entry = this.#timers.take(until);
    if (!entry) return false;
    this.#now = Math.max(this.#now, entry.due);
    this.#stirred++;
    // Out of the pump's way: an exception in a timer is the caller's, as with setTimeout.
    setImmediate(entry.event);
    return true;
  }

  /** Resolves once nothing goes on any more, or the next timer is due at this very moment. */
  async #rest(): Promise<void> {
    let seen: number;
    do {
      seen = this.#stirred;
      await turn();
      if (this.nextTimer === this.#now) return;
      if (this.#mindsShortTimers) await shortTimers();
      await turn();
    } while (seen !== this.#stirred);
  }
}

/** Promises settle before the event loop has turned, and immediates that were set before have run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Timers of the machine that were set before and are due within a millisecond have fired. */
function shortTimers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
