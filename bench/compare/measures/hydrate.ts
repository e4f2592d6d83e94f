import { AGAIN, OURS } from '../clients';
import { type Bench, interleaved, runProgram } from '../program';
import { atMost, type Section } from '../section';
import { median, noiseOf, ratiosOf } from '../statistics';

interface Round {
  parse: number;
  make: number;
}

interface Found {
  firstMs: number;
  ways: Record<string, Round[]>;
}

const PAGES = 50;
const MORE_RUNS = 4;

/** What it costs to make images from parsed JSON. */
export async function hydrate(bench: Bench): Promise<Section[]> {
  const pages = Math.ceil(PAGES * bench.scale);
  const rounds = Math.ceil(30 * bench.scale);
  await bench.server.behave({ latency: 0, total: 10_000, burst: null });
  const builds = bench.clients.filter(({ module }) => module.startsWith('ours'));
  const found = await interleaved(builds, bench.runs, (client) => {
    bench.say(`hydrate: ${client.name}`);
    return runProgram<Found>(bench, 'hydrate.cjs', client, { pages, rounds });
  });
  // A short time at the start of a process needs many runs.
  const firsts = await interleaved(builds, bench.runs * MORE_RUNS, (client) =>
    runProgram<Found>(bench, 'hydrate.cjs', client, { pages: 1, rounds: 0 }),
  );
  const lines = [...found].flatMap(([client, runs]) => linesOf(client.name, runs, firsts.get(client) ?? []));
  const [ours] = lines;
  const noise = (all: typeof found, value: (run: Found) => number): number | null => {
    const of = (name: string): number[] =>
      [...all].filter(([client]) => client.name === name).flatMap(([, runs]) => runs.map(value));
    return noiseOf(ratiosOf(of(AGAIN), of(OURS)));
  };
  if (!ours) throw new Error('no build of the library is chosen');
  return [
    {
      name: 'hydrate',
      title: `Making ${(pages * 200).toLocaleString('en')} images`,
      how:
        `\`api.image(json)\`: pages of 200, parsed and hydrated page by page in one process, ${rounds - 1} rounds per run, none kept; validation included. ` +
        `The first 200: ${bench.runs * MORE_RUNS} more processes, after their first request.` +
        ' `plainToInstance` uses the same class and decorators.',
      columns: ['way', '× JSON.parse of the same bytes', 'ms', 'JSON.parse ms', 'first 200 of a process, ms'],
      rows: lines.map(({ way, ratio, make, parse, first }) => [way, ratio, make, parse, first]),
      verdicts: [
        atMost('10,000 images against JSON.parse', 0.5, ours.ratio, '', noise(found, ratioOf)),
        atMost(
          'The first 200 images of a process',
          1,
          ours.first ?? NaN,
          ' ms',
          noise(firsts, ({ firstMs }) => firstMs),
        ),
      ],
      charts: [
        {
          name: 'bench-hydrate',
          title: 'Making images from parsed JSON',
          unit: 'times JSON.parse of the same bytes',
          bars: lines
            .filter(({ way }) => !way.endsWith(AGAIN))
            .map(({ way, ratio }) => ({ label: way, value: ratio })),
          target: 0.5,
        },
      ],
    },
  ];
}

/** Of the library's own way in one run. */
const ratioOf = ({ ways }: Found): number => median((ways.ours ?? []).map(({ make, parse }) => make / parse));

interface Line {
  way: string;
  ratio: number;
  make: number;
  parse: number;
  first: number | null;
}

function linesOf(build: string, runs: readonly Found[], firsts: readonly Found[]): Line[] {
  return Object.keys(runs[0]?.ways ?? {}).map((way) => {
    const all = runs.map(({ ways }) => ways[way] ?? []);
    const of = (value: (round: Round) => number): number =>
      median(all.map((some) => median(some.map(value))));
    const isOurs = way === 'ours';
    return {
      way: isOurs ? build : build === OURS ? 'plainToInstance' : `plainToInstance, ${build}`,
      ratio: of(({ make, parse }) => make / parse),
      make: of(({ make }) => make),
      parse: of(({ parse }) => parse),
      first: isOurs ? median(firsts.map(({ firstMs }) => firstMs)) : null,
    };
  });
}
