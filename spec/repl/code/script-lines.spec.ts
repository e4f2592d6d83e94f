import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commentsOnly, scriptLines, splitJoined, typedLines } from '../../../lib/repl/code/script-lines';
import { cpuTime } from '../../support/cpu-time';
import { scaled } from '../../support/scale';

/** The definition in one pattern, which takes quadratic time. */
const LINE = /.*?(?:\r?\n|\r(?!\n))(?!(?:[ \t]*(?:\/\/[^\r\n]*)?(?:\r?\n|\r(?!\n)))*[ \t]+\??\.)|.+$/gs;

const split = (text: string): string[] => scriptLines(text).map(splitJoined);

describe('the lines of a script', () => {
  it('are joined where the next ones continue a chain of calls, with comments in between', () => {
    const parts = fc.constantFrom(
      '\n',
      '\r\n',
      '\r',
      ' ',
      '\t',
      '.',
      '?.',
      '// c',
      'a',
      '  .b()\n',
      '// d\n',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (all) => {
        const text = all.join('');
        const expected = (text.match(LINE) ?? []).map((line) => {
          const end = /[\r\n]+$/.exec(line)?.index ?? line.length;
          return line.slice(0, end).replace(/\r\n|\r/g, '\n') + line.slice(end);
        });
        expect(split(text)).toEqual(expected);
      }),
      { numRuns: scaled(50_000, 2_000) },
    );
  });

  it('have a comment of several lines in one', () => {
    expect(split('/**\n * a\n */\nb\n')).toEqual(['/**\n * a\n */\n', 'b\n']);
    expect(split('/* a */\nb\n')).toEqual(['/* a */\n', 'b\n']);
    expect(split('/* a\nb\n/* c\n')).toEqual(['/* a\n', 'b\n', '/* c\n']);
  });

  it('have the parts of an if or a try in one, also with comments in between', () => {
    expect(split('if (a) {\n}\n// no\nelse {\n}\nb\n')).toEqual([
      'if (a) {\n',
      '}\n// no\nelse {\n',
      '}\n',
      'b\n',
    ]);
    expect(split('try {\n}\ncatch {\n}\n\n  finally {\n}\n')).toEqual([
      'try {\n',
      '}\ncatch {\n',
      '}\n\n  finally {\n',
      '}\n',
    ]);
    expect(split('a\nelsewhere()\n')).toEqual(['a\n', 'elsewhere()\n']);
    expect(typedLines('}\nelse {\n}\n  catch\n`\nelse`\n')).toEqual([
      '} else {\n',
      '} catch\n',
      '`\nelse`\n',
    ]);
  });

  it('are one plain line where an `else` follows a comment', () => {
    expect(typedLines('} // note\nelse {\n}\n// a `note\ncatch {\n')).toEqual([
      '} /* note */ else {\n',
      '} /* a `note */ catch {\n',
    ]);
    // Alone, they stay as they are; so does what could be no comment, or cannot be another one.
    for (const text of ['} // note\n', '} // a */ b\nelse {\n', "'// a'\nelse\n"])
      expect(typedLines(text)).toEqual([text]);
  });

  it('are one line in a file that begins with an import: a program', () => {
    const program = '#!/usr/bin/env doapi-ts\n// a\nimport { b } from "c";\n\nd()\nfunction d() {}';
    expect(scriptLines(program, true).map(splitJoined)).toEqual([program.replace(/^#!.*/, '')]);
    expect(split(program)).toHaveLength(6);
    expect(scriptLines('a\nimport "b"\n', true)).toHaveLength(2);
  });

  it.each([
    ['comments', '// a comment\n'],
    ['blank lines', '\n'],
    ['comments without an end', '/* a\n'],
    ['comments of several lines', '/* a\n b */\n'],
    ['links of a chain', '  .a()\n'],
  ])('are found in a moment in 200,000 lines: %s', (_, line) => {
    const text = `x\n${line.repeat(200_000)}`;
    const start = cpuTime();
    scriptLines(text);
    expect(cpuTime() - start).toBeLessThan(2_000);
  });
});

describe('code that is only comments', () => {
  it.each([
    ['// a', 'closed'],
    ['\n // a\n/* b */ // c\n', 'closed'],
    ['/* a **/', 'closed'],
    ['/* a * / \n', 'open'],
    ['/**/ /* /*', 'open'],
    ['// /*\n', 'closed'],
    ['a // b', null],
    ['/* a */ b /* c */', null],
    ['/* a */ b /*', null],
    ['/a/', null],
  ])('is not run: %j', (code, expected) => expect(commentsOnly(code)).toBe(expected));

  it('is recognised in a moment', () => {
    for (const text of [
      '// // a\n'.repeat(100_000),
      `/*${'* /'.repeat(300_000)}*/`,
      `${'/* */'.repeat(100_000)}x`,
    ]) {
      const start = cpuTime();
      commentsOnly(text);
      expect(cpuTime() - start).toBeLessThan(1_000);
    }
  });
});
