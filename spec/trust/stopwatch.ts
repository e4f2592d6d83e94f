/** How often it looks whether the event loop is in time, and what of it is a timer's own grain, in milliseconds. */
const BEAT = 1;
const GRAIN = 2;

/**
 * Measures how long something takes on a machine that others use as well. While nobody lets us run, the event loop is
 * late although we use no processor: that time is not counted. What we compute ourselves is, and what we wait for.
 */
export class Stopwatch {
  readonly #began = performance.now();
  readonly #used = process.cpuUsage();
  #last = this.#began;
  #late = 0;
  readonly #beating = setInterval(() => this.#beat(), BEAT).unref();

  /** Milliseconds since it was made, without those that were taken from us. Ends it. */
  stop(): number {
    this.#beat();
    clearInterval(this.#beating);
    const { user, system } = process.cpuUsage(this.#used);
    const taken = Math.max(0, this.#late - (user + system) / 1_000);
    return this.#last - this.#began - taken;
  }

  #beat(): void {
    const now = performance.now();
    this.#late += Math.max(0, now - this.#last - BEAT - GRAIN);
    this.#last = now;
  }
}
