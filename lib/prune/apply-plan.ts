import { AsyncResource } from 'node:async_hooks';
import { NotFoundError, UnprocessableError } from '../errors/errors';
import { ReadOnlyError } from '../errors/read-only';
import type { Image } from '../image';
import type { CallOptions, Requester } from '../model/requester';
import { isThenable } from '../polling/watch-progress';
import { toAbortSignal } from '../util/abort';
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
  // What it changes is no part of the plan: a session asks about that, too.
  const report = onProgress && AsyncResource.bind(onProgress);
  /** Ends what is queued and in flight once `onProgress` has failed. */
  const stop = new AbortController();
  const ended = [call.signal, stop.signal].flatMap((signal) => (signal ? [toAbortSignal(signal)] : []));
  const deletion = { ...call, signal: AbortSignal.any(ended) };
  const settle = async (entry: PlannedImage, result: Verdict): Promise<void> => {
    const full = { image: entry.image, ...result };
    results.set(entry, full);
    if (!report || stop.signal.aborted) return;
    try {
      const reported = report({ result: full, done: results.size, total });
      if (isThenable(reported)) await reported;
    } catch (error) {
      stop.abort();
      throw error;
    }
  };
  const isAborted = (): boolean => call.signal?.aborted === true || api.signal.aborted;
  const work = async (): Promise<void> => {
    const verdicts = await readVerdicts(api, plan, call).catch((error: unknown) => {
      if (isAborted()) return null;
      throw error;
    });
    const approved: PlannedImage[] = [];
    for (const entry of plan.delete) {
      const verdict = verdicts?.get(entry);
      if (verdict) await settle(entry, verdict);
      else approved.push(entry);
    }
    await forEachConcurrently(approved, concurrency, async (entry) => {
      if (verdicts === null || isAborted()) return settle(entry, { outcome: 'cancelled' });
      const result = await deleteImage(entry.image, deletion);
      return settle(
        entry,
        result.outcome === 'failed' && isAborted() ? { ...result, outcome: 'cancelled' } : result,
      );
    });
  };
  const { group } = api;
  if (group && !isAborted()) {
    // A question may stay open for hours: the lists are read after it.
    const body = { ids: plan.delete.map(({ image }) => image.id) };
    await group({ method: 'DELETE', url: `${api.endpoint}/v2/images`, body }, work);
  } else {
    await work();
  }
  return plan.delete.flatMap((entry) => results.get(entry) ?? []);
}

/** @throws ReadOnlyError: it refuses all deletions alike */
async function deleteImage(image: Image, call: CallOptions): Promise<Verdict> {
  try {
    await image.delete(call);
    return { outcome: 'deleted' };
  } catch (error) {
    if (error instanceof ReadOnlyError) throw error;
    return isGone(error) ? { outcome: 'gone' } : { outcome: 'failed', error };
  }
}

/** Whether DigitalOcean itself, not a proxy, says that an image does not exist. */
function isGone(error: unknown): boolean {
  if (error instanceof NotFoundError) return error.id !== null;
  return error instanceof UnprocessableError && /(?<!\bnot )already deleted/i.test(error.detail);
}

type Verdict = Omit<PruneResult, 'image'>;

/** Reads the account once more. @returns why images of the plan are not deleted */
async function readVerdicts(
  api: Requester,
  plan: PlanContents,
  call: CallOptions,
): Promise<Map<PlannedImage, Verdict>> {
  const [listed, uses] = await Promise.all([
    readImages(api, { private: true }, call),
    plan.protectInUse ? readUses(api, call, { twice: true }) : NO_USES,
  ]);
  const current = new Map(listed.map((image) => [image.id, image]));
  const verdicts = new Map<PlannedImage, Verdict>();
  for (const entry of plan.delete) {
    const verdict = verdictOn(entry.image, current.get(entry.image.id), uses);
    if (verdict) verdicts.set(entry, verdict);
  }
  const left = plan.delete.filter((entry) => !verdicts.has(entry));
  const busy = await readActionsInProgress(
    api,
    left.map(({ image }) => image),
    call,
  );
  for (const entry of left) {
    const reason = busy.get(entry.image.id);
    if (reason !== undefined) verdicts.set(entry, { outcome: 'in-use', reason });
  }
  for (const [entry, verdict] of substitutes(plan, current, verdicts)) verdicts.set(entry, verdict);
  return verdicts;
}

function verdictOn(planned: Image, now: Image | undefined, uses: ImageUses): Verdict | null {
  if (!now) return { outcome: 'gone' };
  const change = changeOf(planned, now);
  if (change !== null) return { outcome: 'changed', reason: change };
  const use = uses.useOf(now);
  return use === null ? null : { outcome: 'in-use', reason: use };
}

/**
 * For each image that the policy keeps and that is no longer there as it was, the newest image of its group that would be
 * deleted stays: no group is left with fewer images than the policy keeps.
 */
function substitutes(
  plan: PlanContents,
  current: ReadonlyMap<number, Image>,
  verdicts: ReadonlyMap<PlannedImage, Verdict>,
): [PlannedImage, Verdict][] {
  const byPolicy = new Set(plan.keptByPolicy);
  const candidates = new Map<string, PlannedImage[]>();
  for (const entry of plan.delete) {
    if (verdicts.has(entry)) continue;
    const ofGroup = candidates.get(entry.group) ?? [];
    ofGroup.push(entry);
    candidates.set(entry.group, ofGroup);
  }
  return plan.keep.flatMap(({ image, group }): [PlannedImage, Verdict][] => {
    if (!byPolicy.has(image.id)) return [];
    const now = current.get(image.id);
    const change = now ? changeOf(image, now) : 'gone';
    const newest = change === null ? undefined : candidates.get(group)?.shift();
    if (!newest) return [];
    const reason = `stays in place of ${image.id} (${excerpt(image.name)}), which is ${now ? 'changed' : 'gone'}`;
    return [[newest, { outcome: 'changed', reason }]];
  });
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
