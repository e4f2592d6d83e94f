import { checkValue, defineCheck, defineRangeCheck } from '../../util/validate';
import type { Random } from './random';

/**
 * How long something takes, in milliseconds: a number, a pair of the shortest and longest time, or a function of the
 * thing.
 */
export type Duration<T> = number | readonly [shortest: number, longest: number] | ((thing: T) => number);

/** Milliseconds that end: `Infinity` is refused. */
export const FINITE_MS = defineRangeCheck(
  'a finite number of milliseconds, 0 or more',
  (value) => value >= 0 && value < Infinity,
);

const isPair = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && [...(value as unknown[])].every(FINITE_MS.test);

const DURATION = defineCheck<Duration<never>>(
  'a finite number of milliseconds, 0 or more, a pair [shortest, longest] of them, or a function that returns one',
  (value) => FINITE_MS.test(value) || typeof value === 'function' || isPair(value),
  { isRange: true },
);

/** Validates a `Duration`. Returns the function that gives the milliseconds. */
export function readDuration<T>(
  name: string,
  duration: Duration<T>,
  random: Random,
): (thing: Readonly<T>) => number {
  checkValue(name, duration, DURATION);
  if (typeof duration === 'function') return (thing) => checkValue(`${name}()`, duration(thing), FINITE_MS);
  if (typeof duration === 'number') return () => duration;
  const [shortest, longest] = duration;
  checkValue(
    `${name}[1]`,
    longest,
    defineRangeCheck(`at least the shortest time, ${shortest}`, (value) => value >= shortest),
  );
  return () => shortest + Math.floor(random() * (longest - shortest + 1));
}
