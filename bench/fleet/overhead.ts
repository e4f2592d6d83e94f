import { performance } from 'node:perf_hooks';
import { createClient } from 'redis';
import { DOApi, type SharedStore } from '../../lib';
import { redisStore } from '../../lib/redis';
import { rowCase, type Row } from './rows';

const REQUESTS = 20_000;

/** With batches, few requests cost a round trip. */
const MOST_ROUND_TRIPS = 0.2;

/** What a store adds to a request where nothing is short. */
export const OVERHEAD = {
  ...rowCase('overhead of a request, with permits in stock', ({ port }) => overhead(port)),
  isAlone: true,
};

async function overhead(port: number): Promise<Omit<Row, 'name'>> {
  const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
  const store = redisStore(client);
  let exchanges = 0;
  const counted: SharedStore = {
    ...store,
    permits: {
      share: 1,
      exchange: (key, report) => {
        exchanges += 1;
        return store.permits.exchange(key, report);
      },
    },
    polls: store.polls,
    close: () => store.close(),
  };
  const rateLimit = { perMinute: 1e6, perHour: 1e6 };
  const alone = await median({ rateLimit });
  const shared = await median({ rateLimit, store: counted });
  const perRequest = exchanges / REQUESTS;
  await store.close();
  client.destroy();
  return {
    result: `median ${(shared - alone).toFixed(3)} ms; ${perRequest.toFixed(2)} round trips`,
    target: `0.1 ms; ${MOST_ROUND_TRIPS} round trips`,
    checks: [
      { what: 'the median in ms', value: shared - alone, most: 0.1 },
      { what: 'the round trips of a request', value: perRequest, most: MOST_ROUND_TRIPS },
    ],
  };
}

/** The median time of a request of which the transport takes none, in milliseconds. */
async function median(options: { rateLimit: object; store?: SharedStore }): Promise<number> {
  const adapter = (): Promise<{ status: number; headers: object; body: string }> =>
    new Promise((resolve) => setImmediate(() => resolve({ status: 200, headers: {}, body: '{}' })));
  const api = new DOApi({ token: 'a-token', ...options, transport: { adapter: adapter as never } });
  const times: number[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    const start = performance.now();
    await api.request('/v2/account');
    times.push(performance.now() - start);
  }
  await api.close();
  return times.sort((a, b) => a - b)[REQUESTS / 2] ?? 0;
}
