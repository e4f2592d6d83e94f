import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { field, Mismatch } from '../../lib/model/fields';
import { read, Resource } from '../../lib/model/resource';

class Dated extends Resource {
  @field.date({ wire: 'made_at', absent: null }) readonly madeAt!: Date | null;
}

function mismatch(value: unknown): Mismatch {
  try {
    read(Dated, { made_at: value });
  } catch (error) {
    if (error instanceof Mismatch) return error;
    throw error;
  }
  throw new Error('expected a Mismatch');
}

describe('a date', () => {
  const madeAt = (value: unknown): Date | null => read(Dated, { made_at: value }).madeAt;

  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31t12:00:00z', '2026-01-31T12:00:00.000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['0000-02-29T06:09:46+00:00', '0000-02-29T06:09:46.000Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T12:00:00-00:30', '2026-01-31T12:30:00.000Z'],
    ['2026-12-31T00:00:59Z', '2026-12-31T00:00:59.000Z'],
    ['2026-04-30T09:08:07Z', '2026-04-30T09:08:07.000Z'],
    ['2026-02-28T10:20:30Z', '2026-02-28T10:20:30.000Z'],
    ['0050-06-01T00:00:00Z', '0050-06-01T00:00:00.000Z'],
    ['0999-06-01T00:00:00Z', '0999-06-01T00:00:00.000Z'],
    ['1000-01-01T00:00:00Z', '1000-01-01T00:00:00.000Z'],
    ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123Z'],
  ])('may be %s', (value, iso) => {
    expect(madeAt(value)?.toISOString()).toBe(iso);
  });

  it('is null when it is empty', () => {
    expect(madeAt('')).toBeNull();
  });

  it.each([
    '2020-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:61Z',
    '2026-01-31T12:00:00+24:00',
    '2026-01-31T12:00:00',
    '2026-01-31 12:00:00Z',
    '2026-01-31',
    '2026',
    '+012026-01-31T12:00:00Z',
    'Sat, 31 Jan 2026 12:00:00 GMT',
    ' 2026-01-31T12:00:00Z',
    '2026-01-31T12:00:00Z\n',
    '2026/01-31T12:00:00Z',
    '2026-01/31T12:00:00Z',
    '2026-01-31_12:00:00Z',
    '2026-01-31T12-00:00Z',
    '2026-01-31T12:00-00Z',
    '2026-01-31T12:00:00X',
    '2026-01-31T12:00:60Z',
    '20:6-01-31T12:00:00Z',
    '2/26-01-31T12:00:00Z',
    '202:-01-31T12:00:00Z',
    '2026-0/-31T12:00:00Z',
    '2026-01-:1T12:00:00Z',
    '2026-01-31T/2:00:00Z',
    '2026-01-31T12:0::00Z',
    '2026-01-31T12:00:0/Z',
    'garbage',
    'null',
    12,
    1769860800000,
    true,
    [],
    {},
    ['2026-01-31T12:00:00Z'],
  ])('may not be %j', (value) => {
    expect(mismatch(value).message).toMatch(/^made_at: expected a date like 2026/);
  });

  it('is exactly the written day, or a Mismatch', () => {
    const part = (max: number): fc.Arbitrary<string> =>
      fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
    const texts = fc.tuple(fc.integer({ min: 1970, max: 2100 }), part(13), part(32), part(25), part(61));
    fc.assert(
      fc.property(texts, ([year, month, day, hour, minute]) => {
        const text = `${year}-${month}-${day}T${hour}:${minute}:00Z`;
        const written = new Date(
          Date.UTC(year, Number(month) - 1, Number(day), Number(hour), Number(minute)),
        );
        const exists = written.toISOString() === text.replace('Z', '.000Z');
        if (exists) expect(madeAt(text)).toEqual(written);
        else expect(mismatch(text).path).toBe('made_at');
      }),
      { numRuns: 2_000 },
    );
  });

  it('is a valid date, null, or a Mismatch for any text', () => {
    const near = fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        try {
          expect(Number.isNaN(madeAt(text)?.getTime() ?? 0)).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(Mismatch);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
