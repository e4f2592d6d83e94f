/**
 * What somebody gave, without what somebody else may have put onto Object.prototype: a `proxy` there would be given the
 * token. Objects of a class keep what their class gives them, and their methods their `this`.
 */
export function ownOptions<T extends object>(given: T): T {
  const copy = { __proto__: null } as unknown as Record<string, unknown>;
  for (let from: object | null = given; from !== null && from !== Object.prototype; from = parentOf(from)) {
    for (const name of Object.getOwnPropertyNames(from)) {
      if (name in copy || name === 'constructor') continue;
      const value = given[name as keyof T] as unknown;
      copy[name] = from !== given && typeof value === 'function' ? (value.bind(given) as unknown) : value;
    }
  }
  return copy as T;
}

function parentOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}
