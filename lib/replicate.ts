import { type Action, ActionError } from './action';
import { AuthenticationError, ClosedError, NotFoundError, UnprocessableError } from './errors/errors';
import { ReadOnlyError } from './errors/read-only';
import { onAbort } from './util/abort';
import { forEachConcurrently } from './util/concurrency';
import type { CallOptions } from './model/requester';
import { UnknownOutcomeError } from './errors/unknown-outcome';
import type { Listing } from './pagination/listing';
import { GROUP_WAIT_OPTIONS, type WaitOptions } from './polling/wait-options';
import { watchProgress } from './polling/watch-progress';
import { is } from './util/validate';
import { WaitTimeoutError } from './errors/wait-timeout';

/** Options of `image.replicate()`. */
export interface ReplicateOptions extends Omit<WaitOptions<Action>, 'throwOnError'> {
  /** How many transfers to start at the same time; default 4. Transfers that have started are not limited. */
  concurrency?: number | undefined;
}

export const REPLICATE_OPTIONS = {
  ...GROUP_WAIT_OPTIONS,
  concurrency: is.withDefault(is.integer(1, 100), 4),
};

/** The result of `image.replicate()` for one region. */
export interface Replication {
  /** The region's slug. */
  region: string;
  /**
   * - `completed`: the transfer has completed
   * - `present`: the region had the image already
   * - `errored`: the transfer ended as errored
   * - `refused`: the transfer could not be started
   * - `timed-out`: the transfer had not ended after `timeout`; it continues
   * - `unknown`: a response was lost and `reconcile()` found no transfer, or the transfer could not be polled
   */
  outcome: 'completed' | 'present' | 'errored' | 'refused' | 'timed-out' | 'unknown';
  /** The transfer, in the last state received. */
  action?: Action;
  /** Why the outcome is neither `completed` nor `present`. */
  error?: Error;
}

/** The part of an image that a replication uses. */
interface Replicable {
  readonly raw: object;
  readonly regions: readonly string[];
  fetch(options: CallOptions): Promise<Replicable>;
  fetchAllActions(options: CallOptions): Listing<Action>;
  transfer(region: string, options: CallOptions): Promise<Action>;
}

/** Options of the waits; the signal ends all requests and waits of the replication. */
type ReplicationOptions = WaitOptions<Action> & { signal: AbortSignal };

/**
 * Brings an image to all `regions`: skips those that have it, joins transfers in progress, starts the other transfers,
 * and waits for all of them together.
 * @param regions distinct slugs
 */
export async function replicate(
  image: Replicable,
  regions: readonly string[],
  { concurrency, wait }: { concurrency: number; wait: WaitOptions<Action> },
): Promise<Replication[]> {
  const controller = new AbortController();
  const unsubscribe = onAbort(wait.signal, (reason) => controller.abort(reason));
  // An onProgress that fails concerns all regions.
  const onProgress = watchProgress(wait.onProgress, (reason) => controller.abort(reason));
  const options = { ...wait, ...(onProgress && { onProgress }), signal: controller.signal };
  const results = new Map<string, Replication>();
  try {
    for (const region of await currentRegions(image, options))
      results.set(region, { region, outcome: 'present' });
    const missing = regions.filter((region) => !results.has(region));
    const onResult = (result: Replication): unknown => results.set(result.region, result);
    await transferAll(image, missing, { concurrency, options, onResult });
  } catch (reason) {
    // Without the current regions and transfers, a transfer could be started twice. So none is started.
    const error = regionalError(reason, options);
    for (const region of regions)
      if (!results.has(region)) results.set(region, { region, outcome: 'refused', error });
  } finally {
    unsubscribe();
    // After a fatal error, ends the requests and waits of the other regions.
    controller.abort();
  }
  return regions.flatMap((region) => results.get(region) ?? []);
}

/** Fetches the image if it was created from its id alone. */
async function currentRegions(image: Replicable, { signal }: ReplicationOptions): Promise<readonly string[]> {
  return ('regions' in image.raw ? image : await image.fetch({ signal })).regions;
}

