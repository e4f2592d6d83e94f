import { isSignal } from './abort';
import type { AbortSignalLike } from './platform-types';
import { describeValue } from './text/sanitize';

/**
 * What an argument must be. Checks are data, so that the options of a method are declared in one object:
 * `const OPTIONS = { perPage: is.integer(1, 200), signal: is.signal }`.
 */
export interface Check<T = unknown> {
  /** Completes the message "name: expected …, got …". */
  readonly expected: string;
  readonly test: (value: unknown) => value is T;
  /** A number that fails is a RangeError. Everything else that fails is a TypeError. */
  readonly isRange?: boolean;
  /** The option must be given. */
  readonly isRequired?: boolean;
  /** The value of an option that is not given. */
  readonly fallback?: T;
  /** Returns what to use in place of a value that passes, such as a copy. Throws for an invalid part of it. */
  readonly read?: (name: string, value: unknown) => T;
  /** Throws a more precise error for a value that fails, such as one that names the item of a list. */
  readonly explain?: (name: string, value: unknown) => void;
}

/**
 * Returns `value` if it passes, or what its check reads from it.
 * @throws TypeError, RangeError that name the argument, what was expected, and what came
 */
export function checkValue<T>(name: string, value: unknown, check: Check<T>): T {
  if (check.test(value)) return check.read ? check.read(name, value) : value;
  check.explain?.(name, value);
  const message = unexpected(name, check.expected, describeValue(value));
  throw check.isRange && typeof value === 'number' ? new RangeError(message) : new TypeError(message);
}

/** The form of every message about an argument. */
export function unexpected(name: string, expected: string, got: string): string {
  return `${name}: expected ${expected}, got ${got}`;
}

/**
 * Defines a check. Checks that are used in several places belong in `is`. A check has no prototype: a polluted
 * `Object.prototype.fallback` is the fallback of none.
 */
export function defineCheck<T>(
  expected: string,
  test: (value: unknown) => boolean,
  more: Pick<Check<T>, 'isRange' | 'explain' | 'read'> = {},
): Check<T> {
  return { __proto__: null, expected, test, ...more } as unknown as Check<T>;
}

/** A check of a number: one that fails is out of range. */
export function defineRangeCheck(expected: string, test: (value: number) => boolean): Check<number> {
  return defineCheck(expected, (value) => typeof value === 'number' && test(value), { isRange: true });
}

/** What an id is, everywhere in the API. */
export const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

