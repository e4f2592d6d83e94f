import { DAY, HOUR } from '../time-units';
import { checkValue, defineCheck } from '../validate';

/** How long: milliseconds, or a whole number of hours, days or weeks, such as `'36h'`, `'14d'` and `'8w'`. */
export type TimeSpan = number | string;

const UNITS: ReadonlyMap<string, number> = new Map([
  ['h', HOUR],
  ['d', DAY],
  ['w', 7 * DAY],
]);

/** The milliseconds of a time span; `NaN` for what is none. */
function millisecondsOf(value: unknown): number {
  if (typeof value === 'number') return value >= 0 ? value : NaN;
  const [, count, unit = ''] = (typeof value === 'string' ? /^(\d+)([hdw])$/.exec(value) : null) ?? [];
  return Number(count) * (UNITS.get(unit) ?? NaN);
}

/** A time span, 0 or more. What is read from it is its milliseconds; `Infinity` is allowed as a number. */
export const TIME_SPAN = defineCheck<TimeSpan>(
  'milliseconds, 0 or more, or a time such as "36h", "14d" or "8w"',
  (value) => !Number.isNaN(millisecondsOf(value)),
  { isRange: true, read: (_name, value) => millisecondsOf(value) },
);

/**
 * Reads a time span.
 * @returns its milliseconds
 * @throws TypeError, RangeError that name the argument
 */
export function parseTimeSpan(name: string, value: unknown): number {
  return checkValue(name, value, TIME_SPAN) as number;
}

/** A span of time as it may be given. */
export function spanText(ms: number): string {
  if (ms === Infinity) return 'any time';
  if (ms % DAY === 0) return `${ms / DAY}d`;
  return ms % HOUR === 0 ? `${ms / HOUR}h` : `${ms} ms`;
}
