import { DOApi } from '../../lib';
import { forEachConcurrently } from '../../lib/util/concurrency';
import { seededRandom } from '../../lib/sandbox/state/random';
import { Account, MINUTE } from './account';
import { disorderly, ORDERS } from './disorder';
import { formatNumber, none, type Row } from './row';
import { watch } from './watching';

/** Seeds that are simulated concurrently, each on its own clock. */
const CONCURRENCY = 10;

/** Random orders, delays, missing entries, scopes and server errors: every wait must end with the true state. */
export async function chaos(seeds = 100): Promise<Row> {
  let [wrong, requests, waits] = [0, 0, 0];
  await forEachConcurrently(numbers(seeds), CONCURRENCY, async (seed) => {
    const outcome = await oneSeed(seed);
    wrong += outcome.wrong;
    requests += outcome.requests;
    waits += outcome.waits;
  });
  return {
    name: `${seeds} seeds of random orders, delays, missing entries, scopes and 5xx (${formatNumber(waits)} waits, ${formatNumber(requests)} requests)`,
    checks: [none('wrong result', wrong)],
    usual: 'godo gives up after three failures, doctl after one',
  };
}

async function oneSeed(seed: number): Promise<{ wrong: number; requests: number; waits: number }> {
  const random = seededRandom(seed);
  const upTo = (most: number): number => 1 + Math.floor(most * random());
  const waits = upTo(30);
  const crowd = { actions: waits, images: upTo(8), takes: [1_000, 4 * MINUTE], oneFailsIn: 4, seed } as const;
  const scopes = random() < 0.25 ? { scopes: ['image:read'] } : {};
  const account = new Account(crowd, { rateLimit: false, ...scopes });
  account.sandbox.fail({ on: 'GET *', with: 503, probability: 0.1, seed });
  const visibleAfter = new Map<number, number>();
  const disorder = {
    order: ORDERS[seed % ORDERS.length] ?? 'shuffled',
    noise: upTo(500),
    hidden: (id: number) => {
      visibleAfter.set(id, visibleAfter.get(id) ?? (random() < 0.3 ? MINUTE * random() * 0.9 : 0));
      return visibleAfter.get(id) ?? 0;
    },
    leavesOut: random() < 0.5 ? 0.05 : 0,
    latency: 2_000 * random(),
  };
  const api = new DOApi({
    token: account.sandbox.token,
    endpoint: 'https://api.digitalocean.com',
    clock: account.sandbox.clock,
    waitTime: Infinity,
    rateLimit: false,
    transport: { adapter: disorderly(account.sandbox, disorder, random) },
  });
  const { wrong, requests } = await watch(account, api);
  return { wrong, requests, waits };
}

function* numbers(count: number): Generator<number> {
  for (let number = 1; number <= count; number++) yield number;
}
