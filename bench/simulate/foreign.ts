import { DOApi, type TransportAdapter } from '../../lib';
import { sleep } from '../../lib/util/clock';
import { seededRandom } from '../../lib/sandbox/state/random';
import { Account, HOUR, MINUTE } from './account';
import { atMost, formatNumber, none, type Row } from './row';
import { watch } from './watching';

/** DigitalOcean's limit per hour. Other clients use half of it, in bursts of at most half of the limit per minute. */
const QUOTA = 5_000;
const MAX_BURST = 125;

/** A request of the library: its time, and the `Retry-After` of a 429, in milliseconds. */
interface Sent {
  at: number;
  retryAfter: number | null;
}

/** Other clients and an app use the same token as the waits. */
export async function foreignTraffic(waits = 1_000, seeds = 2, longest = 40 * MINUTE): Promise<Row> {
  let [wrong, refused, foreign, own, repeated, failed] = [0, 0, 0, 0, 0, 0];
  for (let seed = 1; seed <= seeds; seed++) {
    const account = new Account({
      actions: waits,
      images: 50,
      takes: [1_000, longest],
      oneFailsIn: 10,
      seed,
    });
    const sent: Sent[] = [];
    const api = new DOApi({
      token: account.sandbox.token,
      endpoint: 'https://api.digitalocean.com',
      clock: account.sandbox.clock,
      waitTime: Infinity,
      transport: { adapter: recording(account, sent) },
    });
    const over = new AbortController();
    const others = useForeignClient(account, seededRandom(seed), over.signal);
    const app = useApp(account, () => api.request('/v2/regions'), seededRandom(seed + 100), over.signal);
    wrong += (await watch(account, api)).wrong;
    over.abort();
    await others;
    failed += await app;
    own += sent.length;
    foreign += account.seen.length - sent.length;
    refused += sent.filter(({ retryAfter }) => retryAfter !== null).length;
    repeated = Math.max(repeated, mostDuringRetryAfter(sent));
  }
  return {
    name: `other clients use half the quota (${formatNumber(foreign)} of their requests, ${formatNumber(own)} of ours, ${seeds} seeds)`,
    checks: [
      none('wrong result', wrong),
      none('failed call', failed),
      atMost('429 during a Retry-After', repeated, 1),
    ],
    usual: `fails at the first 429; the library received ${refused}`,
  };
}

const FOREIGN = '/v2/account';

/** Another client with the same token. */
async function useForeignClient(account: Account, random: () => number, signal: AbortSignal): Promise<void> {
  const { clock, adapter, token } = account.sandbox;
  const headers = { authorization: `Bearer ${token}` };
  const url = `https://api.digitalocean.com${FOREIGN}`;
  while (!signal.aborted) {
    const burst = 1 + Math.floor(MAX_BURST * random());
    for (let sent = 0; sent < burst; sent++) {
      await adapter({ method: 'GET', url, headers, signal: new AbortController().signal });
      await sleep(clock, 100 * random());
    }
    await sleep(clock, (burst * HOUR * 2 * random()) / (QUOTA / 2));
  }
}

/** Sends bursts of up to 150 calls by ten workers. @returns the number of failed calls */
async function useApp(
  account: Account,
  call: () => Promise<unknown>,
  random: () => number,
  signal: AbortSignal,
): Promise<number> {
  let failed = 0;
  while (!signal.aborted) {
    await sleep(account.sandbox.clock, 6 * MINUTE * random());
    let left = 150 * random();
    const worker = async (): Promise<void> => {
      while (left-- > 0) await call().catch(() => (failed += 1));
    };
    await Promise.all(Array.from({ length: 10 }, worker));
  }
  return failed;
}

function recording({ sandbox }: Account, sent: Sent[]): TransportAdapter {
  return async (request) => {
    const at = sandbox.clock.now();
    const response = await sandbox.adapter(request);
    const retryAfter = Number(response.headers['retry-after'] ?? 1) * 1_000;
    sent.push({ at, retryAfter: response.status === 429 ? retryAfter : null });
    return response;
  };
}

/** The most 429 responses during one Retry-After, the first one included. */
function mostDuringRetryAfter(sent: readonly Sent[]): number {
  const refusals = sent.filter(({ retryAfter }) => retryAfter !== null);
  const during = refusals.map(
    ({ at, retryAfter }) =>
      refusals.filter((other) => other.at >= at && other.at < at + (retryAfter ?? 0)).length,
  );
  return Math.max(0, ...during);
}
