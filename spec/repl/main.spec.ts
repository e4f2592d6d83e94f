import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Listening, Sandbox } from '../../lib/sandbox';
import { type Ended, runProgram } from '../support/program';
import { LANGUAGES } from './languages';

const TIMEOUT = 120_000;
const home = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
afterAll(() => rmSync(home, { recursive: true }));

/** Runs `doapi-ts` with these lines as its standard input. */
const doapi = (args: readonly string[], lines: readonly string[] = [], env = {}): Promise<Ended> =>
  runProgram('lib/cli.ts', {
    args,
    input: lines.map((line) => `${line}\n`).join(''),
    env: { HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, ...env },
  });

describe('a script from a pipe, without a token', () => {
  let ended: Ended;
  let lines: string[];

  beforeAll(async () => {
    ended = await doapi(
      [],
      [
        "const image = await api.fetchImage('ubuntu-24-04-x64')",
        'image.name',
        'const first = await api.fetchAllPrivateImages().first()',
        'first.name',
        'await new Promise((done) => setTimeout(done, 50)).then(() => "waited")',
        '"after the wait"',
        'const regions: Region[] = []',
        'for await (const region of api.fetchAllRegions()) {',
        '  regions.push(region)',
        '}',
        'regions.length',
        'const slugs = regions',
        '  .map((region) => region.slug)',
        '  .slice(0, 2);',
        'slugs',
        '[image instanceof Image, regions[0] instanceof Region, api instanceof DOApi, api.action(5) instanceof Action]',
        'new Sandbox() instanceof Sandbox && sandbox.images.length',
        '[first]',
        'api.fetchAllRegions({ perPage: 2 })',
        'await _.total()',
        'void setTimeout(() => 0, 1_000_000)',
        'await first.transfer("fra1", { wait: true })',
        'await first.transfer("nyc1")',
        '"never"',
      ],
    );
    lines = ended.output.split('\n').map((line) => line.trimEnd());
  }, TIMEOUT);

  it('says on stderr that it uses a sandbox', () => {
    expect(ended.errors).toMatch(/^doapi-ts: no token was found, so this talks to a sandbox\.\n/);
    expect(lines[0]).toBe("'24.04 (LTS) x64'");
  });

  it('runs TypeScript with top-level await, without strict null checks', () => {
    expect(lines).toContain("'web-00-snapshot'");
  });

  it('runs a line only when the one before has ended', () => {
    expect(lines.indexOf("'waited'")).toBeGreaterThan(0);
    expect(lines.indexOf("'after the wait'")).toBe(lines.indexOf("'waited'") + 1);
  });

  it('joins the lines of a statement, and those of a chain of calls', () => {
    expect(lines).toContain('14');
    expect(lines).toContain("[ 'nyc1', 'sgp1' ]");
  });

  it('has the classes of the library in scope', () => {
    expect(lines).toContain('[ true, true, true, true ]');
    expect(lines).toContain('60');
  });

  it('shows resources as a table, and of a listing the first page, the total and how to read the rest', () => {
    expect(ended.output).toMatch(
      /id {2}slug or name +status +regions.*\n63663001 {2}web-00-snapshot +available +nyc1 /,
    );
    expect(ended.output).toMatch(/nyc1 .*\nsgp1 .*\n1–2 of 14 · all: await _\.toArray\(\)/);
  });

  it('waits, and shows no progress', () => {
    expect(ended.output).toMatch(/Action \{\n {2}id +\d+\n {2}status +completed\n {2}type +transfer/);
    expect(ended.output).not.toMatch(/[⠋░✔]/);
  });

  it('ends with its first error: its message, the facts for a support ticket, and a hint', () => {
    expect(ended.errors).toMatch(
      /UnprocessableError: Image is already available in region nyc1\.\n {2}422 unprocessable_entity · POST \/v2\/images\/63663001\/actions\n {2}request [\w-]+\n {2}Fetch its present state/,
    );
    expect(ended.errors).not.toMatch(/^\s+at /m);
    expect(ended.output).not.toContain('never');
    expect(ended.code).toBe(1);
  });

  it('writes no colours', () => {
    expect(ended.output + ended.errors).not.toContain('\u001b');
  });
});

describe.each(LANGUAGES)('a script in %s', (_, args) => {
  it.each([
    ['an error of a line', 'api.image(-1)', /^\w+Error: image: expected/],
    ['a thrown value that is no error', 'throw 5', /^Thrown: 5$/m],
    [
      'an error in a timer',
      'setTimeout(() => { throw new Error("late") }, 1); await new Promise(() => 0)',
      /^Error: late$/m,
    ],
    [
      'an unhandled rejection',
      'void Promise.reject(new Error("unhandled")); await new Promise((done) => setTimeout(done, 50))',
      /^Error: unhandled$/m,
    ],
    ['an unhandled rejection of a call', 'void api.fetchImage("nope")', /^NotFoundError: /],
    ['a thrown null', 'throw null', /^Thrown: null$/m],
    ['a rejection with undefined', 'await Promise.reject(undefined)', /^Thrown: undefined$/m],
    ['an unknown command', '.bogus', /^TypeError: There is no command \.bogus/],
    ['an incomplete statement', 'for (const a of [', /^SyntaxError: The script ends in the middle/],
  ])(
    'exits with 1 on %s',
    async (_name, line, message) => {
      const { code, output, errors } = await doapi(['--sandbox', ...args], [line]);
      expect({ code, output }).toEqual({ code: 1, output: '' });
      expect(errors).toMatch(message);
    },
    TIMEOUT,
  );

  it(
    'prints the API’s JSON with --json: one line for each result, whole listings',
    async () => {
      const { output, code } = await doapi([
        '--sandbox',
        '--json',
        ...args,
        '-e',
        'await api.fetchImage(63663002)',
        '-e',
        'api.fetchAllRegions({ perPage: 5 })',
      ]);
      const [image, regions, ...rest] = output.split('\n');
      expect(JSON.parse(image ?? '')).toMatchObject({ slug: 'ubuntu-24-04-x64', min_disk_size: 25 });
      expect(JSON.parse(regions ?? '')).toHaveLength(14);
      expect({ rest, code }).toEqual({ rest: [''], code: 0 });
    },
    TIMEOUT,
  );
});

describe('a line that does not compile', () => {
  it(
    'does not run, and says why',
    async () => {
      const { code, errors } = await doapi(['--sandbox', '-e', 'console.log("ran"); api.fetchImgae(5)']);
      expect(errors).toMatch(
        /^TypeScript: Property 'fetchImgae' does not exist on type 'DOApi'\. Did you mean\s+'fetchImage'\? \(TS\d+\)\n$/,
      );
      expect(code).toBe(1);
    },
    TIMEOUT,
  );
});

describe('a script with a token', () => {
  const sandbox = new Sandbox();
  let listening: Listening;

  beforeAll(async () => {
    listening = await sandbox.listen();
  });
  afterAll(() => listening.close());

  it(
    'uses the API, deletes without a question, and never shows the token',
    async () => {
      const file = join(home, 'token');
      writeFileSync(file, `${listening.token}\n`);
      const lines = [
        'const image = await api.fetchAllPrivateImages().first()',
        'await image.delete()',
        'api',
        `"${listening.token}"`,
      ];
      const { output, errors, code } = await doapi(['--token-file', file], lines, {
        DIGITALOCEAN_API_URL: listening.url,
      });
      expect({ errors, code }).toEqual({ errors: '', code: 0 });
      expect(output).toContain("'[token]'");
      expect(output).not.toContain(listening.token);
      expect(sandbox.requests.map(({ method, status }) => [method, status])).toEqual([
        ['GET', 200],
        ['DELETE', 204],
      ]);
    },
    TIMEOUT,
  );
});

describe('the command line', () => {
  it.each([
    ['a token', ['dop_v1_5ec2e7'], 'A token does not belong on a command line'],
    ['an unknown option', ['--fast'], "Unknown option '--fast'"],
    ['an unknown argument', ['sandwich'], 'Unexpected argument'],
    ['an unknown context of doctl', ['--context', 'work'], 'doctl has no token for work'],
  ])(
    'is refused with %s',
    async (_, args, message) => {
      const { code, output, errors } = await doapi(args);
      expect({ code, output }).toEqual({ code: 2, output: '' });
      expect(errors).toContain(message);
      expect(errors).not.toContain('5ec2e7');
    },
    TIMEOUT,
  );

  it(
    'prints its help and its version',
    async () => {
      expect(await doapi(['--help'])).toMatchObject({
        code: 0,
        output: expect.stringContaining('--token-file'),
      });
      expect(await doapi(['--version'])).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      });
    },
    TIMEOUT,
  );
});
