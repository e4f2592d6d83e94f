import { describe, expect, it } from '@jest/globals';
import { type Ended, runProgram } from '../support/program';

const TIMEOUT = 120_000;

/** Runs a script in JavaScript from standard input. */
const run = (text: string, ...args: string[]): Promise<Ended> =>
  runProgram('lib/cli.ts', { args: ['--sandbox', '--js', ...args], input: text });

describe('the output of --json', () => {
  it(
    'is JSON only: other values are left out, and commands write to stderr',
    async () => {
      const lines = ['.limit', '.types', '.help', 'Symbol("x")', '() => 1', '({ five: 5 })'];
      const { output, errors, code } = await run(lines.join('\n'), '--json');
      expect({ output, code }).toEqual({ output: '{"five":5}\n', code: 0 });
      expect(errors).toMatch(/^Unknown before the first request\.\napi: DOApi\n[^]*\.images \[filter\]/);
    },
    TIMEOUT,
  );
});

describe('a script that prunes', () => {
  it(
    'plans and deletes without a question',
    async () => {
      const lines = [
        '.plan 30 name=/snapshot/',
        '.plan keepNone=true last=0 tag=web-00-snapshot',
        '.prune',
        '.plan last=1 type=snapshot',
        'const planned = _.delete.length',
        '.prune',
        '[planned > 0, _.length === planned, _.every(({ outcome }) => outcome === "deleted")]',
      ];
      const { output, errors, code } = await run(lines.join('\n'));
      expect({ errors, code }).toEqual({ errors: '', code: 0 });
      expect(output).toMatch(/^ +id +name +reason[^]*\nDeletes 0 of \d+ images \(0 GB\), keeps \d+\.\n/);
      expect(output).toContain('Deletes 0 of 0 images (0 GB), keeps 0.\nThe plan deletes nothing.\n');
      expect(output).toMatch(/\nDeleted (\d+) of \1 images \([\d.]+ GB\)\.\n +id +name +outcome\n/);
      expect(output).toMatch(/\[ true, true, true \]\n$/);
    },
    TIMEOUT,
  );

  it(
    'has the plan and the outcomes as JSON with --json',
    async () => {
      const { output, errors, code } = await run(
        '.plan last=30\n.plan last=1 type=snapshot\n.prune',
        '--json',
      );
      expect(code).toBe(0);
      const [first, plan, results, ...rest] = output.split('\n');
      expect(rest).toEqual(['']);
      expect(JSON.parse(first ?? '')).toMatchObject({ policy: 'last 30' });
      const { delete: deleted } = JSON.parse(plan ?? '') as { delete: unknown[] };
      expect(JSON.parse(results ?? '')).toHaveLength(deleted.length);
      expect(errors).toMatch(/^Deleted \d+ of \d+ images/);
    },
    TIMEOUT,
  );

  it(
    'deletes nothing with --read-only, and ends with 1',
    async () => {
      const lines = '.plan last=1 type=snapshot\n.prune\n"never"';
      const { output, errors, code } = await run(lines, '--read-only');
      expect(code).toBe(1);
      expect(errors).toMatch(/^ReadOnlyError: DELETE/);
      expect(output).not.toContain('never');
    },
    TIMEOUT,
  );
});

describe('a script that declares a name again', () => {
  it(
    'has the last declaration in JavaScript, of lines that begin with const or let',
    async () => {
      const lines = [
        'await api.fetchAllRegions().total() > 0',
        'const api = new DOApi({ perPage: 7 })',
        'const api = new DOApi({ perPage: 8 }); api.perPage',
        'const one = await Promise.resolve(1)',
        'let [one, { two }] = [11, { two: 2 }]',
        '/* again */ const two = {',
        '  two: 22',
        '}',
        '[one, two]',
        "import { basename as one } from 'node:path'",
        'one("/a/b")',
        'const Sandbox = "mine"; Sandbox',
      ];
      expect(await run(lines.join('\n'))).toEqual({
        output: "true\n8\n[ 11, { two: 22 } ]\n'b'\n'mine'\n",
        errors: '',
        code: 0,
      });
    },
    TIMEOUT,
  );

  it(
    'has the last declaration in TypeScript with its type, and runs no line twice',
    async () => {
      const lines = [
        "await new DOApi({ perPage: 9 }).fetchAllRegions().total() > 0; setTimeout(() => 0); console.log('once')",
        "import { DOApi } from 'doapi-ts'",
        "import { readFile } from 'node:fs/promises'",
        "import { setTimeout } from 'node:timers/promises'",
        "import { cp, type FileHandle } from 'node:fs/promises'",
        "await setTimeout(0, 'slept')",
        'console.log("also once", typeof setTimeout)',
        'typeof readFile + typeof cp',
        'const api = new DOApi({ perPage: 7 })',
        'const whole = { api, sandbox }',
        "import { DOApi, type DOApiOptions } from 'doapi-ts'",
        'const options: DOApiOptions = { perPage: 8 }',
        'const api = new DOApi(options)',
        '[api.perPage, whole.api.perPage]',
        '.type api',
        'const one = 1',
        'const two = one + 1',
        "const one = 'one', { length } = one",
        '[one.length, length, two.toFixed(1)]',
        'function half(value: number) { return value / 2 }',
        'function half(value: string) { return value.slice(value.length / 2) }',
        "half('four')",
        'class Sandbox { mine = true }',
        'interface Named { name: string }',
        'class Sandbox implements Named { name = "second" }',
        'interface Named { id: number }',
        'const named: Named = { id: new Sandbox().name.length }; named.id',
        'sandbox.requests.length',
      ];
      const ended = await runProgram('lib/cli.ts', { args: ['--sandbox'], input: lines.join('\n') });
      expect(ended).toEqual({
        output:
          "once\n'slept'\nalso once function\n'functionfunction'\n[ 8, 7 ]\nDOApi\n[ 3, 3, '2.0' ]\n'ur'\n6\n1\n",
        errors: '',
        code: 0,
      });
    },
    TIMEOUT,
  );
});

describe('the text of a script', () => {
  it(
    'is run to its end, with or without a final line break',
    async () => {
      expect(await run('1 + 1\nawait new Promise((done) => setTimeout(done, 50, 7))')).toMatchObject({
        output: '2\n7\n',
        code: 0,
      });
    },
    TIMEOUT,
  );

  it(
    'keeps the lines and comments of a chain of calls',
    async () => {
      const text = [
        '[3, 1, 2] // three',
        '  .sort()',
        '',
        '  // the rest',
        '  .slice(1)',
        '  ?.join("-")',
        '`a',
        '  .b`',
        '// a comment',
        '"the end"',
      ];
      expect(await run(text.join('\r\n'))).toEqual({
        output: "'2-3'\n'a\\n  .b'\n'the end'\n",
        errors: '',
        code: 0,
      });
    },
    TIMEOUT,
  );

  it.each([
    ['// a comment\n'.repeat(8_000)],
    [`/**\n${' * a comment\n'.repeat(8_000)} */\n`],
    ['/* a\n comment */\n'.repeat(4_000)],
  ])(
    'may begin with thousands of lines of comments, in TypeScript, too',
    async (comments) => {
      const ended = await runProgram('lib/cli.ts', { args: ['--sandbox'], input: `${comments}1 + 1\n` });
      expect(ended).toEqual({ output: '2\n', errors: '', code: 0 });
    },
    // To evaluate each of the lines takes minutes.
    60_000,
  );

  it(
    'can set the exit code',
    async () => {
      expect(await run('process.exitCode = 7')).toMatchObject({ code: 7 });
    },
    TIMEOUT,
  );
});
