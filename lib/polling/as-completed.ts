import { onAbort } from '../util/abort';
import { AuthenticationError } from '../errors/errors';
import { WaitActionsError, type WaitFailure } from '../errors/wait-actions';
import { WaitTimeoutError } from '../errors/wait-timeout';
import type { Requester } from '../model/requester';
import type { WaitPolicy, WaitTarget } from '../model/wait-target';
import { BatchIterator } from '../pagination/batch-iterator';
import { Fifo } from '../util/fifo';
import { watchProgress } from './watch-progress';

type WaitApi = Pick<Requester, 'clock' | 'poller' | 'signal'>;

/**
 * Waits for all actions at once and yields each as it ends. Those that are done already come first, in order. A wait
 * that fails does not end the others. Leaving the loop does.
 * @throws after everything that ended was yielded: WaitTimeoutError when the time is up, WaitActionsError when waits
 *   failed. At once: the signal's reason, the error of `onProgress`, AuthenticationError, ClosedError
 */
export function asCompleted<T>(
  api: WaitApi,
  targets: readonly WaitTarget<T>[],
  policy: WaitPolicy<T>,
): AsyncGenerator<T, void, undefined> {
  return new BatchIterator({
    signals: [policy.signal, api.signal],
    start: (controller) => outcomesOf(api, targets, policy, controller),
    itemsOf: (outcome) => [outcome()],
  });
}

/** Yields how each wait ends; an outcome throws what ends all waits. */
async function* outcomesOf<T>(
  api: WaitApi,
  targets: readonly WaitTarget<T>[],
  policy: WaitPolicy<T>,
  controller: AbortController,
): AsyncGenerator<() => T, void, undefined> {
  const startedAt = api.clock.now();
  const outcomes = new Fifo<() => T>();
  const late: WaitTimeoutError<T>[] = [];
  const failures: WaitFailure[] = [];
  let pending = 0;
  let notify = (): void => undefined;
  const settle = (outcome: () => T): void => {
    outcomes.add(outcome);
    notify();
  };
  const endAll = (reason: unknown): void =>
    settle(() => {
      throw reason;
    });
  const fail = (id: number, error: unknown): void => {
    leave();
    if (controller.signal.aborted || api.signal.aborted || error instanceof AuthenticationError)
      endAll(error);
    else if (error instanceof WaitTimeoutError) late.push(error as WaitTimeoutError<T>);
    else failures.push({ id, error });
    notify();
  };
  const unsubscribe = onAbort(policy.signal, (reason) => controller.abort(reason));
  // Once no wait is left, nothing stays on the signal, even if the iterator is abandoned.
  const unsubscribeWhenDone = (): void => {
    if (pending === 0) unsubscribe();
  };
  const leave = (): void => {
    pending -= 1;
    unsubscribeWhenDone();
  };
  const onProgress = watchProgress(policy.onProgress, endAll);
  const shared = { ...policy, signal: controller.signal, onProgress };
  try {
    for (const target of targets) {
      if (target.isDone(target.state)) {
        outcomes.add(() => target.state);
        continue;
      }
      pending += 1;
      const { id } = target.ref(target.state);
      const onEnd = (state: T): void => {
        leave();
        settle(() => state);
      };
      api.poller.wait(target, shared).then(onEnd, (error: unknown) => fail(id, error));
    }
    unsubscribeWhenDone();
    while (pending > 0 || outcomes.size > 0) {
      const next = outcomes.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (notify = resolve));
    }
    if (late.length > 0) {
      const inProgress = late.flatMap((error) => error.inProgress);
      const polls = late.reduce((most, error) => Math.max(most, error.polls), 0);
      const subject = `${inProgress.length} of ${targets.length} actions`;
      const elapsed = api.clock.now() - startedAt;
      throw new WaitTimeoutError(subject, inProgress, elapsed, polls, null, failures);
    }
    if (failures.length > 0) throw new WaitActionsError(failures, targets.length);
  } finally {
    unsubscribe();
    controller.abort();
  }
}
