import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import v8 from 'node:v8';

/** A place where a program may show an error or another value; returns the text that is shown. */
export type Sink = (value: unknown, context: Context) => string;

/** What existed when an error occurred. */
export interface Context {
  /** What hooks and the logger received. */
  reported: readonly unknown[];
  /** The manager, and objects made by it. */
  related: readonly unknown[];
}

const deep = (value: unknown): string =>
  inspect(value, {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
    maxStringLength: null,
  });

/** The sixteen places of docs/reliability.md. */
export const SINKS: Readonly<Record<string, Sink>> = {
  message: (value) => (value instanceof Error ? value.message : ''),
  stack: (value) => (value instanceof Error ? (value.stack ?? '') : ''),
  'String()': String,
  'toString()': (value) => (value as { toString(): string }).toString(),
  'JSON.stringify': (value) => JSON.stringify({ value, list: [value] }),
  // Node prints an unhandled rejection like this.
  'util.inspect': (value) => inspect(value),
  'util.inspect, all of it': deep,
  'console.*': printed,
  'util.format': (value) => format('%s %o %O %j %d', value, value, value, value, value),
  structuredClone: (value) => deep(structuredClone(value)),
  'v8.serialize': (value) => v8.serialize(value).toString('latin1'),
  'a walk through everything': walk,
  'as a cause': (value) => {
    const wrapped = new Error('wrapped', { cause: value });
    return [deep(wrapped), deep(new AggregateError([wrapped, value])), walk(wrapped)].join('\n');
  },
  'serialisers of loggers': loggers,
  'hooks and logger': (_, { reported }) =>
    reported.map((one) => `${JSON.stringify(one)}${deep(one)}`).join('\n'),
  'the manager and its resources': (_, { related }) =>
    related.map((one) => [inspect(one), deep(one), JSON.stringify(one), walk(one)].join('\n')).join('\n'),
};

function printed(value: unknown): string {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  const out = new Console({ stdout: stream, stderr: stream });
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'] as const)
    out[method](value);
  out.log('%o', value);
  return chunks.join('');
}

/** As pino and winston write an error: its type, its texts and its own properties. */
function loggers(value: unknown): string {
  const { name, message, stack } = Object(value) as Partial<Error>;
  const own = Object.fromEntries(
    Reflect.ownKeys(Object(value) as object).map((key) => [
      String(key),
      (value as Record<PropertyKey, unknown>)[key],
    ]),
  );
  return JSON.stringify({ ...own, type: name, message, stack, err: { ...(value as object) } });
}

/** All reachable text: properties of any kind, values of getters, prototypes, entries of maps. */
function walk(value: unknown): string {
  const texts: string[] = [];
  const seen = new Set<object>();
  const visit = (one: unknown): void => {
    if (typeof one === 'string' || typeof one === 'symbol') texts.push(String(one));
    if ((typeof one !== 'object' && typeof one !== 'function') || one === null || seen.has(one)) return;
    seen.add(one);
    if (Buffer.isBuffer(one)) texts.push(one.toString('latin1'));
    if (one instanceof Map || one instanceof Set) for (const entry of one) visit(entry);
    // The bytes of a Buffer come first, and are read above.
    for (const key of Reflect.ownKeys(one).slice(Buffer.isBuffer(one) ? one.length : 0)) {
      texts.push(String(key));
      try {
        visit((one as Record<PropertyKey, unknown>)[key]);
      } catch {
        // A getter that throws shows nothing.
      }
    }
    for (let prototype = protoOf(one); prototype; prototype = protoOf(prototype)) {
      const { keys, getters } = propertiesOf(prototype);
      texts.push(keys);
      for (const key of getters) {
        try {
          visit(Reflect.get(prototype, key, one));
        } catch {
          // As above.
        }
      }
    }
  };
  visit(value);
  return texts.join('\n');
}

const propertiesByPrototype = new WeakMap<object, { keys: string; getters: readonly string[] }>();

/** The names of all properties of a prototype, and of those that are computed. */
function propertiesOf(prototype: object): { keys: string; getters: readonly string[] } {
  const known = propertiesByPrototype.get(prototype);
  if (known) return known;
  const all = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  const properties = {
    keys: all.map(([key]) => key).join('\n'),
    getters: all.flatMap(([key, property]) => (property.get ? [key] : [])),
  };
  propertiesByPrototype.set(prototype, properties);
  return properties;
}

/** The prototype, unless it is built in: those lead to the whole program. */
function protoOf(one: object): object | null {
  const prototype = Object.getPrototypeOf(one) as object | null;
  return prototype === null || BUILT_IN.has(prototype) ? null : prototype;
}

const BUILT_IN = new Set<object>(
  [
    Object,
    Function,
    Array,
    Error,
    TypeError,
    RangeError,
    AggregateError,
    Date,
    Map,
    Set,
    Promise,
    EventTarget,
  ].map((one) => one.prototype as object),
);

/** The text of a value in a sink; of a sink that throws, the error. */
export function textIn(sink: Sink, value: unknown, context: Context): string {
  try {
    return sink(value, context);
  } catch (error) {
    return deep(error);
  }
}
