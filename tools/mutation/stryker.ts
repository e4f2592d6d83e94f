import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installIn } from '../support/packages';
import type { Subject } from './subjects';

const ROOT = join(__dirname, '../..');
const PACKAGES = join(__dirname, 'node_modules/@stryker-mutator');

/** The result for one file. */
export interface Outcome {
  mutants: number;
  killed: number;
  timedOut: number;
  survived: number;
  notReached: number;
  /** The share of changes that were noticed, in percent. A change that never ends is noticed. */
  score: number;
  /** One line for each change that was not noticed. */
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

/** Installs Stryker beside this file unless it is present: 66 MB that no other script needs. */
export const installStryker = (say: (line: string) => void): Promise<void> => installIn(__dirname, say);

/**
 * Tests every change to one file. It does not reuse results of an earlier run: Stryker would report a change of a
 * top-level constant as unnoticed although a new spec notices it.
 * @param folder where reports and the output of Stryker are written
 */
export function mutate(subject: Subject, folder: string): Outcome {
  const fileFor = (ending: string): string => join(folder, `${subject.name.replaceAll('/', '-')}.${ending}`);
  const report = fileFor('report.json');
  writeFileSync(fileFor('options.json'), JSON.stringify(optionsFor(subject, fileFor, report)));
  const stryker = spawnSync(
    process.execPath,
    [join(PACKAGES, 'core/bin/stryker.js'), 'run', fileFor('options.json')],
    { cwd: ROOT, encoding: 'utf8' },
  );
  writeFileSync(fileFor('log'), stryker.stdout + stryker.stderr);
  if (stryker.status !== 0)
    throw new Error(`Stryker failed at ${subject.file}:\n${stryker.stdout}${stryker.stderr}`);
  return outcomeOf(JSON.parse(readFileSync(report, 'utf8')) as Report, subject.file);
}

function optionsFor({ file, specs }: Subject, fileFor: (ending: string) => string, report: string): object {
  return {
    plugins: [join(PACKAGES, 'jest-runner/dist/src/index.js')],
    mutate: [file],
    testRunner: 'jest',
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 5_000,
    disableTypeChecks: 'lib/**/*.ts',
    ignorePatterns: ['coverage', 'dist', 'docs', 'examples'],
    tempDirName: fileFor('sandbox'),
    cleanTempDir: 'always',
    reporters: ['json'],
    jsonReporter: { fileName: report },
    warnings: { slow: false },
    jest: {
      enableFindRelatedTests: false,
      config: {
        testEnvironment: join(__dirname, 'fail-fast.cjs'),
        testTimeout: 4_000,
        // Stryker selects tests by name only, for which jest would load all specs.
        testMatch: specs.map((spec) => `<rootDir>/${spec}`),
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
