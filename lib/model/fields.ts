import { Expose } from 'class-transformer/cjs/decorators/expose.decorator';
import { Transform } from 'class-transformer/cjs/decorators/transform.decorator';
import { parseDate } from './dates';
import { describeValue } from '../util/sanitize';
import { isId } from '../util/validate';

/** A JSON object as it came. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A value is not what its field declares. `path` grows on the way up: `created_at`, then `image.created_at`. */
export class Mismatch extends Error {
  constructor(
    readonly path: string,
    readonly expected: string,
    readonly got: unknown,
  ) {
    super(`${path}: expected ${expected}, got ${describeValue(got)}`);
  }

  /** The same, seen from one level further up. */
  within(parent: string): Mismatch {
    const joint = this.path === '' || this.path.startsWith('[') ? '' : '.';
    return new Mismatch(parent + joint + this.path, this.expected, this.got);
  }

  /** The same, of a value that has gone through `hide` before any of it is shown. */
  without(hide: (text: string) => string): Mismatch {
    return new Mismatch(this.path, this.expected, typeof this.got === 'string' ? hide(this.got) : this.got);
  }
}

/** How one kind of field is read from JSON and written back. */
export interface Codec {
  /** @throws Mismatch with an empty path */
  read: (value: unknown, source: JsonObject) => unknown;
  write: (value: unknown) => unknown;
}

/** Only for a property whose declared type can hold what the field reads. */
type FieldDecorator<T> = <K extends string>(target: Readonly<Record<K, T>>, property: K) => void;

interface Options<A> {
  /** The name in the API's JSON, where it is not the property's own. */
  wire?: string;
  /** What the property holds when the API leaves the field out or sends `null`. */
  absent: A;
}

/** The codec travels on class-transformer's own metadata, so that the declaration exists once. */
export type FieldTransform = ((params: { obj: JsonObject }) => unknown) & { codec: Codec; wire: string };

function declare(wire: string | undefined, codec: Codec): (target: object, property: string) => void {
  return (target, property) => {
    const name = wire ?? property;
    const read = ({ obj }: { obj: JsonObject }): unknown => codec.read(obj[name], obj);
    Expose({ name })(target, property);
    Transform(Object.assign(read, { codec, wire: name }), { toClassOnly: true })(target, property);
    Transform(({ value }) => codec.write(value), { toPlainOnly: true })(target, property);
  };
}

const identity = (value: unknown): unknown => value;

function refuse(expected: string, got: unknown): never {
  throw new Mismatch('', expected, got);
}

// One function a field, and no other called from it: ten thousand images have a hundred and forty thousand fields.

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

const flag = (absent: boolean | null) => (value: unknown) => {
  if (typeof value === 'boolean') return value;
  return value === undefined || value === null ? absent : refuse('true or false', value);
};

const NONE: readonly string[] = Object.freeze([]);

/** Longer lists are not kept to be compared with: nothing is in so many regions. */
const MEMORABLE = 64;

/**
 * Lists are frozen, so that the one before can be given again as long as the same is read: the images of an account are
 * mostly in the same regions.
 */
const texts = () => {
  let before = NONE;
  return (value: unknown): readonly string[] => {
    if (value === undefined || value === null) return NONE;
    if (!Array.isArray(value)) return refuse('an array of strings', value);
    if (value.length === 0) return NONE;
    if (isSame(value, before)) return before;
    const list = distinct(value);
    if (list.length <= MEMORABLE) before = list;
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

/** As the API writes dates: no fraction unless there is one. */
const isoDate = (value: unknown): string | null =>
  value === null ? null : (value as Date).toISOString().replace('.000Z', 'Z');

/**
 * One declaration a field: its name on the wire, its type, and what absence means, in one line of the class.
 * Each is class-transformer's `@Expose` with a checking `@Transform`: a wrong type is refused with the field's path,
 * and keys nobody declared never reach the instance.
 */
export const field = {
  /** A required positive whole number, exact in JavaScript. */
  id: (): FieldDecorator<number> => declare(undefined, { read: id, write: identity }),
  text: <A extends string | null>({ wire, absent }: Options<A>): FieldDecorator<string | A> =>
    declare(wire, { read: text(absent), write: identity }),
  /** A required string. */
  name: (): FieldDecorator<string> => declare(undefined, { read: name, write: identity }),
  number: <A extends number | null>({ wire, absent }: Options<A>): FieldDecorator<number | A> =>
    declare(wire, { read: number(absent), write: identity }),
  /** An optional id of something else. */
  reference: ({ wire, absent }: Options<null>): FieldDecorator<number | null> =>
    declare(wire, { read: reference(absent), write: identity }),
  flag: <A extends boolean | null>({ wire, absent }: Options<A>): FieldDecorator<boolean | A> =>
    declare(wire, { read: flag(absent), write: identity }),
  /** RFC 3339; `''` counts as absent. */
  date: ({ wire, absent }: Options<null>): FieldDecorator<Date | null> =>
    declare(wire, { read: date(absent), write: isoDate }),
  /** Strings without repeats, frozen; absent is the empty list. */
  texts: ({ wire }: { wire?: string } = {}): FieldDecorator<readonly string[]> =>
    declare(wire, { read: texts(), write: (value) => [...(value as string[])] }),
  /** Whatever a codec of the class's own reads; for the few fields that need more than a type. */
  custom: <T>(options: {
    wire?: string;
    read: (value: unknown, source: JsonObject) => T;
    write?: Codec['write'];
  }): FieldDecorator<T> => declare(options.wire, { read: options.read, write: options.write ?? identity }),
};
