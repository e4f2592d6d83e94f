import { describe, expect, it } from '@jest/globals';
import * as library from '../../lib';

type ErrorClass = (abstract new (...args: never[]) => Error) & { prototype: Error };

/** Whatever the library exports, so that no error is forgotten. */
const CLASSES = Object.entries<unknown>(library).filter(
  (entry): entry is [string, ErrorClass] => (entry[1] as ErrorClass).prototype instanceof Error,
);

describe('the name of an error', () => {
  it('is checked for every class', () => {
    expect(CLASSES.length).toBeGreaterThanOrEqual(18);
  });

  it.each(CLASSES)('is that of its export: %s', (name, Class) => {
    expect(Class.prototype.name).toBe(name);
    expect(Object.getOwnPropertyNames(Class.prototype)).toContain('name');
  });

  it.each(CLASSES)("does not depend on the class's own name, which a minifier changes: %s", (name, Class) => {
    const saved = Object.getOwnPropertyDescriptor(Class, 'name') ?? {};
    Object.defineProperty(Class, 'name', { ...saved, value: 'e' });
    try {
      class e extends (Class as unknown as new (message: string) => Error) {}
      const error = Reflect.construct<[string], Error>(Error, ['it failed'], e);
      expect(error).toBeInstanceOf(Class);
      expect([error.name, `${error}`]).toEqual([name, `${name}: it failed`]);
      expect(error.stack?.split('\n')[0]).toBe(`${name}: it failed`);
      expect(Object.keys(error)).toEqual([]);
    } finally {
      Object.defineProperty(Class, 'name', saved);
    }
  });

  it('can be another one in a subclass', () => {
    class Mine extends library.DOApiError {
      override name = 'Mine';
    }
    const error = new Mine('it failed');
    expect(error).toBeInstanceOf(library.DOApiError);
    expect(`${error}`).toBe('Mine: it failed');
  });
});
