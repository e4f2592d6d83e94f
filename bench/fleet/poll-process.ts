/** A process that waits for actions, with a store in Redis. It is ready, gets its work, and tells of each end and when it leads. */
import { createClient } from 'redis';
import { DOApi, type SharedPolls } from '../../lib';
import { RedisStore } from '../../lib/redis/redis-store';
import { RunningClock } from '../../lib/sandbox/clock/running-clock';

/** What it has to do. */
export interface PollWork {
  url: string;
  token: string;
  redisPort: number;
  speed: number;
  actions: readonly number[];
}

/** What it tells. Times are those of the machine, in milliseconds. */
export type PollReportOfProcess =
  { kind: 'ready' } | { kind: 'leads'; leads: boolean } | { kind: 'ends'; ends: [id: number, at: number][] };

const tell = (report: PollReportOfProcess): Promise<void> =>
  new Promise((resolve) => process.send?.(report, () => resolve()));

async function main({ url, token, redisPort, speed, actions }: PollWork): Promise<void> {
  const redis = await createClient({ url: `redis://127.0.0.1:${redisPort}` }).connect();
  const store = new RedisStore(redis, {}, { speed, offset: 0 });
  let isLeader = false;
  const polls: SharedPolls = {
    exchange: async (key, report) => {
      const news = await store.polls.exchange(key, report);
      if (news.leads !== isLeader) void tell({ kind: 'leads', leads: (isLeader = news.leads) });
      return news;
    },
  };
  const api = new DOApi({
    token,
    endpoint: url,
    clock: new RunningClock({ speed, now: 0 }),
    store: { permits: store.permits, polls, close: () => store.close() },
    logger: { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error },
  });
  const ends = actions.map(async (id): Promise<[number, number]> => {
    await api.action(id).wait({ timeout: Infinity, throwOnError: false });
    return [id, Date.now()];
  });
  const all = await Promise.all(ends);
  await api.close();
  await store.close();
  redis.destroy();
  await tell({ kind: 'ends', ends: all });
}

process.once('message', (work) => {
  main(work as PollWork).then(
    () => process.exit(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
void tell({ kind: 'ready' });
