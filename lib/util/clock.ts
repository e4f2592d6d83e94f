import { type Abortable, onAbort } from './abort';

/**
 * Where the library takes its time from: two functions, so that specs and the sandbox can replace it.
 * Everything is in milliseconds.
 */
export interface Clock {
  /** Monotonic time since some fixed moment: for measuring, never for dates. */
  now(): number;
  /** The date as milliseconds since 1970, as `Date.now()` gives it. */
  date(): number;
  /**
   * Calls `callback` once, after `ms` milliseconds.
   * @returns a function that cancels the call; harmless when it has happened already.
   */
  after(ms: number, callback: () => void): () => void;
}

/** `setTimeout` fires at once when asked for more than this (2^31 − 1 ms, about 25 days). */
const MAX_TIMER = 2 ** 31 - 1;

/** The machine's own clock: monotonic, unaffected by changes of the date. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(ms, callback) {
    if (ms <= MAX_TIMER) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    }
    let cancel = systemClock.after(MAX_TIMER, () => {
      cancel = systemClock.after(ms - MAX_TIMER, callback);
    });
    return () => cancel();
  },
};

/**
 * Resolves after `ms` milliseconds of `clock`, or rejects with the signal's reason as soon as it aborts.
 * Leaves neither timer nor listener behind.
 */
export async function sleep(clock: Clock, ms: number, signal?: Abortable): Promise<void> {
  signal?.throwIfAborted();
  let forget = (): void => undefined;
  let cancel = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      cancel = clock.after(ms, resolve);
      forget = onAbort(signal, reject);
    });
  } finally {
    cancel();
    forget();
  }
}
