import { Action, ActionError } from './action';
import { AuthenticationError, ClosedError, NotFoundError, UnprocessableError } from './errors/errors';
import { ReadOnlyError } from './errors/read-only';
import { onAbort } from './util/abort';
import { forEachConcurrently } from './util/concurrency';
import type { CallOptions, Requester } from './model/requester';
import { UnknownOutcomeError } from './errors/unknown-outcome';
import type { Listing } from './pagination/listing';
import { GROUP_WAIT_OPTIONS, isTransient, type WaitOptions } from './polling/wait-options';
import { persist, type Persistence } from './polling/persist';
import { watchProgress } from './polling/watch-progress';
import { is } from './util/validate';
import { adoptLost } from './reconcile';
import { listTransfers, recentTransfer, type TransferList } from './transfers';
import { WaitTimeoutError } from './errors/wait-timeout';

/** Options of `image.replicate()`. */
export interface ReplicateOptions extends Omit<WaitOptions<Action>, 'throwOnError'> {
  /** How many transfers to start at the same time, 1 to 100; default 4. Transfers that have started are not limited. */
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
   * - `unknown`: a response was lost and no transfer was found (none was started when `mayHaveExecuted` of the error is
   *   `false`), or the transfer could not be polled
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
  readonly actionUrl: string;
  fetch(options: CallOptions): Promise<Replicable>;
  fetchAllActions(options: CallOptions): Listing<Action>;
  transfer(region: string, options: CallOptions): Promise<Action>;
}

/** Options of the waits; the signal ends all requests and waits of the replication. */
type ReplicationOptions = WaitOptions<Action> & { signal: AbortSignal };

interface ReplicationContext {
  api: Requester;
  image: Replicable;
  options: ReplicationOptions;
  /** How long each step of the replication is repeated after transient failures. */
  until: Persistence;
}

/**
 * Brings an image to all `regions`: skips those that have it, joins transfers in progress, starts the other transfers,
 * and waits for all of them together.
 * @param regions distinct slugs
 */
export async function replicate(
  image: Replicable,
  regions: readonly string[],
  { api, concurrency, wait }: { api: Requester; concurrency: number; wait: WaitOptions<Action> },
): Promise<Replication[]> {
  const controller = new AbortController();
  const { signal } = controller;
  // All regions end together: by an abort of the caller or the manager, by close(), by an onProgress that fails.
  const subscriptions = [wait.signal, api.signal].map((source) =>
    onAbort(source, (reason) => controller.abort(reason)),
  );
  const onProgress = watchProgress(wait.onProgress, (reason) => controller.abort(reason));
  const options = { ...wait, ...(onProgress && { onProgress }), signal };
  const { clock, waitInterval, waitTime } = api;
  const { interval = waitInterval, timeout = waitTime } = wait;
  const until = { clock, interval, deadline: clock.now() + timeout, signals: [signal] };
  const context = { api, image, options, until };
  const results = new Map<string, Replication>();
  try {
    for (const region of await currentRegions(context)) results.set(region, { region, outcome: 'present' });
    const missing = regions.filter((region) => !results.has(region));
    await transferAll(context, missing, { concurrency, onResult: (one) => results.set(one.region, one) });
  } catch (reason) {
    // Without the current regions and transfers, a transfer could be started twice. So none is started.
    const error = await regionalError(reason, context);
    for (const region of regions)
      if (!results.has(region)) results.set(region, { region, outcome: 'refused', error });
  } finally {
    for (const unsubscribe of subscriptions) unsubscribe();
    // After a fatal error, ends the requests and waits of the other regions.
    controller.abort();
  }
  return regions.flatMap((region) => results.get(region) ?? []);
}

/** Fetches the image if it was created from its id alone. */
async function currentRegions({ image, until }: ReplicationContext): Promise<readonly string[]> {
  if (Object.hasOwn(image.raw, 'regions')) return image.regions;
  return (await persist((signal) => image.fetch({ signal }), until)).regions;
}

async function transferAll(
  context: ReplicationContext,
  missing: readonly string[],
  { concurrency, onResult }: { concurrency: number; onResult: (result: Replication) => void },
): Promise<void> {
  if (missing.length === 0) return;
  const list = await fetchTransfers(context);
  const waits: Promise<void>[] = [];
  await forEachConcurrently(missing, concurrency, async (region) => {
    const started = await joinOrStart(context, region, list);
    if (!(started instanceof Action)) {
      onResult(started);
      return;
    }
    const wait = awaitTransfer(context, region, started).then(onResult);
    // Until Promise.all below handles it, a rejection must not count as unhandled.
    wait.catch(() => undefined);
    waits.push(wait);
  });
  await Promise.all(waits);
}

