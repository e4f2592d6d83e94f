/** How often it looks whether the event loop is in time, and what of it is a timer's own grain, in milliseconds. */
const BEAT = 1;
const GRAIN = 2;

/** What it reads, in milliseconds: the time, and how much of the processor this process has used. */
interface Gauges {
  now: () => number;
  used: () => number;
}

const MACHINE: Gauges = {
  now: () => performance.now(),
  used: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};

/**
 * Measures how long something takes on a machine that others use as well. While nobody lets us run, the event loop is
 * late although we use no processor: that time is not counted. What we compute ourselves is, and what we wait for.
 */
export class Stopwatch {
  readonly #gauges: Gauges;
  readonly #began: number;
  readonly #used: number;
  #last: number;
  #late = 0;
  readonly #beating = setInterval(() => this.#beat(), BEAT).unref();

  constructor(gauges = MACHINE) {
    this.#gauges = gauges;
    this.#began = this.#last = gauges.now();
    this.#used = gauges.used();
  }

  /** Milliseconds since it was made, without those that were taken from us. Ends it. */
  stop(): number {
    this.#beat();
    clearInterval(this.#beating);
    const taken = Math.max(0, this.#late - (this.#gauges.used() - this.#used));
    return this.#last - this.#began - taken;
  }

  #beat(): void {
    const now = this.#gauges.now();
    this.#late += Math.max(0, now - this.#last - BEAT - GRAIN);
    this.#last = now;
  }
}
