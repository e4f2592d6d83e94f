/** Forget what has expired only now and then: moving the rest costs. */
const COMPACT_AFTER = 1_024;

/** What happened in the last so many milliseconds, exactly. */
export class SlidingWindow {
  private times: number[] = [];
  private start = 0;

  /** @param length in milliseconds */
  constructor(private readonly length: number) {}

  add(now: number): void {
    this.times.push(now);
  }

  /** How often in the window that ends now. */
  count(now: number): number {
    while (now - this.at(this.start) > this.length) this.start += 1;
    if (this.start > COMPACT_AFTER) {
      this.times = this.times.slice(this.start);
      this.start = 0;
    }
    return this.times.length - this.start;
  }

  /** Milliseconds until one more would not be more than `limit` in any window; 0: now. */
  delayFor(limit: number, now: number): number {
    const excess = this.count(now) - limit;
    if (excess < 0) return 0;
    // Just past the moment at which enough of them have left the window.
    return this.at(this.start + excess) + this.length - now + 1;
  }

  /** Past the last one lies the future, which never leaves the window. */
  private at(index: number): number {
    return this.times[index] ?? Infinity;
  }
}
