import { NotFoundError, UnprocessableError } from '../errors/errors';
import { ReadOnlyError } from '../errors/read-only';
import type { Image } from '../image';
import type { CallOptions, Requester } from '../model/requester';
import { isThenable } from '../polling/watch-progress';
import { forEachConcurrently } from '../util/concurrency';
import { excerpt } from '../util/text/sanitize';
import { readImages } from './account-images';
import { readActionsInProgress } from './actions-in-progress';
import { type ImageUses, NO_USES, readUses } from './image-uses';
import type { PlannedImage, PruneResult } from './plan-entries';
import type { PlanContents } from './plan-json';
import type { CheckedApplyOptions } from './prune-options';

/**
 * Deletes the images of a plan that are as they were and not in use.
 * @returns one entry for each image that the plan deletes, in its order
 */
export async function applyPlan(
  api: Requester,
  plan: PlanContents,
  { concurrency, onProgress, ...call }: CheckedApplyOptions,
): Promise<PruneResult[]> {
  const total = plan.delete.length;
  if (total === 0) return [];
  const results = new Map<PlannedImage, PruneResult>();
  const settle = async (entry: PlannedImage, result: Omit<PruneResult, 'image'>): Promise<void> => {
    const full = { image: entry.image, ...result };
    results.set(entry, full);
    const reported = onProgress?.({ result: full, done: results.size, total });
    if (isThenable(reported)) await reported;
  };
  const isAborted = (): boolean => call.signal?.aborted === true || api.signal.aborted;
  const current = await readCurrent(api, plan, call).catch((error: unknown) => {
    if (isAborted()) return null;
    throw error;
  });
  const approved: PlannedImage[] = [];
  for (const entry of plan.delete) {
    const verdict = current && verdictOn(entry, current);
    if (verdict) await settle(entry, verdict);
    else approved.push(entry);
  }
  const deleteAll = (): Promise<void> =>
    forEachConcurrently(approved, concurrency, async (entry) => {
      if (current === null || isAborted()) return settle(entry, { outcome: 'cancelled' });
      const result = await deleteImage(entry.image, call);
      return settle(
        entry,
        result.outcome === 'failed' && isAborted() ? { ...result, outcome: 'cancelled' } : result,
      );
    });
  const { group } = api;
  if (group && current && approved.length > 0 && !isAborted()) {
    const body = { ids: approved.map(({ image }) => image.id) };
    await group({ method: 'DELETE', url: `${api.endpoint}/v2/images`, body }, deleteAll);
  } else {
    await deleteAll();
  }
  return plan.delete.flatMap((entry) => results.get(entry) ?? []);
}

/** @throws ReadOnlyError: it refuses all deletions alike */
async function deleteImage(image: Image, call: CallOptions): Promise<Omit<PruneResult, 'image'>> {
  try {
    await image.delete(call);
    return { outcome: 'deleted' };
  } catch (error) {
    if (error instanceof ReadOnlyError) throw error;
    const isGone =
      error instanceof NotFoundError ||
      (error instanceof UnprocessableError && /already deleted/i.test(error.detail));
    return isGone ? { outcome: 'gone' } : { outcome: 'failed', error };
  }
}

/** The account as it is now. */
interface Current {
  images: ReadonlyMap<number, Image>;
  uses: ImageUses;
  /** Why an action keeps an image, by its id. */
  busy: ReadonlyMap<number, string>;
  /** The groups of which an image that the plan keeps is still as it was, and can be used. */
  keptGroups: ReadonlySet<string>;
  keepNone: boolean;
}

async function readCurrent(api: Requester, plan: PlanContents, call: CallOptions): Promise<Current> {
  const [listed, uses] = await Promise.all([
    readImages(api, { private: true }, call),
    plan.protectInUse ? readUses(api, call) : NO_USES,
  ]);
  const images = new Map(listed.map((image) => [image.id, image]));
  const asPlanned = plan.delete.flatMap(({ image }) => {
    const now = images.get(image.id);
    return now && changeOf(image, now) === null && uses.useOf(now) === null ? [now] : [];
  });
  const left = plan.keep.filter(({ image }) => {
    const now = images.get(image.id);
    return now && changeOf(image, now) === null;
  });
  return {
    images,
    uses,
    busy: await readActionsInProgress(api, asPlanned, call),
    keptGroups: new Set(left.map(({ group }) => group)),
    keepNone: plan.keepNone,
  };
}

/** Why an image is not deleted; `null` when it is as the plan has it. */
function verdictOn({ image, group }: PlannedImage, current: Current): Omit<PruneResult, 'image'> | null {
  const now = current.images.get(image.id);
  if (!now) return { outcome: 'gone' };
  const change = changeOf(image, now);
  if (change !== null) return { outcome: 'changed', reason: change };
  const use = current.uses.useOf(now) ?? current.busy.get(image.id);
  if (use !== undefined) return { outcome: 'in-use', reason: use };
  if (current.keepNone || current.keptGroups.has(group)) return null;
  return { outcome: 'changed', reason: 'none of the images that the plan keeps in its group is left' };
}

/** What has changed of an image; `null` for nothing that matters. */
function changeOf(planned: Image, now: Image): string | null {
  if (now.name !== planned.name) return `renamed to ${excerpt(now.name)}`;
  if (now.type !== planned.type) return `of type ${excerpt(now.type ?? 'none')} now`;
  if (now.createdAt?.getTime() !== planned.createdAt?.getTime()) return 'it has another date';
  if (tagsOf(now) !== tagsOf(planned))
    return `tagged otherwise: ${excerpt(now.tags.join(', ')) || 'no tags'}`;
  if (now.public) return 'it is public';
  return now.status === 'available' ? null : `not available: ${excerpt(now.status ?? 'no status')}`;
}

const tagsOf = ({ tags }: Image): string => [...tags].sort().join();
