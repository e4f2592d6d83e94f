import type { Action } from './action';
import { newest } from './actionable';
import { type Job, pause, readWithin, waitOptionsOf } from './droplet-steps';
import { NotFoundError, PermissionDeniedError } from './errors/errors';
import type { Image } from './image';
import type { Cancellable } from './model/requester';
import type { Listing } from './pagination/listing';
import { MINUTE, SECOND } from './util/time-units';

/** The part of a Droplet in which an image is searched for. */
export interface Searchable {
  readonly id: number;
  readonly off: boolean;
  readonly snapshotIds: readonly number[];
  fetch(options: Cancellable): Promise<Searchable>;
  fetchAllActions(): Listing<Action>;
  fetchAllSnapshots(): Listing<Image>;
}

/** A search for the image of this name. */
export interface SearchJob extends Job<Searchable> {
  name: string;
}

/**
 * A list can lack a new image for up to a minute after its action has completed. The dates of the API have full seconds, and
 * clocks are seldom in step.
 */
const LIST_LAG = MINUTE + 5 * SECOND;

/**
 * The image of this name that a snapshot of the Droplet has made. One that is being made is waited for: its action does not
 * tell its name, its image will.
 */
export async function existingImage(job: SearchJob): Promise<Image | null> {
  const { api, droplet, name } = job;
  const listed = await snapshotsOf(job);
  const named = listed.filter((image) => image.name === name);
  named.sort((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0) || b.id - a.id);
  for (const image of named) {
    // A list may show an image that is gone.
    const found = await unlessMissing(job, whole(job, image));
    if (found) return found;
  }
  const unlisted = await unlistedImage(job, listed);
  if (unlisted) return unlisted;
  const actions = await readWithin(job, (signal) => droplet.fetchAllActions().toArray({ signal }));
  const snapshots = actions.filter(({ type, errored }) => type === 'snapshot' && !errored);
  for (let last = newest(snapshots); last; last = newest(snapshots)) {
    snapshots.splice(snapshots.indexOf(last), 1);
    const date = api.clock.date() + api.clockSkew;
    // It may have ended without a date. A list may not show its image yet.
    const isRecent = last.inProgress || date - (last.completedAt?.getTime() ?? date) <= LIST_LAG;
    if (!isRecent) continue;
    const ended = await last.wait({ ...waitOptionsOf(job), throwOnError: false });
    const made = ended.errored ? null : await imageOf(job, ended, new Set());
    if (made) return whole(job, made);
  }
  return null;
}

/** What is found; `null` when it no longer exists. */
async function unlessMissing<T>(job: SearchJob, search: Promise<T>): Promise<T | null> {
  try {
    return await search;
  } catch (error) {
    if (job.signal.aborted || !(error instanceof NotFoundError)) throw error;
    return null;
  }
}

/** An image of this name whose id the Droplet has, although the list lags. */
async function unlistedImage(job: SearchJob, listed: readonly Image[]): Promise<Image | null> {
  const { snapshotIds } = await readWithin(job, (signal) => job.droplet.fetch({ signal }));
  const known = new Set(listed.map(({ id }) => id));
  for (const id of snapshotIds.filter((one) => !known.has(one)).reverse()) {
    const image = await imageById(job, id);
    if (image?.name === job.name) return image;
  }
  return null;
}

/** The image; `null` when it is not found, or the token may not read it. */
async function imageById(job: SearchJob, id: number): Promise<Image | null> {
  try {
    return await readWithin(job, async (signal) => {
      const image = await job.api.fetchResource('image', id, { signal });
      return image as Image;
    });
  } catch (error) {
    if (job.signal.aborted) throw error;
    if (error instanceof NotFoundError || error instanceof PermissionDeniedError) return null;
    throw error;
  }
}

/**
 * The image of this name whose `created_at` is the action's `started_at`, which is how the API writes both. One Droplet has one
 * action at a time. The list may lack the image for up to a minute.
 * @returns `null` when none is listed, or several are
 */
export async function imageOf(
  job: SearchJob,
  action: Action,
  before: ReadonlySet<number>,
): Promise<Image | null> {
  const { clock } = job.api;
  const startedAt = secondOf(action.startedAt);
  const until = clock.now() + LIST_LAG;
  for (;;) {
    const now = clock.now();
    const made = (await snapshotsOf(job)).filter(
      ({ id, name, createdAt }) =>
        !before.has(id) && name === job.name && createdAt !== null && secondOf(createdAt) === startedAt,
    );
    if (made.length > 0) return made.length === 1 ? (made[0] ?? null) : null;
    if (startedAt === null || now >= until) return null;
    await pause(job);
  }
}

function secondOf(date: Date | null): number | null {
  return date && Math.floor(date.getTime() / SECOND);
}

/**
 * Fetches the image, of which the Droplet's list shows some fields. It may not be found for a while, and a token may not be
 * allowed to read it.
 */
export async function whole(job: SearchJob, image: Image): Promise<Image> {
  const { api } = job;
  const until = api.clock.now() + LIST_LAG;
  for (;;) {
    try {
      return await readWithin(job, (signal) => image.fetch({ signal }));
    } catch (error) {
      if (job.signal.aborted) throw error;
      if (error instanceof PermissionDeniedError) return image;
      if (!(error instanceof NotFoundError) || api.clock.now() >= until) throw error;
      await pause(job);
    }
  }
}

/** The images that snapshots of the Droplet have made, as its list shows them. */
export function snapshotsOf(job: SearchJob): Promise<Image[]> {
  return readWithin(job, (signal) => job.droplet.fetchAllSnapshots().toArray({ signal }));
}
