import { allRegions, regionOf } from './catalogue';
import { demand, isObject, must, oneOf, orNull, show, type Check } from './checks';
import { VIRTUAL_START } from '../clock/virtual-clock';
import type { ActionJson, ImageJson, RegionJson } from './api-json';

/** Where builders begin to count; the default world has other ids. */
const FIRST_IMAGE_ID = 100_001;
const FIRST_ACTION_ID = 500_001;
const HOUR = 3_600_000;

/** Any subset of an image's fields, in the API's own names; fields nobody knows yet are kept as they are. */
export type ImageSeed = Partial<ImageJson> | (Partial<ImageJson> & Readonly<Record<string, unknown>>);
/** Any subset of an action's fields, in the API's own names. */
export type ActionSeed = Partial<ActionJson> | (Partial<ActionJson> & Readonly<Record<string, unknown>>);

const IMAGE_CHECKS: { [K in keyof ImageJson]: Check } = {
  id: must.id,
  name: must.name,
  type: must.name,
  distribution: must.text,
  slug: orNull(must.name),
  public: must.flag,
  regions: must.texts,
  created_at: must.date,
  min_disk_size: orNull(must.size),
  size_gigabytes: orNull(must.size),
  description: must.text,
  tags: must.texts,
  status: oneOf('NEW', 'available', 'pending', 'deleted', 'retired'),
  error_message: must.text,
};

const ACTION_CHECKS: { [K in keyof ActionJson]: Check } = {
  id: must.id,
  status: oneOf('in-progress', 'completed', 'errored'),
  type: must.name,
  started_at: must.date,
  completed_at: orNull(must.date),
  resource_id: orNull(must.id),
  resource_type: must.name,
  region: orNull({ says: 'a region', ok: isObject }),
  region_slug: orNull(must.name),
};

/**
 * A whole image from the fields that matter to you, for `new Sandbox({ images: [...] })`. The rest is that of a
 * private snapshot of 20 GB in nyc1, or of a public image in all regions when there is a slug.
 *
 * @param seed fields in the API's own names (`min_disk_size`); `null` and `undefined` mean the default.
 * @throws TypeError, RangeError for a field that the API could not send.
 * @example anImage({ name: 'golden', regions: ['nyc1'] })
 */
export function anImage(seed: ImageSeed = {}, index = 0): ImageJson {
  const where = `images[${index}]`;
  checkSeed(where, seed, IMAGE_CHECKS);
  const id = FIRST_IMAGE_ID + index;
  const isPublic = typeof seed.slug === 'string';
  return {
    id,
    name: `image-${index + 1}`,
    type: isPublic ? 'base' : 'snapshot',
    distribution: 'Ubuntu',
    slug: null,
    public: isPublic,
    regions: isPublic ? allRegions().map(({ slug }) => slug) : ['nyc1'],
    created_at: dateOf(VIRTUAL_START - 24 * HOUR),
    min_disk_size: 20,
    size_gigabytes: 2.34,
    description: '',
    tags: [],
    status: 'available',
    error_message: '',
    ...given(seed),
  };
}

/**
 * A whole action from the fields that matter to you, for `new Sandbox({ actions: [...] })`. The rest is that of a
 * transfer of an image that was completed an hour before the virtual clock starts.
 *
 * @throws TypeError, RangeError for a field that the API could not send.
 * @example anAction({ resource_id: image.id, status: 'in-progress', region_slug: 'nyc3' })
 */
export function anAction(seed: ActionSeed = {}, index = 0): ActionJson {
  checkSeed(`actions[${index}]`, seed, ACTION_CHECKS);
  const slug = seed.region_slug ?? seed.region?.slug ?? null;
  return {
    id: FIRST_ACTION_ID + index,
    status: 'completed',
    type: 'transfer',
    started_at: dateOf(VIRTUAL_START - 2 * HOUR),
    completed_at: seed.status === 'in-progress' ? null : dateOf(VIRTUAL_START - HOUR),
    resource_id: FIRST_IMAGE_ID,
    resource_type: 'image',
    region: slug === null ? null : regionOf(slug),
    region_slug: slug,
    ...given(seed),
  };
}

/**
 * A whole region from its slug, for `new Sandbox({ regions: [...] })`.
 * @example aRegion('nyc3', { available: false })
 */
export function aRegion(slug: string, fields: Partial<RegionJson> = {}): RegionJson {
  demand('regions: slug', slug, { says: 'a slug such as "nyc3"', ok: isSlug });
  return { ...regionOf(slug), ...fields };
}

/** A date to the second, as the API writes it. */
export function dateOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -5)}Z`;
}

function isSlug(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z0-9-]+$/.test(value);
}

function given(seed: object): object {
  return structuredClone(Object.fromEntries(Object.entries(seed).filter(([, value]) => isGiven(value))));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function checkSeed(where: string, seed: unknown, checks: Record<string, Check>): void {
  if (!isObject(seed))
    throw new TypeError(`${where} must be an object in the shape of the API, got ${show(seed)}.`);
  for (const [name, value] of Object.entries(seed)) {
    const check = checks[name];
    if (check) {
      if (isGiven(value)) demand(`${where}.${name}`, value, check);
    } else if (/[A-Z]/.test(name)) {
      throw new TypeError(
        `${where}.${name} is not a field of the API; allowed are ${Object.keys(checks).join(', ')}.`,
      );
    }
  }
}
