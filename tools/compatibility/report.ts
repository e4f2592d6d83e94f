import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, type Group, GROUPS, nameOf } from './case';
import { CASES, NOT_RUN } from './cases';
import { reasonIn } from './problem';
import { MODULE_NAMES, TYPESCRIPT_NAMES } from './typescript';

/** The outcome of a case. */
export interface Result extends Pick<Case, 'group' | 'name'> {
  /** What does not work, or `null`. */
  problem: string | null;
}

const ROOT = join(__dirname, '..', '..');
const DOCUMENT = join(ROOT, 'docs', 'compatibility.md');
const RESULTS = join(__dirname, 'results.json');
const PRETTIER = join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
const [BEGIN, END] = [
  '<!-- compatibility: written by `npm run compatibility -- --full` -->',
  '<!-- compatibility: end -->',
];

/** The published results. */
export function published(): Result[] {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Result[]) : [];
}

/** The document: what is before the part of the script, that part, and what is after it. */
export function partsOf(
  document = readFileSync(DOCUMENT, 'utf8'),
): [before: string, own: string, after: string] {
  const [start, end] = [document.indexOf(BEGIN) + BEGIN.length, document.indexOf(END)];
  if (start < BEGIN.length || end < start)
    throw new Error('docs/compatibility.md has no marks for the results');
  return [document.slice(0, start), document.slice(start, end), document.slice(end)];
}

/** Keeps a result, in place of an earlier one of the same case: a run that is interrupted has lost nothing. */
export function keep(result: Result): void {
  const known = [result, ...published()];
  const all = CASES.flatMap((one) => known.find((other) => nameOf(other) === nameOf(one)) ?? []);
  writeFileSync(RESULTS, JSON.stringify(all));
}

/** Writes all results that are kept between the marks of the document. */
export function publish(): void {
  const [before, , after] = partsOf();
  writeFileSync(DOCUMENT, `${before}\n\n${documentOf(published())}\n\n${after}`);
  execFileSync(process.execPath, [PRETTIER, '--log-level', 'warn', '--write', DOCUMENT, RESULTS]);
}

/** The results as Markdown. */
export function documentOf(results: readonly Result[]): string {
  const parts = GROUPS.flatMap((group) => {
    const own = results.filter((one) => one.group === group);
    return [`## ${group}`, group === 'TypeScript' ? typescriptTable(own) : tableOf(group, own)];
  });
  const reasons = NOT_RUN.map(([what, why]) => `| ${what} | ${why} |`);
  const notRun = ['| what | why |', '| --- | --- |', ...reasons].join('\n');
  return [...parts, '## What is not run', notRun].join('\n\n');
}

function tableOf(group: Group, results: readonly Result[]): string {
  const rows = results.map(({ name, problem }) => `| ${name} | ${outcomeOf(problem)} |`);
  return [`| ${group} | result |`, '| --- | --- |', ...rows].join('\n');
}

/** One row per version, one column per way to resolve modules: how many combinations work, and a row for each that does not. */
function typescriptTable(results: readonly Result[]): string {
  const cell = (version: string, module: string): string => {
    const own = results.filter(({ name }) => name.startsWith(`${version}, ${module}, `));
    return `${own.filter(({ problem }) => problem === null).length} of ${own.length}`;
  };
  const rows = TYPESCRIPT_NAMES.map(
    (version) => `| ${[version, ...MODULE_NAMES.map((module) => cell(version, module))].join(' | ')} |`,
  );
  const head = [
    `| ${['TypeScript', ...MODULE_NAMES].join(' | ')} |`,
    `|${' --- |'.repeat(MODULE_NAMES.length + 1)}`,
  ];
  const failed = results.filter(({ problem }) => problem !== null);
  const failures = failed.length === 0 ? [] : ['', tableOf('TypeScript', failed)];
  return [...head, ...rows, ...failures].join('\n');
}

const outcomeOf = (problem: string | null): string =>
  problem === null
    ? 'works'
    : `does not work: \`${reasonIn(problem).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
