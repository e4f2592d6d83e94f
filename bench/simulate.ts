/**
 * Counts the cost of waiting and of bulk jobs on the sandbox's virtual clock, compares it with targets and with a simple loop, and
 * prints the tables. Writes that of bulk jobs into docs/performance.md. Fails when a row misses its target.
 *
 *     npm run simulate              # everything
 *     npm run simulate -- --bulk    # bulk jobs only
 */
import { seededRandom } from '../lib/sandbox/state/random';
import { bulkTable, isWell } from './simulate/bulk';
import { runAllBulk } from './simulate/bulk-jobs';
import { chaos } from './simulate/chaos';
import { costs } from './simulate/cost';
import { manyDroplets, manyLong, manyShort, oneWait, veryMany } from './simulate/crowds';
import { foreignTraffic } from './simulate/foreign';
import { hoursTable } from './simulate/hours';
import { publishBulk } from './simulate/publish-bulk';
import { isMet, type Row, tableOf } from './simulate/row';
import { standingQueue } from './simulate/standing';

const CASES: readonly (() => Promise<Row>)[] = [
  manyShort,
  manyDroplets,
  manyLong,
  veryMany,
  costs,
  oneWait,
  foreignTraffic,
  standingQueue,
  chaos,
];

async function simulate(): Promise<void> {
  const start = performance.now();
  const isWhole = !process.argv.includes('--bulk');
  const rows = isWhole ? await costOfWaiting() : [];
  Math.random = seededRandom(1);
  const bulk = await runAllBulk();
  console.log(`Bulk, against the shortest time that 240 requests a minute and 4,900 an hour allow:\n`);
  console.log(`${bulkTable(bulk)}\n`);
  publishBulk(bulk);
  console.log(`Simulated in ${Math.round((performance.now() - start) / 1_000)} s.`);
  if (!rows.every(isMet) || !bulk.every(isWell)) process.exitCode = 1;
}

async function costOfWaiting(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const run of CASES) {
    // The same jitter in every run.
    Math.random = seededRandom(1);
    rows.push(await run());
  }
  console.log(`${tableOf(rows)}\n`);
  Math.random = seededRandom(1);
  console.log(`Waits that last for the hour, five to an image:\n\n${await hoursTable()}\n`);
  return rows;
}

void simulate();