function fetchTransfers({ api, image, until }: ReplicationContext): Promise<TransferList> {
  return persist((signal) => listTransfers(api, image, { signal }), until);
}

/** @returns a transfer in progress, or a new one, or the final result when there is none */
function joinOrStart(
  context: ReplicationContext,
  region: string,
  list: TransferList,
): Promise<Action | Replication> | Action {
  const listed = list.inProgress.get(region);
  if (listed) return listed;
  const { api, image } = context;
  const recent = recentTransfer(api, image, region, list);
  if (recent) return recent.isCertain ? recent.action : joinUnlisted(context, region, recent.action);
  // Nothing is awaited before the POST: another call could start the transfer meanwhile.
  return startTransfer(context, region);
}

/**
 * Joins a transfer that was started before the list was requested although the list does not show it. It is fetched: the
 * list may lag, but there may also be another API behind the same URL, as in tests.
 */
async function joinUnlisted(
  context: ReplicationContext,
  region: string,
  transfer: Action,
): Promise<Action | Replication> {
  try {
    const current = await persist((signal) => transfer.fetch({ signal }), context.until);
    if (!current.errored) return current;
  } catch (reason) {
    if (!(reason instanceof NotFoundError)) await regionalError(reason, context);
  }
  return startTransfer(context, region);
}

/** Starts one transfer. @returns the action, or the final result when there is none */
async function startTransfer(context: ReplicationContext, region: string): Promise<Action | Replication> {
  const { image, options, until } = context;
  const { signal } = options;
  try {
    return await image
      .transfer(region, { signal })
      .catch((reason: unknown) => adoptLost<Action>(reason, {}, until));
  } catch (reason) {
    const error = await regionalError(reason, context);
    if (error instanceof UnknownOutcomeError) return { region, outcome: 'unknown', error };
    if (!(error instanceof UnprocessableError)) return { region, outcome: 'refused', error };
    // The region may have received the image, or its transfer may have been started, since they were fetched.
    if (await hasArrived(context, region)) return { region, outcome: 'present' };
    return (await transferTo(context, region)) ?? { region, outcome: 'refused', error };
  }
}

async function transferTo(context: ReplicationContext, region: string): Promise<Action | null> {
  try {
    return (await fetchTransfers(context)).inProgress.get(region) ?? null;
  } catch (reason) {
    await regionalError(reason, context);
    return null;
  }
}

async function hasArrived(context: ReplicationContext, region: string): Promise<boolean> {
  return (await fetchImage(context))?.regions.includes(region) ?? false;
}

/** Fetches the image. @returns `null` when that fails @throws NotFoundError when the image is gone */
async function fetchImage({ image, options, until }: ReplicationContext): Promise<Replicable | null> {
  try {
    return await persist((signal) => image.fetch({ signal }), until);
  } catch (reason) {
    throwIfFatal(reason, options);
    if (reason instanceof NotFoundError && !isTransient(reason, false)) throw reason;
    return null;
  }
}

async function awaitTransfer(
  context: ReplicationContext,
  region: string,
  action: Action,
): Promise<Replication> {
  try {
    return { region, outcome: 'completed', action: await action.wait(context.options) };
  } catch (reason) {
    // The action is not found when the image was deleted, but sometimes also after a transfer has completed.
    if (reason instanceof NotFoundError && (await hasArrived(context, region)))
      return { region, outcome: 'completed', action };
    const error = reason instanceof NotFoundError ? reason : await regionalError(reason, context);
    if (error instanceof ActionError) return { region, outcome: 'errored', action: error.action, error };
    if (!(error instanceof WaitTimeoutError)) return { region, outcome: 'unknown', action, error };
    const [last = action] = error.inProgress as Action[];
    return { region, outcome: 'timed-out', action: last, error };
  }
}

/**
 * The error of one region.
 * @throws `reason` when it concerns all regions: an abort, a closed or read-only client, a refused token, an image that is gone
 */
async function regionalError(reason: unknown, context: ReplicationContext): Promise<Error> {
  throwIfFatal(reason, context.options);
  // A 404 may be that of an action, or of one server. Only a missing image ends the other regions.
  if (reason instanceof NotFoundError) await fetchImage(context);
  return reason;
}

function throwIfFatal(reason: unknown, { signal }: ReplicationOptions): asserts reason is Error {
  signal.throwIfAborted();
  const isFatal = [AuthenticationError, ReadOnlyError, ClosedError].some((type) => reason instanceof type);
  if (isFatal || !(reason instanceof Error)) throw reason;
}
