/**
 * Counts the events of the last `length` milliseconds in buckets. A bucket counts until `length` has passed after its end, so
 * that no event is forgotten too early, and each one at most the width of a bucket too late.
 */
export class CountRing {
  #sum = 0;
  /** The number of the latest bucket. */
  #last = 0;
  readonly #counts: number[];

  /** @param width of a bucket, in milliseconds */
  constructor(
    length: number,
    private readonly width: number,
  ) {
    this.#counts = Array.from({ length: length / width + 1 }, () => 0);
  }

  /** The events that count at `now`, which never decreases. */
  count(now: number): number {
    const size = this.#counts.length;
    const current = Math.floor(now / this.width);
    this.#last = Math.max(this.#last, current - size);
    while (this.#last < current) {
      this.#last += 1;
      this.#sum -= this.#counts[this.#last % size] ?? 0;
      this.#counts[this.#last % size] = 0;
    }
    return this.#sum;
  }

  /** How many events leave within `ms` milliseconds. */
  leaving(now: number, ms: number): number {
    this.count(now);
    const size = this.#counts.length;
    let events = 0;
    for (let bucket = this.#last + 1; bucket <= Math.floor((now + ms) / this.width); bucket++)
      events += this.#counts[bucket % size] ?? 0;
    return events;
  }

  /** @param at when they happened, which may be in the past */
  add(at: number, events: number): void {
    this.count(at);
    const size = this.#counts.length;
    const bucket = Math.floor(at / this.width);
    if (bucket <= this.#last - size) return;
    this.#counts[bucket % size] = (this.#counts[bucket % size] ?? 0) + events;
    this.#sum += events;
  }
}
