/** Nobody's answer is nested deeper; a body of a few kilobytes could otherwise overflow the stack of whoever walks it. */
const DEEPEST = 64;

/** What came is not the JSON that was due. */
export class NotJson extends Error {
  constructor(
    message: string,
    /** It is JSON all the same, and would come again. */
    readonly isWellFormed = false,
  ) {
    super(message);
  }
}

/** Strict: no text around it, no excessive depth; an empty body is `null`. @throws NotJson */
export function parseJson(text: string): unknown {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trim() === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new NotJson(/^\s*</.test(body) ? 'HTML or XML instead of JSON' : 'invalid or truncated JSON');
  }
  if (isObject(value) && deeperThan(value, DEEPEST))
    throw new NotJson(`JSON nested deeper than ${DEEPEST} levels`, true);
  return value;
}

/** Recursive, but never deeper than `levels`: the very thing it guards against is a deep stack. Makes nothing. */
function deeperThan(value: object, levels: number): boolean {
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const child of value as unknown[]) if (isObject(child) && deeperThan(child, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    const child = (value as Record<string, unknown>)[key];
    // Somebody may have put an object onto Object.prototype.
    if (isObject(child) && Object.hasOwn(value, key) && deeperThan(child, levels - 1)) return true;
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
