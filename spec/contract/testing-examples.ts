import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/program';
import { blocksOf, type Block } from '../support/readme';

/** Inside the project, so that the built library finds its dependencies. Git ignores it. */
const FOLDER = join(ROOT, 'coverage', 'testing-examples');
/** The timeout of a runner, in milliseconds. */
const TIMEOUT = 120_000;

/** The result of a runner's example in docs/testing.md. */
export interface ExampleRun {
  runner: 'vitest' | 'node:test';
  /** Its output if it failed, or `null`. */
  problem: string | null;
}

/**
 * Runs the examples of docs/testing.md with their runners, against the built library. Jest's example is a spec.
 * @param from a file beside which vitest is installed; default: this one
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

/** Builds the library into the folder's `node_modules`. */
async function install(): Promise<void> {
  const target = join(FOLDER, 'node_modules', 'doapi-ts');
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  // A separate package, since inside this one `doapi-ts` resolves to itself.
  await writeFile(join(FOLDER, 'package.json'), '{ "private": true }');
  await copyFile(join(ROOT, 'package.json'), join(target, 'package.json'));
  const tsc = require.resolve('typescript/bin/tsc');
  const dist = join(target, 'dist');
  await node([tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', dist], ROOT);
  await node(['-r', join(ROOT, 'spec/support/compile.cjs'), join(ROOT, 'tools/bundle.ts'), dist], ROOT);
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
  await promisify(execFile)(process.execPath, args, { cwd, timeout: TIMEOUT });
}
