/**
 * Changes the code of `lib/core` and `lib/waiting` in every way that Stryker knows, one at a time, and runs the specs of
 * the changed file: what no spec notices is printed. Fails below 90 % in any file.
 *
 *     npm run mutation                     every file, an hour and more
 *     npm run mutation -- retry budget     these files
 *
 * Reports and what Stryker says are kept in a temporary folder.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgotten, SUBJECTS, type Subject } from './mutation/subjects';
import { installStryker, mutate, type Outcome } from './mutation/stryker';

const ENOUGH = 90;
const FOLDER = join(tmpdir(), 'doapi-ts-mutation');

function main(wanted: string[]): void {
  const unknown = wanted.filter((name) => !SUBJECTS.some((subject) => subject.name === name));
  if (unknown.length > 0) throw new Error(`No such file in lib/core or lib/waiting: ${unknown.join(', ')}`);
  const names = ['core', 'waiting'].flatMap((folder) => readdirSync(join(__dirname, '../lib', folder)));
  const left = forgotten(names.map((name) => name.replace(/\.ts$/, '')));
  if (wanted.length === 0 && left.length > 0)
    throw new Error(`bench/mutation/subjects.ts says nothing of ${left.join(', ')}`);
  mkdirSync(FOLDER, { recursive: true });
  installStryker();
  console.log('| file | mutants | killed | timed out | survived | not reached | score |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  const outcomes = SUBJECTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map(tryOut);
  for (const { survivors } of outcomes) for (const line of survivors) console.log(line);
  if (outcomes.some(({ score }) => score < ENOUGH)) process.exitCode = 1;
}

function tryOut(subject: Subject): Outcome {
  const outcome = mutate(subject, FOLDER);
  const { mutants, killed, timedOut, survived, notReached, score } = outcome;
  const cells = [subject.file, mutants, killed, timedOut, survived, notReached, `${score.toFixed(1)} %`];
  console.log(`| ${cells.join(' | ')} |`);
  return outcome;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
