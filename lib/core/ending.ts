type Listener = (reason: unknown) => void;

/**
 * The end of a piece of work, told to whoever listens: an AbortController and its signal in one, at a hundredth of the
 * cost, for what stays among ourselves. Every request has two.
 */
export class Ending {
  aborted = false;
  reason: unknown = undefined;
  private readonly listeners = new Set<Listener>();
  private controller: AbortController | null = null;

  /** The same for others: made only for whoever asks. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.aborted) this.controller.abort(this.reason);
    return this.controller.signal;
  }

  /** Only the first time counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.controller?.abort(reason);
    for (const listener of this.listeners) listener(reason);
    this.listeners.clear();
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** Calls `listener` once it aborts, and not if it has: ask first. Returns a function that takes the listener back. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
