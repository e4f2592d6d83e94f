import { type Action, ActionError } from './action';
import { AuthenticationError, ClosedError, NotFoundError, UnprocessableError } from './errors/errors';
import { onAbort } from './util/abort';
import { forEachConcurrently } from './util/concurrency';
import type { Cancellable } from './model/requester';
import { UnknownOutcomeError } from './errors/unknown-outcome';
import type { Listing } from './pagination/listing';
import type { WaitOptions } from './polling/wait-options';
import { WaitTimeoutError } from './errors/wait-timeout';

/** How a replication is made. */
export interface ReplicateOptions extends WaitOptions<Action> {
  /** Transfers started at once, at most; default 4. All of them go on together afterwards. */
  concurrency?: number;
}

/** What became of one region. */
export interface Replication {
  /** Its slug. */
  region: string;
  /**
   * `completed`: the image has arrived; `present`: it was there already; `errored`: the transfer failed; `refused`: it
   * could not be started; `timed-out`: patience ran out, it goes on; `unknown`: an answer was lost and looking it up
   * found nothing or failed, or it could not be watched.
   */
  outcome: 'completed' | 'present' | 'errored' | 'refused' | 'timed-out' | 'unknown';
  /** The transfer, in its last state seen. */
  action?: Action;
  /** Why it is not there. */
  error?: Error;
}

/** What a replication needs of an image. */
interface Replicable {
  readonly raw: object;
  readonly regions: readonly string[];
  fetch(options: Cancellable): Promise<Replicable>;
  fetchAllActions(options: Cancellable): Listing<Action>;
  transfer(region: string, options: Cancellable): Promise<Action>;
}

/** The wait for one region, with the signal that ends all of them. */
type ReplicationOptions = WaitOptions<Action> & { signal: AbortSignal };

/**
 * Brings an image to all `regions`: those it is in cost nothing, transfers under way are adopted, the others are
 * started, and all are waited for together.
 * @param regions slugs, each once
 */
export async function replicate(
  image: Replicable,
  regions: readonly string[],
  { concurrency, wait }: { concurrency: number; wait: WaitOptions<Action> },
): Promise<Replication[]> {
  const leaving = new AbortController();
  const forget = onAbort(wait.signal, (reason) => leaving.abort(reason));
  const patience = { ...wait, signal: leaving.signal };
  const results = new Map<string, Replication>();
  try {
    for (const region of await regionsOf(image, patience))
      results.set(region, { region, outcome: 'present' });
    const missing = regions.filter((region) => !results.has(region));
    await bringTo(image, missing, {
      concurrency,
      patience,
      tell: (result) => results.set(result.region, result),
    });
  } catch (problem) {
    // Nobody can tell where it is or is on its way to: to start anything could start it twice.
    const error = reasonOf(problem, patience);
    for (const region of regions)
      if (!results.has(region)) results.set(region, { region, outcome: 'refused', error });
  } finally {
    forget();
    // When one failure ends it all, the waits of the others end too.
    leaving.abort();
  }
  return regions.flatMap((region) => results.get(region) ?? []);
}

/** Known by its id alone, where it is cannot be told. */
async function regionsOf(image: Replicable, { signal }: ReplicationOptions): Promise<readonly string[]> {
  return ('regions' in image.raw ? image : await image.fetch({ signal })).regions;
}

async function bringTo(
  image: Replicable,
  missing: readonly string[],
  how: { concurrency: number; patience: ReplicationOptions; tell: (result: Replication) => void },
): Promise<void> {
  const { concurrency, patience, tell } = how;
  if (missing.length === 0) return;
  const underWay = await transfersUnderWay(image, patience);
  const arrivals: Promise<void>[] = [];
  await forEachConcurrently(missing, concurrency, async (region) => {
    const action = underWay.get(region) ?? (await start(image, region, patience));
    if ('outcome' in action) {
      tell(action);
      return;
    }
    const arrived = arrival(image, region, action, patience).then(tell);
    // It is heard below, once all are started.
    arrived.catch(() => undefined);
    arrivals.push(arrived);
  });
  await Promise.all(arrivals);
}

async function transfersUnderWay(
  image: Replicable,
  { signal }: ReplicationOptions,
): Promise<Map<string, Action>> {
  const found = new Map<string, Action>();
  for (const action of await image.fetchAllActions({ signal }).toArray()) {
    if (action.type === 'transfer' && action.inProgress && action.regionSlug)
      found.set(action.regionSlug, action);
  }
  return found;
}

/** Starts one transfer, or says why not. */
async function start(
  image: Replicable,
  region: string,
  patience: ReplicationOptions,
): Promise<Action | Replication> {
  const { signal } = patience;
  try {
    return await image.transfer(region, { signal });
  } catch (problem) {
    const error = reasonOf(problem, patience);
    if (error instanceof UnknownOutcomeError)
      return (await lookUp(error, patience)) ?? { region, outcome: 'unknown', error };
    // Refused because it has arrived since the image was fetched? Then that is what was wanted.
    if (error instanceof UnprocessableError && (await hasArrived(image, region, patience)))
      return { region, outcome: 'present' };
    return { region, outcome: 'refused', error };
  }
}

/** A lost answer is looked up, never repeated. */
async function lookUp(error: UnknownOutcomeError, patience: ReplicationOptions): Promise<Action | null> {
  try {
    return (await error.reconcile({ signal: patience.signal })) as Action | null;
  } catch (problem) {
    error.cause = reasonOf(problem, patience);
    return null;
  }
}

async function hasArrived(image: Replicable, region: string, patience: ReplicationOptions): Promise<boolean> {
  try {
    return (await image.fetch({ signal: patience.signal })).regions.includes(region);
  } catch (problem) {
    reasonOf(problem, patience);
    return false;
  }
}

async function arrival(
  image: Replicable,
  region: string,
  action: Action,
  patience: ReplicationOptions,
): Promise<Replication> {
  try {
    return { region, outcome: 'completed', action: await action.wait(patience) };
  } catch (problem) {
    // An action that is nowhere to be found went with its image, or only out of sight.
    if (problem instanceof NotFoundError && (await hasArrived(image, region, patience)))
      return { region, outcome: 'completed', action };
    const error = problem instanceof NotFoundError ? problem : reasonOf(problem, patience);
    if (error instanceof ActionError) return { region, outcome: 'errored', action: error.action, error };
    if (!(error instanceof WaitTimeoutError)) return { region, outcome: 'unknown', action, error };
    const [last = action] = error.inProgress as Action[];
    return { region, outcome: 'timed-out', action: last, error };
  }
}

/**
 * Why one region failed.
 * @throws what makes going on pointless for every region: the rest of the work is given up
 */
function reasonOf(problem: unknown, { signal }: ReplicationOptions): Error {
  signal.throwIfAborted();
  const isFatal = [AuthenticationError, NotFoundError, ClosedError].some((type) => problem instanceof type);
  if (isFatal || !(problem instanceof Error)) throw problem;
  return problem;
}
