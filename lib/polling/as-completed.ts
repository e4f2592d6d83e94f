import { onAbort } from '../util/abort';
import { WaitTimeoutError } from '../errors/wait-timeout';
import type { Requester } from '../model/requester';
import type { WaitPolicy, WaitTarget } from '../model/wait-target';

/**
 * Waits for all targets at once and yields each as it ends. Those that are done already come first, in order.
 * Leaving the loop ends the other waits.
 * @param describe the subject of the error's message, such as `2 of 3 actions`, when so many are late
 * @throws WaitTimeoutError when the time is up, after everything that ended in time was yielded
 */
export async function* asCompleted<T>(
  api: Pick<Requester, 'clock' | 'poller'>,
  targets: readonly WaitTarget<T>[],
  policy: WaitPolicy<T>,
  describe: (late: number) => string,
): AsyncGenerator<T, void, undefined> {
  const startedAt = api.clock.now();
  const controller = new AbortController();
  const shared = { ...policy, signal: controller.signal };
  const unsubscribe = onAbort(policy.signal, (reason) => controller.abort(reason));
  const outcomes: (() => T)[] = [];
  const late: WaitTimeoutError<T>[] = [];
  let pending = 0;
  let notify = (): void => undefined;
  const settle = (outcome: () => T): void => {
    pending -= 1;
    outcomes.push(outcome);
    notify();
  };
  const fail = (error: unknown): void => {
    if (error instanceof WaitTimeoutError) {
      pending -= 1;
      late.push(error as WaitTimeoutError<T>);
      notify();
    } else {
      settle(() => {
        throw error;
      });
    }
  };
  try {
    for (const target of targets) {
      if (target.isDone(target.state)) {
        outcomes.push(() => target.state);
        continue;
      }
      pending += 1;
      api.poller.wait(target, shared).then((state) => settle(() => state), fail);
    }
    while (pending > 0 || outcomes.length > 0) {
      const next = outcomes.shift();
      if (next) yield next();
      else await new Promise<void>((resolve) => (notify = resolve));
    }
    if (late.length > 0) {
      const inProgress = late.flatMap((error) => error.inProgress);
      const polls = Math.max(...late.map((error) => error.polls));
      throw new WaitTimeoutError(describe(inProgress.length), inProgress, api.clock.now() - startedAt, polls);
    }
  } finally {
    unsubscribe();
    controller.abort();
  }
}
