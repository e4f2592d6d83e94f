/**
 * `npm run duplicates`: 30,000 POSTs whose answers are lost, and what became of them; then the same faults on real
 * sockets for other clients as well. `npm run duplicates -- 3000` sends fewer.
 */
import { UnknownOutcomeError } from '../lib';
import { Sandbox } from '../lib/sandbox';
import { KINDS } from './duplicate-posts/lossy';
import { type Tally, trial } from './duplicate-posts/trial';
import { bodyOf } from './fault-matrix/answers';
import { FaultProxy } from './support/fault-proxy';
import type { Toxic } from './support/toxics';
import { type Client, clients } from './duplicate-posts/peers';

async function main(): Promise<void> {
  const calls = Math.ceil(Number(process.argv[2] ?? 30_000) / KINDS.length);
  console.log(
    '| POSTs | calls | carried out twice | ambiguous | of them UnknownOutcomeError or searched for | search right | "no" although it was | wrong | undecided |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  let seed = 2026;
  let bad = 0;
  for (const [what, lag] of [
    ['', 0],
    [', lists lag up to 59 s', 59_000],
  ] as const) {
    for (const kind of KINDS) {
      const tally = await trial({ kind, calls: lag === 0 ? calls : calls / 10, seed: seed++, lag });
      console.log(row(kind + what, tally));
      for (const surprise of tally.surprises.slice(0, 5)) console.log(`  ! ${surprise}`);
      bad += tally.duplicates + tally.surprises.length + tally.deniedFalsely + tally.foundFalsely;
    }
  }
  const beyond = await trial({ kind: 'transfer', calls: calls / 10, seed, lag: 300_000 });
  console.log(row('transfer, lists lag up to 300 s (more than is allowed for)', beyond));
  console.log(
    '\n| client, on real sockets | calls | carried out twice or more | at most | said "failed" although carried out |',
  );
  console.log('| --- | --- | --- | --- | --- |');
  for (const line of await compare()) console.log(line);
  process.exitCode = bad === 0 ? 0 : 1;
}

function row(what: string, tally: Tally): string {
  const { calls, duplicates, ambiguous, unknown, right, deniedFalsely, foundFalsely, undecided } = tally;
  const share = `${right} (${((100 * right) / unknown).toFixed(2)} %)`;
  return `| ${[what, calls, duplicates, ambiguous, unknown, share, deniedFalsely, foundFalsely, undecided].join(' | ')} |`;
}

/** What happens on the wire after the API has carried a request out. */
const FAULTS: readonly ((proxy: FaultProxy, sandbox: Sandbox) => unknown)[] = [
  (proxy) => proxy.add({ type: 'reset_peer', attributes: { timeout: 0 } }),
  (proxy) => proxy.add({ type: 'limit_data', attributes: { bytes: 30 } }),
  (proxy) => proxy.add({ type: 'timeout', attributes: { timeout: 0 } }),
  (proxy) => proxy.add(cutInHalf),
  (_, sandbox) => sandbox.fail({ with: 'status-after-execution', status: 500 }),
  (_, sandbox) => sandbox.fail({ with: 'status-after-execution', status: 503 }),
  (_, sandbox) => sandbox.fail({ with: 'status-after-execution', status: 505 }),
  (_, sandbox) => sandbox.fail({ with: 'truncated-json' }),
];

const cutInHalf: Toxic = {
  type: 'rewrite',
  attributes: {
    answer: (answer) => ({
      data: answer.subarray(0, answer.length - Math.ceil(bodyOf(answer).length / 2)),
      then: 'end',
    }),
  },
};

async function compare(): Promise<string[]> {
  const lines: string[] = [];
  const images = Array.from({ length: 200 }, (_, at) => ({ id: at + 1, regions: ['nyc1'] }));
  const sandbox = new Sandbox({ images, rateLimit: false, actionTime: 3_600_000 });
  const { url, token, close } = await sandbox.listen();
  const proxy = await new FaultProxy({ upstream: Number(new URL(url).port) }).up();
  const where = { url: `http://127.0.0.1:${proxy.port}`, token };
  for (const client of clients(where)) {
    lines.push(await measure(client, sandbox, proxy));
    await client.close();
  }
  await proxy.down();
  await close();
  return lines;
}

async function measure(client: Client, sandbox: Sandbox, proxy: FaultProxy): Promise<string> {
  let [calls, twice, most, denied] = [0, 0, 0, 0];
  for (const fault of FAULTS) {
    for (let at = 0; at < client.calls; at++) {
      const image = (calls++ % 200) + 1;
      sandbox.clearRequests();
      fault(proxy, sandbox);
      const outcome = await client.transfer(image).catch((error: unknown) => error ?? new Error('failed'));
      sandbox.heal();
      proxy.heal();
      const executed = sandbox.requests.filter((request) => request.executed).length;
      if (executed > 1) twice += 1;
      most = Math.max(most, executed);
      if (executed > 0 && outcome instanceof Error && !(outcome instanceof UnknownOutcomeError)) denied += 1;
    }
  }
  return `| ${[client.name, calls, twice, most, denied].join(' | ')} |`;
}

void main();
