import { PermissionDeniedError } from '../errors/errors';
import type { Image } from '../image';
import { describeQuery, matcherOf } from '../image-query';
import type { Requester } from '../model/requester';
import { spanText } from '../util/options/time-spans';
import { excerpt } from '../util/text/sanitize';
import { readImageIds, readImages } from './account-images';
import { readActionsInProgress } from './actions-in-progress';
import { groupOf, NO_DROPLET } from './image-groups';
import { type ImageUses, NO_USES, readOrigins, readUses } from './image-uses';
import type { PlannedImage } from './plan-entries';
import { checkPruneOptions, type PruneOptions, type PruneOrder } from './prune-options';
import { PrunePlan } from './prune-plan';
import { applyPolicy, type Dated, describePolicy, newestFirst } from './retention-policy';

/**
 * Makes a plan; deletes nothing.
 * @throws TypeError, RangeError naming the option that is invalid; RangeError when a group would lose all
 *   its images; everything that a request can reject with
 */
export async function planPrune(api: Requester, options: PruneOptions): Promise<PrunePlan> {
  const order = checkPruneOptions(options);
  const { droplet, private: isPrivate } = order.match;
  const [all, uses, ids] = await Promise.all([
    readImages(api, { private: isPrivate }, order.call),
    readSurroundings(api, order),
    droplet === undefined ? [] : readImageIds(api, droplet, order.call),
  ]);
  const now = api.clock.date() + api.clockSkew;
  const groups = new Map<string, Image[]>();
  for (const image of all.filter(matcherOf(order.match, { now, ids: new Set(ids) }))) {
    const group = groupOf(image, order.groupBy, uses.dropletOf);
    const members = groups.get(group) ?? [];
    members.push(image);
    groups.set(group, members);
  }
  const byGroup = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  const draftsOf = byGroup.map(([group, members]) => draft(group, members, { order, uses, now }));
  const drafts = draftsOf.flat();
  const busy = await readActionsInProgress(
    api,
    drafts.flatMap(({ image, reasons }) => (reasons.length === 0 ? [image] : [])),
    order.call,
  );
  for (const { image, reasons } of drafts) {
    const action = busy.get(image.id);
    if (action !== undefined) reasons.push(action);
  }
  if (!order.keepNone) for (const group of draftsOf) checkKept(group);
  const policy = describePolicy(order.keep);
  return new PrunePlan(api, {
    policy: describeOrder(order),
    protectInUse: order.protectInUse,
    keptByPolicy: drafts.filter(({ byPolicy }) => byPolicy).map(({ image }) => image.id),
    delete: drafts
      .filter(({ reasons }) => reasons.length === 0)
      .map(({ image, group }) => ({ image, group, reason: `not kept by ${policy}` })),
    keep: drafts
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ image, group, reasons }): PlannedImage => ({ image, group, reason: reasons.join(', ') })),
  });
}

/** What a plan was asked for, in words: a colleague reads it in the plan. */
function describeOrder({ keep, groupBy, olderThan, match }: PruneOrder): string {
  const wanted = describeQuery(match);
  return [
    describePolicy(keep),
    ...(typeof groupBy === 'string' ? [`by ${groupBy}`] : []),
    ...(olderThan > 0 ? [`nothing younger than ${spanText(olderThan)}`] : []),
    ...(wanted === '' ? [] : [`of images with ${wanted}`]),
  ].join(', ');
}

/** An image with the reasons to keep it. */
interface Draft {
  image: Image;
  group: string;
  reasons: string[];
  /** Whether the policy counts it: what is broken or not ours must not take the place of what can be used. */
  counts: boolean;
  /** Whether the policy keeps it, whatever protects it beside that. */
  byPolicy: boolean;
}

function draft(
  group: string,
  images: readonly Image[],
  { order, uses, now }: { order: PruneOrder; uses: ImageUses; now: number },
): Draft[] {
  const uncounted = new Map(images.map((image) => [image.id, outOfPolicy(image, group, order)]));
  const counted = images.filter((image): image is Image & Dated => uncounted.get(image.id) === null);
  const kept = new Map([...applyPolicy(counted, order.keep, now)].map(([{ id }, reasons]) => [id, reasons]));
  return [...images].sort(newestFirst).map((image) => {
    const reason = uncounted.get(image.id) ?? null;
    const use = order.protectInUse ? uses.useOf(image) : null;
    const isYoung = (image.createdAt?.getTime() ?? 0) > now - order.olderThan;
    const young = order.olderThan > 0 && isYoung ? `younger than ${spanText(order.olderThan)}` : null;
    const reasons = [reason, use, ...(kept.get(image.id) ?? []), young].flatMap((one) => one ?? []);
    return { image, group, reasons, counts: reason === null, byPolicy: kept.has(image.id) };
  });
}

/** Why an image stays whatever the policy, and does not count for it; `null` when it counts. */
function outOfPolicy(image: Image, group: string, { groupBy }: PruneOrder): string | null {
  if (image.public) return 'public';
  if (image.status !== 'available') return `not available: ${excerpt(image.status ?? 'no status')}`;
  if (image.createdAt === null) return 'has no date';
  return groupBy === 'droplet' && group === NO_DROPLET ? 'of no Droplet that is known' : null;
}

/** @throws RangeError when the policy keeps none of the images of a group; what protects them now may end tomorrow */
function checkKept(drafts: readonly Draft[]): void {
  const counted = drafts.filter(({ counts }) => counts);
  const [first] = counted;
  if (!first || counted.some(({ byPolicy }) => byPolicy)) return;
  const group = JSON.stringify(excerpt(first.group));
  throw new RangeError(
    `keep: would keep no image of group ${group} (it has ${counted.length}); keepNone: true allows that`,
  );
}

/** What the guards and the groups need to know about Droplets. */
async function readSurroundings(api: Requester, order: PruneOrder): Promise<ImageUses> {
  const { groupBy, protectInUse, call } = order;
  if (groupBy !== 'droplet') return protectInUse ? readUses(api, call) : NO_USES;
  const uses = await readUses(api, call).catch((error: unknown) => {
    if (protectInUse || !(error instanceof PermissionDeniedError)) throw error;
    return null;
  });
  const origins = await readOrigins(api, call, uses === null);
  return {
    useOf: (image) => uses?.useOf(image) ?? null,
    dropletOf: new Map([...origins, ...(uses?.dropletOf ?? [])]),
  };
}
