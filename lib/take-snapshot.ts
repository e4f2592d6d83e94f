import type { Action } from './action';
import type { ActOptions } from './actionable';
import {
  type Job,
  persistenceOf,
  readWithin,
  startWhenFree,
  type Switchable,
  turnOff,
  turnOn,
  waitOptionsOf,
} from './droplet-steps';
import { toCaller } from './errors/caller-stack';
import { DOApiError } from './errors/errors';
import { LookupError } from './errors/lookup';
import { WaitTimeoutError } from './errors/wait-timeout';
import type { Image } from './image';
import type { Cancellable, Requester } from './model/requester';
import type { WaitPolicy } from './model/wait-target';
import { checkWaitOptions, GROUP_WAIT_OPTIONS, type WaitOptions } from './polling/wait-options';
import { adoptLost } from './reconcile';
import { existingImage, imageOf, type Searchable, snapshotsOf, whole } from './snapshot-search';
import { validateOptions } from './util/options/validate-options';
import { excerpt } from './util/text/sanitize';
import { is } from './util/validate';
import { withLimits } from './util/with-limits';

/** Options of `droplet.takeSnapshot()`. */
export interface TakeSnapshotOptions extends Omit<WaitOptions<Action>, 'throwOnError'> {
  /** The name of the image; default: the Droplet's name and the time. */
  name?: string | undefined;
  /**
   * `true`: the Droplet is shut down before, after a minute turned off, and turned on again whatever happens, also after
   * an abort. A Droplet that is off stays off. Default `false`.
   */
  powerOff?: boolean | undefined;
  /**
   * `true`: an image of exactly this name that a snapshot of this Droplet has made is returned, and one that is being made
   * is waited for. Default `false`.
   */
  reuse?: boolean | undefined;
}

const TAKE_SNAPSHOT_OPTIONS = {
  ...GROUP_WAIT_OPTIONS,
  name: is.text,
  powerOff: is.withDefault(is.flag, false),
  reuse: is.withDefault(is.flag, false),
};

/** The part of a Droplet that a snapshot uses. */
interface Snapshottable extends Switchable, Searchable {
  fetch(options: Cancellable): Promise<Snapshottable>;
  snapshot(name: string, options: ActOptions): Promise<Action>;
}

interface SnapshotJob extends Job<Snapshottable> {
  name: string;
  reuse: boolean;
  onStart: (action: Action) => unknown;
  onProgress: WaitPolicy<Action>['onProgress'];
}

/** What is to be done, checked. */
export interface SnapshotOrder {
  name: string;
  powerOff: boolean;
  reuse: boolean;
  wait: WaitPolicy<Action>;
}

/** @throws TypeError, RangeError naming the option */
export function checkSnapshotOrder(
  api: Requester,
  options: TakeSnapshotOptions,
  defaultName: string,
): SnapshotOrder {
  const { name, powerOff, reuse, ...wait } = validateOptions(options, TAKE_SNAPSHOT_OPTIONS);
  if (reuse && name === undefined)
    throw new TypeError('name: required by reuse, which looks for an image of that name');
  const policy = checkWaitOptions<Action>(api, wait as WaitOptions<Action>, GROUP_WAIT_OPTIONS);
  return { name: name ?? defaultName, powerOff, reuse, wait: policy };
}

