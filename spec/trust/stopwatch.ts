/** The interval at which the delay of the event loop is measured, and the resolution of timers, in milliseconds. */
const INTERVAL = 1;
const RESOLUTION = 2;

/** Readings in milliseconds: the time, and the CPU time of this process. */
interface Readings {
  now: () => number;
  used: () => number;
}

const MACHINE: Readings = {
  now: () => performance.now(),
  used: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};

/**
 * Measures durations on a busy machine. While other processes run in place of this one, the event loop is late although
 * this process uses no CPU time: that time is not counted. Computing and waiting are.
 */
export class Stopwatch {
  readonly #readings: Readings;
  readonly #start: number;
  readonly #used: number;
  #last: number;
  #late = 0;
  readonly #timer = setInterval(() => this.#tick(), INTERVAL).unref();

  constructor(readings = MACHINE) {
    this.#readings = readings;
    this.#start = this.#last = readings.now();
    this.#used = readings.used();
  }

  /** Stops it. Returns the milliseconds since it was made, without those in which the process did not run. */
  stop(): number {
    this.#tick();
    clearInterval(this.#timer);
    const idle = Math.max(0, this.#late - (this.#readings.used() - this.#used));
    return this.#last - this.#start - idle;
  }

  #tick(): void {
    const now = this.#readings.now();
    this.#late += Math.max(0, now - this.#last - INTERVAL - RESOLUTION);
    this.#last = now;
  }
}
