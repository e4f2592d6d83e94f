/** The copy of an object without options, which most calls have. */
export const NO_OPTIONS: object = Object.freeze({ __proto__: null });

/**
 * Copies the options of `given`, reading each once: its enumerable properties, and what it inherits from its class.
 * Properties of Object.prototype are no options: a polluted `Object.prototype.proxy` would otherwise receive the token.
 *
 * Inherited functions are bound to `given`. Those of a class are not enumerable in the copy either: a class may have
 * methods that are no options.
 */
export function ownOptions<T extends object>(given: T): T {
  if (isEmpty(given)) return NO_OPTIONS as T;
  const copy = { __proto__: null } as unknown as Record<string, unknown>;
  for (const name of Object.keys(given)) copy[name] = given[name as keyof T];
  for (let owner = prototypeOf(given); owner && !isObjectPrototype(owner); owner = prototypeOf(owner)) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (name in copy || name === 'constructor') continue;
      const value = given[name as keyof T] as unknown;
      if (typeof value !== 'function') copy[name] = value;
      else {
        const enumerable = Object.prototype.propertyIsEnumerable.call(owner, name);
        Object.defineProperty(copy, name, { value: value.bind(given) as unknown, enumerable });
      }
    }
  }
  return copy as T;
}

/** Allocates nothing. */
function isEmpty(given: object): boolean {
  if (prototypeOf(given) !== Object.prototype) return false;
  for (const name in given) if (Object.hasOwn(given, name)) return false;
  return true;
}

/** Also recognises the Object.prototype of another realm, such as that of `structuredClone` under jest. */
function isObjectPrototype(object: object): boolean {
  return (
    object === Object.prototype || (prototypeOf(object) === null && Object.hasOwn(object, 'isPrototypeOf'))
  );
}

function prototypeOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}
