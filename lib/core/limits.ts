import { onAbort } from './cancel';
import type { Clock } from './clock';

/** What may end a piece of work early. */
export interface Limits {
  clock: Clock;
  /** The first of them to abort ends the work, with its reason. */
  signals: readonly (AbortSignal | undefined)[];
  /** How long the work may take, in milliseconds; `Infinity` is for ever. */
  timeout: number;
  /** What the work rejects with when its time is up. */
  onTimeout: () => unknown;
}

/**
 * Runs `work` under a signal of its own and rejects as soon as a limit is met, even when `work` does not notice.
 * Leaves neither timer nor listener behind, however it ends.
 */
export async function within<T>(limits: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const undo: (() => void)[] = [];
  try {
    return await new Promise<T>((resolve, reject) => {
      const end = (reason: unknown): void => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- an abort's reason is the caller's own
        reject(reason);
        controller.abort(reason);
      };
      for (const signal of limits.signals) undo.push(onAbort(signal, end));
      if (controller.signal.aborted) return;
      if (limits.timeout < Infinity) {
        undo.push(limits.clock.after(limits.timeout, () => end(limits.onTimeout())));
      }
      work(controller.signal).then(resolve, reject);
    });
  } finally {
    for (const step of undo) step();
  }
}
