import { NO_OPTIONS, ownOptions } from './own-options';
import { excerpt } from '../text/sanitize';
import { nearestName } from './suggest';
import { type Check, checkObject, checkValue, defineCheck, is, unexpected } from '../validate';

/** The declaration of an options object: a check for each option, by name. */
export type OptionChecks = Readonly<Record<string, Check>>;

type Checked<C> = C extends Check<infer T> ? T : never;

/** The names of the options that always have a value. */
type Present<C extends OptionChecks> = {
  [K in keyof C]: C[K] extends { isRequired: true } | { fallback: unknown } ? K : never;
}[keyof C];

/** The type of options that were checked. */
export type CheckedOptions<C extends OptionChecks> = Readonly<
  { [K in Present<C>]: Checked<C[K]> } & { [K in Exclude<keyof C, Present<C>>]?: Checked<C[K]> }
>;

/** The checked options of calls without options, by declaration. */
const withoutOptions = new WeakMap<OptionChecks, object>();

/**
 * Checks every option that is given, and refuses a name that is not declared, whatever its value.
 * @param name of the object, for messages: its options are `name.option`. Default: the object is `options`, its options
 * have no prefix.
 * @returns a copy with the fallbacks, without a prototype and not to be modified
 */
export function validateOptions<C extends OptionChecks>(
  options: unknown,
  checks: C,
  name?: string,
): CheckedOptions<C> {
  const given = ownOptions(checkBag(name ?? 'options', options));
  const isEmpty = given === NO_OPTIONS;
  const known = isEmpty ? withoutOptions.get(checks) : undefined;
  if (known) return known as CheckedOptions<C>;
  const pathOf = (option: string): string => (name === undefined ? option : `${name}.${option}`);
  for (const option of Object.keys(given)) {
    if (!Object.hasOwn(checks, option)) throw unknownName(pathOf(option), option, Object.keys(checks));
  }
  const checked = { __proto__: null } as unknown as Record<string, unknown>;
  for (const [option, check] of Object.entries(checks)) {
    const value = given[option];
    if (value !== undefined || check.isRequired) checked[option] = checkValue(pathOf(option), value, check);
    else if (check.fallback !== undefined) checked[option] = check.fallback;
  }
  if (isEmpty) withoutOptions.set(checks, Object.freeze(checked));
  return checked as CheckedOptions<C>;
}

/** A promise, such as of a forgotten `await`, and other objects of the platform have no options, and would count as none. */
function checkBag(name: string, value: unknown): Record<string, unknown> {
  const object = checkObject(name, value);
  const type = Object.prototype.toString.call(object).slice('[object '.length, -1);
  if (type === 'Object') return object;
  throw new TypeError(unexpected(name, 'an object of options', `a ${type}`));
}

const MAX_NAME = 60;

/** The error for a name that does not exist: it suggests the one that was probably meant, or lists all. */
export function unknownName(path: string, name: string, known: readonly string[]): TypeError {
  const nearest = nearestName(name, known);
  const hint = nearest === null ? `the options are ${known.join(', ')}` : `did you mean ${nearest}?`;
  // The name may be any text.
  const shown = excerpt(path.slice(0, MAX_NAME));
  return new TypeError(
    `${/^[\w$.-]+$/.test(shown) ? shown : JSON.stringify(shown)}: unknown option; ${hint}`,
  );
}

/** A check of an object of options by a declaration of its own. */
export function nestedOptions<C extends OptionChecks>(checks: C): Check<CheckedOptions<C>> {
  return defineCheck(`{ ${Object.keys(checks).join(', ')} }`, is.object.test, {
    read: (name, value) => validateOptions(value, checks, name),
  });
}
