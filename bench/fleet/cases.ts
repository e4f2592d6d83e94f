import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { DECISIONS } from './decisions';
import { FleetRun, type RunOptions } from './fleet-run';
import { OUTAGES } from './outages';
import { OVERHEAD } from './overhead';
import { KILLED_LEADER, SHARED_POLLS } from './polls';
import {
  busyTime,
  type Case,
  endChecks,
  FLEET,
  HOUR,
  LIMIT_HOLDS,
  limitChecks,
  MINUTE,
  percent,
  type Row,
  rowCase,
  seen,
} from './rows';

const COMPARED = ['doapi-ts', 'bottleneck', 'rate-limiter-flexible', 'doapi-ts without a store'] as const;

async function work(options: RunOptions): Promise<Omit<Row, 'name'>> {
  const run = await FleetRun.of(options);
  const used = run.usedBetween(0, busyTime(run));
  const roundTrips = run.sum('exchanges') / run.accepted.length;
  return {
    result: `${run.sum('answers')} answers, ${run.sum('waits')} waits; ${seen(run)}; ${percent(used)} of the budget; fair within ${percent(run.unfairness)}; ${roundTrips.toFixed(2)} round trips a request`,
    target: `${LIMIT_HOLDS}; 95 %; 20 %; 1.5 round trips`,
    checks: [
      ...limitChecks(run),
      ...endChecks(run),
      { what: 'the used part of the budget', value: used, least: 0.95 },
      { what: 'the unfairness', value: run.unfairness, most: 0.2 },
      { what: 'the round trips of a request', value: roundTrips, most: 1.5 },
    ],
  };
}

/** More calls than an hour admits, with fewer an hour: the others wait until the first ones have left the window. */
async function fullHour(redisPort: number): Promise<Omit<Row, 'name'>> {
  const perHour = 500;
  const run = await FleetRun.of({ processes: 8, calls: 100, speed: 20, redisPort, perHour });
  const { hour } = run.most;
  const warnings = run.results.map((result) => result.warnings);
  return {
    result: `${run.sum('answers')} answers; ${seen(run)}`,
    target: `0 × 429; at most 240 a minute; ${0.98 * perHour} to ${perHour} an hour`,
    checks: [
      ...limitChecks(run),
      ...endChecks(run),
      { what: 'the requests of the fullest hour', value: hour, least: 0.98 * perHour },
      { what: 'the most warnings of a process', value: Math.max(...warnings), most: 0 },
    ],
  };
}

async function freeze(redisPort: number): Promise<Omit<Row, 'name'>> {
  const run = await FleetRun.of({
    ...FLEET,
    waits: 0,
    calls: 250,
    redisPort,
    dateOffsets: [HOUR, -HOUR, HOUR, -HOUR, 0, 0, 0, 0],
    event: async ({ children, options }) => {
      await sleep(MINUTE / options.speed);
      children[4]?.kill('SIGSTOP');
      await sleep(30_000 / options.speed);
      children[4]?.kill('SIGCONT');
    },
  });
  return {
    result: `${seen(run)}; ${percent(run.usedBetween(0, busyTime(run)))} of the budget`,
    target: LIMIT_HOLDS,
    checks: [...limitChecks(run), ...endChecks(run)],
  };
}

const COMPARE: Case = {
  rows: COMPARED.map((client) => `compared, 8 × 150 calls: ${client}`),
  measure: async ({ port: redisPort }, rows) => {
    const measured: Row[] = [];
    for (const [index, client] of COMPARED.entries()) {
      const admin = await createClient({ url: `redis://127.0.0.1:${redisPort}` }).connect();
      await admin.flushAll();
      admin.destroy();
      const run = await FleetRun.of({ processes: 8, calls: 150, speed: 10, redisPort, client });
      measured.push({
        name: rows[index] ?? client,
        result: `${seen(run)}; ${percent(run.usedBetween(0, busyTime(run)))} of the budget`,
        target: '',
        checks: client === 'doapi-ts' ? [...limitChecks(run), ...endChecks(run)] : [],
      });
    }
    return measured;
  },
};

/** What `npm run fleet` measures. */
export const CASES: Readonly<Record<string, Case>> = {
  work: rowCase('8 × 500 calls and 200 waits, windows ten times as fast', ({ port }) =>
    work({ ...FLEET, redisPort: port }),
  ),
  'full-size': rowCase('8 × 500 calls and 200 waits, at full size', ({ port }) =>
    work({ ...FLEET, speed: 1, redisPort: port }),
  ),
  hour: rowCase('8 × 100 calls, with 500 an hour, windows twenty times as fast', ({ port }) =>
    fullHour(port),
  ),
  clocks: rowCase('four clocks off by an hour, one process stopped for 30 s', ({ port }) => freeze(port)),
  ...OUTAGES,
  polls: SHARED_POLLS,
  leader: KILLED_LEADER,
  overhead: OVERHEAD,
  decisions: DECISIONS,
  compare: COMPARE,
};
