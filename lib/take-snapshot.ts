import type { Action } from './action';
import { type ActOptions, newest } from './actionable';
import {
  type Job,
  pause,
  persistenceOf,
  readWithin,
  startWhenFree,
  type Switchable,
  turnOff,
  turnOn,
  waitOptionsOf,
} from './droplet-steps';
import { DOApiError, NotFoundError, PermissionDeniedError } from './errors/errors';
import { LookupError } from './errors/lookup';
import { WaitTimeoutError } from './errors/wait-timeout';
import type { Image } from './image';
import type { Cancellable, Requester } from './model/requester';
import type { Listing } from './pagination/listing';
import { checkWaitOptions, GROUP_WAIT_OPTIONS, type WaitOptions } from './polling/wait-options';
import type { WaitPolicy } from './model/wait-target';
import { adoptLost } from './reconcile';
import { excerpt } from './util/text/sanitize';
import { MINUTE, SECOND } from './util/time-units';
import { validateOptions } from './util/options/validate-options';
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
interface Snapshottable extends Switchable {
  readonly off: boolean;
  fetch(options: Cancellable): Promise<Snapshottable>;
  snapshot(name: string, options: ActOptions): Promise<Action>;
  fetchAllActions(): Listing<Action>;
  fetchAllSnapshots(): Listing<Image>;
}

interface SnapshotJob extends Job<Snapshottable> {
  name: string;
  reuse: boolean;
  onProgress: WaitPolicy<Action>['onProgress'];
}

/** A list can lack a new image for up to a minute after its action has completed. */
const LIST_LAG = MINUTE;

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
  const onTimeout = (): Error =>
    new WaitTimeoutError(`The snapshot of Droplet ${droplet.id}`, [], clock.now() - startedAt, 0);
  const job = { api, droplet, interval, deadline: startedAt + timeout, onTimeout, name, reuse, onProgress };
  const limits = { clock, signals: [signal, api.signal], timeout: Infinity, onTimeout };
  const run = <R>(work: (job: SnapshotJob) => Promise<R>): Promise<R> =>
    withLimits(limits, (scope) => work({ ...job, signal: scope.signal }));
  const existing = reuse ? await run(existingImage) : null;
  if (existing) return existing;
  if (!powerOff || (await run(isOff))) return run(makeImage);
  const power = { isOff: false };
  const taken = run(async (context) => {
    await turnOff(context);
    power.isOff = true;
    return makeImage(context);
  });
  const [result] = await Promise.allSettled([taken]);
  // It has a time of its own, and the caller's signal does not end it.
  const deadline = clock.now() + api.waitTime;
  await withLimits({ ...limits, signals: [api.signal] }, ({ signal: ended }) =>
    turnOn({ ...job, deadline, signal: ended }, power.isOff),
  ).catch((error: unknown) => {
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

async function isOff(job: SnapshotJob): Promise<boolean> {
  return (await readWithin(job, (signal) => job.droplet.fetch({ signal }))).off;
}

async function makeImage(job: SnapshotJob): Promise<Image> {
  const { droplet, name, reuse, signal, onProgress } = job;
  let before = new Set<number>();
  const started = await startWhenFree(job, async () => {
    // While another program's snapshot of this name was made, ours was refused.
    const image = reuse ? await existingImage(job) : null;
    if (image) return { image, action: null };
    before = new Set((await images(job)).map(({ id }) => id));
    const action = await droplet
      .snapshot(name, { signal })
      .catch((error: unknown) => adoptLost<Action>(error, { signal }, persistenceOf(job)));
    return { image: null, action };
  });
  if (started.image) return started.image;
  const action = await started.action.wait({ ...waitOptionsOf(job), ...(onProgress && { onProgress }) });
  const found = await imageOf(job, action, before);
  if (found) return whole(job, found);
  const candidates = (await images(job)).filter(({ id }) => !before.has(id));
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

/**
 * The image of this name that a snapshot of the Droplet has made. One that is being made is waited for: its action does not
 * tell its name, its image will.
 */
async function existingImage(job: SnapshotJob): Promise<Image | null> {
  const { api, droplet, name } = job;
  const named = (await images(job)).filter((image) => image.name === name);
  const [latest] = named.sort(
    (a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0) || b.id - a.id,
  );
  if (latest) return whole(job, latest);
  const actions = await readWithin(job, (signal) => droplet.fetchAllActions().toArray({ signal }));
  const last = newest(actions.filter(({ type }) => type === 'snapshot'));
  if (!last || last.errored) return null;
  const ended = await last.wait({ ...waitOptionsOf(job), throwOnError: false });
  const age = api.clock.date() + api.clockSkew - (ended.completedAt?.getTime() ?? -Infinity);
  // A list may not show the image yet.
  const made = ended.errored || age > LIST_LAG ? null : await imageOf(job, ended, new Set());
  return made && whole(job, made);
}

/**
 * The image of this name whose `created_at` is the action's `started_at`, which is how the API writes both. One Droplet has one
 * action at a time. The list may lack the image for up to a minute.
 * @returns `null` when none is listed, or several are
 */
async function imageOf(job: SnapshotJob, action: Action, before: ReadonlySet<number>): Promise<Image | null> {
  const { clock } = job.api;
  const startedAt = secondOf(action.startedAt);
  const until = clock.now() + LIST_LAG;
  for (;;) {
    const now = clock.now();
    const made = (await images(job)).filter(
      ({ id, name, createdAt }) =>
        !before.has(id) && name === job.name && createdAt !== null && secondOf(createdAt) === startedAt,
    );
    if (made.length > 0) return made.length === 1 ? (made[0] ?? null) : null;
    if (startedAt === null || now >= until) return null;
    await pause({ ...job, deadline: Math.max(job.deadline, until + job.interval) });
  }
}

function secondOf(date: Date | null): number | null {
  return date && Math.floor(date.getTime() / SECOND);
}

/**
 * Fetches the image, of which the Droplet's list shows some fields. It may not be found for a while, and a token may not be
 * allowed to read it.
 */
async function whole(job: SnapshotJob, image: Image): Promise<Image> {
  const { api } = job;
  const until = api.clock.now() + LIST_LAG;
  const context = { ...job, deadline: Math.max(job.deadline, until + job.interval) };
  for (;;) {
    try {
      return await readWithin(context, (signal) => image.fetch({ signal }));
    } catch (error) {
      if (job.signal.aborted) throw error;
      if (error instanceof PermissionDeniedError) return image;
      if (!(error instanceof NotFoundError) || api.clock.now() >= until) throw error;
      await pause(context);
    }
  }
}

function images(job: SnapshotJob): Promise<Image[]> {
  return readWithin(job, (signal) => job.droplet.fetchAllSnapshots().toArray({ signal }));
}
