/** Expired times are removed in bulk: to move the others costs. */
const COMPACT_AFTER = 1_024;

/** Counts the events of the last `length` milliseconds, exactly. */
export class SlidingWindow {
  private times: number[] = [];
  private start = 0;

  /** @param length in milliseconds */
  constructor(private readonly length: number) {}

  add(now: number): void {
    this.times.push(now);
  }

  /** The number of events in the window that ends now. */
  count(now: number): number {
    while (now - this.at(this.start) > this.length) this.start += 1;
    if (this.start > COMPACT_AFTER) {
      this.times = this.times.slice(this.start);
      this.start = 0;
    }
    return this.times.length - this.start;
  }

  /** Milliseconds until one more event exceeds `limit` in no window; 0: now. */
  delayFor(limit: number, now: number): number {
    const excess = this.count(now) - limit;
    if (excess < 0) return 0;
    // One millisecond after enough events have left the window.
    return this.at(this.start + excess) + this.length - now + 1;
  }

  /**
   * The same for an event behind others, if everything that has not happened yet happens as soon as it may.
   * @param state.inFlight events that count already and have not happened yet
   * @param state.ahead events that come first and do not count yet
   */
  estimateDelay(
    limit: number,
    now: number,
    { inFlight, ahead }: { inFlight: number; ahead: number },
  ): number {
    const ended = this.count(now);
    const known = ended + inFlight;
    // The event that has to leave the window first, numbered from the oldest in the window.
    const blocking = known + ahead - limit;
    if (blocking < 0) return 0;
    // Each event ahead that has to wait itself puts this one off by another window.
    const rounds = Math.max(0, Math.floor((blocking - Math.max(known, limit)) / limit) + 1);
    const first = blocking - rounds * limit;
    const at = first < ended ? this.at(this.start + first) : now;
    return at - now + (1 + rounds) * (this.length + 1);
  }

  /** Events after the last one lie in the future and never leave the window. */
  private at(index: number): number {
    return this.times[index] ?? Infinity;
  }
}
