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
