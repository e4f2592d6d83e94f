import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, ROOT, runProgram } from '../support/program';
import { LANGUAGES } from './languages';

const TIMEOUT = 120_000;
const home = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
afterAll(() => rmSync(home, { recursive: true }));

const env = { HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
const run = (input: string, args: readonly string[] = [], more: object = {}): Promise<Ended> =>
  runProgram('lib/cli.ts', { args: ['--sandbox', ...args], input, env, ...more });

/** The first example of the README. */
const [, EXAMPLE = ''] = /```ts\n([^]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];

describe.each(LANGUAGES)('a file from a pipe that begins with an import, in %s', (_, args) => {
  it(
    'is a program: the first example of the README runs as it is, and prints what it prints',
    async () => {
      expect(EXAMPLE).toMatch(/^import \{ DOApi \} from 'doapi-ts';\n/);
      expect(await run(EXAMPLE, args)).toEqual({ output: "[ 'nyc1', 'fra1' ]\n", errors: '', code: 0 });
    },
    TIMEOUT,
  );

  it(
    'may call functions that are declared below, and import what it likes',
    async () => {
      const program = [
        "import { Image, type DOApiOptions } from 'doapi-ts';",
        'import {',
        '  Sandbox,',
        "} from 'doapi-ts/sandbox';",
        "import path, { basename } from 'node:path';",
        "import type { Region } from 'doapi-ts';",
        'const sandbox = new Sandbox({ images: [{ id: 5 }] });',
        'const image = await sandbox.api().fetchImage(5);',
        'if (!(image instanceof Image)) {',
        '  console.log("another class");',
        '}',
        'else {',
        '  console.log(later());',
        '}',
        'function later() {',
        '  return [basename("/a/b"), typeof path.join, image.id];',
        '}',
        '"not shown"',
      ];
      expect(await run(program.join('\n'), args)).toEqual({
        output: "[ 'b', 'function', 5 ]\n",
        errors: '',
        code: 0,
      });
    },
    TIMEOUT,
  );

  it(
    'exits with 1 on an error, and when it is not complete',
    async () => {
      const failed = await run("import { DOApi } from 'doapi-ts';\nawait new DOApi().fetchImage(5);", args);
      expect(failed).toMatchObject({
        output: '',
        code: 1,
        errors: expect.stringMatching(/^NotFoundError: /),
      });
      const open = await run("import { DOApi } from 'doapi-ts';\nif (DOApi) {", args);
      expect(open).toMatchObject({ output: '', code: 1, errors: expect.stringMatching(/^SyntaxError: /) });
    },
    TIMEOUT,
  );
});

describe.each(LANGUAGES)('a script without imports in %s', (_, args) => {
  it(
    'may have else, catch and finally on lines of their own, and comments anywhere',
    async () => {
      const script = [
        '1 /* a comment',
        '  of two lines */ + 1',
        'if (false) {',
        '}',
        'else {',
        '  /**',
        '   * Why.',
        '   */',
        '  console.log("else")',
        '}',
        'try {',
        '  throw 5',
        '}',
        '// a comment',
        'catch (error) {',
        '  console.log(error)',
        '}',
        'finally {',
        '  console.log("finally")',
        '}',
      ];
      expect(await run(script.join('\n'), args)).toEqual({
        output: '2\nelse\n5\nfinally\n',
        errors: '',
        code: 0,
      });
    },
    TIMEOUT,
  );

  it(
    'may import on the command line, and shows the results of other lines',
    async () => {
      const lines = ["import { basename } from 'node:path'", 'basename("/a/b")'].flatMap((line) => [
        '-e',
        line,
      ]);
      expect(await run('', [...args, ...lines])).toEqual({ output: "'b'\n", errors: '', code: 0 });
    },
    TIMEOUT,
  );
});

describe('new DOApi() in a session on the sandbox', () => {
  it(
    'uses the sandbox, whatever token the environment has',
    async () => {
      const real = { DIGITALOCEAN_TOKEN: 'dop_v1_real', DIGITALOCEAN_API_URL: 'http://127.0.0.1:9' };
      const code =
        'const all = await new DOApi({ perPage: 5, transport: { proxy: false } }).fetchAllImages().total()';
      const ended = await run(`${code}\n[all, sandbox.requests.length]`, ['--js'], {
        env: { ...env, ...real },
      });
      expect(ended).toEqual({ output: '[ 60, 1 ]\n', errors: '', code: 0 });
    },
    TIMEOUT,
  );
});

describe('a session without ts-node', () => {
  const without = join(home, 'without.cjs');
  writeFileSync(
    without,
    `const Module = require('node:module');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (name, ...rest) {
      if (name === 'ts-node') throw new Error("Cannot find module 'ts-node'");
      return resolve.call(this, name, ...rest);
    };`,
  );
  const plain = (input: string): Promise<Ended> => run(input, [], { flags: ['-r', without] });

  it(
    'says nothing about it to a script that runs, and says so to one that is no JavaScript',
    async () => {
      expect(await plain('1 + 1')).toEqual({ output: '2\n', errors: '', code: 0 });
      const { errors, code } = await plain('const one: number = 1');
      expect(errors).toMatch(/^SyntaxError: [^]*\nJavaScript, since ts-node is not installed: npm install/);
      expect(code).toBe(1);
    },
    TIMEOUT,
  );
});

describe('the name of a script as an argument', () => {
  it(
    'is refused with the line that runs it',
    async () => {
      expect(await run('', ['script.ts'])).toEqual({
        output: '',
        errors: 'doapi-ts: A script is read from standard input: doapi-ts < script.ts\n',
        code: 2,
      });
    },
    TIMEOUT,
  );
});
