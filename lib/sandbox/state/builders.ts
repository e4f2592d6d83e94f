import { allRegions, regionOf } from './catalogue';
import {
  checkObject,
  checkValue,
  defineCheck,
  defineRangeCheck,
  is,
  unexpected,
  type Check,
} from '../../util/validate';
import { HOUR } from '../../util/time-units';
import { VIRTUAL_START } from '../clock/virtual-clock';
import type { ActionJson, ImageJson, RegionJson } from './api-json';
import { MachineDate } from '../../util/machine-timers';

/** The first ids of builders. The default world has other ids. */
const FIRST_IMAGE_ID = 100_001;
const FIRST_ACTION_ID = 500_001;

/** Any fields of an image, in the API's own names. Unknown fields are kept as they are. */
export type ImageSeed = Partial<ImageJson> | (Partial<ImageJson> & Readonly<Record<string, unknown>>);
/** Any fields of an action, in the API's own names. */
export type ActionSeed = Partial<ActionJson> | (Partial<ActionJson> & Readonly<Record<string, unknown>>);

export const NAME = defineCheck<string>(
  'a string that is not empty',
  (value) => typeof value === 'string' && value !== '',
);
const SIZE = defineRangeCheck('a finite number, 0 or more', (value) => value >= 0 && value < Infinity);
export const DATE = defineCheck<string>(
  'a date such as "2026-01-31T12:00:00Z"',
  (value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(MachineDate.parse(value)),
);
const SLUG = defineCheck<string>(
  'a slug such as "nyc3"',
  (value) => typeof value === 'string' && /^[a-z0-9-]+$/.test(value),
);

const IMAGE_FIELDS: { [K in keyof ImageJson]: Check } = {
  id: is.id,
  name: NAME,
  type: NAME,
  distribution: is.string,
  slug: is.nullable(NAME),
  public: is.flag,
  regions: is.listOf(is.string),
  created_at: DATE,
  min_disk_size: is.nullable(SIZE),
  size_gigabytes: is.nullable(SIZE),
  description: is.string,
  tags: is.listOf(is.string),
  status: is.oneOf('NEW', 'available', 'pending', 'deleted', 'retired'),
  error_message: is.string,
};

const ACTION_FIELDS: { [K in keyof ActionJson]: Check } = {
  id: is.id,
  status: is.oneOf('in-progress', 'completed', 'errored'),
  type: NAME,
  started_at: DATE,
  completed_at: is.nullable(DATE),
  resource_id: is.nullable(is.id),
  resource_type: NAME,
  region: is.nullable(is.object),
  region_slug: is.nullable(NAME),
};

/**
 * Completes an image for `new Sandbox({ images: [...] })`. Missing fields are those of a private snapshot of 20 GB in
 * nyc1, or with a `slug` those of a public image in all regions.
 *
 * @param given fields in the API's own names (`min_disk_size`); `null` and `undefined` mean the default
 * @returns the whole image
 * @throws TypeError, RangeError for a field that the API could not send
 * @example anImage({ name: 'golden', regions: ['nyc1'] })
 */
export function anImage(given: ImageSeed = {}, index = 0): ImageJson {
  const seed = checkSeed(`images[${index}]`, given, IMAGE_FIELDS);
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
    ...givenFields(seed),
  };
}

/**
 * Completes an action for `new Sandbox({ actions: [...] })`. Missing fields are those of a transfer of an image that
 * completed an hour before the virtual clock starts.
 *
 * @param given fields in the API's own names (`region_slug`); `null` and `undefined` mean the default
 * @returns the whole action
 * @throws TypeError, RangeError for a field that the API could not send
 * @example anAction({ resource_id: image.id, status: 'in-progress', region_slug: 'nyc3' })
 */
export function anAction(given: ActionSeed = {}, index = 0): ActionJson {
  const seed = checkSeed(`actions[${index}]`, given, ACTION_FIELDS);
  const slug = seed.region_slug ?? ownFields<Partial<RegionJson>>(seed.region ?? {}).slug ?? null;
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
    ...givenFields(seed),
  };
}

/**
 * Completes a region for `new Sandbox({ regions: [...] })`.
 * @param fields that differ from the default
 * @returns the whole region
 * @throws TypeError for an invalid slug
 * @example aRegion('nyc3', { available: false })
 */
export function aRegion(slug: string, fields: Partial<RegionJson> = {}): RegionJson {
  return regionNamed('slug', slug, fields);
}

/** @param name of the slug in messages */
export function regionNamed(name: string, slug: string, fields: Partial<RegionJson> = {}): RegionJson {
  return { ...regionOf(checkValue(name, slug, SLUG)), ...fields };
}

/** A date to the second, in the form of the API. */
export function dateOf(ms: number): string {
  return `${new MachineDate(ms).toISOString().slice(0, -5)}Z`;
}

/** Without what is inherited: another package may have changed `Object.prototype`. */
export function ownFields<T extends object>(seed: T): T {
  return { __proto__: null, ...seed };
}

export function givenFields(seed: object): object {
  return structuredClone(Object.fromEntries(Object.entries(seed).filter(([, value]) => isGiven(value))));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Unknown fields pass, except those in camel case: these are names of the library. @returns the fields it has itself */
export function checkSeed<T extends object>(
  name: string,
  given: T,
  fields: Readonly<Record<string, Check>>,
): T {
  const seed = ownFields(checkObject(name, given)) as T;
  for (const [field, value] of Object.entries(seed)) {
    const check = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (check) {
      if (isGiven(value)) checkValue(`${name}.${field}`, value, check);
    } else if (/[A-Z]/.test(field)) {
      const expected = `fields of the API such as ${Object.keys(fields).join(', ')}`;
      throw new TypeError(unexpected(name, expected, `"${field}"`));
    }
  }
  return seed;
}
