import { type AnySignal, AbortScope, onAbort } from './abort';
import type { Clock } from './clock';

/** What ends an operation early. */
export interface WorkLimits {
  clock: Clock;
  /** The first to abort ends the operation with its reason. */
  signals: readonly (AnySignal | undefined)[];
  /** In milliseconds; `Infinity` is no limit, and with 0 or less the operation does not start. */
  timeout: number;
  /** Creates the reason of a timeout. */
  onTimeout: () => unknown;
}

/**
 * Runs `work`, and aborts its scope and rejects as soon as a limit is reached, whether or not `work` reacts.
 * All timers and listeners are removed when it settles.
 */
export function withLimits<T>(limits: WorkLimits, work: (scope: AbortScope) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const scope = new AbortScope();
    const cleanups: (() => void)[] = [];
    const cleanUp = (): void => {
      for (const cleanup of cleanups) cleanup();
    };
    const fail = (reason: unknown): void => {
      cleanUp();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- an abort's reason is the caller's own
      reject(reason);
    };
    const abort = (reason: unknown): void => {
      fail(reason);
      scope.abort(reason);
    };
    for (const signal of limits.signals) cleanups.push(onAbort(signal, abort));
    if (!scope.aborted && limits.timeout <= 0) abort(limits.onTimeout());
    if (scope.aborted) {
      cleanUp();
      return;
    }
    if (limits.timeout < Infinity) {
      cleanups.push(limits.clock.after(limits.timeout, () => abort(limits.onTimeout())));
    }
    try {
      work(scope).then((result) => {
        cleanUp();
        resolve(result);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
