import type { Image } from '../image';
import { nestedOptions } from '../util/options/validate-options';
import { parseTimeSpan, TIME_SPAN, type TimeSpan } from '../util/time-spans';
import { defineCheck, is } from '../util/validate';

/** Selects the images to prune; each property that is given must fit. */
export interface ImageMatch {
  /** The whole name, or what the name matches. */
  name?: string | RegExp | undefined;
  type?: string | undefined;
  distribution?: string | undefined;
  /** The slug of a region that has the image. */
  region?: string | undefined;
  tag?: string | undefined;
  status?: string | undefined;
  /** Milliseconds, or such as `'36h'`, `'14d'`, `'8w'`. */
  olderThan?: TimeSpan | undefined;
  youngerThan?: TimeSpan | undefined;
  /** `false`: public images, too, which are always kept. Default `true`. */
  private?: boolean | undefined;
}

const NAME = defineCheck<string | RegExp>(
  'a string or a regular expression',
  (value) => typeof value === 'string' || value instanceof RegExp,
);

export const IMAGE_MATCH = nestedOptions({
  name: NAME,
  type: is.text,
  distribution: is.text,
  region: is.text,
  tag: is.tag,
  status: is.text,
  olderThan: TIME_SPAN,
  youngerThan: TIME_SPAN,
  private: is.flag,
});

/**
 * Turns a selection into a predicate.
 * @param match as it was checked
 * @param now the date in milliseconds since 1970
 */
export function matcherOf(match: ImageMatch, now: number): (image: Image) => boolean {
  const { name, type, distribution, region, tag, status } = match;
  const spanOf = (key: 'olderThan' | 'youngerThan'): number | null =>
    match[key] === undefined ? null : parseTimeSpan(key, match[key]);
  const [oldest, youngest] = [spanOf('youngerThan'), spanOf('olderThan')];
  // Without the flags that make `test` remember where it stopped.
  const pattern = name instanceof RegExp ? new RegExp(name.source, name.flags.replace(/[gy]/g, '')) : null;
  return (image) => {
    const age = image.createdAt === null ? null : now - image.createdAt.getTime();
    return (
      (name === undefined || (pattern ? pattern.test(image.name) : image.name === name)) &&
      (type === undefined || image.type === type) &&
      (distribution === undefined || image.distribution === distribution) &&
      (region === undefined || image.regions.includes(region)) &&
      (tag === undefined || image.tags.includes(tag)) &&
      (status === undefined || image.status === status) &&
      (youngest === null || (age !== null && age > youngest)) &&
      (oldest === null || (age !== null && age < oldest))
    );
  };
}
