import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Listening, Sandbox } from '../../lib/sandbox';
import { type Ended, runProgram } from '../support/program';

const TIMEOUT = 120_000;

/** Types lines into the REPL, through a pipe. */
const type = (lines: readonly string[], env = {}): Promise<Ended> =>
  runProgram('lib/repl/main.ts', { input: `${lines.join('\n')}\n`, env });

describe('npm run repl, without a token', () => {
  let ended: Ended;
  let lines: string[];

  beforeAll(async () => {
    ended = await type([
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
      'image.nmae',
      '[image instanceof Image, regions[0] instanceof Region, api instanceof DOApi, api.action(5) instanceof Action]',
      'new Sandbox() instanceof Sandbox && sandbox.images.length',
      'await image.transfer("nyc3")',
      'try { image.id } catch {}',
      '"the end"',
    ]);
    lines = ended.output.split('\n');
  }, TIMEOUT);

  it('says what it talks to and what is in scope', () => {
    expect(lines[0]).toMatch(
      /^doapi-ts \d+\.\d+\.\d+\. No token in DIGITALOCEAN_TOKEN, so api talks to a sandbox/,
    );
    expect(lines[1]).toContain('In scope: api, sandbox, DOApi, Image, Action, Region, Sandbox.');
  });

  it('runs TypeScript with await at the top level', () => {
    expect(lines).toContain("'24.04 (LTS) x64'");
  });

  it('takes the next line only when the last one has ended', () => {
    expect(lines.indexOf("'waited'")).toBeGreaterThan(0);
    expect(lines.indexOf("'after the wait'")).toBe(lines.indexOf("'waited'") + 1);
  });

  it('reads on where a line does not end a statement', () => {
    expect(lines).toContain('14');
  });

  it('has the classes of the library in scope, the very same', () => {
    expect(lines).toContain('[ true, true, true, true ]');
    expect(lines).toContain('60');
  });

  it('knows the types: a name that does not exist is an error, and the session goes on', () => {
    expect(ended.errors).toContain("Property 'nmae' does not exist on type 'Image'");
    expect(lines).toContain("'the end'");
  });

  it('asks for no proof that what was found is not null', () => {
    expect(lines).toContain("'web-00-snapshot'");
  });

  it('shows an error and goes on', () => {
    expect(ended.output).toMatch(/Uncaught:?\s+UnprocessableError: POST \S+: 422 unprocessable_entity: /);
  });

  it('answers what completion asks for', () => {
    expect(lines).toContain('63663002');
  });

  it('ends with its input', () => {
    expect(ended.code).toBe(0);
  });
});

describe('npm run repl, with a token', () => {
  const sandbox = new Sandbox();
  let listening: Listening;

  beforeAll(async () => {
    listening = await sandbox.listen();
  });
  afterAll(() => listening.close());

  it(
    'talks to the API, and says so without showing the token',
    async () => {
      const env = { DIGITALOCEAN_TOKEN: listening.token, DIGITALOCEAN_API_URL: listening.url };
      const { output, errors, code } = await type(['(await api.fetchImage(63663002)).slug', 'api'], env);
      expect({ errors, code }).toEqual({ errors: '', code: 0 });
      expect(output).toContain(`api talks to ${listening.url} with your token.`);
      expect(output).toContain("'ubuntu-24-04-x64'");
      expect(output).not.toContain('sandbox');
      expect(output).not.toContain(listening.token);
      expect(sandbox.requests.at(-1)?.path).toBe('/v2/images/63663002');
    },
    TIMEOUT,
  );
});
