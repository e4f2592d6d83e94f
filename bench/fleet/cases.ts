import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import type { Check } from './checks';
import { decisions } from './decisions';
import { FleetRun, LIMIT, mostWithin, type RunOptions } from './fleet-run';
import { overhead } from './overhead';
import { CutProxy } from './cut-proxy';
import { killedLeader, sharedPolls } from './polls';
import type { BenchRedis } from './redis';

/** One row of the table. */
export interface Row {
  name: string;
  result: string;
  /** What the figure has to reach. */
  target: string;
  /** The same as numbers: `npm run fleet` fails when one of them does not reach it. */
  checks?: readonly Check[];
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
const FLEET = { processes: 8, calls: 500, waits: 200, speed: 10 };
const LIMIT_HOLDS = '0 × 429; at most 240 a minute and 4,900 an hour';
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

/** What the server has seen. */
function seen(run: FleetRun): string {
  const { minute, hour } = run.most;
  return `${run.refusals} × 429; at most ${minute} a minute, ${hour} an hour`;
}

/** That the limit holds. */
function limitChecks(run: FleetRun): Check[] {
  const { minute, hour } = run.most;
  return [
    { what: 'the number of 429', value: run.refusals, most: 0 },
    { what: 'the most requests in a minute', value: minute, most: LIMIT.perMinute },
    { what: 'the most requests in an hour', value: hour, most: LIMIT.perHour },
  ];
}

/** That all calls and waits have ended. */
function endChecks({ options, results }: FleetRun): Check[] {
  const { processes, calls, waits = 0 } = options;
  const sum = (kind: 'answers' | 'waits'): number => results.reduce((all, result) => all + result[kind], 0);
  return [
    { what: 'the number of answers', value: sum('answers'), least: processes * calls },
    { what: 'the number of waits', value: sum('waits'), least: waits },
  ];
}

/** Whole minutes at whose end work was left. */
function busyTime(run: FleetRun): number {
  const last = Math.max(...run.accepted.map(({ at }) => at));
  return Math.floor(last / MINUTE) * MINUTE;
}

async function work(name: string, options: RunOptions): Promise<Row[]> {
  const run = await FleetRun.of(options);
  const answers = run.results.reduce((sum, result) => sum + result.answers, 0);
  const waits = run.results.reduce((sum, result) => sum + result.waits, 0);
  const used = run.usedBetween(0, busyTime(run));
  const exchanges = run.results.reduce((sum, result) => sum + result.exchanges, 0);
  const roundTrips = exchanges / run.accepted.length;
  return [
    {
      name,
      result: `${answers} answers, ${waits} waits; ${seen(run)}; ${percent(used)} of the budget; fair within ${percent(run.unfairness)}; ${roundTrips.toFixed(2)} round trips a request`,
      target: `${LIMIT_HOLDS}; 95 %; 20 %; 1.5 round trips`,
      checks: [
        ...limitChecks(run),
        ...endChecks(run),
        { what: 'the used part of the budget', value: used, least: 0.95 },
        { what: 'the unfairness', value: run.unfairness, most: 0.2 },
        { what: 'the round trips of a request', value: roundTrips, most: 1.5 },
      ],
    },
  ];
}

interface Outage {
  port?: number;
  /** Whether Redis is empty afterwards: then the processes go on with their share for another minute. */
  forgets: boolean;
  happen: () => Promise<void>;
}

/** A process that loses Redis has permits in stock, and knows of the loss after its next question. */
const NOTICE = 6_000;

/** Runs the fleet while something happens to Redis, and looks at the time before, during and after. */
async function outage(
  name: string,
  redis: BenchRedis,
  { port = redis.port, forgets, happen }: Outage,
): Promise<Row> {
  let [from, to] = [0, 0];
  const run = await FleetRun.of({
    ...FLEET,
    calls: 300,
    speed: 6,
    redisPort: port,
    event: async (started) => {
      await sleep((1.5 * MINUTE) / 6);
      from = started.now;
      await happen();
      to = started.now;
    },
  });
  const answers = run.results.reduce((sum, result) => sum + result.answers, 0);
  const waits = run.results.reduce((sum, result) => sum + result.waits, 0);
  const warnings = run.results.map((result) => result.warnings);
  // Two seconds of the machine until each client is connected again.
  const whole = to + MINUTE + 2 * 6_000;
  const after = run.usedBetween(whole, whole + MINUTE);
  const aloneUntil = forgets ? to + MINUTE - 3_000 : to;
  const alone = run.children.map((_, worker) =>
    mostWithin(
      run.accepted.filter((one) => one.worker === worker && one.at > from + NOTICE && one.at < aloneUntil),
      MINUTE,
    ),
  );
  const seconds = ((to - from) / 1_000).toFixed(0);
  return {
    name,
    result: `${answers} of ${run.options.calls * run.options.processes} answers, ${waits} waits; ${seen(run)}; away for ${seconds} s, at most ${Math.max(...alone)} requests of a process in a minute without permits; ${Math.min(...warnings)}–${Math.max(...warnings)} warnings each; ${percent(after)} of the budget in the minute after the first whole window`,
    target: 'all answers; none above the share of 24; whole again within one window',
    checks: [
      ...limitChecks(run),
      ...endChecks(run),
      { what: 'the most requests of a process without permits', value: Math.max(...alone), most: 24 },
      { what: 'the least warnings of a process', value: Math.min(...warnings), least: 1 },
      { what: 'the most warnings of a process', value: Math.max(...warnings), most: 1 },
      { what: 'the used part of the budget afterwards', value: after, least: 0.9 },
    ],
  };
}

async function freeze(redis: BenchRedis): Promise<Row[]> {
  const run = await FleetRun.of({
    ...FLEET,
    waits: 0,
    calls: 250,
    redisPort: redis.port,
    dateOffsets: [HOUR, -HOUR, HOUR, -HOUR, 0, 0, 0, 0],
    event: async ({ children, options }) => {
      await sleep(MINUTE / options.speed);
      children[4]?.kill('SIGSTOP');
      await sleep(30_000 / options.speed);
      children[4]?.kill('SIGCONT');
    },
  });
  return [
    {
      name: 'four clocks off by an hour, one process stopped for 30 s',
      result: `${seen(run)}; ${percent(run.usedBetween(0, busyTime(run)))} of the budget`,
      target: LIMIT_HOLDS,
      checks: [...limitChecks(run), ...endChecks(run)],
    },
  ];
}

async function compare(redis: BenchRedis): Promise<Row[]> {
  const rows: Row[] = [];
  for (const client of [
    'doapi-ts',
    'bottleneck',
    'rate-limiter-flexible',
    'doapi-ts without a store',
  ] as const) {
    const admin = await createClient({ url: `redis://127.0.0.1:${redis.port}` }).connect();
    await admin.flushAll();
    admin.destroy();
    const run = await FleetRun.of({ processes: 8, calls: 150, speed: 10, redisPort: redis.port, client });
    const used = percent(run.usedBetween(0, busyTime(run)));
    rows.push({
      name: `compared, 8 × 150 calls: ${client}`,
      result: `${seen(run)}; ${used} of the budget`,
      target: '',
      checks: client === 'doapi-ts' ? [...limitChecks(run), ...endChecks(run)] : [],
    });
  }
  return rows;
}

export const CASES: Readonly<Record<string, (redis: BenchRedis) => Promise<Row[]>>> = {
  work: (redis) =>
    work('8 × 500 calls and 200 waits, windows ten times as fast', { ...FLEET, redisPort: redis.port }),
  clocks: freeze,
  killed: async (redis) => [
    await outage('Redis killed for 5 s and started again, empty', redis, {
      forgets: true,
      happen: async () => {
        await redis.kill();
        await sleep(5_000);
        await redis.start();
      },
    }),
  ],
  flushed: async (redis) => [
    await outage('FLUSHALL', redis, {
      forgets: true,
      happen: async () => {
        const admin = await createClient({ url: `redis://127.0.0.1:${redis.port}` }).connect();
        await admin.flushAll();
        admin.destroy();
      },
    }),
  ],
  slow: async (redis) => [
    await outage('DEBUG SLEEP 5', redis, {
      forgets: false,
      happen: async () => {
        const admin = await createClient({ url: `redis://127.0.0.1:${redis.port}` }).connect();
        await admin.sendCommand(['DEBUG', 'SLEEP', '5']);
        admin.destroy();
      },
    }),
  ],
  cut: async (redis) => {
    const proxy = await CutProxy.start(redis.port);
    try {
      return [
        await outage('the network to Redis cut for 5 s, without a reset', redis, {
          port: proxy.port,
          forgets: false,
          happen: async () => {
            proxy.cut();
            await sleep(5_000);
            proxy.mend();
          },
        }),
      ];
    } finally {
      proxy.close();
    }
  },
  polls: sharedPolls,
  leader: killedLeader,
  overhead,
  decisions,
  compare,
  'full-size': (redis) =>
    work('8 × 500 calls and 200 waits, at full size', { ...FLEET, speed: 1, redisPort: redis.port }),
};
