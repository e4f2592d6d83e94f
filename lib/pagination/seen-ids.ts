/**
 * Remembers the ids seen last: at least `capacity` of them, at most twice as many, so that the memory of a reading does
 * not grow with its list.
 */
export class SeenIds {
  private recent = new Set<unknown>();
  private older = new Set<unknown>();

  constructor(private capacity: number) {}

  /** How many ids it remembers. */
  get size(): number {
    return this.recent.size + this.older.size;
  }

  /** Remembers an id. @returns whether it was new */
  add(id: unknown): boolean {
    if (this.recent.has(id) || this.older.has(id)) return false;
    if (this.recent.size >= this.capacity) {
      this.older = this.recent;
      this.recent = new Set();
    }
    this.recent.add(id);
    return true;
  }

  /** From now on, forgets nothing. */
  keepAll(): void {
    this.capacity = Infinity;
  }
}
