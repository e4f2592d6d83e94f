import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Script } from 'node:vm';
import {
  beginsWithImport,
  importsAsStatements,
  importsFrom,
  repeatableLine,
} from '../../../lib/repl/code/import-lines';
import { cpuTime } from '../../support/cpu-time';
import { scaled } from '../../support/scale';

describe('code that begins with an import', () => {
  it.each([
    ["import 'x'", true],
    ['// a comment\n\n/* and\n another */ import { a } from "b"', true],
    ['import type { A } from "b"', true],
    ['await import("x")', false],
    ['import("x")', false],
    ['import.meta.url', false],
    ['imports()', false],
    ['const a = 1\nimport "x"', false],
    ['', false],
  ])('%j: %s', (code, expected) => expect(beginsWithImport(code)).toBe(expected));
});

describe('the imports of code in JavaScript', () => {
  it.each([
    ["import { a, b as c } from 'd';", 'var { a: a, b: c } = await import("d");'],
    ["import a from 'b'", 'var { default: a } = await import("b");'],
    ["import * as a from 'b'", 'var a = await import("b");'],
    ["import a, { b } from 'c'", 'var { b: b, default: a } = await import("c");'],
    ["import a, * as b from 'c'", 'var b = await import("c"); var { default: a } = await import("c");'],
    ["import 'a'", 'await import("a");'],
    ["import {} from 'a'", ''],
    ["import type { A } from 'b'", ''],
    ["import { type A, type as B, b } from 'c'", 'var { type: B, b: b } = await import("c");'],
    ["import type from 'a'", 'var { default: type } = await import("a");'],
    ["import { DOApi } from 'doapi-ts'", 'var { DOApi: DOApi } = require("doapi-ts");'],
    ["import { Sandbox } from 'doapi-ts/sandbox'", 'var { Sandbox: Sandbox } = require("doapi-ts/sandbox");'],
    [
      "import data from './a.json' with { type: 'json' };",
      'var { default: data } = await import("./a.json");',
    ],
    ["import{a}from'b';a()", 'var { a: a } = await import("b");a()'],
    ["/* a */ import 'b'\nc()", '/* a */ await import("b");\nc()'],
  ])('%j are %j', (code, expected) => expect(importsAsStatements(code)).toBe(expected));

  it('keep the lines of the code', () => {
    const code = "import {\n  a,\n  b,\n} from 'c';\nd()";
    expect(importsAsStatements(code)?.split('\n')).toHaveLength(5);
  });

  it.each(['import {', 'import { a,\n', 'import type {\n a', 'import a, {'])('have no end in %j', (code) => {
    expect(importsAsStatements(code)).toBeNull();
  });

  it.each(['import', 'import a', 'import { a } b', "const a = `\nimport b from 'c'`"])(
    'are left to the engine when they are none: %j',
    (code) => expect(importsAsStatements(code)).toBe(code),
  );

  it('are statements that a script can have, for any names', () => {
    const name = fc.stringMatching(/^[a-z$_][\w$]{0,6}x$/);
    const part = fc
      .tuple(name, fc.option(name))
      .map(([from, to]) => (to === null ? from : `${from} as ${to}`));
    const gap = fc.constantFrom(' ', '\n', '  ', ' /* c */ '.slice(0, 1));
    const list = fc.tuple(fc.array(part, { minLength: 1, maxLength: 4 }), gap);
    fc.assert(
      fc.property(list, name, gap, ([parts, space], module, after) => {
        const code = `import${space}{${space}${parts.join(`,${space}`)}${space}}${after}from${after}'${module}';next()`;
        const statements = importsAsStatements(code) ?? '';
        expect(statements).toMatch(/^var \{ .* \} = await import\("[\w$]+"\);\n*next\(\)$/);
        expect(() => new Script(`(async () => { ${statements} })`)).not.toThrow();
      }),
      { numRuns: scaled(5_000, 300) },
    );
  });

  it('are found in a moment', () => {
    for (const text of [
      `import ${'a'.repeat(200_000)}`,
      `import {${'a, '.repeat(100_000)}`,
      "import 'a';\n".repeat(20_000),
      `${'/* */ '.repeat(100_000)}import`,
    ]) {
      const start = cpuTime();
      importsAsStatements(text);
      expect(cpuTime() - start).toBeLessThan(1_000);
    }
  });
});

describe('a line of JavaScript that may be run again', () => {
  it.each([
    ['const a = 1;\nconst b = 2', 'var   a = 1;\nconst b = 2'],
    ['/* a */ // b\n let {a} = b', '/* a */ // b\n var {a} = b'],
    ['let[a] = b', 'var[a] = b'],
    ['const é = 1', 'var   é = 1'],
    ['let é = 1', 'var é = 1'],
    ["import a from 'doapi-ts'", 'var { default: a } = require("doapi-ts");'],
  ])('%j is %j', (code, expected) => expect(repeatableLine(code)).toBe(expected));

  it.each([
    'let = 5',
    'let in all',
    'letter = 5',
    'constant()',
    '{ const a = 1 }',
    'for (const a of b) a()',
    '"const a = 1"',
  ])('%j stays', (code) => expect(repeatableLine(code)).toBe(code));

  it('has no end where an import has none', () => {
    expect(repeatableLine('import { a,')).toBeNull();
  });
});

describe('the relative imports of a file', () => {
  it('are those of its folder; others stay', () => {
    const code = "import { a } from './b';\nimport c from '../d/e';\nimport { f } from 'g';\nawait h('./i')";
    expect(importsFrom(code, '/x/y')).toBe(
      'import { a } from "/x/y/b";\nimport c from "/x/d/e";\nimport { f } from \'g\';\nawait h(\'./i\')',
    );
  });
});
