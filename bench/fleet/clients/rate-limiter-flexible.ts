import { setTimeout as sleep } from 'node:timers/promises';
import Redis from 'ioredis';
import { RateLimiterRedis, type RateLimiterRes, RateLimiterUnion } from 'rate-limiter-flexible';
import type { WorkerOptions, WorkerResult } from '../worker-options';
import { plainRequest } from './plain-request';

/** rate-limiter-flexible: the union of two fixed windows; what is refused asks again when the window ends. */
export async function runFlexible(options: WorkerOptions): Promise<() => Promise<WorkerResult>> {
  const { redisPort, speed, calls } = options;
  const storeClient = new Redis(redisPort, '127.0.0.1', { lazyConnect: true });
  await storeClient.connect();
  const window = (keyPrefix: string, points: number, seconds: number): RateLimiterRedis =>
    new RateLimiterRedis({ storeClient, keyPrefix, points, duration: seconds / speed });
  const union = new RateLimiterUnion(window('minute', 240, 60), window('hour', 4_900, 3_600));
  const again = async (): Promise<void> => {
    for (;;) {
      try {
        await union.consume('token');
        return;
      } catch (refused) {
        const waits = Object.values(refused as Record<string, RateLimiterRes>);
        await sleep(Math.max(1, ...waits.map(({ msBeforeNext }) => msBeforeNext)));
      }
    }
  };
  let refusals = 0;
  return async () => {
    const work = (): Promise<void> => plainRequest(options, () => (refusals += 1), again);
    await Promise.all(Array.from({ length: calls }, work));
    storeClient.disconnect();
    return { answers: calls, waits: 0, refusals, exchanges: 0, warnings: 0, polls: [] };
  };
}
