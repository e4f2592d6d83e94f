import { isPolluted } from '../../util/options/own-options';

/** Deeper than any response of the API. A body of a few kilobytes could otherwise overflow the stack of its readers. */
const MAX_DEPTH = 64;

/** The text is not the JSON that was expected. */
export class NotJson extends Error {
  constructor(
    message: string,
    /** Whether it is valid JSON all the same: a retry would return the same. */
    readonly isWellFormed = false,
  ) {
    super(message);
  }
}

/** Parses JSON strictly: no text around it, limited depth. An empty body is `null`. @throws NotJson */
export function parseJson(text: string): unknown {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trim() === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new NotJson(/^\s*</.test(body) ? 'HTML or XML instead of JSON' : 'invalid or truncated JSON');
  }
  if (isContainer(value) && isDeeperThan(value, MAX_DEPTH))
    throw new NotJson(`JSON nested deeper than ${MAX_DEPTH} levels`, true);
  if (isContainer(value) && isPolluted()) inheritNothing(value);
  return value;
}

/** Else a field that the API leaves out would have the value that other code has given to Object.prototype. */
function inheritNothing(value: object): void {
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  for (const child of Object.values(value)) if (isContainer(child)) inheritNothing(child);
}

/** Recurses at most `levels` deep, so that it cannot overflow the stack itself. Allocates nothing. */
function isDeeperThan(value: object, levels: number): boolean {
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const child of value as unknown[])
      if (isContainer(child) && isDeeperThan(child, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    const child = (value as Record<string, unknown>)[key];
    // Object.prototype may have been extended with an object.
    if (isContainer(child) && Object.hasOwn(value, key) && isDeeperThan(child, levels - 1)) return true;
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
