import { is } from '../util/validate';
import { type CheckedOptions, validateOptions } from '../util/options/validate-options';

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
