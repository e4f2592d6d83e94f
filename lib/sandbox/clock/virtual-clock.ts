import { ownOptions } from '../../util/options/own-options';
import type { Clock } from '../../util/clock';
import { EventQueue } from './event-queue';
import { MachineDate, setImmediate } from '../../util/machine-timers';

/** The date at which every virtual clock starts, so that two runs of a test see the same dates. */
export const VIRTUAL_START = MachineDate.UTC(2026, 0, 1);

/** How a virtual clock starts. */
export interface VirtualClockOptions {
  /** Whether it jumps to the next timer by itself when the process is idle; default `true`. */
  auto?: boolean | undefined;
  /** Monotonic time at the start, in milliseconds; default 0. */
  now?: number | undefined;
  /** Date at the start, in milliseconds since 1970; default `VIRTUAL_START`. */
  date?: number | undefined;
}

/**
 * A clock that stands still while the process is busy, and jumps to the next timer when it is idle: a sleep of an hour
 * takes milliseconds. With `auto: false`, only `advance` moves it.
 *
 * Timers fire in the order in which they are due, then in the order in which they were set. Promises settle between two
 * timers. A cancelled timer never moves time. The clock does not keep the process alive.
 *
 * The clock sees promises and immediates. It does not see timers of the machine, files or sockets: time jumps while the
 * process waits for them.
 */
export class VirtualClock implements Clock {
  readonly #timers = new EventQueue<() => void>();
  readonly #auto: boolean;
  readonly #offset: number;
  #now: number;
  /** Counts every timer that is set, cancelled or fired. While it changes, the process is busy. */
  #activity = 0;
  /** The number of `advance` calls that are running or queued. While there are any, only they move the clock. */
  #advancing = 0;
  #lastAdvance: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(options: VirtualClockOptions = {}) {
    const { auto = true, now = 0, date = VIRTUAL_START } = ownOptions(options);
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

  /** When the next timer is due, in the time of `now()`; `null` without timers. */
  get nextTimer(): number | null {
    return this.#timers.next?.due ?? null;
  }

  after(ms: number, callback: () => void): () => void {
    const entry = this.#timers.add(this.#now + Math.max(0, ms), callback);
    this.#activity++;
    this.#start();
    return () => {
      this.#timers.remove(entry);
      this.#activity++;
    };
  }

  /**
   * Moves time by `ms` milliseconds. Every timer that becomes due fires at its own moment. Resolves when everything
   * that the timers started has settled.
   */
  advance(ms: number): Promise<void> {
    return this.#enqueue(() => this.#now + ms);
  }

  /** Moves time to a moment of `now()`, as `advance` does. A moment in the past moves nothing. */
  advanceTo(moment: number): Promise<void> {
    return this.#enqueue(() => Math.max(this.#now, moment));
  }

  #enqueue(target: () => number): Promise<void> {
    this.#advancing++;
    this.#lastAdvance = this.#lastAdvance.then(() => this.#advance(target()));
    return this.#lastAdvance;
  }

  async #advance(target: number): Promise<void> {
    await this.#settle();
    while (this.#fireNext(target)) await this.#settle();
    this.#now = target;
    this.#advancing--;
    this.#start();
  }

  /** Starts to fire timers, if the clock moves by itself and is not doing so already. */
  #start(): void {
    if (!this.#auto || this.#isRunning || this.#timers.size === 0) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      do await this.#settle();
      while (this.#advancing === 0 && this.#fireNext(Infinity));
    } finally {
      this.#isRunning = false;
    }
  }

  /** Fires the next timer, if it is due by `until`. */
  #fireNext(until: number): boolean {
    const entry = this.#timers.take(until);
    if (!entry) return false;
    this.#now = Math.max(this.#now, entry.due);
    this.#activity++;
    // In an immediate of its own: an exception in a timer is the caller's, as with setTimeout.
    setImmediate(entry.event);
    return true;
  }

  /** Resolves when the process is idle, or when the next timer is due at this very moment. */
  async #settle(): Promise<void> {
    let before: number;
    do {
      before = this.#activity;
      await nextImmediate();
      if (this.nextTimer === this.#now) return;
      await nextImmediate();
    } while (before !== this.#activity);
  }
}

/** Resolves after all pending promises and the immediates that were set before. */
function nextImmediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
