import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY, HOUR } from '../../../lib/util/time-units';
import { parseTimeSpan } from '../../../lib/util/options/time-spans';
import { scaled } from '../../support/scale';

describe('parseTimeSpan', () => {
  it.each([
    [0, 0],
    [1.5, 1.5],
    [Infinity, Infinity],
    ['0h', 0],
    ['36h', 36 * HOUR],
    ['14d', 14 * DAY],
    ['8w', 56 * DAY],
    ['007d', 7 * DAY],
  ])('reads %p as %d milliseconds', (value, expected) => {
    expect(parseTimeSpan('olderThan', value)).toBe(expected);
  });

  it('reads milliseconds as they are, and whole numbers of each unit', () => {
    const units = { h: HOUR, d: DAY, w: 7 * DAY };
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom<keyof typeof units>('h', 'd', 'w'), (count, unit) => {
        expect(parseTimeSpan('within', count)).toBe(count);
        expect(parseTimeSpan('within', `${count}${unit}`)).toBe(count * units[unit]);
      }),
      { numRuns: scaled(1_000, 100) },
    );
  });

  it.each([
    '',
    '14',
    'd',
    '-1d',
    '+1d',
    '1.5d',
    '1e3d',
    '14 d',
    ' 14d',
    '14d\n',
    '14D',
    '5m',
    '2y',
    '1d12h',
    '٣d',
  ])('refuses the string %j: a TypeError that names the argument', (value) => {
    expect(() => parseTimeSpan('olderThan', value)).toThrow(TypeError);
    expect(() => parseTimeSpan('olderThan', value)).toThrow(
      /^olderThan: expected milliseconds, 0 or more, or a time such as "36h", "14d" or "8w", got /,
    );
  });

  it.each([-1, -Infinity, NaN])('refuses the number %d: a RangeError', (value) => {
    expect(() => parseTimeSpan('within', value)).toThrow(RangeError);
  });

  it.each([null, undefined, true, {}, ['14d'], new Date(0), 14n])('refuses %p: a TypeError', (value) => {
    expect(() => parseTimeSpan('within', value)).toThrow(TypeError);
  });
});
