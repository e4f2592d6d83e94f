import type { Action } from './action';
import type { ActOptions } from './actionable';
import {
  type JobContext,
  persistenceOf,
  persistently,
  startWhenFree,
  type Switchable,
  turnOff,
  turnOn,
} from './droplet-steps';
import { NotFoundError } from './errors/errors';
import { LookupError } from './errors/lookup';
import { WaitTimeoutError } from './errors/wait-timeout';
import type { Image } from './image';
import type { Cancellable, Requester } from './model/requester';
import type { Listing } from './pagination/listing';
import { checkWaitOptions, GROUP_WAIT_OPTIONS, type WaitOptions } from './polling/wait-options';
import { adoptLost } from './reconcile';
import { sleep } from './util/clock';
import { MINUTE } from './util/time-units';
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

export const TAKE_SNAPSHOT_OPTIONS = {
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
  fetchLastAction(options: Cancellable): Promise<Action | null>;
  fetchAllSnapshots(): Listing<Image>;
}

type Context = JobContext<Snapshottable>;

interface SnapshotOptions extends Omit<TakeSnapshotOptions, 'name'> {
  name: string;
}

/** A list can lack a new image for up to a minute after its action has completed. */
const LIST_LAG = MINUTE;

/** Takes a snapshot and finds its image. */
export async function takeSnapshot(
  api: Requester,
  droplet: Snapshottable,
  { name, powerOff = false, reuse = false, ...wait }: SnapshotOptions,
): Promise<Image> {
  const { interval, timeout, signal, onProgress } = checkWaitOptions<Action>(api, wait, GROUP_WAIT_OPTIONS);
  const startedAt = api.clock.now();
  const onTimeout = (): Error =>
    new WaitTimeoutError(`The snapshot of Droplet ${droplet.id}`, [], api.clock.now() - startedAt, 0);
  let isTurnedOff = false;
  const run = async ({ signal: scope }: { signal: AbortSignal }): Promise<Image> => {
    const context = { api, droplet, interval, deadline: startedAt + timeout, signal: scope };
    if (reuse) {
      const image = await existingImage(context, name);
      if (image) return image;
    }
    if (powerOff && !(await current(context)).off) {
      isTurnedOff = true;
      await turnOff(context);
    }
    return makeImage(context, { name, onProgress });
  };
  const taken = withLimits({ clock: api.clock, signals: [signal, api.signal], timeout, onTimeout }, run);
  if (!powerOff) return taken;
  const [result] = await Promise.allSettled([taken]);
  if (isTurnedOff) await turnOn({ api, droplet, interval }, result);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function makeImage(
  context: Context,
  { name, onProgress }: Pick<SnapshotOptions, 'name' | 'onProgress'>,
): Promise<Image> {
  const { api, droplet, interval, signal } = context;
  let before = new Set<number>();
  const started = await startWhenFree(context, async () => {
    before = new Set((await images(context)).map(({ id }) => id));
    return droplet
      .snapshot(name, { signal })
      .catch((error: unknown) => adoptLost<Action>(error, { signal }, persistenceOf(context)));
  });
  const timeout = Math.max(0, context.deadline - api.clock.now());
  const action = await started.wait({ interval, timeout, signal, onProgress });
  return findImage(context, action, { name, before });
}

/**
 * The image of this name that a snapshot of the Droplet has made, or is making. The API says which image an action has made
 * neither in the action nor in the list of actions: see {@link findImage}.
 */
async function existingImage(context: Context, name: string): Promise<Image | null> {
  const { api, droplet, interval, signal } = context;
  const named = (await images(context)).filter((image) => image.name === name);
  const [newest] = named.sort(
    (a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0) || b.id - a.id,
  );
  if (newest) return whole(context, newest);
  const last = await persistently(context, () => droplet.fetchLastAction({ signal }));
  if (last?.type !== 'snapshot' || last.errored) return null;
  const ended = await last.wait({ interval, signal, timeout: Infinity, throwOnError: false });
  const isRecent = serverTime(api) - (ended.completedAt?.getTime() ?? Infinity) < LIST_LAG;
  if (ended.errored || !isRecent) return null;
  const made = await imageOf(context, ended, new Set());
  return made?.name === name ? whole(context, made) : null;
}

function serverTime({ clock, clockSkew }: Requester): number {
  return clock.date() + clockSkew;
}

/** The image that an action has made. @throws LookupError when it cannot be told from others */
async function findImage(
  context: Context,
  action: Action,
  { name, before }: { name: string; before: ReadonlySet<number> },
): Promise<Image> {
  const image = await imageOf(context, action, before);
  if (image?.name === name) return whole(context, image);
  const candidates = (await images(context)).filter(({ id }) => !before.has(id));
  throw new LookupError(
    `takeSnapshot: ${whichIs(candidates)} the image that action ${action.id} has made of Droplet ${context.droplet.id}`,
    candidates,
  );
}

function whichIs(candidates: readonly Image[]): string {
  return candidates.length === 0
    ? 'no new image is listed after a minute; none is known to be'
    : `${candidates.length} new images are listed, and none is certainly`;
}

/**
 * The image whose `created_at` is the action's `started_at`, which is how the API writes both. One Droplet has one action at a
 * time. The list may lack it for up to a minute.
 */
async function imageOf(context: Context, action: Action, before: ReadonlySet<number>): Promise<Image | null> {
  const { api, interval, signal } = context;
  const startedAt = action.startedAt?.getTime();
  const until = api.clock.now() + LIST_LAG;
  for (;;) {
    const now = api.clock.now();
    const made = (await images(context)).filter(
      ({ id, createdAt }) => !before.has(id) && createdAt !== null && createdAt.getTime() === startedAt,
    );
    if (made.length === 1) return made[0] ?? null;
    if (made.length > 1 || startedAt === undefined || now >= until) return null;
    await sleep(api.clock, Math.min(interval, until - now), signal);
  }
}

/** The entries of the Droplet's list lack some fields of an image, which may itself not be found for a while. */
async function whole(context: Context, image: Image): Promise<Image> {
  const { api, interval, signal } = context;
  const until = api.clock.now() + LIST_LAG;
  for (;;) {
    try {
      return await persistently(context, () => image.fetch({ signal }));
    } catch (error) {
      if (!(error instanceof NotFoundError) || api.clock.now() >= until) throw error;
      await sleep(api.clock, interval, signal);
    }
  }
}

function images(context: Context): Promise<Image[]> {
  const { droplet, signal } = context;
  return persistently(context, () => droplet.fetchAllSnapshots().toArray({ signal }));
}

function current(context: Context): Promise<Snapshottable> {
  return persistently(context, () => context.droplet.fetch({ signal: context.signal }));
}