// eslint-disable-next-line no-control-regex -- control characters are what this refuses
const UNSAFE_IN_SEGMENT = /[/\\?#\u0000-\u0020\u007f]/;

const isString = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => isString(value) && value.trim() !== '';

/** The checks that several arguments share. */
export const is = {
  anything: defineCheck<unknown>('anything', () => true),
  string: defineCheck<string>('a string', isString),
  /** A string with something in it. */
  text: defineCheck<string>('a string that is not empty', isText, { explain: checkString }),
  /** The name of a tag, as DigitalOcean allows it. */
  tag: defineCheck<string>(
    'a tag of 1 to 255 letters, digits, ":", "-" and "_"',
    (value) => isString(value) && /^[\w:-]{1,255}$/.test(value),
    { explain: checkString },
  ),
  /** A slug or a name that is one segment of a path and cannot lead out of it. */
  segment: defineCheck<string>(
    'a name without slashes, "..", "?", "#", spaces or control characters',
    (value) =>
      isText(value) &&
      !UNSAFE_IN_SEGMENT.test(value) &&
      value !== '.' &&
      !value.includes('..') &&
      isWellFormed(value),
    { explain: checkText },
  ),
  id: defineRangeCheck('an id, a positive whole number', isId),
  flag: defineCheck<boolean>('true or false', (value) => typeof value === 'boolean'),
  function: defineCheck<(...args: never) => unknown>('a function', (value) => typeof value === 'function'),
  object: defineCheck<Record<string, unknown>>('an object', isObject),
  array: defineCheck<unknown[]>('an array', Array.isArray),
  signal: defineCheck<AbortSignalLike>('an AbortSignal', isSignal),

  /** A whole number from `min` to `max`. */
  integer(min: number, max: number): Check<number> {
    const range = max === Infinity ? `from ${min} up` : `from ${min} to ${max}`;
    return defineRangeCheck(
      `a whole number ${range}`,
      (value) => Number.isSafeInteger(value) && value >= min && value <= max,
    );
  },

  /** Milliseconds; `Infinity` is allowed. */
  milliseconds({ zero }: { zero: boolean }): Check<number> {
    return zero
      ? defineRangeCheck('milliseconds, 0 or more', (value) => value >= 0)
      : defineRangeCheck('milliseconds, more than 0', (value) => value > 0);
  },

  oneOf<T extends string>(...values: T[]): Check<T> {
    const quoted = values.map((value) => `"${value}"`).join(', ');
    return defineCheck(quoted.replace(/, ([^,]*)$/, ' or $1'), (value) => values.includes(value as T));
  },

  /** An array of items that all pass, which is copied. A message names the item that does not. */
  listOf<T>(item: Check<T>): Check<readonly T[]> {
    return defineCheck(
      `an array, each item ${item.expected}`,
      // Spread, because `every` skips holes.
      (value) => Array.isArray(value) && [...(value as unknown[])].every((one) => item.test(one)),
      {
        read: (_name, value) => [...(value as T[])],
        explain: (name, value) =>
          void checkList(name, value, (itemName, one) => checkValue(itemName, one, item)),
      },
    );
  },

  /** An object of the user's that has these methods, whatever else it has. */
  implementing<T extends object>(...methods: (keyof T & string)[]): Check<T> {
    const missing = (value: object): string | undefined =>
      methods.find((method) => typeof value[method as keyof object] !== 'function');
    return defineCheck('an object', (value) => isObject(value) && missing(value) === undefined, {
      explain(name, value) {
        const method = missing(checkObject(name, value));
        if (method !== undefined)
          checkValue(`${name}.${method}`, (value as T)[method as keyof T], is.function);
      },
    });
  },

  /** The same, or one of these values. */
  either<T, L extends boolean | null>(check: Check<T>, ...values: L[]): Check<T | L> {
    const isLiteral = (value: unknown): value is L => values.includes(value as L);
    const { expected, isRange = false, explain, read } = check;
    return defineCheck<T | L>(
      `${values.join(', ')} or ${expected}`,
      (value) => isLiteral(value) || check.test(value),
      {
        isRange,
        ...(explain && { explain }),
        ...(read && { read: (name, value) => (isLiteral(value) ? value : read(name, value)) }),
      },
    );
  },

  /** The same, or `null`. */
  nullable<T>(check: Check<T>): Check<T | null> {
    const { test, isRange = false, read } = is.either(check, null);
    return defineCheck<T | null>(`${check.expected}, or null`, test, { isRange, ...(read && { read }) });
  },

  /** The same, and it must be given. */
  required<T>(check: Check<T>): Check<T> & { readonly isRequired: true } {
    return { __proto__: null, ...check, isRequired: true } as Check<T> & { isRequired: true };
  },

  /** The same; without the option, `fallback` is its value. */
  withDefault<T>(check: Check<T>, fallback: T): Check<T> & { readonly fallback: T } {
    return { __proto__: null, ...check, fallback } as Check<T> & { fallback: T };
  },
};

function isWellFormed(text: string): boolean {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

export function checkId(name: string, value: unknown): number {
  return checkValue(name, value, is.id);
}

export function checkString(name: string, value: unknown): string {
  return checkValue(name, value, is.string);
}

export function checkText(name: string, value: unknown): string {
  return checkValue(name, value, is.text);
}

export function checkTag(name: string, value: unknown): string {
  return checkValue(name, value, is.tag);
}

export function checkSegment(name: string, value: unknown): string {
  return checkValue(name, value, is.segment);
}

export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  return checkValue(name, value, is.integer(min, max));
}

/** Checks each item of a list under a name of its own, and returns what `item` returns. */
export function checkList<T>(name: string, value: unknown, item: (name: string, value: unknown) => T): T[] {
  return Array.from(checkValue(name, value, is.array), (one, index) => item(`${name}[${index}]`, one));
}

export function checkFunction(name: string, value: unknown): void {
  checkValue(name, value, is.function);
}

/**
 * What a predicate returns, as a boolean.
 * @throws TypeError when it is a promise, as of an async function, which would count as true whatever it resolves to
 */
export function checkVerdict(name: string, verdict: unknown): boolean {
  const { then } = Object(verdict) as { then?: unknown };
  if (typeof then !== 'function') return Boolean(verdict);
  // It may reject, and nothing else handles that.
  Promise.resolve(verdict).catch(() => undefined);
  throw new TypeError(`${name}: expected a function that returns a boolean, got one that returns a promise`);
}

export function checkObject(name: string, value: unknown): Record<string, unknown> {
  return checkValue(name, value, is.object);
}

export function checkSignal(value: unknown): AbortSignalLike | undefined {
  return value === undefined ? undefined : checkValue('signal', value, is.signal);
}
