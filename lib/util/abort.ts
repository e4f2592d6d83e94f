import type { AbortSignalLike, GlobalAbortSignal } from './platform-types';

type AbortListener = (reason: unknown) => void;

/** A subscription, as a node of a doubly linked list. */
interface ListenerNode {
  readonly listener: AbortListener;
  previous: ListenerNode | null;
  next: ListenerNode | null;
}

/**
 * An AbortController and its signal in one, for use inside the library. Every request creates at least one, and with
 * AbortController a request takes 8 to 22 % more CPU.
 *
 * Listeners are in a linked list. A Set would keep replaced hash tables, and with them finished requests, alive until
 * the garbage collector has run twice.
 *
 * A scope may have a parent, whose abort is its own. It is on the parent only while it has listeners itself, so that a
 * signal that outlives a thousand scopes keeps none of them.
 */
export class AbortScope {
  private isAborted = false;
  private ownReason: unknown = undefined;
  private first: ListenerNode | null = null;
  private last: ListenerNode | null = null;
  private controller: AbortController | null = null;
  private leaveParent: (() => void) | null = null;

  constructor(private readonly parent?: AnySignal) {}

  get aborted(): boolean {
    if (!this.isAborted && this.parent?.aborted) this.abort(reasonOf(this.parent));
    return this.isAborted;
  }

  get reason(): unknown {
    return this.aborted ? this.ownReason : undefined;
  }

  /** The same as an AbortSignal, created on first use. */
  get signal(): GlobalAbortSignal {
    if (!this.controller) {
      const controller = (this.controller = new AbortController());
      onAbort(this, (reason) => controller.abort(reason));
    }
    return this.controller.signal;
  }

  /** Aborts with `reason` and calls the listeners in the order of their subscription. Later calls have no effect. */
  abort(reason: unknown): void {
    if (this.isAborted) return;
    this.isAborted = true;
    this.ownReason = reason;
    for (let node = this.first; node; node = this.first) {
      this.unlink(node);
      node.listener(reason);
    }
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /**
   * Calls `listener` when the scope aborts; never if it has aborted before (see {@link onAbort}).
   * @returns a function that unsubscribes
   */
  subscribe(listener: AbortListener): () => void {
    const node: ListenerNode = { listener, previous: this.last, next: null };
    if (this.last) this.last.next = node;
    else this.first = node;
    this.last = node;
    if (this.parent) this.leaveParent ??= onAbort(this.parent, (reason) => this.abort(reason));
    return () => this.unlink(node);
  }

  protected get hasListeners(): boolean {
    return this.first !== null;
  }

  /** Has no effect on a node that is unlinked: it has no neighbours and is not the first or last. */
  private unlink(node: ListenerNode): void {
    const { previous, next } = node;
    if (previous) previous.next = next;
    else if (this.first === node) this.first = next;
    if (next) next.previous = previous;
    else if (this.last === node) this.last = previous;
    node.previous = node.next = null;
    if (!this.first && this.leaveParent) {
      this.leaveParent();
      this.leaveParent = null;
    }
  }
}

/** A signal of the caller's, or a scope of the library's. */
export type AnySignal = AbortSignalLike | AbortScope;

/**
 * Whether a value is a signal, by its shape: that of another realm, such as a test environment's, or of a polyfill is no
 * instance of this realm's AbortSignal.
 */
export function isSignal(value: unknown): value is AbortSignalLike {
  const { aborted, addEventListener } = (value ?? {}) as Partial<Record<keyof AbortSignalLike, unknown>>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

/** The reason of an aborted signal, untouched; a polyfill that knows no reasons gets the one AbortSignal has by default. */
function reasonOf({ reason }: AnySignal): unknown {
  return reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
}

/** @throws the signal's reason when it has aborted */
export function throwIfAborted(signal: AnySignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** The same as an AbortSignal of this realm, which `AbortSignal.any` and other functions of the platform require. */
export function toAbortSignal(signal: AbortSignalLike): GlobalAbortSignal {
  if (signal instanceof AbortSignal) return signal;
  let controller = counterparts.get(signal);
  if (!controller) {
    const created = (controller = new AbortController());
    counterparts.set(signal, created);
    onAbort(signal, (reason) => created.abort(reason));
  }
  return controller.signal;
}

const counterparts = new WeakMap<AbortSignalLike, AbortController>();

/**
 * Calls `listener` with the signal's reason when the signal aborts, or at once if it has aborted already.
 * @returns a function that unsubscribes; the last one also removes the library's listener from an AbortSignal
 */
export function onAbort(signal: AnySignal | undefined, listener: AbortListener): () => void {
  if (!signal) return onNothing;
  if (signal.aborted) {
    listener(reasonOf(signal));
    return onNothing;
  }
  if (signal instanceof AbortScope) return signal.subscribe(listener);
  const relay = relays.get(signal) ?? new SignalRelay(signal);
  // That of a polyfill may abort while the relay subscribes to it, before the relay has a listener to call.
  if (relay.aborted) {
    relay.detachIfUnused();
    listener(reasonOf(signal));
    return onNothing;
  }
  const unsubscribe = relay.subscribe(listener);
  return () => {
    unsubscribe();
    relay.detachIfUnused();
  };
}

/** One for all: a hundred thousand waits without a signal keep it. */
const onNothing = (): void => undefined;

const relays = new WeakMap<AbortSignalLike, SignalRelay>();

/** Relays the abort of one AbortSignal to any number of listeners: a thousand waits put one listener on it. */
class SignalRelay extends AbortScope {
  private readonly relay = (): void => {
    this.detach();
    this.abort(reasonOf(this.source));
  };

  constructor(private readonly source: AbortSignalLike) {
    super();
    relays.set(source, this);
    source.addEventListener('abort', this.relay);
  }

  override get aborted(): boolean {
    return super.aborted || this.source.aborted;
  }

  detachIfUnused(): void {
    // A later subscription may have created another relay, which stays.
    if (!this.hasListeners && relays.get(this.source) === this) this.detach();
  }

  private detach(): void {
    relays.delete(this.source);
    try {
      // Optional, since a signal is taken by its shape.
      this.source.removeEventListener?.('abort', this.relay);
    } catch {
      // That of a polyfill may fail. A relay without subscribers does nothing.
    }
  }
}

/** Aborts a request that several users share once all of them have released it. */
export class SharedAbort {
  private readonly controller = new AbortController();

  /** @param users how many share the request */
  constructor(private users: number) {}

  get signal(): GlobalAbortSignal {
    return this.controller.signal;
  }

  /** One more user shares the request. */
  join(): void {
    this.users += 1;
  }

  /** One user has its result or no longer wants it. @returns whether it was the last one */
  release(): boolean {
    this.users -= 1;
    if (this.users === 0) this.controller.abort();
    return this.users === 0;
  }
}
