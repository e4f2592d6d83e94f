import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as check from '../../lib/util/validate';

type Rows = [value: unknown, error: typeof TypeError | typeof RangeError, expected: string][];

/** Accepts and returns the good values, and names what was expected instead of the bad ones. */
function acceptsOnly(what: string, checker: (value: unknown) => unknown, good: unknown[], bad: Rows): void {
  describe(what, () => {
    it.each(good.map((value) => [value]))('accepts %p', (value) => {
      expect(checker(value) ?? value).toBe(value);
    });

    it.each(bad)('refuses %p with a %p', (value, type, expected) => {
      expect(() => checker(value)).toThrow(type);
      expect(() => checker(value)).toThrow(`name: expected ${expected}`);
    });
  });
}

const ID = 'an id, a positive whole number';

acceptsOnly(
  'checkId',
  (value) => check.checkId('name', value),
  [1, 7938269, Number.MAX_SAFE_INTEGER],
  [
    [0, RangeError, `${ID}, got 0`],
    [-1, RangeError, ID],
    [1.5, RangeError, ID],
    [NaN, RangeError, `${ID}, got NaN`],
    [Infinity, RangeError, ID],
    [2 ** 53, RangeError, ID],
    ['5', TypeError, `${ID}, got "5"`],
    [5n, TypeError, ID],
    [null, TypeError, `${ID}, got null`],
    [undefined, TypeError, `${ID}, got nothing`],
    [{}, TypeError, ID],
    [[5], TypeError, ID],
  ],
);

acceptsOnly(
  'checkString',
  (value) => check.checkString('name', value),
  ['', 'text'],
  [
    [5, TypeError, 'a string, got 5'],
    [null, TypeError, 'a string'],
    [undefined, TypeError, 'a string'],
    [Object('text'), TypeError, 'a string, got an object'],
  ],
);

acceptsOnly(
  'checkText',
  (value) => check.checkText('name', value),
  ['text', ' text '],
  [
    ['', TypeError, 'a string that is not empty, got ""'],
    [' \n', TypeError, 'a string that is not empty'],
    [5, TypeError, 'a string, got 5'],
  ],
);

acceptsOnly(
  'checkTag',
  (value) => check.checkTag('name', value),
  ['web', 'a:b-c_D9', 'x'.repeat(255)],
  [
    ['', TypeError, 'a tag of 1 to 255 letters'],
    ['x'.repeat(256), TypeError, 'a tag of 1 to 255 letters'],
    ['a b', TypeError, 'a tag'],
    ['a/b', TypeError, 'a tag'],
    ['ä', TypeError, 'a tag'],
    ['a\n', TypeError, 'a tag'],
    [5, TypeError, 'a string'],
  ],
);

acceptsOnly(
  'checkSegment',
  (value) => check.checkSegment('name', value),
  ['nyc3', 'ubuntu-24.04', 'ü', 'a%2Fb', 'a&b'],
  [
    ...['a/b', 'a\\b', 'a?b', 'a#b', '.', '..', 'a..b', 'a b', 'a\tb', '\u0000', '\u007f', '\ud800'].map(
      (value): Rows[number] => [value, TypeError, 'a name without slashes'],
    ),
    ['', TypeError, 'a string that is not empty'],
    [null, TypeError, 'a string'],
  ],
);

acceptsOnly(
  'checkInteger',
  (value) => check.checkInteger('name', value, 1, 200),
  [1, 200],
  [
    [0, RangeError, 'a whole number from 1 to 200, got 0'],
    [201, RangeError, 'a whole number from 1 to 200'],
    [1.5, RangeError, 'a whole number'],
    [NaN, RangeError, 'a whole number'],
    ['5', TypeError, 'a whole number from 1 to 200, got "5"'],
  ],
);

acceptsOnly(
  'checkInteger without a maximum',
  (value) => check.checkInteger('name', value, 1, Infinity),
  [1],
  [
    [0, RangeError, 'a whole number from 1 up, got 0'],
    [Infinity, RangeError, 'a whole number from 1 up'],
  ],
);

acceptsOnly(
  'milliseconds without 0',
  (value) => check.checkValue('name', value, check.is.milliseconds({ zero: false })),
  [0.5, Infinity],
  [
    [0, RangeError, 'milliseconds, more than 0, got 0'],
    [-1, RangeError, 'milliseconds, more than 0'],
    [NaN, RangeError, 'milliseconds, more than 0'],
    ['5', TypeError, 'milliseconds, more than 0'],
  ],
);

acceptsOnly(
  'milliseconds with 0',
  (value) => check.checkValue('name', value, check.is.milliseconds({ zero: true })),
  [0, 5, Infinity],
  [
    [-1, RangeError, 'milliseconds, 0 or more, got -1'],
    [NaN, RangeError, 'milliseconds, 0 or more'],
    [undefined, TypeError, 'milliseconds, 0 or more, got nothing'],
  ],
);

acceptsOnly(
  'flag',
  (value) => check.checkValue('name', value, check.is.flag),
  [true, false],
  [
    ['true', TypeError, 'true or false, got "true"'],
    [0, TypeError, 'true or false'],
    [null, TypeError, 'true or false'],
  ],
);

acceptsOnly(
  'checkFunction',
  (value) => check.checkFunction('name', value),
  [() => undefined],
  [
    [{}, TypeError, 'a function, got an object'],
    [undefined, TypeError, 'a function'],
  ],
);

acceptsOnly(
  'checkObject',
  (value) => check.checkObject('name', value),
  [{}, { a: 1 }],
  [
    [null, TypeError, 'an object, got null'],
    [[], TypeError, 'an object, got an array'],
    ['text', TypeError, 'an object'],
    [undefined, TypeError, 'an object, got nothing'],
  ],
);

describe('A value that passes checkSegment', () => {
  it('stays one segment of the path', () => {
    const wild = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a./\\%2e?#@: ]*$/));
    fc.assert(
      fc.property(wild, (value) => {
        let segment: string;
        try {
          segment = check.checkSegment('name', value);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        const url = new URL(`https://api.digitalocean.com/v2/images/${encodeURIComponent(segment)}`);
        expect(url.pathname.split('/')).toHaveLength(4);
        expect(decodeURIComponent(url.pathname.slice('/v2/images/'.length))).toBe(segment);
        expect([url.search, url.hash]).toEqual(['', '']);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('checkList', () => {
  it('checks each item under a name of its own', () => {
    expect(check.checkList('tags', ['a', 'b'], check.checkTag)).toEqual(['a', 'b']);
    expect(() => check.checkList('tags', ['a', 5], check.checkTag)).toThrow(
      'tags[1]: expected a string, got 5',
    );
    expect(() => check.checkList('tags', 'a', check.checkTag)).toThrow('tags: expected an array, got "a"');
  });
});

describe('checkSignal', () => {
  it('accepts an AbortSignal or undefined', () => {
    const { signal } = new AbortController();
    expect(check.checkSignal(signal)).toBe(signal);
    expect(check.checkSignal(undefined)).toBeUndefined();
    expect(() => check.checkSignal(null)).toThrow('signal: expected an AbortSignal, got null');
    expect(() => check.checkSignal({ aborted: false })).toThrow(TypeError);
  });
});

describe('is', () => {
  const { is } = check;

  it('lists one, two and three values', () => {
    expect(is.oneOf('a').expected).toBe('"a"');
    expect(is.oneOf('a', 'b').expected).toBe('"a" or "b"');
    expect(is.oneOf('a', 'b', 'c').expected).toBe('"a", "b" or "c"');
  });
});
