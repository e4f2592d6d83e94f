import type { Traffic } from '../api';
import { AGAIN, type Client, OURS, RAW } from '../clients';
import { type Bench, interleaved, runProgram } from '../program';
import { atLeast, atMost, type Section, type Value, type Verdict } from '../section';
import { Server } from '../server';
import { median, medianRatio, noiseOf, ratiosOf } from '../statistics';
import { forEachConcurrently } from '../../../lib/util/concurrency';

/** How a client lists: by default, tuned to large pages, or with its own method for all pages. */
type Way = 'default' | 'tuned' | 'own';

interface Case {
  client: Client;
  way: Way;
}

interface Found extends Traffic {
  wall: number;
  cpu: number;
  inOrder: boolean;
}

const LATENCY = 50;
const WAYS: Record<Way, string> = {
  default: 'by default',
  tuned: '200 per page, in sequence',
  own: 'its own "all"',
};
const HAVE_OWN = ['do-wrapper', 'digitalocean'];

/** Lists all images of an account, from a server with latency. */
export async function list(bench: Bench): Promise<Section[]> {
  const total = 10_000 * bench.scale;
  const fast = casesOf(bench.clients).filter(isFast);
  const slow = casesOf(bench.clients).filter((one) => !isFast(one) && !isQuick(bench));
  const run = async (one: Case): Promise<Found> => {
    bench.say(`list ${total} images: ${one.client.name}, ${WAYS[one.way]}`);
    return listOnce(bench, one, total);
  };
  const fastRuns = await interleaved(fast, bench.runs, run);
  // Up to two minutes each, nearly all of it latency and pauses: one run is enough, beside others.
  const [slowRuns, limited] = await Promise.all([
    atOnce(bench, slow, (one, own) => listOnce(own, one, total)),
    isQuick(bench) ? [] : underTheLimit(bench).then((section) => [section]),
  ]);
  const found = new Map([...fastRuns, ...slowRuns]);
  const runsOf = (name: string, way: Way): Found[] =>
    [...found].find(([one]) => one.client.name === name && one.way === way)?.[1] ?? [];
  const rows = [...found].map(([{ client, way }, runs]) => ({
    client: client.name,
    way,
    wall: median(runs.map(({ wall }) => wall)) / 1_000,
    cpu: median(runs.map(({ cpu }) => cpu)) / 1_000,
    requests: Math.max(...runs.map(({ requests }) => requests)),
    inFlight: Math.max(...runs.map(({ inFlight }) => inFlight)),
    inOrder: runs.every(({ inOrder }) => inOrder),
    runs: runs.length,
  }));
  const bars = (...ways: Way[]): { label: string; value: number }[] =>
    rows
      .filter(({ client, way }) => client !== AGAIN && (client === OURS || ways.includes(way)))
      .map(({ client, wall }) => ({ label: client, value: wall }));
  return [
    {
      name: 'list',
      title: `List ${total.toLocaleString('en')} images`,
      how:
        `Every response takes ${LATENCY} ms. One image is fetched before, so that loading and connecting are not counted. ` +
        `Each image must be returned once; the order is as observed, not every client promises one. Most run once, four at a time and each with a server of its own; the others ${bench.runs} times.`,
      columns: ['client', 'way', 's', 'requests', 'most in flight', 'in order', 'CPU s', 'runs'],
      rows: rows.map((row) => [
        row.client,
        WAYS[row.way],
        row.wall,
        row.requests,
        row.inFlight,
        row.inOrder ? 'yes' : '**no**',
        row.cpu,
        row.runs,
      ]),
      verdicts: verdictsOf(
        { ours: runsOf(OURS, 'default'), again: runsOf(AGAIN, 'default'), raw: runsOf(RAW, 'tuned') },
        tunedPeers(rows),
      ),
      charts: [
        {
          name: 'bench-list',
          title: `List ${total.toLocaleString('en')} images, by default`,
          unit: 's',
          bars: bars('default'),
        },
        { name: 'bench-list-tuned', title: 'The same, others tuned', unit: 's', bars: bars('tuned') },
      ],
    },
    ...limited,
  ];
}

/** Whether measures that take minutes are left out. */
function isQuick({ scale }: Bench): boolean {
  return scale < 1;
}

function casesOf(clients: readonly Client[]): Case[] {
  return clients.flatMap((client) => [
    { client, way: 'default' as const },
    ...(client.module.startsWith('ours') ? [] : [{ client, way: 'tuned' as const }]),
    ...(HAVE_OWN.includes(client.name) ? [{ client, way: 'own' as const }] : []),
  ]);
}

