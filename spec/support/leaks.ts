import { expect } from '@jest/globals';
import { inspect } from 'node:util';

/** A token with a prefix, and one of the old kind without. */
export const CANARIES = [
  'dop_v1_e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
] as const;

/** How many characters of a token are a leak. */
const FRAGMENT = 12;

/** Every object that `value` leads to by properties of any kind and prototypes; getters are not called. */
export function reachable(value: unknown, found = new Set<object>()): Set<object> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || found.has(value))
    return found;
  found.add(value);
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    reachable(property && 'value' in property ? property.value : undefined, found);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return reachable(isBuiltIn(prototype) ? null : prototype, found);
}

/** Built-in prototypes lead to the rest of the program. */
function isBuiltIn(prototype: unknown): boolean {
  return [Object, Function, Array, Error, TypeError, RangeError, Date].some(
    (one) => one.prototype === prototype,
  );
}

/** Every text that `value` may be shown as. */
function views(value: unknown): string[] {
  const texts = [
    String(value),
    JSON.stringify({ value }),
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    inspect(value),
  ];
  for (const object of reachable(value)) {
    if (object instanceof Error) texts.push(object.message, object.stack ?? '', object.toString());
    for (const key of Reflect.ownKeys(object)) {
      const property: unknown = Object.getOwnPropertyDescriptor(object, key)?.value;
      texts.push(String(key), typeof property === 'string' ? property : '');
    }
  }
  return texts;
}

/** Expects that no part of the token is in any text of `values`. */
export function expectNoTrace(token: string, ...values: unknown[]): void {
  const forms = [token, Buffer.from(token).toString('base64'), encodeURIComponent(token)];
  const fragments = forms.flatMap((form) =>
    Array.from({ length: form.length - FRAGMENT + 1 }, (_, at) => form.slice(at, at + FRAGMENT)),
  );
  const all = values.flatMap(views).join('\n');
  expect(fragments.filter((fragment) => all.includes(fragment))).toEqual([]);
}

/** Expects that `error` leads to nothing of axios, and to nothing of the library's HTTP client. */
export function expectNoAxios(error: unknown): void {
  for (const object of reachable(error)) {
    expect(
      Object.keys(object).filter((key) => /axios|^(config|request|response|toJSON)$/i.test(key)),
    ).toEqual([]);
    expect((object as { isAxiosError?: unknown }).isAxiosError).toBeUndefined();
    expect(object.constructor.name).not.toMatch(
      /axios|ClientRequest|IncomingMessage|Socket|Agent|Failure|Passthrough|RetryRequest|CallState/i,
    );
  }
}
