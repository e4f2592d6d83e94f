import { MachineDate } from '../util/machine-timers';
import { spanText, TIME_SPAN, type TimeSpan } from '../util/options/time-spans';
import { DAY } from '../util/time-units';
import { checkValue, defineCheck, defineRangeCheck, is } from '../util/validate';
import { type CheckedOptions, nestedOptions } from '../util/options/validate-options';

/**
 * What to keep of each group of images, in the words and with the meaning of `restic forget`. An image that one of them
 * keeps is kept. Hours, days, weeks (from Monday), months and years are those of UTC, and count only if they have an image.
 */
export interface RetentionPolicy {
  /** The newest images. For this and all other numbers, `Infinity` keeps all. */
  last?: number | undefined;
  /** The newest image of each hour, for the last hours that have one. */
  hourly?: number | undefined;
  /** The newest image of each day, for the last days that have one. */
  daily?: number | undefined;
  /** The newest image of each week, for the last weeks that have one. */
  weekly?: number | undefined;
  /** The newest image of each month, for the last months that have one. */
  monthly?: number | undefined;
  /** The newest image of each year, for the last years that have one. */
  yearly?: number | undefined;
  /** All images less than this much older than the newest: milliseconds, or such as `'36h'`, `'14d'`, `'8w'`. */
  within?: TimeSpan | undefined;
  /** All images with one of these tags; `'a,b'`: with both; `''`: without any tag. */
  tags?: readonly string[] | undefined;
}

const COUNT = defineRangeCheck(
  'a whole number from 0 up, or Infinity',
  (value) => value === Infinity || (Number.isSafeInteger(value) && value >= 0),
);

const TAGS = defineCheck<string>(
  'a tag, several tags with commas between them, or ""',
  (value) => value === '' || (is.string.test(value) && value.split(',').every((tag) => is.tag.test(tag))),
);

const POLICY = nestedOptions({
  last: COUNT,
  hourly: COUNT,
  daily: COUNT,
  weekly: COUNT,
  monthly: COUNT,
  yearly: COUNT,
  within: TIME_SPAN,
  tags: is.listOf(TAGS),
});

type Checked = CheckedOptions<{ last: typeof COUNT }>;
type Counted = 'last' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly';

/** A policy that was checked: `within` is in milliseconds. */
export type CheckedPolicy = Readonly<Partial<Record<Counted, number>> & { tags?: readonly string[] }> & {
  readonly within?: number;
};

/** A policy, or how many of the newest images to keep. */
export const RETENTION = defineCheck<RetentionPolicy | number>(
  `a whole number from 0 up, or ${POLICY.expected}`,
  (value) => COUNT.test(value) || POLICY.test(value),
  {
    isRange: true,
    read: (name, value) =>
      typeof value === 'number' ? ({ last: value } satisfies Checked) : checkValue(name, value, POLICY),
  },
);

/** What a policy is applied to. */
export interface Dated {
  readonly id: number;
  readonly createdAt: Date;
  readonly tags: readonly string[];
}

/** Newest first: by date, then by id. */
export function newestFirst(a: { createdAt: Date | null; id: number }, b: typeof a): number {
  return (b.createdAt?.getTime() ?? -Infinity) - (a.createdAt?.getTime() ?? -Infinity) || b.id - a.id;
}

/** The periods whose newest images are kept, each with its name for a date in UTC. */
const PERIODS: readonly (readonly [Counted, (date: Date) => string])[] = [
  ['hourly', (date) => `${date.toISOString().slice(0, 13).replace('T', ' ')}:00`],
  ['daily', (date) => date.toISOString().slice(0, 10)],
  ['weekly', weekOf],
  ['monthly', (date) => date.toISOString().slice(0, 7)],
  ['yearly', (date) => date.toISOString().slice(0, 4)],
];

/** The week of ISO 8601, such as `2026-W47`: from Monday to Sunday, in the year that has its Thursday. */
function weekOf(date: Date): string {
  const day = MachineDate.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  const thursday = new MachineDate(day + (3 - ((date.getUTCDay() + 6) % 7)) * DAY);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - MachineDate.UTC(year, 0, 1)) / (7 * DAY));
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/**
 * Applies a policy to one group.
 * @param now the date in milliseconds since 1970: what is newer is kept by `within`, which counts from the newest other item
 * @returns what is kept, newest first, each with the reasons, such as `daily 2026-11-20`
 */
export function applyPolicy<T extends Dated>(
  items: readonly T[],
  policy: CheckedPolicy,
  now: number,
): Map<T, string[]> {
  const sorted = [...items].sort(newestFirst);
  const kept = new Map<T, string[]>();
  const keep = (item: T, reason: string): unknown => kept.set(item, [...(kept.get(item) ?? []), reason]);
  const { last = 0, within = 0, tags = [] } = policy;
  for (const item of sorted) {
    const list = tags.find((one) => hasTags(item, one));
    if (list !== undefined) keep(item, list === '' ? 'untagged' : `tagged ${list}`);
  }
  const latest = sorted.find(({ createdAt }) => createdAt.getTime() <= now)?.createdAt.getTime() ?? now;
  for (const [index, item] of sorted.entries()) {
    if (within > 0 && item.createdAt.getTime() > latest - within) keep(item, `within ${spanText(within)}`);
    if (index < last) keep(item, `last ${index + 1}`);
  }
  for (const [period, nameOf] of PERIODS) {
    let left = policy[period] ?? 0;
    let previous: string | null = null;
    for (const [index, item] of sorted.entries()) {
      if (left === 0) break;
      const name = nameOf(item.createdAt);
      // While there are fewer periods than may be kept, the oldest is kept, too, so that the history reaches back.
      if (name === previous && index < sorted.length - 1) continue;
      keep(item, `${name === previous ? 'oldest ' : ''}${period} ${name}`);
      previous = name;
      left -= 1;
    }
  }
  return new Map(sorted.flatMap((item) => (kept.has(item) ? [[item, kept.get(item) ?? []]] : [])));
}

/** Upper and lower case of a tag are the same. */
function hasTags({ tags }: Dated, list: string): boolean {
  if (list === '') return tags.length === 0;
  const own = new Set(tags.map((tag) => tag.toLowerCase()));
  return list.split(',').every((tag) => own.has(tag.toLowerCase()));
}

/** Whether a policy keeps nothing of any group. */
export function isEmptyPolicy({ tags = [], within = 0, ...counts }: CheckedPolicy): boolean {
  return tags.length === 0 && within === 0 && Object.values(counts).every((count) => count === 0);
}

/** A policy in words: `last 3, daily 7, within 14d`. */
export function describePolicy({ tags = [], within = 0, ...counts }: CheckedPolicy): string {
  const words = Object.entries(counts).flatMap(([name, count]) =>
    count === 0 ? [] : [`${name} ${count === Infinity ? 'without end' : count}`],
  );
  if (within > 0) words.push(`within ${spanText(within)}`);
  for (const list of tags) words.push(list === '' ? 'untagged' : `tagged ${list}`);
  return words.join(', ') || 'nothing';
}
