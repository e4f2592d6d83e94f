import { toCaller } from '../errors/caller-stack';
import type { AnySignal } from '../util/abort';
import { type Clock, sleep } from '../util/clock';
import type { GlobalAbortSignal } from '../util/platform-types';
import { withLimits } from '../util/with-limits';
import { finalPollLead, isTransient } from './wait-options';

/** How long a step of a wait is repeated. */
export interface Persistence {
  clock: Clock;
  /** The pause after a failure, in milliseconds. */
  interval: number;
  /** After this time, on the clock, it is not tried again. */
  deadline: number;
  /** End it, each with its own reason. */
  signals: readonly (AnySignal | undefined)[];
  /** Called with each failure after which it is tried again. */
  onFailure?: (error: unknown) => void;
}

/**
 * Sends a request that is one step of a wait, again after each transient failure, as long as there is time. It is sent
 * once at least.
 * @throws what is not transient, the last failure when there is no time left, a signal's reason
 */
export function persist<T>(
  request: (signal: GlobalAbortSignal) => Promise<T>,
  { clock, interval, deadline, signals, onFailure }: Persistence,
): Promise<T> {
  const limits = { clock, signals, timeout: Infinity, onTimeout: () => undefined };
  return withLimits(limits, async (scope) => {
    for (;;) {
      try {
        return await request(scope.signal);
      } catch (error) {
        const timeLeft = deadline - finalPollLead(interval) - clock.now();
        // An abort may have any reason, also one that looks transient.
        if (scope.aborted || !isTransient(error, false) || timeLeft <= 0) throw error;
        onFailure?.(error);
        await sleep(clock, Math.min(interval, timeLeft), scope);
      }
    }
  }).catch(toCaller(signals));
}
