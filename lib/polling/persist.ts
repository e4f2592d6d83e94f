import { type AnySignal } from '../util/abort';
import { type Clock, sleep } from '../util/clock';
import { finalPollLead, isTransient } from './wait-options';

interface PersistOptions {
  clock: Clock;
  /** The pause after a failure, in milliseconds. */
  interval: number;
  /** After this time, on the clock, it is not tried again. */
  deadline: number;
  signal: AnySignal | undefined;
  /** Called with each failure after which it is tried again. */
  onFailure?: (error: unknown) => void;
}

/**
 * Sends a request that is one step of a wait, again after each transient failure, as long as there is time. It is sent
 * once at least.
 * @throws what is not transient, the last failure when there is no time left, the signal's reason
 */
export async function persist<T>(request: () => Promise<T>, options: PersistOptions): Promise<T> {
  const { clock, interval, deadline, signal, onFailure } = options;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      const timeLeft = deadline - finalPollLead(interval) - clock.now();
      if (signal?.aborted || !isTransient(error, false) || timeLeft <= 0) throw error;
      onFailure?.(error);
      await sleep(clock, Math.min(interval, timeLeft), signal);
    }
  }
}