async function transferAll(
  image: Replicable,
  missing: readonly string[],
  context: { concurrency: number; options: ReplicationOptions; onResult: (result: Replication) => void },
): Promise<void> {
  const { concurrency, options, onResult } = context;
  if (missing.length === 0) return;
  const inProgress = await transfersInProgress(image, options);
  const waits: Promise<void>[] = [];
  await forEachConcurrently(missing, concurrency, async (region) => {
    const started = inProgress.get(region) ?? (await startTransfer(image, region, options));
    if ('outcome' in started) {
      onResult(started);
      return;
    }
    const wait = awaitTransfer(image, region, started, options).then(onResult);
    // Until Promise.all below handles it, a rejection must not count as unhandled.
    wait.catch(() => undefined);
    waits.push(wait);
  });
  await Promise.all(waits);
}

async function transfersInProgress(
  image: Replicable,
  { signal }: ReplicationOptions,
): Promise<Map<string, Action>> {
  const transfers = new Map<string, Action>();
  for (const action of await image.fetchAllActions({ signal }).toArray()) {
    if (action.type === 'transfer' && action.inProgress && action.regionSlug)
      transfers.set(action.regionSlug, action);
  }
  return transfers;
}

/** Starts one transfer. @returns the action, or the final result when there is none */
async function startTransfer(
  image: Replicable,
  region: string,
  options: ReplicationOptions,
): Promise<Action | Replication> {
  const { signal } = options;
  try {
    return await image.transfer(region, { signal });
  } catch (reason) {
    const error = regionalError(reason, options);
    if (error instanceof UnknownOutcomeError)
      return (await findTransfer(error, options)) ?? { region, outcome: 'unknown', error };
    // The API also refuses a transfer to a region that has received the image since it was fetched.
    if (error instanceof UnprocessableError && (await hasArrived(image, region, options)))
      return { region, outcome: 'present' };
    return { region, outcome: 'refused', error };
  }
}

/** Searches for a transfer whose response was lost. */
async function findTransfer(error: UnknownOutcomeError, options: ReplicationOptions): Promise<Action | null> {
  try {
    return (await error.reconcile({ signal: options.signal })) as Action | null;
  } catch (reason) {
    error.cause = regionalError(reason, options);
    return null;
  }
}

async function hasArrived(image: Replicable, region: string, options: ReplicationOptions): Promise<boolean> {
  try {
    return (await image.fetch({ signal: options.signal })).regions.includes(region);
  } catch (reason) {
    regionalError(reason, options);
    return false;
  }
}

async function awaitTransfer(
  image: Replicable,
  region: string,
  action: Action,
  options: ReplicationOptions,
): Promise<Replication> {
  try {
    return { region, outcome: 'completed', action: await action.wait(options) };
  } catch (reason) {
    // The action is not found when the image was deleted, but sometimes also after a transfer has completed.
    if (reason instanceof NotFoundError && (await hasArrived(image, region, options)))
      return { region, outcome: 'completed', action };
    const error = reason instanceof NotFoundError ? reason : regionalError(reason, options);
    if (error instanceof ActionError) return { region, outcome: 'errored', action: error.action, error };
    if (!(error instanceof WaitTimeoutError)) return { region, outcome: 'unknown', action, error };
    const [last = action] = error.inProgress as Action[];
    return { region, outcome: 'timed-out', action: last, error };
  }
}

/**
 * The error of one region.
 * @throws `reason` when it concerns all regions: an abort, a closed or read-only client, a refused token, a missing image
 */
function regionalError(reason: unknown, { signal }: ReplicationOptions): Error {
  signal.throwIfAborted();
  const isFatal = [AuthenticationError, NotFoundError, ReadOnlyError, ClosedError].some(
    (type) => reason instanceof type,
  );
  if (isFatal || !(reason instanceof Error)) throw reason;
  return reason;
}
