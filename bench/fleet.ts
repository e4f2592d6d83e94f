/**
 * `npm run fleet`: many processes with one token, a real Redis and a sandbox over HTTP with DigitalOcean's limits. Prints a
 * table and writes it into docs/fleet.md. It fails when a figure does not reach what it has to. `npm run fleet -- --full` adds
 * the run at full size, which takes twenty minutes; other arguments are names of cases.
 */
import { CASES } from './fleet/cases';
import { failuresOf } from './fleet/checks';
import { publish, tableOf } from './fleet/publish';
import type { Row } from './fleet/rows';
import { RedisServer } from '../spec/support/redis-server';

/** So many cases at the same time, of those that leave the cores to others: most of their time they wait for a window. */
const LANES = 2;

/** @returns whether all figures reach what they have to */
async function main(): Promise<boolean> {
  const args = process.argv.slice(2);
  const given = args.filter((arg) => !arg.startsWith('--'));
  const unknown = given.find((name) => !Object.hasOwn(CASES, name));
  if (unknown) throw new TypeError(`no case ${unknown}; the cases are ${Object.keys(CASES).join(', ')}`);
  const usual = Object.keys(CASES).filter((name) => name !== 'full-size' || args.includes('--full'));
  const wanted = given.length > 0 ? given : usual;
  const rows: Row[] = [];
  const waiting = wanted.filter((name) => !CASES[name]?.isAlone);
  const lane = async (): Promise<void> => {
    for (let name = waiting.shift(); name; name = waiting.shift()) rows.push(...(await measure(name)));
  };
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const name of wanted) if (CASES[name]?.isAlone) rows.push(...(await measure(name)));
  publish(
    rows,
    Object.values(CASES).flatMap((one) => one.rows),
  );
  console.log(tableOf(rows));
  const failures = failuresOf(rows);
  for (const lane of lanes) if (lane.status === 'rejected') failures.push(String(lane.reason));
  for (const failure of failures) console.error(failure);
  return failures.length === 0;
}

async function measure(name: string): Promise<Row[]> {
  const measured = CASES[name];
  if (!measured) return [];
  process.stderr.write(`${name} …\n`);
  const redis = await RedisServer.start();
  try {
    const rows = await measured.measure(redis, measured.rows);
    process.stderr.write(`${tableOf(rows)}\n`);
    return rows;
  } finally {
    await redis.stop();
  }
}

main().then(
  (isReached) => process.exit(isReached ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
