import type { Image } from '../image';

/** An image in a plan. */
export interface PlannedImage {
  /** As it was when the plan was made. */
  image: Image;
  /** The group that the policy was applied to. */
  group: string;
  /** Why it is kept or deleted, in words. */
  reason: string;
}

/** What has become of an image that a plan deletes. */
export interface PruneResult {
  /** As it was when the plan was made. */
  image: Image;
  /**
   * - `deleted`: in all regions
   * - `gone`: it is no longer in this account: deleted or given away by something else, or the token is of another account
   * - `changed`: it has another name, type, date or other tags than in the plan, is public or not available, or takes the
   *   place of an image that the policy keeps and that is no longer there as it was; it stays
   * - `in-use`: a Droplet or an autoscale pool uses it, or an action on it is in progress; it stays
   * - `failed`: its deletion failed, and may have been carried out when the response was lost
   * - `cancelled`: a signal or `close()` came before its deletion was complete. With an `error`, the request was under way
   *   and may have been carried out; without, it was not sent
   */
  outcome: 'deleted' | 'gone' | 'changed' | 'in-use' | 'failed' | 'cancelled';
  /** Why it stays, in words, for `changed` and `in-use`. */
  reason?: string;
  /** Why its deletion failed or was cut off. */
  error?: unknown;
}
