/** What a value must be; `says` ends the sentence "must be …". */
export interface Check {
  says: string;
  ok: (value: unknown) => boolean;
}

/** Checks of options, faults and seeds. */
export const must = {
  anything: { says: 'anything', ok: () => true },
  text: { says: 'a string', ok: (value) => typeof value === 'string' },
  name: { says: 'a string that is not empty', ok: (value) => typeof value === 'string' && value !== '' },
  flag: { says: 'true or false', ok: (value) => typeof value === 'boolean' },
  fn: { says: 'a function', ok: (value) => typeof value === 'function' },
  texts: { says: 'a list of strings', ok: (value) => isList(value, (one) => typeof one === 'string') },
  id: { says: 'a whole number from 1', ok: (value) => Number.isSafeInteger(value) && Number(value) > 0 },
  size: {
    says: 'a number from 0',
    ok: (value) => typeof value === 'number' && value >= 0 && value < Infinity,
  },
  ms: {
    says: 'milliseconds from 0',
    ok: (value) => typeof value === 'number' && value >= 0 && value < Infinity,
  },
  date: {
    says: 'a date such as "2026-01-31T12:00:00Z"',
    ok: (value) =>
      typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
  },
  headers: {
    says: 'an object of header names and values',
    ok: (value) =>
      isObject(value) &&
      Object.entries(value).every(([name, one]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && isHeaderValue(one)),
  },
  headerValue: { says: 'a string without control characters', ok: isHeaderValue },
} satisfies Record<string, Check>;

/** A whole number between two limits, both included. */
export function whole(least: number, most: number, says = `a whole number from ${least} to ${most}`): Check {
  return { says, ok: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most };
}

/** One of a few words. */
export function oneOf(...words: string[]): Check {
  return {
    says: words.map((word) => `"${word}"`).join(' or '),
    ok: (value) => words.includes(value as string),
  };
}

/** The same, or `null`. */
export function orNull({ says, ok }: Check): Check {
  return { says: `${says}, or null`, ok: (value) => value === null || ok(value) };
}

/** Checks every entry of `given` that is there; one that nobody knows is refused with what is allowed. */
export function checkEntries(where: string, given: object, checks: ReadonlyMap<string, Check>): void {
  for (const [name, value] of Object.entries(given)) {
    const check = checks.get(name);
    if (!check)
      throw new TypeError(`${where}: ${name} is not known; allowed are ${[...checks.keys()].join(', ')}.`);
    if (value !== undefined) demand(`${where}: ${name}`, value, check);
  }
}

/** Throws a `TypeError` that says what `value` must be, or a `RangeError` when only its amount is wrong. */
export function demand(name: string, value: unknown, { says, ok }: Check): void {
  if (ok(value)) return;
  const message = `${name} must be ${says}, got ${show(value)}.`;
  throw typeof value === 'number' ? new RangeError(message) : new TypeError(message);
}

/** A value as it stands in a message, cut short. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : asText(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Not every object can be made a string. */
function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown, ok: (one: unknown) => boolean): boolean {
  // Spread, since `every` passes over holes.
  return Array.isArray(value) && [...(value as unknown[])].every(ok);
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
