/**
 * Copies `given` without the properties of Object.prototype: a polluted `Object.prototype.proxy` would otherwise receive
 * the token. Properties that an instance inherits from its class are copied too, with methods bound to the instance.
 */
export function ownOptions<T extends object>(given: T): T {
  const copy = { __proto__: null } as unknown as Record<string, unknown>;
  for (
    let owner: object | null = given;
    owner !== null && owner !== Object.prototype;
    owner = prototypeOf(owner)
  ) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (name in copy || name === 'constructor') continue;
      const value = given[name as keyof T] as unknown;
      copy[name] = owner !== given && typeof value === 'function' ? (value.bind(given) as unknown) : value;
    }
  }
  return copy as T;
}

function prototypeOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}
