import type { Image } from '../image';
import { describeValue, excerpt } from '../util/text/sanitize';
import { defineCheck } from '../util/validate';

/**
 * How images are grouped before the policy is applied to each group:
 * - `name`: by equal names
 * - `droplet`: by the Droplet that they were made of; images of none are kept
 * - `prefix`: by the name up to its last run of digits and dashes: `web-2026-11-20` and `web-2026-11-21` are in group `web`,
 *   and so are `web-01-1763607600000` and `web-02-1763607600000`, of two Droplets
 * - a function: by what it returns
 */
export type GroupBy = 'name' | 'droplet' | 'prefix' | ((image: Image) => string);

export const GROUP_BY = defineCheck<GroupBy>(
  '"name", "droplet", "prefix" or a function',
  (value) => typeof value === 'function' || ['name', 'droplet', 'prefix'].includes(value as string),
);

/** The group of all images when they are not grouped. */
export const ALL_TOGETHER = 'all';

/** The group of images of which no Droplet is known. */
export const NO_DROPLET = 'no Droplet';

/**
 * The group of an image.
 * @param dropletOf the id of the Droplet that an image was made of
 * @throws TypeError when a function of the user's returns something else than a string
 */
export function groupOf(
  image: Image,
  groupBy: GroupBy | undefined,
  dropletOf: ReadonlyMap<number, number>,
): string {
  if (groupBy === undefined) return ALL_TOGETHER;
  if (groupBy === 'name') return image.name;
  if (groupBy === 'prefix') return prefixOf(image.name);
  if (groupBy === 'droplet') return String(dropletOf.get(image.id) ?? NO_DROPLET);
  const group: unknown = groupBy(image);
  if (typeof group === 'string') return group;
  // A promise may reject, and nothing else handles that.
  Promise.resolve(group).catch(() => undefined);
  const name = excerpt(image.name);
  throw new TypeError(
    `groupBy: expected a string for image ${image.id} (${name}), got ${describeValue(group)}`,
  );
}

/**
 * A name without its last run of digits and dashes and what follows; the whole name when that run has no digit, or when
 * nothing comes before it.
 */
export function prefixOf(name: string): string {
  const runs = [...name.matchAll(/[\d-]+/g)];
  const last = runs.at(-1);
  return last && /\d/.test(last[0]) ? name.slice(0, last.index) || name : name;
}
