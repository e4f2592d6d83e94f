import type { SharedPermits } from './shared-permits';
import type { SharedPolls } from './shared-polls';

/**
 * What many processes with one token share: its rate limit and the polls of its waits. Without a store, each process has
 * its own, in memory. `doapi-ts/redis` has one for many machines.
 */
export interface SharedStore {
  /** The rate limit. */
  readonly permits: SharedPermits;
  /** The polls of waits. */
  readonly polls: SharedPolls;
  /**
   * Ends the part of this process: permits that it holds count as used. Later use rejects; managers that are still open go on
   * as while the store is away.
   * @returns resolves in any state of the store, after a second at most; connections of the user stay open
   */
  close(): Promise<void>;
}
