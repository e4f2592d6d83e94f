import { systemClock, type Clock } from '../../util/clock';

/** Where a running clock starts, and its speed. */
export interface RunningClockOptions {
  /** Seconds of this clock per second of the machine. */
  speed: number;
  /** Monotonic time at the start, in milliseconds. */
  now: number;
}

/** A clock that runs by itself from today's date, at the machine's speed or a multiple of it. */
export class RunningClock implements Clock {
  readonly #speed: number;
  readonly #start = { now: 0, machine: systemClock.now(), date: systemClock.date() };

  constructor({ speed, now }: RunningClockOptions) {
    this.#speed = speed;
    this.#start.now = now;
  }

  now(): number {
    return this.#start.now + this.#elapsed();
  }

  date(): number {
    return Math.floor(this.#start.date + this.#elapsed());
  }

  after(ms: number, callback: () => void): () => void {
    return systemClock.after(ms / this.#speed, callback);
  }

  #elapsed(): number {
    return (systemClock.now() - this.#start.machine) * this.#speed;
  }
}
