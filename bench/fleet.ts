/**
 * `npm run fleet`: many processes with one token, a real Redis and a sandbox over HTTP with DigitalOcean's limits. Prints a table and
 * writes it into docs/fleet.md. It fails when a figure does not reach what it has to. `npm run fleet -- --full` adds the run at full size, which takes twenty minutes; other
 * arguments are names of rows.
 */
import { CASES, type Row } from './fleet/cases';
import { failuresOf } from './fleet/checks';
import { publish, tableOf } from './fleet/publish';
import { BenchRedis } from './fleet/redis';

/** @returns whether all figures reach what they have to */
async function main(): Promise<boolean> {
  const args = process.argv.slice(2);
  const names = args.filter((arg) => !arg.startsWith('--'));
  const wanted = names.length > 0 ? names : Object.keys(CASES);
  const rows: Row[] = [];
  for (const name of wanted) {
    const measure = CASES[name];
    if (!measure) throw new TypeError(`no row ${name}; the rows are ${Object.keys(CASES).join(', ')}`);
    if (name === 'full-size' && names.length === 0 && !args.includes('--full')) continue;
    process.stderr.write(`${name} …\n`);
    const redis = await BenchRedis.start();
    try {
      rows.push(...(await measure(redis)));
    } finally {
      await redis.stop();
    }
    process.stderr.write(`${tableOf(rows.slice(-3))}\n`);
  }
  publish(rows);
  console.log(tableOf(rows));
  const failures = failuresOf(rows);
  for (const failure of failures) console.error(failure);
  return failures.length === 0;
}

main().then(
  (isReached) => process.exit(isReached ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
