import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NotJson, parseJson } from '../../../lib/http/response/json';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJson', () => {
  it('parses like JSON.parse', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('accepts a byte order mark', () => {
    expect(parseJson('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it.each(['', ' \r\n\t', '\ufeff'])('returns null for an empty body: %j', (text) => {
    expect(parseJson(text)).toBeNull();
  });

  it.each([
    ['<!DOCTYPE html><html>', 'HTML or XML instead of JSON'],
    ['  \n<html>', 'HTML or XML instead of JSON'],
    ['{"image": {"id": 1', 'invalid or truncated JSON'],
    ['{"a":1} trailing', 'invalid or truncated JSON'],
    ['upstream connect error', 'invalid or truncated JSON'],
    ['upstream <b>connect</b> error', 'invalid or truncated JSON'],
    ["{'a': 1}", 'invalid or truncated JSON'],
    ['NaN', 'invalid or truncated JSON'],
    ['\u0000', 'invalid or truncated JSON'],
  ])('refuses anything else: %j', (text, message) => {
    expect(() => parseJson(text)).toThrow(NotJson);
    expect(() => parseJson(text)).toThrow(message);
  });

  it('knows whether the text is well-formed: too deep it is, cut off it is not', () => {
    const thrown = (text: string): unknown => {
      try {
        return parseJson(text);
      } catch (error) {
        return error;
      }
    };
    expect(thrown(nested(65))).toMatchObject({ isWellFormed: true });
    expect(thrown('{"image": {"id": 1')).toMatchObject({ isWellFormed: false });
  });

  it('accepts 64 levels, and no more', () => {
    expect(() => parseJson(nested(64))).not.toThrow();
    expect(() => parseJson(nested(65))).toThrow('JSON nested deeper than 64 levels');
    expect(() => parseJson(`{"a":${nested(64)}}`)).toThrow(NotJson);
  });

  it('refuses a million levels without overflowing the stack', () => {
    expect(() => parseJson(nested(1_000_000))).toThrow(NotJson);
  });

  it('inherits nothing from a polluted Object.prototype, at any depth', () => {
    const text = '{"image":{"id":5,"regions":[{"slug":"nyc1"}]},"list":[[{}]]}';
    const names = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null
        ? [(value as { description?: unknown }).description, ...Object.values(value).flatMap(names)]
        : [];
    Object.assign(Object.prototype, { description: 'evil' });
    try {
      const parsed = parseJson(text);
      expect(JSON.stringify(parsed)).toBe(text);
      // Arrays keep their prototype, which inherits: nothing of the API has named fields in one.
      expect(names(parsed).filter((name) => name === 'evil')).toHaveLength(1 + 2);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'description');
    }
  });

  it('pollutes no prototype', () => {
    const value = parseJson('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    expect('polluted' in {}).toBe(false);
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
  });

  it('throws nothing but NotJson for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[[\]{}",:0e\\u -]*$/)), (text) => {
        try {
          parseJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(NotJson);
        }
      }),
    );
  });
});
