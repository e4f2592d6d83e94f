import { afterEach, describe, expect, it } from '@jest/globals';
import { leavingUnmade } from '../../lib/http/unmade-globals';

const NAMES = ['FormData', 'ReadableStream', 'NoSuchGlobal'];
const before = new Map(NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));

const properties = (): unknown[] => NAMES.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
const values = (): unknown[] => NAMES.map((name) => globalThis[name as never]);

function define(name: string, property: PropertyDescriptor): void {
  Object.defineProperty(globalThis, name, { configurable: true, ...property });
}

afterEach(() => {
  for (const [name, property] of before) {
    if (property) Object.defineProperty(globalThis, name, property);
    else Reflect.deleteProperty(globalThis, name);
  }
});

describe('leavingUnmade', () => {
  it('lets code ask for globals without making them, and leaves them as they were', () => {
    const made: string[] = [];
    for (const name of NAMES) define(name, { get: () => made.push(name) });
    const defined = properties();
    expect(leavingUnmade(NAMES, values)).toEqual(NAMES.map(() => undefined));
    expect(made).toEqual([]);
    expect(properties()).toEqual(defined);
  });

  it('leaves them as they were when the code fails', () => {
    for (const name of NAMES) define(name, { get: () => name });
    const defined = properties();
    const fail = (): never => {
      throw new Error('not loaded');
    };
    expect(() => leavingUnmade(NAMES, fail)).toThrow('not loaded');
    expect(properties()).toEqual(defined);
  });

  it('lets code see those that have a value, such as that of a test, and adds none that is missing', () => {
    const OfTest = (): void => undefined;
    define('FormData', { value: OfTest });
    define('ReadableStream', { get: () => 'made' });
    expect(leavingUnmade(NAMES, values)).toEqual([OfTest, undefined, undefined]);
    expect(values()).toEqual([OfTest, 'made', undefined]);
    expect('NoSuchGlobal' in globalThis).toBe(false);
  });
});
