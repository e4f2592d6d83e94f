import { expect, it } from '@jest/globals';
import type { DOApi } from '../../lib';
import { type Json, MemoryServer, rejection, TOKEN } from './builders';

type Refusal = typeof TypeError | typeof RangeError;

/** A call with an invalid argument, the class of its error, and the name with which the message begins. */
export type WrongInput = [what: string, call: (api: DOApi) => unknown, error: Refusal, names: string];

/** An invalid value and the class of its error. */
export type WrongValue = [value: unknown, error: Refusal];

/** Values of the wrong type. */
export const wrongTypes = (...values: unknown[]): WrongValue[] => values.map((value) => [value, TypeError]);

/** Values out of bounds. */
export const outOfBounds = (...values: unknown[]): WrongValue[] => values.map((value) => [value, RangeError]);

/** Invalid ids. */
export const NO_IDS: WrongValue[] = [
  ...outOfBounds(0, -5, 1.5, NaN, Infinity, 2 ** 53),
  ...wrongTypes('5', null, undefined, true, [5]),
];

/** Invalid path segments: slugs and regions. */
export const NO_SLUGS: WrongValue[] = wrongTypes(
  ...['', ' ', 'nyc3/../../account', '..', '.', 'a..b', 'a\\b', 'nyc3?page=2', 'nyc3#top', 'nyc 3'],
  ...['nyc3\r\nx-evil: 1', 'nyc\u00003', '\ud800', 5, null, undefined, {}],
);

/** Invalid tags. */
export const NO_TAGS: WrongValue[] = wrongTypes('', 'a b', 'a/b', 'ä', 'a'.repeat(256), 5, null);

/** One row per invalid value of an argument. `bad` has the type `never`, which is assignable to any parameter. */
export function eachWrong(
  method: string,
  names: string,
  values: WrongValue[],
  call: (api: DOApi, bad: never) => unknown,
): WrongInput[] {
  return values.map(([value, error]) => [
    `${method}: ${names} = ${typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : textOf(value)}`,
    (api) => call(api, value as never),
    error,
    names,
  ]);
}

function textOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** For methods that return a promise: they reject and never throw. */
export function rejectsWrongInput(rows: WrongInput[]): void {
  it.each(rows)('%s', async (_what, call, error, names) => {
    const server = noServer();
    const result = call(server.api());
    expect(result).toBeInstanceOf(Promise);
    expectRefusal(await rejection(result as Promise<unknown>), error, names);
    expect(server.requests).toEqual([]);
  });
}

/** For all other methods: they throw. */
export function throwsWrongInput(rows: WrongInput[]): void {
  it.each(rows)('%s', (_what, call, error, names) => {
    const server = noServer();
    const api = server.api();
    expectRefusal(
      thrown(() => call(api)),
      error,
      names,
    );
    expect(server.requests).toEqual([]);
  });
}

/** The error that `call` throws; fails when it throws none. */
export function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('expected it to throw');
}

/** The message names the argument and what is expected, and does not contain the token. */
export function expectRefusal(error: unknown, type: Refusal, names: string): void {
  expect(error).toBeInstanceOf(type);
  const { message } = error as Error;
  expect(message.startsWith(`${names}: expected `) ? names : message).toBe(names);
  expect(message).not.toContain(TOKEN);
}

function noServer(): MemoryServer {
  return new MemoryServer((): Json => ({ status: 500, body: 'unexpected request' }));
}
