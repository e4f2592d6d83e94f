import { performance } from 'node:perf_hooks';
import { createClient } from 'redis';
import { redisStore } from '../../lib/redis';
import { PermitMember } from '../../spec/support/permit-member';
import type { Row } from './cases';
import type { BenchRedis } from './redis';

const TIME = 4_000;

/** How many reports of one process one Redis answers in a second, by the number of members: rate limiters that report. */
export async function decisions(redis: BenchRedis): Promise<Row[]> {
  const client = await createClient({ url: `redis://127.0.0.1:${redis.port}` }).connect();
  const { permits } = redisStore(client);
  const rates: string[] = [];
  for (const members of [1, 8, 64]) {
    await client.flushAll();
    const limits = { perMinute: 1e8, perHour: 1e8 };
    const all = Array.from({ length: members }, (_, id) => new PermitMember(permits, `m${id}`, limits));
    const until = performance.now() + TIME;
    let count = 0;
    // As many at a time as the link lets through.
    const lanes = Math.min(8, members);
    const laneOf = async (lane: number): Promise<void> => {
      while (performance.now() < until)
        for (let id = lane; id < members && performance.now() < until; id += lanes) {
          await all[id]?.end(all[id]?.held ?? 0).ask({ calls: 1, spare: 16 });
          count += 1;
        }
    };
    await Promise.all(Array.from({ length: lanes }, (_, lane) => laneOf(lane)));
    rates.push(`${members}: ${Math.round(count / (TIME / 1_000)).toLocaleString('en')}`);
  }
  client.destroy();
  return [
    {
      name: 'answers a second of one Redis, by members, all in one process',
      result: rates.join('; '),
      target: 'measured',
    },
  ];
}
