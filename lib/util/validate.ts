import { describeValue } from './sanitize';

/** What an id is, everywhere in the API. */
export const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/**
 * Checks of arguments: bad input fails before any request, with the name of the argument and what was expected.
 * A value of the wrong type is a TypeError, one out of bounds a RangeError.
 */
function typeError(name: string, expected: string, got: unknown): TypeError {
  return new TypeError(`${name}: expected ${expected}, got ${describeValue(got)}`);
}

function rangeError(name: string, expected: string, got: unknown): RangeError {
  return new RangeError(`${name}: expected ${expected}, got ${describeValue(got)}`);
}

/** A positive safe integer. */
export function checkId(name: string, value: unknown): number {
  if (isId(value)) return value;
  const error = typeof value === 'number' ? rangeError : typeError;
  throw error(name, 'an id, a positive whole number', value);
}

/** A string, be it empty. */
export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw typeError(name, 'a string', value);
  return value;
}

/** A string with something in it. */
export function checkText(name: string, value: unknown): string {
  if (checkString(name, value).trim() === '') throw typeError(name, 'a string that is not empty', value);
  return value as string;
}

/** The name of a tag, as DigitalOcean allows it. */
export function checkTag(name: string, value: unknown): string {
  if (!/^[\w:-]{1,255}$/.test(checkString(name, value))) {
    throw typeError(name, 'a tag of 1 to 255 letters, digits, ":", "-" and "_"', value);
  }
  return value as string;
}

// eslint-disable-next-line no-control-regex -- control characters are what this refuses
const UNSAFE_IN_SEGMENT = /[/\\?#\u0000-\u0020\u007f]/;

/** A string that can stand as one segment of a path and nothing more: a slug or a name, never a way out. */
export function checkSegment(name: string, value: unknown): string {
  const text = checkText(name, value);
  if (UNSAFE_IN_SEGMENT.test(text) || text === '.' || text.includes('..') || !isWellFormed(text)) {
    throw typeError(name, 'a name without slashes, "..", "?", "#", spaces or control characters', value);
  }
  return text;
}

function isWellFormed(text: string): boolean {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** A whole number from `min` to `max`. */
export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  const expected =
    max === Infinity ? `a whole number from ${min} up` : `a whole number from ${min} to ${max}`;
  if (typeof value !== 'number') throw typeError(name, expected, value);
  if (!Number.isSafeInteger(value) || value < min || value > max) throw rangeError(name, expected, value);
  return value;
}

/** Milliseconds; `Infinity` is allowed. */
export function checkMs(name: string, value: unknown, { zero }: { zero: boolean }): number {
  const expected = zero ? 'milliseconds, 0 or more' : 'milliseconds, more than 0';
  if (typeof value !== 'number') throw typeError(name, expected, value);
  if (!(zero ? value >= 0 : value > 0)) throw rangeError(name, expected, value);
  return value;
}

/** A list; each of its items is checked under a name of its own. */
export function checkList<T>(name: string, value: unknown, item: (name: string, value: unknown) => T): T[] {
  if (!Array.isArray(value)) throw typeError(name, 'an array', value);
  return value.map((entry, index) => item(`${name}[${index}]`, entry));
}

export function checkFlag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw typeError(name, 'true or false', value);
  return value;
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw typeError(name, 'a function', value);
}

export function checkObject(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw typeError(name, 'an object', value);
  return value as Record<string, unknown>;
}

export function checkSignal(value: unknown): AbortSignal | undefined {
  if (value !== undefined && !(value instanceof AbortSignal))
    throw typeError('signal', 'an AbortSignal', value);
  return value;
}
