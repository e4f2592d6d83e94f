import { Ending } from './ending';

type Listener = (reason: unknown) => void;

/** A signal of somebody else's, or an ending of our own. */
export type Abortable = AbortSignal | Ending;

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
  if (signal instanceof Ending) return signal.listen(listener);
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
