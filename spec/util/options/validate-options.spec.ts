import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defineCheck, is } from '../../../lib/util/validate';
import {
  nestedOptions,
  type OptionChecks,
  validateOptions,
} from '../../../lib/util/options/validate-options';

const RETRY = { limit: is.integer(0, 10), delay: is.withDefault(is.milliseconds({ zero: true }), 250) };
const OPTIONS = {
  count: is.integer(1, 5),
  tags: is.listOf(is.tag),
  mode: is.withDefault(is.oneOf('fast', 'safe'), 'safe'),
  region: is.nullable(is.text),
  retry: is.either(nestedOptions(RETRY), false),
  force: is.required(is.flag),
};

afterEach(() => {
  for (const name of ['count', 'mode', 'cuont']) Reflect.deleteProperty(Object.prototype, name);
});

describe('validateOptions', () => {
  it('returns a copy with the defaults, and the types of its declaration', () => {
    const given = { count: 5, tags: ['a'], region: null, retry: { limit: 3 }, force: false };
    const options = validateOptions(given, OPTIONS);
    const count: number | undefined = options.count;
    const mode: 'fast' | 'safe' = options.mode;
    const region: string | null | undefined = options.region;
    const force: boolean = options.force;
    const delay: number | false | undefined = options.retry && options.retry.delay;
    expect([count, mode, region, force, delay]).toEqual([5, 'safe', null, false, 250]);
    given.tags.push('b');
    given.retry.limit = 4;
    expect({ ...options }).toEqual({
      count: 5,
      tags: ['a'],
      mode: 'safe',
      region: null,
      retry: expect.objectContaining({ limit: 3 }),
      force: false,
    });
  });

  it('skips an option that is absent or undefined, unless it is required', () => {
    expect({ ...validateOptions({ force: true, count: undefined, mode: undefined }, OPTIONS) }).toEqual({
      force: true,
      mode: 'safe',
    });
    const error = new TypeError('force: expected true or false, got nothing');
    expect(() => validateOptions({}, OPTIONS)).toThrow(error);
    expect(() => validateOptions({}, OPTIONS)).toThrow(error);
  });

  it('returns the same object for every empty one', () => {
    const defaults = validateOptions({}, RETRY);
    expect({ ...defaults }).toEqual({ delay: 250 });
    expect(validateOptions({}, RETRY)).toBe(defaults);
    expect(() => Object.assign(defaults, { delay: 0 })).toThrow(TypeError);
    expect(validateOptions(Object.create(null), RETRY)).toEqual(defaults);
  });

  it.each([
    [{ cuont: 5 }, 'cuont: unknown option; did you mean count?'],
    [{ cuont: undefined }, 'cuont: unknown option; did you mean count?'],
    [{ verbose: true }, 'verbose: unknown option; the options are count, tags, mode, region, retry, force'],
    [{ retry: { limits: 5 } }, 'retry.limits: unknown option; did you mean limit?'],
    // Names of Object.prototype are not declared either.
    [{ toString: 5 }, 'toString: unknown option; the options are'],
    [{ constructor: 5 }, 'constructor: unknown option; the options are'],
    [JSON.parse('{"__proto__":{"count":5}}'), '__proto__: unknown option; the options are'],
    // Any text may be a name.
    [{ '': 5 }, '"": unknown option; the options are'],
    [{ 'a\u0000b\n': 5 }, '"a b": unknown option; the options are'],
    [{ ['x'.repeat(1e6)]: 5 }, `${'x'.repeat(60)}: unknown option; the options are`],
    [{ [`dop_v1_${'5ec2e7'.repeat(10)}abcd`]: 5 }, '"[token]": unknown option; the options are'],
  ])('refuses an undeclared option: %#', (options: object, message) => {
    expect(() => validateOptions({ force: true, ...options }, OPTIONS)).toThrow(TypeError);
    expect(() => validateOptions(Object.assign(options, { force: true }), OPTIONS)).toThrow(message);
  });

  it('refuses any undeclared name, in one short line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), fc.anything(), (name, value) => {
        fc.pre(!Object.hasOwn(OPTIONS, name));
        const given = Object.defineProperty({ force: true }, name, { value, enumerable: true });
        try {
          validateOptions(given, OPTIONS);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          expect((error as Error).message).toMatch(/^.*: unknown option; [\w, ]+\??$/);
          expect((error as Error).message.length).toBeLessThanOrEqual(300);
          return;
        }
        throw new Error(`accepted ${JSON.stringify(name)}`);
      }),
    );
  });

  it('refuses an unknown name before it checks a value', () => {
    expect(() => validateOptions({ count: 99, cuont: 5 }, OPTIONS)).toThrow('cuont: unknown option');
  });

  it.each([
    [{ count: 6 }, new RangeError('count: expected a whole number from 1 to 5, got 6')],
    [{ count: '5' }, new TypeError('count: expected a whole number from 1 to 5, got "5"')],
    [{ count: null }, new TypeError('count: expected a whole number from 1 to 5, got null')],
    [{ mode: 5 }, new TypeError('mode: expected "fast" or "safe", got 5')],
    [{ region: '' }, new TypeError('region: expected a string that is not empty, or null, got ""')],
    [{ tags: 'a' }, new TypeError('tags: expected an array, got "a"')],
    [{ tags: ['a', 5] }, new TypeError('tags[1]: expected a string, got 5')],
    [{ tags: new Array(1) }, new TypeError('tags[0]: expected a string, got nothing')],
    [{ retry: true }, new TypeError('retry: expected false or { limit, delay }, got true')],
    [{ retry: { delay: -1 } }, new RangeError('retry.delay: expected milliseconds, 0 or more, got -1')],
  ])('names the option and what was expected: %j', (options, error) => {
    const validate = (): unknown => validateOptions({ force: true, ...options }, OPTIONS);
    expect(validate).toThrow(error);
    expect(validate).toThrow(expect.objectContaining({ name: error.name }));
  });

  it('puts the name of a nested object before its options', () => {
    const rateLimit = { perMinute: is.integer(1, 5) };
    expect(() => validateOptions({ perMinute: 0 }, rateLimit, 'rateLimit')).toThrow(
      'rateLimit.perMinute: expected a whole number from 1 to 5, got 0',
    );
    expect(() => validateOptions(5, rateLimit, 'rateLimit')).toThrow('rateLimit: expected an object, got 5');
    expect(() => validateOptions(null, rateLimit)).toThrow('options: expected an object, got null');
  });

  it('ignores Object.prototype', () => {
    Object.assign(Object.prototype, { count: 1, mode: 'fast', cuont: 2 });
    expect({ ...validateOptions({ force: true }, OPTIONS) }).toEqual({ force: true, mode: 'safe' });
    expect({ ...validateOptions({}, RETRY) }).toEqual({ delay: 250 });
  });

  it('reads the options of a class, whose methods may be anything', () => {
    class Settings {
      readonly #mode = 'fast';
      force = true;
      get mode(): string {
        return this.#mode;
      }
      describe(): string {
        return this.#mode;
      }
    }
    expect({ ...validateOptions(new Settings(), OPTIONS) }).toEqual({ force: true, mode: 'fast' });
    class Wrong extends Settings {
      cuont = 5;
    }
    expect(() => validateOptions(new Wrong(), OPTIONS)).toThrow('cuont: unknown option');
    class AlsoWrong extends Settings {
      get cuont(): number {
        return this.mode.length;
      }
    }
    expect(() => validateOptions(new AlsoWrong(), OPTIONS)).toThrow('cuont: unknown option');
    const inherited = Object.create({ force: true, onDone: () => undefined }) as object;
    expect(() => validateOptions(inherited, OPTIONS)).toThrow('onDone: unknown option');
  });

  it('reads each option once', () => {
    let reads = 0;
    const given = {
      get count(): number {
        return ++reads;
      },
      force: true,
    };
    expect(validateOptions(given, OPTIONS).count).toBe(1);
    expect(reads).toBe(1);
  });

  it('takes options from another realm, such as those of structuredClone', () => {
    expect({ ...validateOptions(structuredClone({ force: true }), OPTIONS) }).toEqual({
      force: true,
      mode: 'safe',
    });
  });

  it('takes symbols for no options', () => {
    expect({ ...validateOptions({ force: true, [Symbol('internal')]: 1 }, OPTIONS) }).toEqual({
      force: true,
      mode: 'safe',
    });
  });

  it.each([
    [new AbortController().signal, 'AbortSignal'],
    [new Map([['force', true]]), 'Map'],
    [new URL('https://example.com'), 'URL'],
    [Promise.resolve({ force: true }), 'Promise'],
    [new Date(), 'Date'],
    [new WeakMap(), 'WeakMap'],
    [Object(true), 'Boolean'],
    [[].values(), 'Array Iterator'],
  ])('refuses an object that is none of options: %p', (object, type) => {
    expect(() => validateOptions(object, OPTIONS, 'retry')).toThrow(
      `retry: expected an object of options, got a ${type}`,
    );
  });

  it('uses what a check reads from a value', () => {
    const checks: OptionChecks = {
      size: defineCheck('a size', is.string.test, { read: (_name, value) => Number(value) }),
    };
    expect({ ...validateOptions({ size: '5' }, checks) }).toEqual({ size: 5 });
  });
});
