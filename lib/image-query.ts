import { types } from 'node:util';
import { Droplet } from './droplet';
import { DOApiError } from './errors/errors';
import { LookupError } from './errors/lookup';
import type { Image } from './image';
import type { ImageStatus, ImageType } from './image-params';
import { CALL_OPTIONS } from './model/call-options';
import type { CallOptions, Params } from './model/requester';
import { byAge } from './pagination/item-facts';
import type { Listing, ListingOptions } from './pagination/listing';
import { Region, type RegionLike, regionSlugOf } from './region';
import { excerpt } from './util/text/sanitize';
import { spanText, TIME_SPAN, type TimeSpan } from './util/options/time-spans';
import { type CheckedOptions, validateOptions } from './util/options/validate-options';
import { type Check, checkObject, checkText, defineCheck, is, isId } from './util/validate';

/** Selects images; every condition that is given must hold. One that is `undefined` is refused: a lost value would match all. */
export interface ImageQuery {
  /** The whole name, or a pattern. */
  name?: string | RegExp;
  /** `image.type`, such as `snapshot`, `backup` or `custom`. */
  type?: ImageType;
  /** Such as `Ubuntu`. */
  distribution?: string;
  /** A slug or a Region that has the image. */
  region?: RegionLike;
  /** The name of a tag that the image has. */
  tag?: string;
  /** Snapshots and backups of this Droplet: its id, or the Droplet. It costs one request more. */
  droplet?: number | Droplet;
  /** Such as `available`. */
  status?: ImageStatus;
  /** Created longer ago than this: milliseconds, or a time such as `'36h'`, `'14d'`, `'8w'`. */
  olderThan?: TimeSpan;
  /** Created less long ago than this. */
  youngerThan?: TimeSpan;
  /** `false`: public images as well. Default `true`: only images of the account. */
  private?: boolean;
}

/** The conditions beside the name. */
const OTHER_CONDITIONS = {
  type: is.text,
  distribution: is.text,
  region: defineCheck<string>('a region', (value) => typeof value === 'string' || value instanceof Region, {
    read: (name, value) => regionSlugOf(value, name),
    explain: (name, value) => void regionSlugOf(value, name),
  }),
  tag: is.tag,
  droplet: defineCheck<number>('the id of a Droplet, or a Droplet', (value) => isId(idOf(value)), {
    isRange: true,
    read: (_name, value) => idOf(value) as number,
  }),
  status: is.text,
  olderThan: TIME_SPAN as Check<number>,
  youngerThan: TIME_SPAN as Check<number>,
  private: is.withDefault(is.flag, true),
};

/** The conditions of a query. */
export const IMAGE_QUERY = {
  ...OTHER_CONDITIONS,
  name: defineCheck<string | RegExp>(
    'a name that is not empty, or a RegExp',
    (value) => is.text.test(value) || types.isRegExp(value),
    // A copy, since a global or sticky pattern keeps where it has matched.
    { read: (_name, value) => (types.isRegExp(value) ? new RegExp(value) : (value as string)) },
  ),
};

/** A query that was checked. */
export type CheckedImageQuery = CheckedOptions<typeof IMAGE_QUERY>;

/** What a query reads from. */
export interface ImageSource {
  list: (params: Params, options: ListingOptions) => Listing<Image>;
  /** The ids of the images that were made of a Droplet. @throws NotFoundError when the Droplet does not exist */
  imageIdsOf: (dropletId: number, options: CallOptions) => Promise<readonly number[]>;
  /** The time by the server's clock, in milliseconds since 1970. */
  now: () => number;
}

/** What a condition compares an image with. */
export interface QueryMoment {
  /** In milliseconds since 1970, by the server's clock. */
  now: number;
  /** Of the images of the Droplet. */
  ids: ReadonlySet<number>;
}

type Condition<V> = (image: Image, wanted: V, moment: QueryMoment) => boolean;

/**
 * What each condition means. Those that the API filters by are checked again: what is found may be deleted, and an API that
 * ignored a filter would list everything.
 */
const CONDITIONS: { readonly [K in keyof typeof IMAGE_QUERY]: Condition<never> } = {
  name: ({ name }, wanted: string | RegExp) =>
    typeof wanted === 'string' ? name === wanted : fits(wanted, name),
  type: ({ type }, wanted: string) => type === wanted,
  distribution: ({ distribution }, wanted: string) => distribution === wanted,
  region: ({ regions }, wanted: string) => regions.includes(wanted),
  // Upper and lower case of a tag are the same.
  tag: ({ tags }, wanted: string) => tags.some((tag) => tag.toLowerCase() === wanted.toLowerCase()),
  droplet: ({ id }, _wanted: number, { ids }) => ids.has(id),
  status: ({ status }, wanted: string) => status === wanted,
  olderThan: (image, wanted: number, { now }) => ageOf(image, now) > wanted,
  youngerThan: (image, wanted: number, { now }) => ageOf(image, now) < wanted,
  private: (image, wanted: boolean) => !wanted || !image.public,
};

