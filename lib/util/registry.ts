/** How many entries each new one looks at. To look at all of them would take the square of their number. */
const LOOKS = 8;

/** Objects by name, each created at its first use and discarded some time after it has become idle. */
export class Registry<V extends { readonly isIdle: boolean }> {
  /** Those that were looked at longest ago come first. */
  readonly #entries = new Map<string, V>();

  /** How many objects it keeps. */
  get size(): number {
    return this.#entries.size;
  }

  /** The object of this name, if it is kept. */
  find(name: string): V | undefined {
    return this.#entries.get(name);
  }

  /** The object of this name; `create` makes it when there is none. */
  get(name: string, create: () => V): V {
    const known = this.#entries.get(name);
    if (known) return known;
    this.#discardIdle();
    const created = create();
    this.#entries.set(name, created);
    return created;
  }

  #discardIdle(): void {
    let looks = Math.min(LOOKS, this.#entries.size);
    for (const [name, entry] of this.#entries) {
      if (looks-- === 0) return;
      this.#entries.delete(name);
      if (!entry.isIdle) this.#entries.set(name, entry);
    }
  }
}
