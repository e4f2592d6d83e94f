import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { excerpt, describeValue } from '../../../lib/util/text/sanitize';
import { cpuTime } from '../../support/cpu-time';

const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 600 }));

describe('excerpt', () => {
  it('is one line', () => {
    expect(excerpt('  a\r\n\tb \u2028 c  ')).toBe('a b c');
  });

  it('is cut to 200 characters, with an ellipsis', () => {
    expect(excerpt('x'.repeat(200))).toBe('x'.repeat(200));
    expect(excerpt('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
  });

  it('contains no control characters and none that reorder text', () => {
    expect(excerpt('a\u001b[31mb\u202ec\u0000d\u009be\ufefff')).toBe('a [31mb c d e f');
  });

  it.each(['dop_v1_', 'doo_v1_', 'dor_v1_'])('contains no token that begins with %s', (prefix) => {
    expect(excerpt(`Bearer ${prefix}${'0a'.repeat(32)}!`)).toBe('Bearer [token]!');
  });

  it('contains no part of a token at the cut', () => {
    for (let at = 150; at < 210; at++) {
      expect(excerpt(`${'.'.repeat(at)}dop_v1_${'ab'.repeat(32)}`)).not.toMatch(/abab/);
    }
  });

  it('contains no query of a URL, which may be presigned', () => {
    expect(excerpt('Could not fetch "https://host:9/a/b.gz?X-Amz-Signature=5ec2e7&x=1#y", sorry? Yes.')).toBe(
      'Could not fetch "https://host:9/a/b.gz?[query]", sorry? Yes.',
    );
  });

  it.each(['http', 'https', 'HTTPS'])('contains no query of an %s URL', (scheme) => {
    expect(excerpt(`${scheme}://host/a.gz?signature=5ec2e7`)).toBe(`${scheme}://host/a.gz?[query]`);
  });

  it('is short, printable and on one line for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = excerpt(text);
        expect(line.length).toBeLessThanOrEqual(200);
        // eslint-disable-next-line no-control-regex -- control characters are what must not be there
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(line).toBe(line.trim());
      }),
    );
  });

  it('is fast for a text of many megabytes', () => {
    const text = 'dop_v1_'.repeat(1_000_000);
    const start = cpuTime();
    excerpt(text);
    expect(cpuTime() - start).toBeLessThan(100);
  });
});

describe('describeValue', () => {
  it.each<[unknown, string]>([
    ['text', '"text"'],
    ['two\nlines', '"two lines"'],
    ['"', '"\\""'],
    [5, '5'],
    [NaN, 'NaN'],
    [5n, '5'],
    [false, 'false'],
    [null, 'null'],
    [undefined, 'nothing'],
    [[1], 'an array'],
    [{ a: 1 }, 'an object'],
    [new Date(0), 'an object'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
  ])('describes %p as %s', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  it('runs no code of the value', () => {
    const trap = { toString: () => expect('not called').toBe('called'), toJSON: () => expect(1).toBe(2) };
    expect(describeValue(trap)).toBe('an object');
  });
});
