import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { importedNames, withoutKnownImports, withoutNamesOf } from '../../../lib/repl/code/redeclaration';

describe('withoutNamesOf(ts, next, lines)', () => {
  it.each([
    [
      'a variable, in other names, too',
      'const a = 5',
      'const a = 1;\nconst ab = a;',
      'const a_1 = 1;\nconst ab = a_1;',
    ],
    [
      'a variable of a pattern',
      'let [{ a }] = all',
      'const { a } = all;\na;',
      'const { a: a_1 } = all;\na_1;',
    ],
    [
      'a short property',
      'const a = 5',
      'const a = 1;\nconst all = { a };',
      'const a_1 = 1;\nconst all = { a: a_1 };',
    ],
    ['a name that is taken', 'var a', 'const a = 1, a_1 = 2;', 'const a_2 = 1, a_1 = 2;'],
    ['a function', 'function f() {}', 'function f() { f(); }', 'function f_1() { f_1(); }'],
    ['a class', 'class A {}', 'class A { a: A; }\nnew A();', 'class A_1 { a: A_1; }\nnew A_1();'],
    ['a type', 'type A = 1', 'interface A { a: A }', 'interface A_1 { a: A_1 }'],
    [
      'an import',
      "import { a } from 'b'",
      "import { a } from 'c';\na();",
      "import { a as a_1 } from 'c';\na_1();",
    ],
    ['a default import', "import a from 'b'", "import a, * as b from 'c';", "import a_1, * as b from 'c';"],
    ['a name of the session', 'const api = 5', 'api.image(api);', 'globalThis.api.image(globalThis.api);'],
    ['a short property of it', 'const api = 5', 'f({ api });', 'f({ api: globalThis.api });'],
    [
      'a class of the session',
      'class Image {}',
      'const one: Image = new Image();',
      'const one: globalThis.Image = new globalThis.Image();',
    ],
  ])('renames %s', (_, next, lines, expected) => {
    expect(withoutNamesOf(ts, next, lines)).toBe(expected);
  });

  it.each([
    ['what it only mentions', 'a = b + f(a)'],
    ['what a block or a function of it declares', '{ const a = 1; } function g(a) { const b = a; }'],
    ['what it does not mention', 'const d = 5'],
  ])('leaves %s', (_, next) => {
    const lines = 'let a = 1, b = { a };\nfunction f(a) { return a; }';
    expect(withoutNamesOf(ts, next, lines)).toBe(lines);
  });

  it('renames no property, parameter, string or comment of the same name', () => {
    const rest = "all.a; f((a) => a, 'a', { a: 1 }); // a";
    expect(withoutNamesOf(ts, 'const a = 5', `let a = 1; ${rest}`)).toBe(`let a_1 = 1; ${rest}`);
  });
});

describe('withoutKnownImports(ts, next, lines)', () => {
  const lines = "import { a, type T } from 'b';\nimport d, * as e from 'b'; a(d, e);";

  it.each([
    ['a name', "import { a } from 'b'\na()", "import {  } from 'b'\na()"],
    ['some of the names', "import {a, f, type T,g} from 'b';", "import {f, g} from 'b';"],
    ['the last name', "import { f, a } from 'b';", "import { f,  } from 'b';"],
    ['a default and a namespace', "/* a */ import d, * as e from 'b';", '/* a */ '],
  ])('leaves out %s', (_, next, expected) => {
    expect(withoutKnownImports(ts, next, lines)).toBe(expected);
  });

  it.each([
    "import { a } from 'c';",
    "import { a as f, T } from 'b';",
    "import d from 'b';",
    "import type { a } from 'b';",
    "import 'b';",
    'a();',
  ])('keeps %j', (next) => {
    expect(withoutKnownImports(ts, next, lines)).toBe(next);
  });
});

describe('importedNames(ts, code)', () => {
  it('are those that a use can keep, and perhaps types', () => {
    const code =
      "f(); import a, { b as c, type D } from 'e'; import * as g from 'h'; import type I from 'j'; import 'k'";
    expect(importedNames(ts, code)).toEqual(['a', 'c', 'D', 'g']);
  });
});
