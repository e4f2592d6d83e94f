import { onAbort } from '../util/abort';
import type { Requester } from '../model/requester';
import { type WaitPolicy, WaitTimeoutError } from './wait-options';
import type { PollerFacade } from './room';
import type { WaitTarget } from './waiter';

/**
 * Waits for all subjects at once and yields each as it ends; those that had ended already come first, in order.
 * Leaving the loop ends the other waits.
 * @throws WaitTimeoutError when the time is up, after everything that ended in time was yielded
 */
export async function* asCompleted<T>(
  api: Requester,
  room: PollerFacade,
  subjects: readonly WaitTarget<T>[],
  patience: WaitPolicy<T>,
  what: string,
): AsyncGenerator<T, void, undefined> {
  const began = api.clock.now();
  const leaving = new AbortController();
  const forget = onAbort(patience.signal, (reason) => leaving.abort(reason));
  const ended: (() => T)[] = [];
  const late: WaitTimeoutError<T>[] = [];
  let underWay = 0;
  let wake = (): void => undefined;
  const settle = (outcome: () => T): void => {
    underWay -= 1;
    ended.push(outcome);
    wake();
  };
  const fail = (error: unknown): void => {
    if (error instanceof WaitTimeoutError) {
      underWay -= 1;
      late.push(error as WaitTimeoutError<T>);
      wake();
    } else {
      settle(() => {
        throw error;
      });
    }
  };
  const together = { ...patience, signal: leaving.signal };
  try {
    for (const subject of subjects) {
      if (subject.isDone(subject.state)) {
        ended.push(() => subject.state);
        continue;
      }
      underWay += 1;
      room.wait(subject, together).then((state) => settle(() => state), fail);
    }
    while (underWay > 0 || ended.length > 0) {
      const next = ended.shift();
      if (next) yield next();
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (late.length > 0) {
      const looks = Math.max(...late.map((error) => error.polls));
      throw new WaitTimeoutError(
        what,
        late.flatMap((error) => error.inProgress),
        api.clock.now() - began,
        looks,
      );
    }
  } finally {
    forget();
    leaving.abort();
  }
}
