import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ts from 'typescript';
import { commentsOnly, scriptLines, splitJoined, typedLines } from '../../../lib/repl/code/script-lines';
import { sourceParts } from '../../../lib/repl/code/source-parts';
import { cpuTime } from '../../support/cpu-time';
import { scaled } from '../../support/scale';

/** The definition in one pattern, which takes quadratic time. */
const LINE = /.*?(?:\r?\n|\r(?!\n))(?!(?:[ \t]*(?:\/\/[^\r\n]*)?(?:\r?\n|\r(?!\n)))*[ \t]+\??\.)|.+$/gs;

/** What the compiler reads in code, apart from blanks and comments. */
function wordsOf(code: string): string[] {
  const file = ts.createSourceFile('a.ts', code, ts.ScriptTarget.Latest, true);
  const words: string[] = [];
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file);
    if (children.length === 0) words.push(node.getText(file));
    children.forEach(visit);
  };
  visit(file);
  return words;
}

function commentsOf(code: string): string[] {
  return [...sourceParts(code)]
    .filter(({ kind }) => kind === 'comment')
    .map(({ start, end }) => code.slice(start, end));
}

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
      '`\n',
      'else`\n',
    ]);
  });

  it('are one plain line where comments stand before an `else` or a call', () => {
    expect(typedLines('} // note\nelse {\n}\n// a `note\ncatch {\n} // a */ b\nelse {\n')).toEqual([
      '} else {\n',
      '} catch {\n',
      '} else {\n',
    ]);
    expect(typedLines('a // b\n  .c()\n/* d\n */\r\n  // e\r\n  ?.f(5)\ng\n')).toEqual([
      'a.c()?.f(5)\n',
      'g\n',
    ]);
  });

  it.each([
    ['comments elsewhere', '} // note\n'],
    ['code in a comment', '/*\nif (a) {\n} // done\nelse {\n}\n  .b()\n*/\n1\n'],
    ['text in a template', 'const s = `#!/bin/sh\ncd /srv\n  ./install.sh\n} // x\nelse`\n'],
    ['what begins with no call', '[\n  ...a,\n  .5,\n]\n.b\n'],
    ['what follows a slash that may mean two things', "if (a) /'/.b(`\n`)\n  .c()\n"],
  ])('stay as they are: %s', (_, text) => {
    expect(typedLines(text)).toEqual(text.match(/.*\n/g));
  });

  it('are those of the code before them', () => {
    expect(typedLines('a\n  .b\n`\na\n  .b\n', 's = `')).toEqual(['a\n', '  .b\n', '`\n', 'a.b\n']);
    expect(typedLines('}\nelse\n*/ 1\n', '/*\n')).toEqual(['}\n', 'else\n', '*/ 1\n']);
    expect(typedLines('\n  .b\n', '5')).toEqual([' .b\n']);
  });

  it('mean the same as the text: strings, templates and comments are whole, wherever the text begins', () => {
    const comment = fc.constantFrom('// `a\'"\n', '/* 1\n} // "\nelse\n  .b */', '/* `2 */', '/**/');
    const blank = fc.constantFrom('\n', '\r\n', ' ', '\n  ');
    const between = fc.array(fc.oneof(comment, blank), { maxLength: 4 }).map((all) => `${all.join('')}\n  `);
    const plain = fc.constantFrom(
      '5',
      'a1',
      '"`// a"',
      "'\\\n  .b'",
      '`\n}\nelse\n  ./c // d\n/*`',
      '`a${{ b: `\n  .c` }.b}\n  .d`',
      '/[/`]"/.e',
      '(8) / 2 / 1',
      '!/\\/b{2}/',
      'a1 / 2 // `',
    );
    const chain = fc
      .tuple(plain, fc.array(fc.tuple(between, plain), { maxLength: 3 }), between)
      .map(
        ([first, calls, end]) =>
          `(${first}\n)${calls.map(([gap, each]) => `${gap}.f(${each}\n)`).join('')};${end}\n`,
      );
    const branch = fc
      .tuple(chain, between, chain, between)
      .map(([yes, gap, no, end]) => `if (a1) {\n${yes}}${gap}else {\n${no}}${end}\n`);
    fc.assert(
      fc.property(fc.array(fc.oneof(chain, branch), { maxLength: 4 }), fc.nat(400), (all, at) => {
        const source = all.join('');
        const [before, text] = [source.slice(0, at), source.slice(at)];
        const typed = typedLines(text, before);
        expect(wordsOf(before + typed.join(''))).toEqual(wordsOf(source));
        // Each is one that was there.
        const left = commentsOf(source);
        for (const each of commentsOf(before + typed.join(''))) {
          while (left.length > 0 && left[0] !== each) left.shift();
          expect(left.shift()).toBe(each);
        }
      }),
      { numRuns: scaled(20_000, 500) },
    );
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
    typedLines(text);
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
