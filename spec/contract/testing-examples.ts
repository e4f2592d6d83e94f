import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/program';
import { blocksOf, type Block } from '../support/readme';

/** Inside the project, so that the built library finds its dependencies; ignored by git. */
const FOLDER = join(ROOT, 'coverage', 'testing-examples');
/** No runner takes this long, in milliseconds. */
const PATIENCE = 120_000;

/** How one runner got on with its example of docs/testing.md. */
export interface ExampleRun {
  runner: 'vitest' | 'node:test';
  /** What it said if it failed. */
  problem: string | null;
}

/**
 * Runs the examples of docs/testing.md with the runners they are for, against the built library as a user has it.
 * (Jest's runs in our own suite.)
 * @param from a file beside which vitest is installed; default: this one.
 */
export async function runTestingExamples(from = __filename): Promise<ExampleRun[]> {
  await install();
  const page = await readFile(join(ROOT, 'docs', 'testing.md'), 'utf8');
  const vitest = join(dirname(createRequire(from).resolve('vitest/package.json')), 'vitest.mjs');
  return [
    await run('vitest', blocksOf(page, 'ts'), 'vitest.test.ts', (file) => [
      vitest,
      'run',
      '--root',
      FOLDER,
      file,
    ]),
    await run('node:test', blocksOf(page, 'js'), 'node-test.test.mjs', (file) => ['--test', file]),
  ];
}

/** Builds the library into `node_modules` of the folder. */
async function install(): Promise<void> {
  const target = join(FOLDER, 'node_modules', 'doapi-ts');
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  // A package of its own: inside ours, `doapi-ts` would be ourselves.
  await writeFile(join(FOLDER, 'package.json'), '{ "private": true }');
  await copyFile(join(ROOT, 'package.json'), join(target, 'package.json'));
  const tsc = require.resolve('typescript/bin/tsc');
  await node([tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(target, 'dist')], ROOT);
}

async function run(
  runner: ExampleRun['runner'],
  blocks: readonly Block[],
  name: string,
  args: (file: string) => string[],
): Promise<ExampleRun> {
  const block = blocks.find(({ code }) => code.includes(`from '${runner}'`));
  if (!block) return { runner, problem: `docs/testing.md has no example for ${runner}` };
  const file = join(FOLDER, name);
  await writeFile(file, block.code);
  try {
    await node(args(file), FOLDER);
    return { runner, problem: null };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    return { runner, problem: `${message}\n${stdout}\n${stderr}` };
  }
}

async function node(args: string[], cwd: string): Promise<void> {
  await promisify(execFile)(process.execPath, args, { cwd, timeout: PATIENCE });
}
