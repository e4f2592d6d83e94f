/** An event and when it is due. */
export interface QueueEntry<T> {
  readonly due: number;
  /** Breaks ties: events that are due at the same time keep the order in which they were added. */
  readonly order: number;
  readonly event: T;
}

/**
 * Events in the order in which they are due. A sorted array: a new event is mostly due last, so that adding it is
 * nearly always a push, and a removed event leaves nothing behind that could move time.
 */
export class EventQueue<T> {
  readonly #entries: QueueEntry<T>[] = [];
  #added = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** The entry that is due first. */
  get next(): QueueEntry<T> | undefined {
    return this.#entries[0];
  }

  add(due: number, event: T): QueueEntry<T> {
    const entry = { due, order: this.#added++, event };
    this.#entries.splice(this.#indexOf(entry), 0, entry);
    return entry;
  }

  /** Removes and returns the first entry if it is due at `until` or before. */
  take(until: number): QueueEntry<T> | undefined {
    const first = this.#entries[0];
    return first && first.due <= until ? this.#entries.shift() : undefined;
  }

  /** Removes an entry. Does nothing if it was removed before. */
  remove(entry: QueueEntry<T>): void {
    const index = this.#indexOf(entry);
    if (this.#entries[index] === entry) this.#entries.splice(index, 1);
  }

  /** All entries, in order. */
  [Symbol.iterator](): IterableIterator<QueueEntry<T>> {
    return this.#entries.values();
  }

  /** The index of the entry, or the index at which it belongs. */
  #indexOf(entry: QueueEntry<T>): number {
    let low = 0;
    let high = this.#entries.length;
    const last = this.#entries[high - 1];
    if (last && isBefore(last, entry)) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#entries[middle];
      if (other && isBefore(other, entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(one: QueueEntry<unknown>, other: QueueEntry<unknown>): boolean {
  return one.due === other.due ? one.order < other.order : one.due < other.due;
}
