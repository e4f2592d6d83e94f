import { DOApi, type TransportAdapter } from '../../lib';
import { sleep } from '../../lib/util/clock';
import { seededRandom } from '../../lib/sandbox/state/random';
import { Account, HOUR, MINUTE } from './account';
import { atMost, inWords, none, type Row } from './row';
import { watch } from './watching';

/** DigitalOcean's, of which others take half: in an hour 2,500, in bursts that are half of a minute's limit and less. */
const QUOTA = 5_000;
const MOST_AT_ONCE = 125;

/** A request of ours: when it was sent, and how long its answer asks everybody to wait, where that was a 429. */
interface Sent {
  at: number;
  pause: number | null;
}

/** Others use the same token, and so does an app of ours besides its waits. */
export async function foreignTraffic(waits = 1_000, seeds = 2, longest = 40 * MINUTE): Promise<Row> {
  let [wrong, refused, foreign, own, inPause, failed] = [0, 0, 0, 0, 0, 0];
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
    const others = beOthers(account, seededRandom(seed), over.signal);
    const app = useApp(account, () => api.request('/v2/regions'), seededRandom(seed + 100), over.signal);
    wrong += (await watch(account, api)).wrong;
    over.abort();
    await others;
    failed += await app;
    own += sent.length;
    foreign += account.seen.length - sent.length;
    refused += sent.filter(({ pause }) => pause !== null).length;
    inPause = Math.max(inPause, mostInPause(sent));
  }
  return {
    name: `foreign traffic eats half the quota (${inWords(foreign)} of its requests, ${inWords(own)} of ours, ${seeds} seeds)`,
    checks: [
      none('wrong end', wrong),
      none('call that failed', failed),
      atMost('429 in any pause', inPause, 1),
    ],
    usual: `gives up at the first 429; ours met ${refused} in all`,
  };
}

const FOREIGN = '/v2/account';

/** Another program with the same token. */
async function beOthers(account: Account, random: () => number, signal: AbortSignal): Promise<void> {
  const { clock, adapter, token } = account.sandbox;
  const headers = { authorization: `Bearer ${token}` };
  const url = `https://api.digitalocean.com${FOREIGN}`;
  while (!signal.aborted) {
    const burst = 1 + Math.floor(MOST_AT_ONCE * random());
    for (let sent = 0; sent < burst; sent++) {
      await adapter({ method: 'GET', url, headers, signal: new AbortController().signal });
      await sleep(clock, 100 * random());
    }
    await sleep(clock, (burst * HOUR * 2 * random()) / (QUOTA / 2));
  }
}

/** Up to 150 calls by ten workers, every now and then. @returns how many failed */
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
    const answer = await sandbox.adapter(request);
    const asked = Number(answer.headers['retry-after'] ?? 1) * 1_000;
    sent.push({ at, pause: answer.status === 429 ? asked : null });
    return answer;
  };
}

/** The most requests that were refused while everybody was asked to wait, the one that was told so included. */
function mostInPause(sent: readonly Sent[]): number {
  const refusals = sent.filter(({ pause }) => pause !== null);
  const during = refusals.map(
    ({ at, pause }) => refusals.filter((other) => other.at >= at && other.at < at + (pause ?? 0)).length,
  );
  return Math.max(0, ...during);
}
