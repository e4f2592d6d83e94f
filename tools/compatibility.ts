/**
 * `npm run compatibility`: uses the packed package with a part of what docs/compatibility.md lists, which takes a minute. `-- --full`:
 * with all of it, and writes that page. `-- --full Bundlers "Node 24"` runs only what has one of these texts in its name; the page keeps
 * the results of the others. Everything is for Linux on x64.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { installNodes } from './nodes/versions';
import { Consumer } from './support/consumer';
import { type Case, nameOf } from './compatibility/case';
import { CASES, CASES_FOR_CI } from './compatibility/cases';
import { HERE } from './compatibility/programs';
import { problemOf } from './compatibility/problem';
import { keep, publish, type Result } from './compatibility/report';
import { installIn } from './support/packages';

const say = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { full: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const isMeant = (one: Case): boolean =>
    positionals.length === 0 || positionals.some((text) => nameOf(one).includes(text));
  const chosen = (values.full ? CASES : CASES_FOR_CI).filter(isMeant);
  if (chosen.length === 0)
    throw new RangeError(`There is no case with ${positionals.join(' or ')} in its name.`);
  await installNodes(say);
  await installIn(HERE, say);
  const consumer = await Consumer.install();
  try {
    const results = await runAll(chosen, consumer, values.full ? keep : () => undefined);
    if (values.full) publish();
    const failed = results.filter(({ problem }) => problem !== null);
    say(`\n${results.length - failed.length} passed, ${failed.length} failed`);
    process.exitCode = failed.length === 0 ? 0 : 1;
  } finally {
    await consumer.remove();
  }
}

/** Runs the cases, as many at the same time as the machine has cores. */
async function runAll(
  cases: readonly Case[],
  consumer: Consumer,
  onResult: (result: Result) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = cases.values();
  const work = async (): Promise<void> => {
    for (const one of queue) {
      const problem = await one.run(consumer).then(
        () => null,
        (error: unknown) => problemOf(error, consumer.folder),
      );
      say(problem === null ? `works  ${nameOf(one)}` : `FAILS  ${nameOf(one)}\n${problem}`);
      const result = { group: one.group, name: one.name, problem };
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

void main();
