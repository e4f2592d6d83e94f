import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type * as LoadAxiosModule from '../../lib/http/load-axios';

const AXIOS = 'axios/dist/browser/axios.cjs';
const NAMES = ['FormData', 'ReadableStream', 'Request', 'Response'];

const properties = (): unknown[] => NAMES.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
const before = new Map(NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));

function define(name: string, property: PropertyDescriptor): void {
  Object.defineProperty(globalThis, name, { configurable: true, ...property });
}

/** Loads the module anew. @param onLoad what axios does while it is loaded */
function load(onLoad: () => void): void {
  jest.doMock(AXIOS, () => {
    onLoad();
    return jest.requireActual<object>(AXIOS);
  });
  jest.isolateModules(() => jest.requireActual<typeof LoadAxiosModule>('../../lib/http/load-axios'));
}

afterEach(() => {
  jest.dontMock(AXIOS);
  for (const [name, property] of before) if (property) Object.defineProperty(globalThis, name, property);
});

describe('loading axios', () => {
  it('makes none of the globals that Node makes on demand, and leaves them as they were', () => {
    const made: string[] = [];
    for (const name of NAMES) define(name, { get: () => made.push(name) });
    const defined = properties();
    let seen: unknown[] = [];
    load(() => (seen = NAMES.map((name) => globalThis[name as never])));
    expect(seen).toEqual(NAMES.map(() => undefined));
    expect(made).toEqual([]);
    expect(properties()).toEqual(defined);
  });

  it('leaves them as they were when it fails', () => {
    for (const name of NAMES) define(name, { get: () => name });
    const defined = properties();
    expect(() =>
      load(() => {
        throw new Error('no axios');
      }),
    ).toThrow('no axios');
    expect(properties()).toEqual(defined);
  });

  it('lets axios see one that has a value, such as that of a test', () => {
    class OfTest {}
    define('FormData', { value: OfTest });
    let seen: unknown;
    load(() => (seen = globalThis.FormData));
    expect(seen).toBe(OfTest);
  });
});
