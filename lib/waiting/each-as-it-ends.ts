import { onAbort } from '../core/cancel';
import type { Requester } from '../core/requester';
import { type Patience, WaitTimeoutError } from './patience';
import type { WaitRoom } from './room';
import type { Subject } from './wait';

/**
 * Waits for all subjects at once and yields each as it ends; those that had ended already come first, in order.
 * Leaving the loop ends the other waits.
 * @throws WaitTimeoutError when the time is up, after everything that ended in time was yielded
 */
export async function* eachAsItEnds<T>(
  api: Requester,
  room: WaitRoom,
  subjects: readonly Subject<T>[],
  patience: Patience<T>,
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
      if (subject.ended(subject.state)) {
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
      const looks = Math.max(...late.map((error) => error.looks));
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
