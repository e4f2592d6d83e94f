import { AGAIN, NOTHING, NOTHING_ESM, NOTHING_IMPORTED, OURS, OURS_ESM, RAW, RAW_ESM } from '../clients';
import { type Bench, interleaved, runProgram } from '../program';
import { atMost, type Section, type Value, type Verdict } from '../section';
import { median, medianRatio, noiseOf, ratiosOf } from '../statistics';

interface Moment {
  wall: number;
  cpu: number;
}

interface Found {
  constructed: Moment;
  responded: Moment;
  rss: number;
}

type Measure = (found: Found) => number;

/** The targets, as ratios: against axios, and of a module against CommonJS. */
const [START, AS_MODULE, FIRST_REQUEST] = [0.18, 1.15, 0.85];

/** Factor of runs: a start is short and varies. */
const MORE_RUNS = 4;

/** Time and CPU until a client is constructed, and until its first response. */
export async function start(bench: Bench): Promise<Section[]> {
  const library = bench.clients.find(({ name }) => name === OURS)?.library ?? OURS_ESM.library;
  const clients = [
    NOTHING,
    NOTHING_ESM,
    NOTHING_IMPORTED,
    { ...OURS_ESM, library },
    RAW_ESM,
    ...bench.clients,
  ];
  const runs = bench.runs * MORE_RUNS;
  await bench.server.behave({ latency: 0, total: 10_000, burst: null });
  const found = await interleaved(clients, runs, (client) => {
    bench.say(`start: ${client.name}`);
    return runProgram<Found>(bench, isModule(client) ? 'start.mjs' : 'start.cjs', client, {});
  });
  const starts = new Starts(new Map([...found].map(([client, all]) => [client.name, all])));
  const modules = new Set(clients.filter(isModule).map(({ name }) => name));
  const names = [...bench.clients.map(({ name }) => name), OURS_ESM.name, RAW_ESM.name];
  const floorOf = (name: string): string => (modules.has(name) ? NOTHING_ESM.name : NOTHING.name);
  const costs = (name: string, measure: Measure): [number, number] => {
    const over = starts.median(name, measure, floorOf(name));
    return [over, over / starts.median(RAW, measure, NOTHING.name)];
  };
  const row = (name: string, wall: Measure, cpu: Measure): Value[] => {
    const [[ms, times], [cpuMs, cpuTimes]] = [costs(name, wall), costs(name, cpu)];
    return [name, times, cpuTimes, ms, cpuMs];
  };
  const columns = ['client', 'time × axios', 'CPU × axios', 'ms', 'CPU ms'];
  const bare = [NOTHING.name, NOTHING_ESM.name, NOTHING_IMPORTED.name].map((name) =>
    Math.round(starts.median(name, constructed.wall)),
  );
  const againstAxios = (what: string, limit: number, measure: Measure): Verdict =>
    atMost(what, limit, costs(OURS, measure)[1], '', starts.noise(measure));
  // The start of Node itself is subtracted from both, as in the whole table.
  const asModule = (what: string, measure: Measure): Verdict => {
    const ratio = costs(OURS_ESM.name, measure)[0] / costs(OURS, measure)[0];
    return atMost(what, AS_MODULE, ratio, '', starts.noise(measure));
  };
  return [
    {
      name: 'start',
      title: 'Import and construct',
      how:
        `${runs} new processes each: the time from spawning the process to a constructed client, minus that of Node alone ` +
        `(${bare[0]} ms; ${bare[1]} ms with an ES module, and ${bare[2]} ms with one that imports an empty CommonJS file).`,
      columns,
      rows: names.map((name) => row(name, constructed.wall, constructed.cpu)),
      verdicts: [
        againstAxios('Import and construct against axios', START, constructed.wall),
        againstAxios('Import and construct against axios: CPU', START, constructed.cpu),
        asModule('Import and construct as a module against CommonJS', constructed.wall),
        asModule('Import and construct as a module against CommonJS: CPU', constructed.cpu),
      ],
      charts: [
        {
          name: 'bench-start',
          title: 'Import and construct, above Node alone',
          unit: 'ms',
          bars: bench.clients
            .filter(({ name }) => name !== AGAIN)
            .map(({ name }) => ({
              label: name,
              value: Math.max(0, costs(name, constructed.wall)[0]),
            })),
          target: START * costs(RAW, constructed.wall)[0],
        },
      ],
    },
    {
      name: 'first-request',
      title: 'The same, including the first request',
      how: 'The same processes, until the first response; and their memory then.',
      columns: [...columns, 'RSS × axios', 'RSS MiB'],
      rows: names.map((name) => [
        ...row(name, responded.wall, responded.cpu),
        starts.ratio(name, RAW, rss),
        starts.median(name, rss) / 2 ** 20,
      ]),
      verdicts: [
        againstAxios('Import, construct and first request against axios', FIRST_REQUEST, responded.wall),
        againstAxios('Import, construct and first request against axios: CPU', FIRST_REQUEST, responded.cpu),
        atMost(
          'RSS after the first request against axios',
          1.05,
          starts.ratio(OURS, RAW, rss),
          '',
          starts.noise(rss, 0),
        ),
      ],
      charts: [],
    },
  ];
}

/** The measurements of each client, by round. */
class Starts {
  constructor(private readonly found: ReadonlyMap<string, readonly Found[]>) {}

  /** The median, minus that of `floor`. */
  median(name: string, measure: Measure, floor?: string): number {
    return median(this.values(name, measure)) - (floor ? median(this.values(floor, measure)) : 0);
  }

  ratio(name: string, other: string, measure: Measure): number {
    return medianRatio(this.values(name, measure), this.values(other, measure));
  }

  /** What the library differs by from itself, over Node alone. */
  noise(measure: Measure, floor = this.median(NOTHING.name, measure)): number | null {
    const over = (name: string): number[] => this.values(name, measure).map((value) => value - floor);
    return noiseOf(ratiosOf(over(AGAIN), over(OURS)));
  }

  private values(name: string, measure: Measure): number[] {
    return (this.found.get(name) ?? []).map(measure);
  }
}

const isModule = ({ module }: { module: string }): boolean => module.endsWith('.mjs');
const constructed = {
  wall: ({ constructed: { wall } }: Found): number => wall,
  cpu: ({ constructed: { cpu } }: Found): number => cpu,
};
const responded = {
  wall: ({ responded: { wall } }: Found): number => wall,
  cpu: ({ responded: { cpu } }: Found): number => cpu,
};
const rss = (found: Found): number => found.rss;
