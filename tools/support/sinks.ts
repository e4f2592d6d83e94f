import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import v8 from 'node:v8';

/** Somewhere an error, or any other value, ends up: gives all that is to be read there. */
export type Sink = (value: unknown, context: Context) => string;

/** What was around when an error came. */
export interface Context {
  /** Everything that hooks and logger were told. */
  told: readonly unknown[];
  /** The manager, and what else was made by it. */
  luggage: readonly unknown[];
}

const deep = (value: unknown): string =>
  inspect(value, {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
    maxStringLength: null,
  });

/** The sixteen places of reliability: whatever a program may do with what this library gives it. */
export const SINKS: Readonly<Record<string, Sink>> = {
  message: (value) => (value instanceof Error ? value.message : ''),
  stack: (value) => (value instanceof Error ? (value.stack ?? '') : ''),
  'String()': String,
  'toString()': (value) => (value as { toString(): string }).toString(),
  'JSON.stringify': (value) => JSON.stringify({ value, list: [value] }),
  // This is also what Node prints of an unhandled rejection.
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
  'hooks and logger': (_, { told }) => told.map((one) => `${JSON.stringify(one)}${deep(one)}`).join('\n'),
  'the manager and its resources': (_, { luggage }) =>
    luggage.map((one) => [inspect(one), deep(one), JSON.stringify(one), walk(one)].join('\n')).join('\n'),
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

/** As pino and winston write an error: its type and texts, and every property of its own. */
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

/** Every text that can be reached: properties of any kind, what getters give, prototypes, keys and values of maps. */
function walk(value: unknown): string {
  const texts: string[] = [];
  const seen = new Set<object>();
  const visit = (one: unknown): void => {
    if (typeof one === 'string' || typeof one === 'symbol') texts.push(String(one));
    if ((typeof one !== 'object' && typeof one !== 'function') || one === null || seen.has(one)) return;
    seen.add(one);
    if (Buffer.isBuffer(one)) texts.push(one.toString('latin1'));
    if (one instanceof Map || one instanceof Set) for (const entry of one) visit(entry);
    for (const key of Reflect.ownKeys(one)) {
      texts.push(String(key));
      try {
        visit((one as Record<PropertyKey, unknown>)[key]);
      } catch {
        // A getter that throws shows nothing.
      }
    }
    for (let prototype = protoOf(one); prototype; prototype = protoOf(prototype)) {
      for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        texts.push(key);
        try {
          if (property.get) visit(Reflect.get(prototype, key, one));
        } catch {
          // The same.
        }
      }
    }
  };
  visit(value);
  return texts.join('\n');
}

/** What every program has leads to all the rest of it, and is left out. */
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

/** What a value looks like in a sink; one that throws shows what it throws. */
export function seenIn(sink: Sink, value: unknown, context: Context): string {
  try {
    return sink(value, context);
  } catch (error) {
    return deep(error);
  }
}
