import { Expose } from 'class-transformer/cjs/decorators/expose.decorator';
import { Transform } from 'class-transformer/cjs/decorators/transform.decorator';
import { formatDate, parseDate } from './dates';
import { NO_OPTIONS, ownOptions } from '../util/options/own-options';
import { describeValue } from '../util/text/sanitize';
import { isId } from '../util/validate';

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A value does not have the declared type. `path` is extended on the way up: `created_at`, then `image.created_at`. */
export class Mismatch extends Error {
  constructor(
    readonly path: string,
    readonly expected: string,
    readonly got: unknown,
  ) {
    super(`${path}: expected ${expected}, got ${describeValue(got)}`);
  }

  /** The same error with `parent` in front of its path. */
  within(parent: string): Mismatch {
    const separator = this.path === '' || this.path.startsWith('[') ? '' : '.';
    return new Mismatch(parent + separator + this.path, this.expected, this.got);
  }

  /** The same error with `hide` applied to its value. */
  without(hide: (text: string) => string): Mismatch {
    return new Mismatch(this.path, this.expected, typeof this.got === 'string' ? hide(this.got) : this.got);
  }
}

/** How a field is read from JSON and written back. */
export interface Codec {
  /** @throws Mismatch with a path relative to the value */
  read: (value: unknown, source: JsonObject) => unknown;
  write: (value: unknown) => unknown;
  /** Whether it reads a resource, which can send requests of its own once its parent has a manager. */
  isResource?: boolean;
}

/** Accepts only a property whose declared type includes what the field reads. */
type FieldDecorator<T> = <K extends string>(target: Readonly<Record<K, T>>, property: K) => void;

interface Options<A> {
  /** The name in the API's JSON; default: the name of the property. */
  wire?: string;
  /** The property's value when the field is missing or `null`. */
  absent: A;
}

/** A declared field of a class. */
export interface DeclaredField extends Codec {
  property: string;
  /** Its name in the API's JSON. */
  wire: string;
}

/** The declarations, by prototype. Those of class-transformer can be cleared by other users of it. */
const declarations = new WeakMap<object, DeclaredField[]>();

/** The fields of a class, those it inherits first, from its prototype. */
export function fieldsOf(prototype: object | null): readonly DeclaredField[] {
  if (prototype === null) return [];
  const inherited = fieldsOf(Object.getPrototypeOf(prototype) as object | null);
  return [...inherited, ...(declarations.get(prototype) ?? [])];
}

function declare(options: { wire?: string }, codec: Codec): (target: object, property: string) => void {
  return (target, property) => {
    const name = ownOptions(options).wire ?? property;
    const fields = declarations.get(target) ?? [];
    // Its own, whatever Object.prototype says.
    declarations.set(target, [...fields, { property, wire: name, isResource: false, ...codec }]);
    Expose({ name })(target, property);
    Transform(({ obj }: { obj: JsonObject }) => codec.read(obj[name], obj), { toClassOnly: true })(
      target,
      property,
    );
    Transform(({ value }) => codec.write(value), { toPlainOnly: true })(target, property);
  };
}

const identity = (value: unknown): unknown => value;

function refuse(expected: string, got: unknown): never {
  throw new Mismatch('', expected, got);
}

// Each codec is one function without further calls, for speed: ten thousand images have 140,000 fields.

function id(value: unknown): unknown {
  return isId(value) ? value : refuse('a positive whole number', value);
}

function name(value: unknown): unknown {
  return typeof value === 'string' ? value : refuse('a string', value);
}

const text = (absent: string | null) => (value: unknown) => {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? absent : refuse('a string', value);
};

const number = (absent: number | null) => (value: unknown) => {
  if (Number.isFinite(value)) return value;
  return value === undefined || value === null ? absent : refuse('a number', value);
};

const reference = (absent: null) => (value: unknown) =>
  value === undefined || value === null ? absent : id(value);

const NO_IDS: readonly number[] = Object.freeze([]);

function ids(value: unknown): readonly number[] {
  if (value === undefined || value === null) return NO_IDS;
  if (!Array.isArray(value)) return refuse('an array of ids', value);
  return Object.freeze(
    value.map((one: unknown, at) => {
      if (!isId(one)) throw new Mismatch(`[${at}]`, 'a positive whole number', one);
      return one;
    }),
  );
}

