type Listener = (reason: unknown) => void;

/** A place in the line of those who listen. */
interface ListenerNode {
  readonly listener: Listener;
  before: ListenerNode | null;
  after: ListenerNode | null;
}

/**
 * The end of a piece of work, told to whoever listens: an AbortController and its signal in one, at a hundredth of the
 * cost, for what stays among ourselves. Every request has one at least.
 *
 * Who listens stands in a linked list: a Set leaves its old tables to the garbage collector, and each of them holds on to
 * all who were in it, which made every request of a busy manager outlive two collections.
 */
export class AbortScope {
  aborted = false;
  reason: unknown = undefined;
  private first: ListenerNode | null = null;
  private last: ListenerNode | null = null;
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
      this.unlink(place);
      place.listener(reason);
    }
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** Calls `listener` once it aborts, and not if it has: ask first. Returns a function that takes the listener back. */
  subscribe(listener: Listener): () => void {
    const place: ListenerNode = { listener, before: this.last, after: null };
    if (this.last) this.last.after = place;
    else this.first = place;
    this.last = place;
    return () => this.unlink(place);
  }

  /** Harmless for one who has left: it knows nobody, and is not the first. */
  private unlink(place: ListenerNode): void {
    const { before, after } = place;
    if (before) before.after = after;
    else if (this.first === place) this.first = after;
    if (after) after.before = before;
    else if (this.last === place) this.last = before;
    place.before = place.after = null;
  }
}

/** A signal of somebody else's, or an ending of our own. */
export type Abortable = AbortSignal | AbortScope;

const nothing = (): void => undefined;

/** One listener on a signal serves everybody who waits for it: a thousand waits share one `abort` listener. */
const shared = new WeakMap<AbortSignal, Set<Listener>>();

/**
 * Calls `listener` with the signal's reason when it aborts, at once if it has aborted already.
 * @returns a function that takes the listener back; the signal keeps nothing of ours once nobody listens.
 */
export function onAbort(signal: Abortable | undefined, listener: Listener): () => void {
  if (!signal) return nothing;
  if (signal.aborted) {
    listener(signal.reason);
    return nothing;
  }
  if (signal instanceof AbortScope) return signal.subscribe(listener);
  const listeners = shared.get(signal) ?? listenOnce(signal);
  const own: Listener = (reason) => listener(reason);
  listeners.add(own);
  return () => {
    // Only the first time: by the second, the signal's listener may be somebody else's.
    if (listeners.delete(own) && listeners.size === 0) stop(signal);
  };
}

const handlers = new WeakMap<AbortSignal, () => void>();

function listenOnce(signal: AbortSignal): Set<Listener> {
  const listeners = new Set<Listener>();
  const handler = (): void => {
    stop(signal);
    for (const listener of listeners) listener(signal.reason);
  };
  shared.set(signal, listeners);
  handlers.set(signal, handler);
  signal.addEventListener('abort', handler);
  return listeners;
}

function stop(signal: AbortSignal): void {
  const handler = handlers.get(signal);
  if (handler) signal.removeEventListener('abort', handler);
  handlers.delete(signal);
  shared.delete(signal);
}

/** A request of a look. It ends when nobody is left who would want to know. */
export class SharedAbort {
  private readonly controller = new AbortController();

  /** @param users for how many it goes */
  constructor(private users: number) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** One of them knows already, or no longer waits. */
  release(): void {
    this.users -= 1;
    if (this.users === 0) this.controller.abort();
  }
}
