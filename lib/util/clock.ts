import { type AnySignal, onAbort, throwIfAborted } from './abort';
import {
  clearImmediate,
  clearTimeout,
  dateNow,
  monotonicNow,
  setImmediate,
  setTimeout,
} from './machine-timers';

/** The library's source of time, which tests and the sandbox can replace. All times are in milliseconds. */
export interface Clock {
  /** Monotonic time since an arbitrary moment, as `performance.now()` gives it. For durations, not for dates. */
  now(): number;
  /** Milliseconds since 1970, as `Date.now()` gives them. */
  date(): number;
  /**
   * Calls `callback` once, after `ms` milliseconds.
   * @param isBackground whether the process may end before
   * @returns a function that cancels the call, with no effect after the call
   */
  after(ms: number, callback: () => void, isBackground?: boolean): () => void;
}

/** The longest delay of `setTimeout`, about 25 days; with a longer one it fires at once. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * The clock of the machine, also while a test fakes timers. A timer that has expired lets pending I/O be read once before it
 * calls back: after the program has blocked for seconds, a response that has come is not thrown away.
 */
export const systemClock: Clock = {
  now: monotonicNow,
  date: dateNow,
  after(ms, callback, isBackground = false) {
    if (ms <= MAX_TIMER) {
      let immediate: ReturnType<typeof setImmediate> | undefined;
      const timer = setTimeout(() => {
        immediate = setImmediate(callback);
      }, ms);
      if (isBackground) timer.unref();
      return () => {
        clearTimeout(timer);
        clearImmediate(immediate);
      };
    }
    const rest = (): void => void (cancel = systemClock.after(ms - MAX_TIMER, callback, isBackground));
    let cancel = systemClock.after(MAX_TIMER, rest, isBackground);
    return () => cancel();
  },
};

/** Resolves after `ms` milliseconds of `clock`, or rejects with the signal's reason as soon as the signal aborts. */
export async function sleep(clock: Clock, ms: number, signal?: AnySignal): Promise<void> {
  throwIfAborted(signal);
  let unsubscribe = (): void => undefined;
  let cancel = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      cancel = clock.after(ms, resolve);
      unsubscribe = onAbort(signal, reject);
    });
  } finally {
    cancel();
    unsubscribe();
  }
}
