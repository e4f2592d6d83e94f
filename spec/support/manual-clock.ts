import type { Clock } from '../../lib/util/clock';

/** A clock that stands still until `advance()`, which calls the due timers in order. */
export class ManualClock implements Clock {
  readonly #timers = new Set<{ due: number; callback: () => void }>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  date(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** The number of timers. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Advances by `ms` milliseconds. Resolves when the promises that follow have settled. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.callback();
      await settled();
    }
    this.#now = until;
    await settled();
  }
}

/** Resolves after all pending promise callbacks. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
