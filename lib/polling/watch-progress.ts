import type { WaitPolicy } from '../model/wait-target';

type OnProgress<T> = WaitPolicy<T>['onProgress'];

/**
 * Wraps an `onProgress` that several waits share.
 * @param onFailure called with what it throws, or what the promise it returns rejects with, before the wait itself fails
 */
export function watchProgress<T>(
  onProgress: OnProgress<T>,
  onFailure: (reason: unknown) => void,
): OnProgress<T> {
  if (!onProgress) return undefined;
  const fail = (reason: unknown): never => {
    onFailure(reason);
    throw reason;
  };
  return (progress) => {
    try {
      const reported = onProgress(progress);
      return isThenable(reported) ? reported.then(undefined, fail) : undefined;
    } catch (reason) {
      return fail(reason);
    }
  };
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
