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
        const descriptor = { __proto__: null, value: value.bind(given) as unknown, enumerable };
        Object.defineProperty(copy, name, descriptor as PropertyDescriptor);
      }
    }
  }
  return copy as T;
}

/**
 * A copy for other code, such as Node and its agents, which copies options into objects of its own and reads names that are
 * not given. It has no prototype, and every name that was added to Object.prototype is `undefined` in it: so none is
 * inherited, by the copies of it neither.
 */
export function shieldedOptions<T extends object>(options: T): T {
  const copy = { __proto__: null, ...options } as unknown as Record<string, unknown>;
  for (const name of foreignNames()) if (!DEFAULTED.has(name) && !(name in copy)) copy[name] = undefined;
  return copy as T;
}

/**
 * Calls other code with options: as they are, or {@link shieldedOptions} {@link withoutPollution}, where names were added to
 * Object.prototype. Node reads an object without prototype slowly. `work` must be synchronous.
 */
export function withShielded<O extends object, T>(options: O, work: (options: O) => T): T {
  return foreignNames().length > 0 ? withoutPollution(() => work(shieldedOptions(options))) : work(options);
}

/**
 * Lets an object of other code, such as a socket, inherit no name that was added to Object.prototype: Node reads some options
 * from its sockets later.
 */
export function shield(object: object): void {
  for (const name of foreignNames()) {
    let owner: object | null = object;
    while (owner && !Object.hasOwn(owner, name)) owner = prototypeOf(owner);
    if (owner !== null && owner !== Object.prototype) continue;
    const nothing = { __proto__: null, value: undefined, writable: true, configurable: true };
    Object.defineProperty(object, name, nothing as PropertyDescriptor);
  }
}

/**
 * Runs `work` while Object.prototype has nothing but what the language gives it, and restores it. For code of Node that reads
 * options from objects of its own, where {@link shieldedOptions} cannot reach; `work` must be synchronous.
 */
export function withoutPollution<T>(work: () => T): T {
  const removed = takeOff(Object.prototype, addedNames());
  removedNames.push(...removed.map(([name]) => name));
  try {
    return work();
  } finally {
    removedNames.length -= removed.length;
    putBack(Object.prototype, removed);
  }
}

/**
 * `JSON.stringify`, without a `toJSON` that other code has given to all objects or all arrays. Those of classes, such as of a
 * date, are called.
 */
export function toJsonText(value: unknown): string | undefined {
  // Arrays inherit that of objects, too.
  if (!('toJSON' in Array.prototype)) return JSON.stringify(value);
  return withoutPollution(() => {
    const removed = takeOff(Array.prototype, ['toJSON']);
    try {
      return JSON.stringify(value);
    } finally {
      putBack(Array.prototype, removed);
    }
  });
}

type Properties = readonly (readonly [name: string, property: PropertyDescriptor])[];

/** Removes properties. @returns those that were there and could be removed */
function takeOff(owner: object, names: readonly string[]): Properties {
  const removed: [string, PropertyDescriptor][] = [];
  for (const name of names) {
    const property = Object.getOwnPropertyDescriptor(owner, name);
    if (property && Reflect.deleteProperty(owner, name)) removed.push([name, property]);
  }
  return removed;
}

function putBack(owner: object, removed: Properties): void {
  for (const [name, property] of removed) {
    Object.setPrototypeOf(property, null);
    Object.defineProperty(owner, name, property);
  }
}

/** The names that {@link withoutPollution} has removed: what is shielded now is read when they are back. */
const removedNames: string[] = [];

/** Whether Object.prototype has names that the language does not give it. */
export function isPolluted(): boolean {
  return known ?? addedNames().length > 0;
}

/** What {@link isPolluted} says during {@link lookingOnce}. */
let known: boolean | null = null;

/** Runs `work`, in which {@link isPolluted} looks once: it must be synchronous, and call no code of others. */
export function lookingOnce<T>(work: () => T): T {
  const before = known;
  known = isPolluted();
  try {
    return work();
  } finally {
    known = before;
  }
}

function foreignNames(): readonly string[] {
  return removedNames.length === 0 ? addedNames() : [...removedNames, ...addedNames()];
}

const NO_NAMES: readonly string[] = [];

/** The names of Object.prototype when it was last found to have none but its own: how many, and the last. */
let clean = { count: 0, last: '' };

function addedNames(): readonly string[] {
  const names = Object.getOwnPropertyNames(Object.prototype);
  const last = names.at(-1) ?? '';
  // A name that is added is the last, or makes one more: this is asked for each image.
  if (names.length === clean.count && last === clean.last) return NO_NAMES;
  const added = names.filter((name) => !BUILT_IN.has(name));
  if (added.length === 0) clean = { count: names.length, last };
  return added;
}

/** The names that Object.prototype has by the language, whatever was added to it before this module was loaded. */
const BUILT_IN: ReadonlySet<string> = new Set([
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
]);

/** Node copies the options over defaults of these: an `undefined` would replace them. It reads no inherited ones. */
const DEFAULTED: ReadonlySet<string> = new Set(['checkServerIdentity', 'ciphers', 'minDHSize']);

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
