import { createClient } from 'redis';
import { type Clock, DOApi, type SharedStore } from '../../../lib';
import { RedisStore } from '../../../lib/redis/redis-store';
import { RunningClock } from '../../../lib/sandbox/clock/running-clock';
import type { WorkerOptions, WorkerResult } from '../worker-options';

/** doapi-ts, with or without a store. */
export async function runDoapi(options: WorkerOptions): Promise<() => Promise<WorkerResult>> {
  const { client, worker, url, token, redisPort, speed, dateOffset, calls, perHour, actions } = options;
  const redis = createClient({ url: `redis://127.0.0.1:${redisPort}` });
  // It connects again by itself.
  redis.on('error', () => undefined);
  const counts = { exchanges: 0, warnings: 0, polls: [] as number[] };
  let store: SharedStore | undefined;
  if (client === 'doapi-ts') {
    await redis.connect();
    store = counted(new RedisStore(redis, {}, { speed, offset: 0 }), counts);
  }
  const clock = withDate(new RunningClock({ speed, now: 0 }), dateOffset);
  let refusals = 0;
  const api = new DOApi({
    token,
    endpoint: url,
    store,
    clock,
    retries: 10,
    rateLimit: { perMinute: 240, perHour },
    deadline: Infinity,
    onRequest: ({ url }) => {
      if (!url.includes('/account')) counts.polls.push(Date.now());
    },
    onResponse: ({ status }) => void (refusals += Number(status === 429)),
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (message) => void (counts.warnings += Number(message.includes('store grants no permits'))),
      error: () => undefined,
    },
  });
  return async () => {
    const call = (): Promise<unknown> => api.request('/v2/account', { params: { worker } });
    const waits = actions.map((id) => api.action(id).wait({ timeout: Infinity }));
    const answers = await Promise.all(Array.from({ length: calls }, call));
    const ended = await Promise.all(waits);
    await api.close();
    await store?.close();
    return { answers: answers.length, waits: ended.length, refusals, ...counts };
  };
}

function counted(store: SharedStore, counts: { exchanges: number }): SharedStore {
  const { permits, polls } = store;
  return {
    polls,
    permits: {
      share: permits.share,
      exchange: (key, report) => {
        counts.exchanges += 1;
        return permits.exchange(key, report);
      },
    },
    close: () => store.close(),
  };
}

function withDate(clock: Clock, offset: number): Clock {
  return {
    now: () => clock.now(),
    date: () => clock.date() + offset,
    after: (ms, callback) => clock.after(ms, callback),
  };
}