/** Takes a snapshot and finds its image. */
export async function takeSnapshot(
  api: Requester,
  droplet: Snapshottable,
  { name, powerOff, reuse, wait }: SnapshotOrder,
): Promise<Image> {
  const { interval, timeout, signal, onProgress } = wait;
  const { clock } = api;
  const startedAt = clock.now();
  const progress: { started: Action[]; problem: unknown } = { started: [], problem: null };
  const onFailure = (error: unknown): unknown => (progress.problem = error);
  const onStart = (action: Action): unknown => (progress.started = [action]);
  const onTimeout = (): Error =>
    new WaitTimeoutError(
      `The snapshot of Droplet ${droplet.id}`,
      progress.started,
      clock.now() - startedAt,
      0,
      progress.problem,
    );
  const job = {
    api,
    droplet,
    interval,
    deadline: startedAt + timeout,
    onTimeout,
    name,
    reuse,
    onStart,
    onFailure,
    onProgress,
  };
  const limits = { clock, signals: [signal, api.signal], timeout: Infinity, onTimeout };
  const run = <R>(work: (job: SnapshotJob) => Promise<R>): Promise<R> =>
    withLimits(limits, (scope) => work({ ...job, signal: scope.signal })).catch(toCaller(limits.signals));
  const existing = reuse ? await run(existingImage) : null;
  if (existing) return existing;
  // The object in hand may be old.
  const current = powerOff ? await run(fetchNow) : null;
  if (!current || current.off) return run(makeImage);
  const power = { isBegun: false, isOff: false };
  const taken = run(async (given) => {
    const context = { ...given, droplet: current };
    await turnOff(context, (mayHaveBegun) => (power.isBegun = mayHaveBegun));
    power.isOff = true;
    return makeImage(context);
  });
  const [result] = await Promise.allSettled([taken]);
  if (!power.isBegun) return taken;
  // It has a time of its own, and the caller's signal does not end it.
  const deadline = clock.now() + api.waitTime;
  const restore = (): Promise<void> =>
    withLimits({ ...limits, signals: [api.signal] }, ({ signal: ended }) =>
      turnOn({ ...job, droplet: current, deadline, signal: ended }, power.isOff),
    );
  await (api.shield ? api.shield(restore) : restore()).catch((error: unknown) => {
    throw stillOff(droplet, error, result);
  });
  return taken;
}

/** The error when a Droplet could not be turned on again. It tells of the snapshot, too. */
function stillOff({ id }: Snapshottable, error: unknown, result: PromiseSettledResult<Image>): DOApiError {
  const text = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
  const taken =
    result.status === 'fulfilled'
      ? `the snapshot is image ${result.value.id}`
      : `the snapshot failed: ${text(result.reason)}`;
  const problem = new DOApiError(
    `Droplet ${id} is off and could not be turned on again (${excerpt(text(error))}); ${excerpt(taken)}`,
  );
  problem.cause = result.status === 'rejected' ? result.reason : error;
  return problem;
}

function fetchNow(job: SnapshotJob): Promise<Snapshottable> {
  return readWithin(job, (signal) => job.droplet.fetch({ signal }));
}

async function makeImage(job: SnapshotJob): Promise<Image> {
  const { droplet, name, reuse, signal, onStart, onProgress } = job;
  let before = new Set<number>();
  const started = await startWhenFree(job, async () => {
    // While another program's snapshot of this name was made, ours was refused.
    const image = reuse ? await existingImage(job) : null;
    if (image) return { image };
    before = new Set((await snapshotsOf(job)).map(({ id }) => id));
    const action = await droplet
      .snapshot(name, { signal })
      .catch((error: unknown) => adoptLost<Action>(error, { signal }, persistenceOf(job)));
    onStart(action);
    return { image: null, action };
  });
  if (started.image) return started.image;
  const action = await started.action.wait({ ...waitOptionsOf(job), ...(onProgress && { onProgress }) });
  const found = await imageOf(job, action, before);
  if (found) return whole(job, found);
  const candidates = (await snapshotsOf(job)).filter(({ id }) => !before.has(id));
  throw new LookupError(
    `takeSnapshot: ${whichIs(candidates)} the image that action ${action.id} has made of Droplet ${droplet.id}`,
    candidates,
  );
}

function whichIs(candidates: readonly Image[]): string {
  return candidates.length === 0
    ? 'no new image is listed after a minute; none is known to be'
    : `new images are listed (${candidates.map(({ id }) => id).join(', ')}), but none is certainly`;
}
