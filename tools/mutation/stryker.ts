import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from './subjects';

const ROOT = join(__dirname, '../..');
const PACKAGES = join(__dirname, 'node_modules/@stryker-mutator');

/** What became of the changes to one file. */
export interface Outcome {
  mutants: number;
  killed: number;
  timedOut: number;
  survived: number;
  notReached: number;
  /** What share of the changes was noticed, in percent. One that never ends is noticed. */
  score: number;
  /** One line for each that was not. */
  survivors: string[];
}

interface Mutant {
  status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'RuntimeError' | 'CompileError' | 'Ignored';
  mutatorName: string;
  replacement?: string;
  statusReason?: string;
  location: { start: Position; end: Position };
}

interface Position {
  line: number;
  column: number;
}

interface Report {
  files: Record<string, { source: string; mutants: Mutant[] }>;
}

/** Installs Stryker beside this file unless it is there already: 66 MB that no other script needs. */
export function installStryker(): void {
  const { devDependencies } = readJson(join(__dirname, 'package.json')) as {
    devDependencies: Record<string, string>;
  };
  const installed = Object.entries(devDependencies).every(([name, version]) => {
    const file = join(__dirname, 'node_modules', name, 'package.json');
    return existsSync(file) && (readJson(file) as { version: string }).version === version;
  });
  if (installed) return;
  console.log('Installing Stryker into bench/mutation/node_modules …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: __dirname,
    stdio: 'ignore',
  });
}

/**
 * Tries every change to one file. Nothing is taken over from an earlier run: Stryker would hold what a constant says at
 * the top of a file to be unnoticed still, although a new spec notices it.
 * @param folder where the reports and what Stryker says are kept
 */
export function mutate(subject: Subject, folder: string): Outcome {
  const place = (ending: string): string => join(folder, `${subject.name}.${ending}`);
  const report = place('report.json');
  writeFileSync(place('options.json'), JSON.stringify(optionsFor(subject, place, report)));
  const stryker = spawnSync(
    process.execPath,
    [join(PACKAGES, 'core/bin/stryker.js'), 'run', place('options.json')],
    { cwd: ROOT, encoding: 'utf8' },
  );
  writeFileSync(place('log'), stryker.stdout + stryker.stderr);
  if (stryker.status !== 0)
    throw new Error(`Stryker failed at ${subject.file}:\n${stryker.stdout}${stryker.stderr}`);
  return outcomeOf(readJson(report) as Report, subject.file);
}

function optionsFor({ file, specs }: Subject, place: (ending: string) => string, report: string): object {
  return {
    plugins: [join(PACKAGES, 'jest-runner/dist/src/index.js')],
    mutate: [file],
    testRunner: 'jest',
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 5_000,
    disableTypeChecks: 'lib/**/*.ts',
    ignorePatterns: ['coverage', 'dist', 'docs', 'examples'],
    tempDirName: place('sandbox'),
    cleanTempDir: 'always',
    reporters: ['json'],
    jsonReporter: { fileName: report },
    warnings: { slow: false },
    jest: {
      enableFindRelatedTests: false,
      config: {
        testEnvironment: join(__dirname, 'fail-fast.cjs'),
        testTimeout: 4_000,
        // Stryker narrows a run by the names of tests only: jest would load all specs to find them.
        testMatch: specs.map((spec) => `<rootDir>/${spec}`),
        transform: {
          '^.+\\.ts$': [
            'ts-jest',
            { tsconfig: '<rootDir>/tsconfig.json', diagnostics: false, isolatedModules: true },
          ],
        },
      },
    },
  };
}

function outcomeOf(report: Report, file: string): Outcome {
  const { mutants, source } = report.files[file] ?? { mutants: [], source: '' };
  const having = (status: Mutant['status']): number =>
    mutants.filter((mutant) => mutant.status === status).length;
  const [killed, timedOut] = [having('Killed'), having('Timeout')];
  const [survived, notReached] = [having('Survived'), having('NoCoverage')];
  const all = killed + timedOut + survived + notReached;
  return {
    mutants: all,
    killed,
    timedOut,
    survived,
    notReached,
    score: all === 0 ? 100 : (100 * (killed + timedOut)) / all,
    survivors: mutants
      .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
      .map((mutant) => lineOf(mutant, file, source.split('\n'))),
  };
}

function lineOf(
  { status, location: { start, end }, replacement = '' }: Mutant,
  file: string,
  source: string[],
): string {
  const first = source[start.line - 1] ?? '';
  const was =
    start.line === end.line
      ? first.slice(start.column - 1, end.column - 1)
      : `${first.slice(start.column - 1)} …`;
  const is = replacement
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
  return `${file}:${start.line}:${start.column} ${status === 'Survived' ? 'survived' : 'not reached'}: ${was} → ${is}`;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8')) as unknown;
}
