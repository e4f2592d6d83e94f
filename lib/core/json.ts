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
  if (deeperThan(value, DEEPEST)) throw new NotJson(`JSON nested deeper than ${DEEPEST} levels`, true);
  return value;
}

/** Level by level instead of recursively: the very thing it guards against is a deep stack. */
function deeperThan(value: unknown, levels: number): boolean {
  let level: object[] = isObject(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= levels) return true;
    const next: object[] = [];
    for (const parent of level) {
      for (const child of Object.values(parent) as unknown[]) if (isObject(child)) next.push(child);
    }
    level = next;
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