/** Whether it takes a few seconds, and its time or CPU is compared. */
function isFast({ client, way }: Case): boolean {
  return (way === 'tuned' && !client.isPeer) || client.module.startsWith('ours');
}

/** How many cases run at once that are not compared by CPU. */
const CONCURRENCY = 4;

/** Runs each case once, with a server of its own, four at a time. */
async function atOnce<T>(
  bench: Bench,
  cases: readonly Case[],
  run: (one: Case, bench: Bench) => Promise<T>,
): Promise<[Case, T[]][]> {
  const found = new Map<Case, T>();
  await forEachConcurrently(cases, CONCURRENCY, async (one) => {
    bench.say(`list, beside others: ${one.client.name}, ${WAYS[one.way]}`);
    const server = await Server.start();
    try {
      found.set(one, await run(one, { ...bench, server }));
    } finally {
      server.stop();
    }
  });
  return cases.map((one) => [one, [found.get(one) as T]]);
}

async function listOnce(bench: Bench, { client, way }: Case, total: number): Promise<Found> {
  await bench.server.behave({ latency: LATENCY, total, burst: null });
  const found = await runProgram<Omit<Found, keyof Traffic>>(bench, 'list.cjs', client, { way, total });
  const traffic = await bench.server.traffic();
  // Without the request of the single image.
  return { ...traffic, ...found, requests: traffic.requests - 1 };
}

function tunedPeers(rows: readonly { client: string; way: Way; wall: number }[]): number {
  return Math.min(...rows.filter(({ way }) => way === 'tuned').map(({ wall }) => wall));
}

function verdictsOf(
  { ours, again, raw }: Record<'ours' | 'again' | 'raw', readonly Found[]>,
  bestTuned: number,
): Verdict[] {
  const of = (runs: readonly Found[], value: (found: Found) => number): number[] => runs.map(value);
  const wall = median(of(ours, (found) => found.wall)) / 1_000;
  const cpu = (found: Found): number => found.cpu;
  const noise = (value: (found: Found) => number): number | null =>
    noiseOf(ratiosOf(of(again, value), of(ours, value)));
  const noiseOfWall = noise((found) => found.wall);
  return [
    atMost('List 10,000 images at 50 ms', 0.45, wall, ' s', noiseOfWall),
    atMost('… requests', 51, Math.max(...of(ours, ({ requests }) => requests))),
    atMost('… in flight', 8, Math.max(...of(ours, ({ inFlight }) => inFlight))),
    atMost('… runs out of order', 0, ours.filter(({ inOrder }) => !inOrder).length),
    atMost(
      '… CPU against a loop around raw axios, 200 per page',
      0.8,
      medianRatio(of(ours, cpu), of(raw, cpu)),
      '',
      noise(cpu),
    ),
    atLeast('… times as fast as the fastest other client, tuned', 6, bestTuned / wall, '', noiseOfWall),
  ];
}

/** DigitalOcean's limit of requests per minute. */
const BURST = 250;

/** Which clients list all images under DigitalOcean's limit: one run each, with default options. */
async function underTheLimit(bench: Bench): Promise<Section> {
  const total = 10_000;
  const cases = casesOf(bench.clients).filter(
    ({ client, way }) =>
      ['axios', OURS, '@digitalocean/dots', 'dots-wrapper'].includes(client.name) || way === 'own',
  );
  const found = await atOnce(bench, cases, async ({ client, way }, own): Promise<Value[]> => {
    await own.server.behave({ latency: LATENCY, total, burst: BURST });
    const order = { way, total, limits: true };
    const start = performance.now();
    const error = await runProgram(own, 'list.cjs', client, order).then(
      () => null,
      (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
    );
    if (error && client.name === OURS) throw error;
    const { requests, refused } = await own.server.traffic();
    const seconds = (performance.now() - start) / 1_000;
    return [client.name, WAYS[way], error ? '**no**' : 'yes', error ? null : seconds, requests, refused];
  });
  const rows = found.flatMap(([, lines]) => lines);
  return {
    name: 'list-under-limit',
    title: `The same with a limit of ${BURST} requests per minute`,
    how: 'As DigitalOcean does: further requests get 429 with Retry-After. One run each, start of the program included; `doapi-ts` with its default rate limits.',
    columns: ['client', 'way', 'completes', 's', 'requests', 'refused'],
    rows,
    verdicts: [],
    charts: [],
  };
}
