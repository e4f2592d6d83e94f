/**
 * The keys that were met lately: at least the last `most`, at most twice as many. A list of a million things is read in
 * the memory of a hundred thousand of their ids.
 */
export class SeenIds {
  private now = new Set<unknown>();
  private before = new Set<unknown>();

  constructor(private readonly most: number) {}

  /** Remembers a key. Returns whether it was new. */
  add(key: unknown): boolean {
    if (this.now.has(key) || this.before.has(key)) return false;
    if (this.now.size >= this.most) {
      this.before = this.now;
      this.now = new Set();
    }
    this.now.add(key);
    return true;
  }
}
