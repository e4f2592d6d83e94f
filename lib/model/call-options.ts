import { excerpt } from '../util/text/sanitize';
import { type Check, checkValue, defineCheck, is } from '../util/validate';
import { type CheckedOptions, validateOptions } from '../util/options/validate-options';
import type { Params } from './requester';

const LIMIT = is.milliseconds({ zero: false });

/** The options of every method that sends a request. */
export const CALL_OPTIONS = {
  signal: is.signal,
  timeout: LIMIT,
  deadline: LIMIT,
  retries: is.integer(0, 10),
  queueTimeout: LIMIT,
};

export type CheckedCallOptions = CheckedOptions<typeof CALL_OPTIONS>;

/** @throws TypeError, RangeError naming the option */
export function checkCallOptions(options: unknown): CheckedCallOptions {
  return validateOptions(options, CALL_OPTIONS);
}

const PARAM = defineCheck<string | number | boolean>(
  'a string, a number, true or false',
  (value) => is.string.test(value) || is.flag.test(value) || Number.isFinite(value),
);

/**
 * Query parameters of any names. A URLSearchParams or Map has no properties, and a list or `null` would become text: a filter
 * must not get lost or be another one.
 */
export const PARAMS: Check<Params> = defineCheck<Params>('a plain object of names and values', isPlain, {
  read: (name, value) =>
    Object.fromEntries(
      Object.entries(value as Params)
        .filter(([, one]) => one !== undefined)
        .map(([key, one]) => [key, checkValue(`${name}.${excerpt(key)}`, one, PARAM)]),
    ),
});

/** Whether a value is an object without a class, also one of another realm. */
function isPlain(value: unknown): boolean {
  if (!is.object.test(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
