import { type Abortable, onAbort } from './abort';
import type { Clock } from './clock';
import { AbortScope } from './abort';

/** What may end a piece of work early. */
export interface WorkLimits {
  clock: Clock;
  /** The first of them to abort ends the work, with its reason. */
  signals: readonly (Abortable | undefined)[];
  /** How long the work may take, in milliseconds; `Infinity` is for ever, and 0 or less: its time is up already. */
  timeout: number;
  /** What the work rejects with when its time is up. */
  onTimeout: () => unknown;
}

/**
 * Runs `work` with an ending of its own and rejects as soon as a limit is met, even when `work` does not notice.
 * Leaves neither timer nor listener behind, however it ends.
 */
export function withLimits<T>(limits: WorkLimits, work: (ending: AbortScope) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const ending = new AbortScope();
    const undo: (() => void)[] = [];
    const leave = (): void => {
      for (const step of undo) step();
    };
    const fail = (reason: unknown): void => {
      leave();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- an abort's reason is the caller's own
      reject(reason);
    };
    const end = (reason: unknown): void => {
      fail(reason);
      ending.abort(reason);
    };
    for (const signal of limits.signals) undo.push(onAbort(signal, end));
    if (!ending.aborted && limits.timeout <= 0) end(limits.onTimeout());
    if (ending.aborted) {
      leave();
      return;
    }
    if (limits.timeout < Infinity) {
      undo.push(limits.clock.after(limits.timeout, () => end(limits.onTimeout())));
    }
    try {
      work(ending).then((result) => {
        leave();
        resolve(result);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
