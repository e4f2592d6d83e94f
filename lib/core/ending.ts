type Listener = (reason: unknown) => void;

/** A place in the line of those who listen. */
interface Place {
  readonly listener: Listener;
  before: Place | null;
  after: Place | null;
}

/**
 * The end of a piece of work, told to whoever listens: an AbortController and its signal in one, at a hundredth of the
 * cost, for what stays among ourselves. Every request has one at least.
 *
 * Who listens stands in a linked list: a Set leaves its old tables to the garbage collector, and each of them holds on to
 * all who were in it, which made every request of a busy manager outlive two collections.
 */
export class Ending {
  aborted = false;
  reason: unknown = undefined;
  private first: Place | null = null;
  private last: Place | null = null;
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
    for (let place = this.first; place; place = this.first) {
      this.leave(place);
      place.listener(reason);
    }
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** Calls `listener` once it aborts, and not if it has: ask first. Returns a function that takes the listener back. */
  listen(listener: Listener): () => void {
    const place: Place = { listener, before: this.last, after: null };
    if (this.last) this.last.after = place;
    else this.first = place;
    this.last = place;
    return () => this.leave(place);
  }

  /** Harmless for one who has left: it knows nobody, and is not the first. */
  private leave(place: Place): void {
    const { before, after } = place;
    if (before) before.after = after;
    else if (this.first === place) this.first = after;
    if (after) after.before = before;
    else if (this.last === place) this.last = before;
    place.before = place.after = null;
  }
}
