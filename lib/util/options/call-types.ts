import type { AbortSignalLike } from '../platform-types';

/** What can be cancelled. */
export interface Cancellable {
  /** Ends the call when it aborts; the call rejects with the signal's reason. */
  signal?: AbortSignalLike | undefined;
}

/**
 * Options of every method that sends a request. Times are in milliseconds; what is left out is as the manager's options
 * say. A method that sends several requests applies them to each.
 */
export interface CallOptions extends Cancellable {
  /** Time limit of one attempt, its body included; more than 0; `Infinity`: none. */
  timeout?: number | undefined;
  /**
   * Time limit of the call: all attempts and the delays between them, without the wait for a place under the rate limit;
   * more than 0; `Infinity`: none.
   */
  deadline?: number | undefined;
  /** How many attempts may follow the first, 0 to 10. */
  retries?: number | undefined;
  /**
   * How long the call may wait for its place under the rate limit, in all its attempts; more than 0; `Infinity`: as long as
   * it takes. After that it rejects with a TimeoutError of the kind `queue`.
   */
  queueTimeout?: number | undefined;
}
