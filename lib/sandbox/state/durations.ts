import { must, show } from './checks';
import type { Random } from './random';

/**
 * How long something takes, in milliseconds: always the same, between two values, or as a function of the thing says.
 */
export type Duration<T> = number | readonly [shortest: number, longest: number] | ((thing: T) => number);

/** Reads a `Duration` of the options. */
export function readDuration<T>(
  name: string,
  given: Duration<T>,
  random: Random,
): (thing: Readonly<T>) => number {
  if (typeof given === 'function') return (thing) => checked(name, given(thing));
  if (typeof given === 'number') {
    checked(name, given);
    return () => given;
  }
  const [shortest, longest] = isPair(given) ? given : [NaN, NaN];
  if (!(checked(name, shortest) <= checked(name, longest))) {
    throw new RangeError(
      `${name}: the shortest time must not be longer than the longest one, got ${String(given)}.`,
    );
  }
  return () => shortest + Math.floor(random() * (longest - shortest + 1));
}

function checked(name: string, ms: number): number {
  if (must.ms.ok(ms)) return ms;
  throw new RangeError(
    `${name} must be milliseconds from 0, a pair [shortest, longest], or a function that gives milliseconds; got ${show(ms)}.`,
  );
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2;
}
