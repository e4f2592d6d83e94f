/**
 * `npm run mutation`: makes every change that Stryker knows to the files of the rooms below `lib/`, one at a time, and
 * runs the specs of the changed file. Prints the changes that no spec notices; fails when a file has less than 90 %.
 *
 *     npm run mutation                                every file, in more than an hour
 *     npm run mutation -- retry-policy rate-limiter   these files
 *
 * Reports and the output of Stryker stay in a temporary folder.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installStryker, mutate, type Outcome } from './mutation/stryker';
import { problems, type Subject, subjects } from './mutation/subjects';

/** The smallest share of changes that the specs of a file must notice, in percent. */
const MIN_SCORE = 90;
const FOLDER = join(tmpdir(), 'doapi-ts-mutation');

async function main(wanted: string[]): Promise<void> {
  const all = subjects();
  const found = problems(all);
  if (found.length > 0 && wanted.length === 0)
    throw new Error(`tools/mutation/subjects.ts is out of date: ${found.join('; ')}`);
  const chosen = wanted.length === 0 ? all : wanted.map((name) => subjectNamed(name, all));
  mkdirSync(FOLDER, { recursive: true });
  await installStryker((line) => console.log(line));
  console.log('| file | mutants | killed | timed out | survived | not reached | score |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  const outcomes = chosen.map(test);
  for (const { survivors } of outcomes) for (const line of survivors) console.log(line);
  if (outcomes.some(({ score }) => score < MIN_SCORE)) process.exitCode = 1;
}

/** @param wanted `http/retry-policy` or `retry-policy` */
function subjectNamed(wanted: string, all: readonly Subject[]): Subject {
  const subject = all.find(({ name }) => name === wanted || name.endsWith(`/${wanted}`));
  if (!subject)
    throw new Error(`There is no file ${wanted}.ts among: ${all.map(({ name }) => name).join(', ')}`);
  return subject;
}

function test(subject: Subject): Outcome {
  const outcome = mutate(subject, FOLDER);
  const { mutants, killed, timedOut, survived, notReached, score } = outcome;
  const cells = [subject.file, mutants, killed, timedOut, survived, notReached, `${score.toFixed(1)} %`];
  console.log(`| ${cells.join(' | ')} |`);
  return outcome;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