const flag = (absent: boolean | null) => (value: unknown) => {
  if (typeof value === 'boolean') return value;
  return value === undefined || value === null ? absent : refuse('true or false', value);
};

const NONE: readonly string[] = Object.freeze([]);

/** Longer lists are not reused. A list of regions is shorter. */
const MAX_REUSED = 64;

/**
 * Returns the previous list again when the same values are read, which saves memory: most images of an account are in
 * the same regions. The lists are frozen.
 */
const texts = () => {
  let before = NONE;
  return (value: unknown): readonly string[] => {
    if (value === undefined || value === null) return NONE;
    if (!Array.isArray(value)) return refuse('an array of strings', value);
    if (value.length === 0) return NONE;
    if (isSame(value, before)) return before;
    const list = distinct(value);
    if (list.length <= MAX_REUSED) before = list;
    return list;
  };
};

function isSame(list: readonly unknown[], other: readonly unknown[]): boolean {
  if (list.length !== other.length) return false;
  for (let at = 0; at < list.length; at++) if (list[at] !== other[at]) return false;
  return true;
}

function distinct(list: readonly unknown[]): readonly string[] {
  const texts = new Set<string>();
  for (let at = 0; at < list.length; at++) {
    const text = list[at];
    if (typeof text !== 'string') throw new Mismatch(`[${at}]`, 'a string', text);
    texts.add(text);
  }
  return Object.freeze([...texts]);
}

const date = (absent: null) => (value: unknown) => {
  if (value === undefined || value === null || value === '') return absent;
  const read = typeof value === 'string' ? parseDate(value) : null;
  return read ?? refuse('a date like 2026-01-31T12:00:00Z', value);
};

const writeDate = (value: unknown): string | null => (value === null ? null : formatDate(value as Date));

/**
 * Declares a field in one line of its class: its name in the API's JSON, its type, and its value when it is absent.
 * Each declaration is also class-transformer's `@Expose` with a `@Transform` that throws a Mismatch for a wrong type. Keys
 * without a declaration never reach the instance.
 */
export const field = {
  /** A required positive safe integer. */
  id: (): FieldDecorator<number> => declare(NO_OPTIONS, { read: id, write: identity }),
  text: <A extends string | null>(options: Options<A>): FieldDecorator<string | A> =>
    declare(options, { read: text(options.absent), write: identity }),
  /** A required string. */
  name: (): FieldDecorator<string> => declare(NO_OPTIONS, { read: name, write: identity }),
  number: <A extends number | null>(options: Options<A>): FieldDecorator<number | A> =>
    declare(options, { read: number(options.absent), write: identity }),
  /** An optional id of another resource. */
  reference: (options: Options<null>): FieldDecorator<number | null> =>
    declare(options, { read: reference(options.absent), write: identity }),
  /** A frozen list of ids of other resources; empty when absent. */
  ids: (options: { wire?: string } = NO_OPTIONS): FieldDecorator<readonly number[]> =>
    declare(options, { read: ids, write: (value) => [...(value as number[])] }),
  flag: <A extends boolean | null>(options: Options<A>): FieldDecorator<boolean | A> =>
    declare(options, { read: flag(options.absent), write: identity }),
  /** An RFC 3339 date; `''` counts as absent. */
  date: (options: Options<null>): FieldDecorator<Date | null> =>
    declare(options, { read: date(options.absent), write: writeDate }),
  /** A frozen list of distinct strings; empty when absent. */
  texts: (options: { wire?: string } = NO_OPTIONS): FieldDecorator<readonly string[]> =>
    declare(options, { read: texts(), write: (value) => [...(value as string[])] }),
  /** A field with a codec of its own. */
  custom: <T>(options: {
    wire?: string;
    read: (value: unknown, source: JsonObject) => T;
    write?: Codec['write'];
    isResource?: boolean;
  }): FieldDecorator<T> => {
    const { read, write = identity, isResource = false } = ownOptions(options);
    return declare(options, { read, write, isResource });
  },
};
