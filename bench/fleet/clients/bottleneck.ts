import Bottleneck from 'bottleneck';
import Redis from 'ioredis';
import type { WorkerOptions, WorkerResult } from '../worker-options';
import { plainRequest } from './plain-request';

/** bottleneck in its cluster mode: a reservoir for each window, one behind the other. */
export async function runBottleneck(options: WorkerOptions): Promise<() => Promise<WorkerResult>> {
  const { redisPort, speed, calls } = options;
  const reservoir = (id: string, amount: number, ms: number): Bottleneck =>
    new Bottleneck({
      id,
      datastore: 'ioredis',
      clearDatastore: false,
      Redis,
      clientOptions: { host: '127.0.0.1', port: redisPort },
      reservoir: amount,
      reservoirRefreshAmount: amount,
      // As often in a window as by default.
      heartbeatInterval: 5_000 / speed,
      // It must be a multiple of 250.
      reservoirRefreshInterval: Math.ceil(ms / speed / 250) * 250,
    });
  const minute = reservoir('minute', 240, 60_000);
  const hour = reservoir('hour', 4_900, 3_600_000);
  for (const one of [minute, hour]) one.on('error', () => undefined);
  await Promise.all([minute.ready(), hour.ready()]);
  let refusals = 0;
  const again = (): Promise<void> => hour.schedule(() => minute.schedule(() => Promise.resolve()));
  return async () => {
    const work = (): Promise<void> => plainRequest(options, () => (refusals += 1), again);
    await Promise.all(Array.from({ length: calls }, work));
    return { answers: calls, waits: 0, refusals, exchanges: 0, warnings: 0, polls: [] };
  };
}
