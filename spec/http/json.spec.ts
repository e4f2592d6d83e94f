import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NotJson, parseJson } from '../../lib/http/json';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('the JSON of an answer', () => {
  it('is what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('may begin with a byte order mark', () => {
    expect(parseJson('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it.each(['', ' \r\n\t', '\ufeff'])('is null when the body is empty: %j', (text) => {
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
  ])('is refused when it is something else: %j', (text, message) => {
    expect(() => parseJson(text)).toThrow(NotJson);
    expect(() => parseJson(text)).toThrow(message);
  });

  it('would come again as it is when it is well-formed and too deep, and may come better when it is cut off', () => {
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

  it('may be 64 levels deep, not more', () => {
    expect(() => parseJson(nested(64))).not.toThrow();
    expect(() => parseJson(nested(65))).toThrow('JSON nested deeper than 64 levels');
    expect(() => parseJson(`{"a":${nested(64)}}`)).toThrow(NotJson);
  });

  it('may not be a million levels deep either, and says so without running out of stack', () => {
    expect(() => parseJson(nested(1_000_000))).toThrow(NotJson);
  });

  it('pollutes no prototype', () => {
    const value = parseJson('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    expect('polluted' in {}).toBe(false);
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
  });

  it('is a value or NotJson for any text, never another error', () => {
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
