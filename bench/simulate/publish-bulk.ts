import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BulkResult, bulkTable } from './bulk';

const ROOT = join(__dirname, '../..');
const DOCUMENT = join(ROOT, 'docs/performance.md');
const [BEGIN, END] = ['<!-- simulate: written by `npm run simulate` -->', '<!-- simulate: end -->'];

/** Writes the table between the marks of the document. */
export function publishBulk(results: readonly BulkResult[], document = DOCUMENT): void {
  const text = readFileSync(document, 'utf8');
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (start === -1 || end < start) throw new Error(`${document} has no marks for the table of bulk jobs`);
  const table = bulkTable(results);
  writeFileSync(document, `${text.slice(0, start)}${BEGIN}\n\n${table}\n\n${text.slice(end)}`);
  const prettier = join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
  const how = ['--config', join(ROOT, '.prettierrc.json'), '--log-level', 'warn', '--write'];
  execFileSync(process.execPath, [prettier, ...how, document]);
}
