import type { AnySignal } from '../util/abort';
import { DOApiError } from './errors';

/**
 * For `promise.catch(toCaller(signals))`: throws the error again, with the stack of the code that awaits the promise. An error
 * is made deep inside or in a timer, and its own stack names no line of the program. The stack is recorded, not formatted,
 * and only when something fails.
 * @param signals the reason of one of them is the caller's own, and stays as it is
 */
export function toCaller(signals: readonly (AnySignal | undefined)[]): (error: unknown) => never {
  return function throwToCaller(error) {
    const isReason = signals.some((signal) => signal?.aborted === true && signal.reason === error);
    if (error instanceof DOApiError && !isReason) Error.captureStackTrace(error, throwToCaller);
    throw error;
  };
}
