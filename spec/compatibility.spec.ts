import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { GROUPS, nameOf } from '../tools/compatibility/case';
import { CASES, CASES_FOR_CI } from '../tools/compatibility/cases';
import { problemOf, reasonIn } from '../tools/compatibility/problem';
import { HERE, runIn } from '../tools/compatibility/programs';
import { documentOf, partsOf, published } from '../tools/compatibility/report';
import { MODULE_NAMES } from '../tools/compatibility/typescript';
import { installIn, wantedIn } from '../tools/support/packages';
import { NODES } from '../tools/nodes/versions';

/** Without what a formatter decides: the widths of columns. */
const plain = (text: string): string => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---').trim();

describe('npm run compatibility', () => {
  it('has a distinct name for each case', () => {
    expect(new Set(CASES.map(nameOf)).size).toBe(CASES.length);
    expect(new Set(CASES.map(({ group }) => group))).toEqual(new Set(GROUPS));
  });

  it('uses every supported Node, and each version of TypeScript with all combinations of settings', () => {
    expect(NODES.map(({ version }) => version.split('.')[0])).toEqual(['20', '22', '24', '26']);
    const counts = new Map<string, number>();
    for (const { name } of CASES.filter(({ group }) => group === 'TypeScript')) {
      const version = /^TypeScript (\d+\.\d+)/.exec(name)?.[1] ?? '';
      counts.set(version, (counts.get(version) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ '5.0': 32, '5.4': 32, '5.9': 32, '6.0': 32, '7.0': 32 });
  });

  it('uses all in CI, but of TypeScript the oldest and the newest only', () => {
    const [typescript, others] = [true, false].map((isCompiler) =>
      CASES_FOR_CI.filter(({ group }) => (group === 'TypeScript') === isCompiler).map(({ name }) => name),
    );
    const versions = ['typescript-5.0', 'typescript-7.0'].map((name) => wantedIn(HERE)[name]);
    expect(typescript).toEqual(
      versions.flatMap((version) =>
        MODULE_NAMES.map((module) => `TypeScript ${version}, ${module}, exactOptionalPropertyTypes`),
      ),
    );
    expect(others).toEqual(CASES.flatMap(({ group, name }) => (group === 'TypeScript' ? [] : [name])));
  });
});

describe('the results in the repository', () => {
  it('are those of all cases, in order, with their versions', () => {
    expect(published().map(nameOf)).toEqual(CASES.map(nameOf));
  });

  it('show that each case works', () => {
    expect(published().filter(({ problem }) => problem !== null)).toEqual([]);
  });

  it('are what docs/compatibility.md shows', () => {
    expect(plain(partsOf()[1])).toBe(plain(documentOf(published())));
  });

  it('would show what does not work', () => {
    const typescript = CASES.filter(({ group }) => group === 'TypeScript').map(({ group, name }) => ({
      group,
      name,
    }));
    const [first] = typescript;
    const broken = typescript.map((one) => ({ ...one, problem: one === first ? 'error | TS1\nmore' : null }));
    const text = documentOf([...broken, { group: 'Bundlers', name: 'a bundler', problem: 'no' }]);
    expect(text).toMatch(/^\| TypeScript 5\.0\.\d+ \| 7 of 8 \| 8 of 8 \|/m);
    expect(text).toContain(`| ${first?.name ?? ''} | does not work: \`error \\| TS1\` |`);
    expect(text).toContain('| a bundler | does not work: `no` |');
  });
});

describe('what does not work', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'doapi-ts-problem-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The problem of a program in a project of the folder. */
  const problemWith = async (code: string): Promise<string> => {
    const project = mkdtempSync(join(folder, 'project-'));
    writeFileSync(join(project, 'program.cjs'), code);
    const run = runIn(project, process.execPath, ['program.cjs']);
    return problemOf(await run.catch((error: unknown) => error), folder);
  };

  it('is what the program printed, errors first, and the page shows the line with the reason', async () => {
    const problem = await problemWith("console.log('out');\nthrow new TypeError('no `region` | <a>');");
    expect(problem).toMatch(/^program\.cjs:2\nthrow new .*\nTypeError: no `region` \| <a>\n.*\nout$/s);
    const text = documentOf([{ group: 'Bundlers', name: 'a bundler', problem }]);
    expect(text).toContain("| a bundler | does not work: `TypeError: no 'region' \\| <a>` |");
  });

  it('is that the command failed, where it printed nothing', async () => {
    expect(await problemWith('process.exitCode = 3;')).toBe(
      'node program.cjs has failed (3) and printed nothing',
    );
  });

  it('names no folder of this machine', async () => {
    const bundle = join(tmpdir(), 'doapi-ts-bundle-a1B2c3', 'bundle.cjs');
    const paths = [bundle, join(HERE, 'node_modules/x.js'), join(homedir(), '.npm/log')];
    const code = `console.error(${JSON.stringify(paths.join(' '))}, __dirname, require('node:url').pathToFileURL(__filename).href);
      console.error('/data${tmpdir()}/x'); process.exitCode = 1;`;
    const short = `bundle.cjs tools/compatibility/node_modules/x.js .npm/log . program.cjs\n/data${tmpdir()}/x`;
    expect(await problemWith(code)).toBe(short);
  });

  it('is its start, where it is long', async () => {
    const problem = await problemWith("console.error('Error: ' + 'x'.repeat(1e5)); process.exitCode = 1;");
    expect(problem).toBe(`Error: ${'x'.repeat(1992)}…`);
    expect(documentOf([{ group: 'Bundlers', name: 'a', problem }])).toContain(
      `\`Error: ${'x'.repeat(192)}…\``,
    );
  });

  it.each([
    ["program.mts(3,1): error TS2345: Argument of type 'number'", 1],
    ['AssertionError [ERR_ASSERTION]: 1 !== 2', 1],
    ['✘ [ERROR] Could not resolve "doapi-ts"', 1],
    ['error: Cannot find package', 1],
    ['npm error code ERESOLVE', 0],
  ])('has its reason in %s', (line, before) => {
    expect(
      reasonIn([...Array<string>(before).fill('FAIL job.test.ts'), `  ${line}`, 'more'].join('\n')),
    ).toBe(line);
  });
});

describe('the packages of a folder', () => {
  it('are not installed again while all of them are there in the version that is wanted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doapi-ts-packages-'));
    const said: string[] = [];
    const write = (path: string, manifest: object): void => {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, 'package.json'), JSON.stringify(manifest));
    };
    try {
      write('.', { dependencies: { one: 'npm:@scope/two@1.2.3' }, devDependencies: { three: '4.5.6' } });
      expect(wantedIn(folder)).toEqual({ one: '1.2.3', three: '4.5.6' });
      write('node_modules/one', { version: '1.2.3' });
      write('node_modules/three', { version: '4.5.6' });
      await installIn(folder, (line) => said.push(line));
      expect(said).toEqual([]);
      write('node_modules/three', { version: '4.5.5' });
      // There is no lockfile, so that npm refuses.
      await expect(installIn(folder, (line) => said.push(line))).rejects.toThrow('npm ci');
      expect(said).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
