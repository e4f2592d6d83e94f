import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './rows';

const DOCUMENT = join(__dirname, '../../docs/fleet.md');
const PRETTIER = join(__dirname, '../../node_modules/prettier/bin/prettier.cjs');
const RESULTS = join(__dirname, '../results/fleet.json');
const [BEGIN, END] = ['<!-- fleet: written by npm run fleet -->', '<!-- fleet: end -->'];

/** The rows as a table of Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, result, target }) => `| ${name} | ${result} | ${target} |`);
  return ['| case | measured | to reach |', '| --- | --- | --- |', ...lines].join('\n');
}

/**
 * Keeps the rows, in place of earlier ones of the same name, and writes all of them between the marks of the document.
 * @param names of all rows that there are, in order; others are removed
 */
export function publish(measured: readonly Row[], names: readonly string[]): void {
  const before = existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Row[]) : [];
  const all = names.flatMap((name) => [...measured, ...before].find((row) => row.name === name) ?? []);
  writeFileSync(RESULTS, `${JSON.stringify(all, null, 2)}\n`);
  const text = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : `# Fleets\n\n${BEGIN}\n${END}\n`;
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (start === -1 || end === -1) throw new Error('docs/fleet.md has no marks for the table');
  writeFileSync(DOCUMENT, `${text.slice(0, start)}${BEGIN}\n\n${tableOf(all)}\n\n${text.slice(end)}`);
  execFileSync(process.execPath, [PRETTIER, '--log-level', 'warn', '--write', DOCUMENT, RESULTS]);
}
