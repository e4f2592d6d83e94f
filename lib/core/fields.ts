import 'reflect-metadata';
import { Expose, Transform } from 'class-transformer';
import { show } from './text';

/** A JSON object as it came. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A value is not what its field declares. `path` grows on the way up: `created_at`, then `image.created_at`. */
export class Mismatch extends Error {
  constructor(
    readonly path: string,
    readonly expected: string,
    readonly got: unknown,
  ) {
    super(`${path}: expected ${expected}, got ${show(got)}`);
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
  read(value: unknown, source: JsonObject): unknown;
  write(value: unknown): unknown;
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

/** A codec for an optional field: `null` and absence give `absent`, anything else must pass `read`. */
function optional(absent: () => unknown, read: Codec['read'], write: Codec['write'] = identity): Codec {
  return {
    read: (value, source) => (value === undefined || value === null ? absent() : read(value, source)),
    write: (value) => (value === null ? null : write(value)),
  };
}

function checked(expected: string, accepts: (value: unknown) => boolean): Codec['read'] {
  return (value) => {
    if (!accepts(value)) throw new Mismatch('', expected, value);
    return value;
  };
}

/** What an id is, everywhere in the API. */
export const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const id = checked('a positive whole number', isId);
const text = checked('a string', (value) => typeof value === 'string');
const number = checked('a number', (value) => Number.isFinite(value));
const flag = checked('true or false', (value) => typeof value === 'boolean');

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new Mismatch('', 'an array of strings', value);
  for (let i = 0; i < value.length; i++) {
    if (typeof value[i] !== 'string') throw new Mismatch(`[${i}]`, 'a string', value[i]);
  }
  return [...new Set(value as string[])];
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(?!24)\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Strict, since `new Date` takes 30 February for 1 March, 24:00 for the next day and `12` for 1970. */
function date(value: unknown): Date | null {
  if (value === '') return null;
  const match = typeof value === 'string' ? RFC3339.exec(value) : null;
  const read = match && new Date(value as string);
  const daysInMonth = match ? new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate() : 0;
  if (!match || !read || Number.isNaN(read.getTime()) || Number(match[3]) > daysInMonth) {
    throw new Mismatch('', 'a date like 2026-01-31T12:00:00Z', value);
  }
  return read;
}

/** As the API writes dates: no fraction unless there is one. */
const isoDate = (value: unknown): string => (value as Date).toISOString().replace('.000Z', 'Z');

/**
 * One declaration a field: its name on the wire, its type, and what absence means, in one line of the class.
 * Each is class-transformer's `@Expose` with a checking `@Transform`: a wrong type is refused with the field's path,
 * and keys nobody declared never reach the instance.
 */
export const field = {
  /** A required positive whole number, exact in JavaScript. */
  id: (): FieldDecorator<number> => declare(undefined, { read: id, write: identity }),
  text: <A extends string | null>(options: Options<A>): FieldDecorator<string | A> =>
    declare(
      options.wire,
      optional(() => options.absent, text),
    ),
  /** A required string. */
  name: (): FieldDecorator<string> => declare(undefined, { read: text, write: identity }),
  number: <A extends number | null>(options: Options<A>): FieldDecorator<number | A> =>
    declare(
      options.wire,
      optional(() => options.absent, number),
    ),
  /** An optional id of something else. */
  reference: (options: Options<null>): FieldDecorator<number | null> =>
    declare(
      options.wire,
      optional(() => options.absent, id),
    ),
  flag: <A extends boolean | null>(options: Options<A>): FieldDecorator<boolean | A> =>
    declare(
      options.wire,
      optional(() => options.absent, flag),
    ),
  /** RFC 3339; `''` counts as absent. */
  date: (options: Options<null>): FieldDecorator<Date | null> =>
    declare(
      options.wire,
      optional(() => options.absent, date, isoDate),
    ),
  /** Strings without repeats; absent is the empty list. */
  texts: (options: { wire?: string } = {}): FieldDecorator<readonly string[]> =>
    declare(
      options.wire,
      optional(
        () => [],
        texts,
        (value) => [...(value as string[])],
      ),
    ),
  /** Whatever a codec of the class's own reads; for the few fields that need more than a type. */
  custom: <T>(options: {
    wire?: string;
    read: (value: unknown, source: JsonObject) => T;
    write?: Codec['write'];
  }): FieldDecorator<T> => declare(options.wire, { read: options.read, write: options.write ?? identity }),
};
