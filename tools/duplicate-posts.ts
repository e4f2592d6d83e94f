/**
 * `npm run duplicates`: sends 30,000 POSTs whose responses are lost and counts how often each was carried out; then
 * does the same to other clients, over real sockets; then searches for lost POSTs in 10,000 worlds whose clocks jump. `npm run duplicates -- 3000` sends fewer.
 */
import { UnknownOutcomeError } from '../lib';
import { Sandbox } from '../lib/sandbox';
import { KINDS } from './duplicate-posts/lossy-sandbox';
import { type Client, clients } from './duplicate-posts/peers';
import { runTrial, type Tally } from './duplicate-posts/trial';
import { noSearches, runWorld, WEATHERS } from './duplicate-posts/worlds';
import { bodyOf } from './fault-matrix/responses';
import { FaultProxy } from './support/fault-proxy';
import type { Toxic } from './support/toxics';

async function main(): Promise<void> {
  const calls = Math.ceil(Number(process.argv[2] ?? 30_000) / KINDS.length);
  console.log(
    '| POSTs | calls | carried out twice | ambiguous | of them UnknownOutcomeError or searched for | search correct | false negatives | false positives | undecided |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  let seed = 2026;
  let bad = 0;
  for (const [what, lag] of [
    ['', 0],
    [', lists lag up to 59 s', 59_000],
  ] as const) {
    for (const kind of KINDS) {
      const tally = await runTrial({ kind, calls: lag === 0 ? calls : calls / 10, seed: seed++, lag });
      console.log(row(kind + what, tally));
      for (const line of tally.unexpected.slice(0, 5)) console.log(`  ! ${line}`);
      bad += tally.duplicates + tally.unexpected.length + tally.falseNegatives + tally.falsePositives;
    }
  }
  const beyond = await runTrial({ kind: 'transfer', calls: calls / 10, seed, lag: 300_000 });
  console.log(row('transfer, lists lag up to 300 s (more than is allowed for)', beyond));
  console.log(
    '\n| client, on real sockets | calls | carried out twice or more | at most | reported as failed although carried out |',
  );
  console.log('| --- | --- | --- | --- | --- |');
  for (const line of await compare()) console.log(line);
  bad += await searchWorlds(Math.ceil(calls / WEATHERS.length));
  process.exitCode = bad === 0 ? 0 : 1;
}

function row(what: string, tally: Tally): string {
  const { calls, duplicates, ambiguous, unknown, correct, falseNegatives, falsePositives, undecided } = tally;
  const share = `${correct} (${((100 * correct) / unknown).toFixed(2)} %)`;
  const cells = [
    what,
    calls,
    duplicates,
    ambiguous,
    unknown,
    share,
    falseNegatives,
    falsePositives,
    undecided,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Prints what searches find in worlds of each kind. @returns how many of them are wrong */
async function searchWorlds(seeds: number): Promise<number> {
  let bad = 0;
  console.log(
    '\n| worlds | seeds | lost | carried out | found | absent | reported as doubt | twins | false denials | false claims | other |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const weather of WEATHERS) {
    const searches = noSearches();
    for (let seed = 1; seed <= seeds; seed++) await runWorld(weather, seed, searches);
    const { lost, carriedOut, found, absent, doubt, twins, falseDenials, falseClaims, unexpected } = searches;
    bad += falseDenials + falseClaims + unexpected.length;
    const cells = [
      seeds,
      lost,
      carriedOut,
      found,
      absent,
      doubt,
      twins,
      falseDenials,
      falseClaims,
      unexpected.length,
    ];
    console.log(`| ${[weather.name, ...cells].join(' | ')} |`);
  }
  return bad;
}

/** Ways to lose a response after the API has carried out the request. */
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
    rewrite: (response) => ({
      data: response.subarray(0, response.length - Math.ceil(bodyOf(response).length / 2)),
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
  const target = { url: `http://127.0.0.1:${proxy.port}`, token };
  for (const client of clients(target)) {
    lines.push(await measure(client, sandbox, proxy));
    await client.close();
  }
  await proxy.close();
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
