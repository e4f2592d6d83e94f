import type { RedisServer } from '../../spec/support/redis-server';
import type { Check } from './checks';
import { type FleetRun, LIMIT } from './fleet-run';

/** One row of the table. */
export interface Row {
  name: string;
  result: string;
  /** What the figure has to reach. */
  target: string;
  /** The same as numbers: `npm run fleet` fails when one of them does not reach it. Only clients that are compared have none. */
  checks: readonly Check[];
}

/** What measures some rows, with a Redis of its own. */
export interface Case {
  /** The names of its rows, in order. */
  rows: readonly string[];
  /** Whether it needs both cores: nothing else is measured meanwhile. */
  isAlone?: boolean;
  measure: (redis: RedisServer, rows: readonly string[]) => Promise<Row[]>;
}

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const FLEET = { processes: 8, calls: 500, waits: 200, speed: 10 };
export const LIMIT_HOLDS = '0 × 429; at most 240 a minute and 4,900 an hour';

/** A case with one row. */
export function rowCase(name: string, measure: (redis: RedisServer) => Promise<Omit<Row, 'name'>>): Case {
  return { rows: [name], measure: async (redis) => [{ name, ...(await measure(redis)) }] };
}

export function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** What the server has seen. */
export function seen(run: FleetRun): string {
  const { minute, hour } = run.most;
  return `${run.refusals} × 429; at most ${minute} a minute, ${hour} an hour`;
}

/** That the limit holds. */
export function limitChecks(run: FleetRun): Check[] {
  const { minute, hour } = run.most;
  return [
    { what: 'the number of 429', value: run.refusals, most: 0 },
    { what: 'the most requests in a minute', value: minute, most: LIMIT.perMinute },
    { what: 'the most requests in an hour', value: hour, most: run.perHour },
  ];
}

/** That all calls and waits have ended. */
export function endChecks(run: FleetRun): Check[] {
  const { processes, calls, waits = 0 } = run.options;
  return [
    { what: 'the number of answers', value: run.sum('answers'), least: processes * calls },
    { what: 'the number of waits', value: run.sum('waits'), least: waits },
  ];
}

/** Whole minutes at whose end work was left. */
export function busyTime(run: FleetRun): number {
  const last = Math.max(...run.accepted.map(({ at }) => at));
  return Math.floor(last / MINUTE) * MINUTE;
}
