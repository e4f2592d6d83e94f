import { createHash } from 'node:crypto';
import type { JsonObject } from '../model/fields';
import { nestedOptions } from '../util/options/validate-options';
import { checkList, checkValue, is, unexpected } from '../util/validate';
import { describeValue } from '../util/text/sanitize';
import type { PlannedImage } from './plan-entries';

/** A plan, as it can be saved. */
export interface PrunePlanJson {
  /** Of this format. */
  version: 1;
  /** What is kept, in words. */
  policy: string;
  /** Whether images in use stay. */
  protectInUse: boolean;
  /** What `apply()` deletes. */
  delete: PlannedImageJson[];
  /** What stays. */
  keep: PlannedImageJson[];
  /** The ids of the images that the policy keeps, whatever protects them beside that. */
  keptByPolicy: number[];
  /** SHA-256 of all the rest: a plan that was changed is refused. It is no signature. */
  digest: string;
}

/** An image of a plan, in the API's own names. */
export interface PlannedImageJson {
  /** As `image.toJSON()` gives it. */
  image: Record<string, unknown>;
  /** The name of its group. */
  group: string;
  /** Why it goes or stays. */
  reason: string;
}

/** What a plan consists of. */
export interface PlanContents {
  /** In words. */
  policy: string;
  protectInUse: boolean;
  delete: readonly PlannedImage[];
  keep: readonly PlannedImage[];
  /** The ids of the images that the policy keeps, whatever protects them beside that. */
  keptByPolicy: readonly number[];
}

export function planToJson(plan: PlanContents): PrunePlanJson {
  const entry = ({ image, group, reason }: PlannedImage): PlannedImageJson => ({
    image: image.toJSON(),
    group,
    reason,
  });
  const { policy, protectInUse } = plan;
  const json = {
    version: 1 as const,
    policy,
    protectInUse,
    delete: plan.delete.map(entry),
    keep: plan.keep.map(entry),
    keptByPolicy: [...plan.keptByPolicy],
  };
  return { ...json, digest: digestOf(json) };
}

const ENTRY = nestedOptions({
  image: is.required(is.object),
  group: is.required(is.string),
  reason: is.required(is.string),
});

const PLAN = nestedOptions({
  version: is.required(is.integer(1, 1)),
  policy: is.required(is.string),
  protectInUse: is.required(is.flag),
  delete: is.required(is.array),
  keep: is.required(is.array),
  keptByPolicy: is.required(is.array),
  digest: is.required(is.string),
});

/**
 * Reads a plan that was saved.
 * @param json what `plan.toJSON()` returned, or its text
 * @param imageOf makes an image of its JSON
 * @throws TypeError, RangeError when it is no plan, or was changed
 */
export function planFromJson(json: unknown, imageOf: PlanImageReader): PlanContents {
  const plan = checkValue('plan', typeof json === 'string' ? parse(json) : json, PLAN);
  const { digest, ...contents } = plan;
  if (digest !== digestOf(contents))
    throw new TypeError('plan: it was changed after it was made (its digest differs); make a new one');
  const { policy, protectInUse } = contents;
  const keptByPolicy = checkList('plan.keptByPolicy', contents.keptByPolicy, (path, id) =>
    checkValue(path, id, is.id),
  );
  const entries = (name: 'delete' | 'keep'): PlannedImage[] =>
    checkList(`plan.${name}`, plan[name], (path, one) => {
      const { image, group, reason } = checkValue(path, one, ENTRY);
      return { image: imageOf(`${path}.image`, image), group, reason };
    });
  const [deleted, kept] = [entries('delete'), entries('keep')];
  checkDistinct([...deleted, ...kept]);
  return { policy, protectInUse, delete: deleted, keep: kept, keptByPolicy };
}

/** @throws TypeError for an image that a plan names twice: it would be deleted though it is kept */
function checkDistinct(entries: readonly PlannedImage[]): void {
  const seen = new Set<number>();
  for (const { image } of entries) {
    if (seen.has(image.id)) throw new TypeError(`plan: it names image ${image.id} twice`);
    seen.add(image.id);
  }
}

/** Makes an image of its JSON. @param name for messages */
export type PlanImageReader = (name: string, json: Record<string, unknown>) => PlannedImage['image'];

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError(unexpected('plan', 'the JSON of a plan', describeValue(text)));
  }
}

function digestOf(json: object): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(json)))
    .digest('hex');
}

/** The same value with the names of all objects in order: a file may have been formatted anew. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as JsonObject;
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((name) => [name, sorted(object[name])]),
  );
}
