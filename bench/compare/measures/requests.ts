import { AGAIN, OURS, RAW } from '../clients';
import { type Bench, interleaved, runProgram } from '../program';
import { atLeast, atMost, type Section } from '../section';
import { median, medianRatio, noiseOf, ratiosOf } from '../statistics';

interface Found {
  wall: number;
  cpu: number;
  rss: number;
}

interface Kind {
  name: string;
  title: string;
  atOnce: number;
  count: number;
  warmUp: number;
  /** Whether the clients that other packages have are left out. */
  isShort?: boolean;
  toReach: { cpu: number; rate?: number };
}

const SEQUENTIAL: Kind = {
  name: 'sequential',
  title: 'GETs in sequence',
  atOnce: 1,
  count: 2_000,
  warmUp: 300,
  toReach: { cpu: 0.62, rate: 1.3 },
};

const CONCURRENT: Kind = {
  name: 'concurrent',
  title: '64 concurrent GETs',
  atOnce: 64,
  count: 4_000,
  warmUp: 1_000,
  toReach: { cpu: 0.58, rate: 1.6 },
};

/** A service that has run for a while: hot code is compiled. */
const STEADY: Kind = {
  name: 'steady',
  title: 'GETs in sequence, in a program that has run for a while',
  atOnce: 1,
  count: 6_000,
  warmUp: 6_000,
  isShort: true,
  toReach: { cpu: 0.45 },
};

/** CPU and wall-clock time of a request. */
export async function requests(bench: Bench): Promise<Section[]> {
  return [await measure(bench, SEQUENTIAL), await measure(bench, CONCURRENT), await measure(bench, STEADY)];
}

async function measure(bench: Bench, kind: Kind): Promise<Section> {
  const { name, title, atOnce, toReach } = kind;
  const count = Math.ceil(kind.count * bench.scale);
  const warmUp = Math.ceil(kind.warmUp * bench.scale);
  await bench.server.behave({ latency: 0, total: 10_000, burst: null });
  const clients = bench.clients.filter(({ isPeer }) => !isPeer || !kind.isShort);
  const found = await interleaved(clients, bench.runs, (client) => {
    bench.say(`${title}: ${client.name}`);
    return runProgram<Found>(bench, 'get.cjs', client, { atOnce, count, warmUp });
  });
  const runsOf = (name: string): Found[] => [...found].find(([client]) => client.name === name)?.[1] ?? [];
  const raw = runsOf(RAW);
  const noise = (value: (run: Found) => number): number | null =>
    noiseOf(ratiosOf(runsOf(AGAIN).map(value), runsOf(OURS).map(value)));
  const lines = [...found].map(([client, runs]) => {
    const rates = runs.map(({ wall }) => (1_000 * count) / wall);
    const cpus = runs.map(({ cpu }) => cpu / count);
    return {
      client: client.name,
      rate: median(rates),
      slowest: Math.min(...rates),
      fastest: Math.max(...rates),
      cpu: median(cpus),
      rateRatio: medianRatio(
        rates,
        raw.map(({ wall }) => (1_000 * count) / wall),
      ),
      cpuRatio: medianRatio(
        cpus,
        raw.map(({ cpu }) => cpu / count),
      ),
      rss: median(runs.map(({ rss }) => rss)) / 2 ** 20,
    };
  });
  const ours = lines.find(({ client }) => client === OURS) ?? never();
  return {
    name,
    title,
    how: `\`GET /v2/images/:id\`, ${count} times after a warm-up of ${warmUp}, ${atOnce === 1 ? 'in sequence' : `${atOnce} at once`}; each id is checked.`,
    columns: [
      'client',
      'CPU × axios',
      'requests/s × axios',
      'CPU ms/request',
      'requests/s',
      'range',
      'RSS MiB',
    ],
    rows: lines.map((line) => [
      line.client,
      line.cpuRatio,
      line.rateRatio,
      line.cpu,
      Math.round(line.rate),
      `${Math.round(line.slowest)}–${Math.round(line.fastest)}`,
      Math.round(line.rss),
    ]),
    verdicts: [
      atMost(`${title}: CPU against raw axios`, toReach.cpu, ours.cpuRatio, '', noise(cpuOf)),
      ...(toReach.rate === undefined
        ? []
        : [
            atLeast(
              `${title}: requests/s against raw axios`,
              toReach.rate,
              ours.rateRatio,
              '',
              noise(wallOf),
            ),
          ]),
    ],
    charts: [
      {
        name: `bench-${name}`,
        title: `${title}: CPU of a request`,
        unit: 'times that of raw axios',
        bars: lines
          .filter(({ client }) => client !== AGAIN)
          .map(({ client, cpuRatio }) => ({ label: client, value: cpuRatio })),
        target: toReach.cpu,
      },
    ],
  };
}

const cpuOf = ({ cpu }: Found): number => cpu;
const wallOf = ({ wall }: Found): number => wall;

function never(): never {
  throw new Error(`neither ${OURS} nor ${RAW} can be left out`);
}
