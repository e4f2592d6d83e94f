import { Action } from './action';
import type { CallOptions, Requester } from './model/requester';
import { hydrate } from './model/resource';
import type { Listing } from './pagination/listing';

interface HasTransfers {
  readonly actionUrl: string;
  fetchAllActions(options: CallOptions): Listing<Action>;
}

/** The actions of an image, as listed. */
export interface TransferList {
  /** The transfers that have not ended, by region; a status that is not known does not end one. */
  inProgress: ReadonlyMap<string, Action>;
  /** The ids of all actions. */
  ids: ReadonlySet<number>;
  /** When the list was requested, by `Clock.now()`. */
  requestedAt: number;
}

export async function listTransfers(
  api: Requester,
  image: HasTransfers,
  options: CallOptions,
): Promise<TransferList> {
  const requestedAt = api.clock.now();
  const inProgress = new Map<string, Action>();
  const ids = new Set<number>();
  for (const action of await image.fetchAllActions(options).toArray()) {
    ids.add(action.id);
    if (action.type === 'transfer' && !action.done && action.regionSlug)
      inProgress.set(action.regionSlug, action);
  }
  return { inProgress, ids, requestedAt };
}

/** A transfer that this process has started. */
interface RecentTransfer {
  action: Action;
  /** Whether it was started after the list was requested, which therefore need not show it. */
  isCertain: boolean;
}

/**
 * A transfer that a call of this process, of whichever manager, started less than a minute ago and that `list` does not
 * show: it was started later, or the list lags.
 */
export function recentTransfer(
  api: Requester,
  { actionUrl }: HasTransfers,
  region: string,
  list: TransferList,
): RecentTransfer | null {
  const response = api.recentResponse(transferKey(actionUrl, region));
  if (!response) return null;
  const action = hydrate(Action, (response.data as { action: object }).action, api, response.receivedAt);
  if (list.ids.has(action.id)) return null;
  return { action, isCertain: response.receivedAt > list.requestedAt };
}

/** The key under which calls that would start the same transfer share one POST. */
export function transferKey(actionUrl: string, region: unknown): string {
  return `${actionUrl} transfer ${String(region)}`;
}
