/** Something that is due at a moment. */
export interface QueueEntry<T> {
  readonly due: number;
  /** Breaks ties: what was added first comes first. */
  readonly order: number;
  readonly event: T;
}

/**
 * What is to happen, in the order in which it is due. Kept sorted: what comes last is mostly due last, so that
 * adding is a push nearly always, and a removed entry leaves nothing behind that would move time.
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

  add(due: number, what: T): QueueEntry<T> {
    const entry = { due, order: this.#added++, what };
    this.#entries.splice(this.#place(entry), 0, entry);
    return entry;
  }

  /** Takes the first entry out if it is due at `until` or before. */
  take(until: number): QueueEntry<T> | undefined {
    const first = this.#entries[0];
    return first && first.due <= until ? this.#entries.shift() : undefined;
  }

  /** Takes an entry out; harmless when it is out already. */
  remove(entry: QueueEntry<T>): void {
    const place = this.#place(entry);
    if (this.#entries[place] === entry) this.#entries.splice(place, 1);
  }

  /** Everything that is to come, in order. */
  [Symbol.iterator](): IterableIterator<QueueEntry<T>> {
    return this.#entries.values();
  }

  /** Where the entry stands, or would stand. */
  #place(entry: QueueEntry<T>): number {
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
