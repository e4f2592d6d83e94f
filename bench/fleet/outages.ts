import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { RedisServer } from '../../spec/support/redis-server';
import { CutProxy } from './cut-proxy';
import { FleetRun, LIMIT, mostWithin } from './fleet-run';
import { type Case, endChecks, FLEET, limitChecks, MINUTE, percent, type Row, rowCase, seen } from './rows';

/** Seconds of the windows in a second of the machine. */
const SPEED = 6;
/** A process that loses Redis has permits in stock, and knows of the loss after its next question. */
const NOTICE = 6_000;
/** A permit comes back a bucket after its minute, and is asked for then. */
const BUCKETS = 2_000;
/** A tenth of the limit. */
const SHARE = 24;

interface Outage {
  port?: number;
  /** Default: six. */
  speed?: number;
  /** Calls of each process: there is work until the minute afterwards is over. */
  calls: number;
  /** Whether Redis is empty afterwards: then the processes go on with their share for another minute. */
  forgets: boolean;
  /** Whether it takes so long that each process sends something with its share. */
  isLong: boolean;
  happen: () => Promise<void>;
}

/** Runs the fleet while something happens to Redis, and looks at the time before, during and after. */
async function outage(redis: RedisServer, options: Outage): Promise<Omit<Row, 'name'>> {
  const { port = redis.port, speed = SPEED, calls, forgets, isLong, happen } = options;
  let [from, to] = [0, 0];
  const run = await FleetRun.of({
    ...FLEET,
    calls,
    speed,
    redisPort: port,
    event: async (started) => {
      await sleep((1.5 * MINUTE) / speed);
      from = started.now;
      await happen();
      to = started.now;
    },
  });
  const warnings = run.results.map((result) => result.warnings);
  // Two seconds of the machine until each client is connected again.
  const whole = to + MINUTE + 2_000 * speed;
  // What was used right before that minute comes back right after it.
  const wholeAgain = run.accepted.filter(({ at }) => at >= whole && at < whole + MINUTE + BUCKETS);
  const after = mostWithin(wholeAgain, MINUTE) / LIMIT.perMinute;
  const aloneUntil = forgets ? to + MINUTE - 3_000 : to;
  const alone = run.children.map((_, worker) => {
    const sent = run.requestsOf(worker).filter(({ at }) => at > from + NOTICE && at < aloneUntil);
    return mostWithin(sent, MINUTE);
  });
  const [least, most] = [Math.min(...alone), Math.max(...alone)];
  const seconds = ((to - from) / 1_000).toFixed(0);
  return {
    result: `${run.sum('answers')} of ${calls * run.options.processes} answers, ${run.sum('waits')} waits; ${seen(run)}; away for ${seconds} s, ${least}–${most} requests of each process in a minute without permits, polls too; ${Math.min(...warnings)}–${Math.max(...warnings)} warnings each; ${percent(after)} of the budget in the minute after the first whole window`,
    target: `all answers; ${isLong ? 'each goes on, ' : ''}none above the share of ${SHARE}; whole again within one window`,
    checks: [
      ...limitChecks(run),
      ...endChecks(run),
      { what: 'the polls of which no process tells', value: run.unknownPolls, most: 0 },
      { what: 'the most requests of a process without permits', value: most, most: SHARE },
      ...(isLong
        ? [{ what: 'the fewest requests of a process without permits', value: least, least: 1 }]
        : []),
      { what: 'the least warnings of a process', value: Math.min(...warnings), least: 1 },
      { what: 'the most warnings of a process', value: Math.max(...warnings), most: 1 },
      { what: 'the used part of the budget afterwards', value: after, least: 0.9 },
    ],
  };
}

/** Redis is killed, and started again after a while. */
async function killAndStart(redis: RedisServer, speed = SPEED): Promise<void> {
  await redis.kill();
  await sleep((2 * MINUTE) / speed);
  await redis.start();
}

async function command(redis: RedisServer, ...words: string[]): Promise<void> {
  const admin = await createClient({ url: `redis://127.0.0.1:${redis.port}` }).connect();
  await admin.sendCommand(words);
  admin.destroy();
}

/** What can happen to Redis under load. */
export const OUTAGES: Readonly<Record<string, Case>> = {
  killed: rowCase('Redis killed for two minutes and started again, empty', (redis) =>
    outage(redis, { calls: 220, forgets: true, isLong: true, happen: () => killAndStart(redis) }),
  ),
  kept: rowCase(
    'Redis killed for two minutes with its memory kept (`appendonly`), clients that connect again by default',
    async () => {
      const redis = await RedisServer.start({ durable: true });
      // At full size: how long clients take to connect again does not scale with the windows.
      const happen = (): Promise<void> => killAndStart(redis, 1);
      try {
        return await outage(redis, { speed: 1, calls: 220, forgets: false, isLong: true, happen });
      } finally {
        await redis.stop();
      }
    },
  ),
  flushed: rowCase('FLUSHALL', (redis) =>
    outage(redis, { calls: 170, forgets: true, isLong: false, happen: () => command(redis, 'FLUSHALL') }),
  ),
  slow: rowCase('DEBUG SLEEP 5', (redis) => {
    const happen = (): Promise<void> => command(redis, 'DEBUG', 'SLEEP', '5');
    return outage(redis, { calls: 170, forgets: false, isLong: false, happen });
  }),
  cut: rowCase('the network to Redis cut for two minutes, without a reset', async (redis) => {
    const proxy = await CutProxy.start(redis.port);
    const happen = async (): Promise<void> => {
      proxy.cut();
      await sleep((2 * MINUTE) / SPEED);
      proxy.mend();
    };
    try {
      return await outage(redis, { port: proxy.port, calls: 220, forgets: false, isLong: true, happen });
    } finally {
      proxy.close();
    }
  }),
};