const QUERY_OPTIONS = { ...CALL_OPTIONS, ...IMAGE_QUERY };
const BY_NAME_OPTIONS = { ...CALL_OPTIONS, ...OTHER_CONDITIONS };

/**
 * A query whose conditions all have a value: one that got lost, such as an environment variable that is not set, would match
 * every image.
 * @param name of the query, for messages
 * @param prefix of its conditions, for messages
 * @throws TypeError naming the condition
 */
export function checkConditions(name: string, query: unknown, prefix = ''): object {
  const given = checkObject(name, query);
  for (const condition of Object.keys(given))
    if (Object.hasOwn(IMAGE_QUERY, condition) && given[condition] === undefined)
      throw new TypeError(`${prefix}${condition}: expected a value, got nothing; leave it out to match all`);
  return given;
}

/** The images that match a query, newest first. @throws TypeError, RangeError naming the condition */
export async function findImages(source: ImageSource, query: unknown): Promise<Image[]> {
  const { signal, timeout, deadline, retries, queueTimeout, ...conditions } = validateOptions(
    checkConditions('query', query),
    QUERY_OPTIONS,
  );
  const call = { signal, timeout, deadline, retries, queueTimeout };
  const { droplet, tag, private: isPrivate } = conditions;
  const ids = new Set(droplet === undefined ? [] : await source.imageIdsOf(droplet, call));
  if (droplet !== undefined && ids.size === 0) return [];
  const listing = source.list({ private: isPrivate, tag_name: tag }, { ...call, consistent: true });
  const listed = await listing.toArray();
  if (listing.drifted) {
    throw new DOApiError(
      'findImages: the list of images kept changing while it was read, so some may be missing; try again in a minute',
    );
  }
  return listed.filter(matcherOf(conditions, { now: source.now(), ids })).sort(byAge);
}

/** The conditions in words, such as `name /^web-/, type snapshot`; without those of every query. */
export function describeQuery(conditions: CheckedImageQuery): string {
  const given = Object.entries(conditions).filter(([name]) => name !== 'private' || !conditions.private);
  return given
    .map(([name, value]) => {
      const isSpan = name === 'olderThan' || name === 'youngerThan';
      return `${name} ${isSpan ? spanText(value as number) : excerpt(String(value))}`;
    })
    .join(', ');
}

/** Whether an image fulfils all conditions. */
export function matcherOf(conditions: CheckedImageQuery, moment: QueryMoment): (image: Image) => boolean {
  const wanted = Object.entries(conditions) as [keyof typeof CONDITIONS, never][];
  return (image) => wanted.every(([name, value]) => CONDITIONS[name](image, value, moment));
}

/** The newest image that matches a query. @throws LookupError when there is none */
export async function findNewestImage(source: ImageSource, query: unknown): Promise<Image> {
  const [newest] = await findImages(source, query);
  if (!newest) throw new LookupError('findImage: no image matches', []);
  return newest;
}

/** How many candidates a message names. */
const MAX_NAMED = 5;

/** The only image of exactly this name. @throws LookupError when there is none, or several */
export async function imageByName(source: ImageSource, name: unknown, query: object): Promise<Image> {
  const wanted = checkText('name', name);
  const images = await findImages(source, {
    ...validateOptions(checkConditions('query', query), BY_NAME_OPTIONS),
    name: wanted,
  });
  const [image, second] = images;
  if (image && !second) return image;
  const shown = images.slice(0, MAX_NAMED).map(({ id }) => id);
  const ids = `${shown.join(', ')}${images.length > shown.length ? ', …' : ''}`;
  const found = image ? `${images.length} images are` : 'no image is';
  throw new LookupError(
    `fetchImageByName: ${found} named ${JSON.stringify(excerpt(wanted))}${image ? `: ${ids}` : ''}`,
    images,
  );
}

/** The id of a Droplet, given as either. */
function idOf(droplet: unknown): unknown {
  return droplet instanceof Droplet ? droplet.id : droplet;
}

/** Whether a pattern matches a name, from its beginning on: also a global or sticky one that has matched before. */
function fits(pattern: RegExp, name: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(name);
}

/** How old an image is; without a date it is neither older nor younger than anything. */
function ageOf({ createdAt }: Image, now: number): number {
  return createdAt ? now - createdAt.getTime() : NaN;
}
