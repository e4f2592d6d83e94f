import { OURS } from '../clients';
import { type Bench, clientNamed, interleaved, runProgram } from '../program';
import { atLeast, atMost, type Section } from '../section';
import { median } from '../statistics';

interface Found {
  listings: { wall: number; cpu: number }[];
  memory: number[];
  maxRss: number;
}

interface Size {
  total: number;
  times: number;
  /** The number of images between two measurements of memory. */
  every: number;
}

const MIB = 2 ** 20;

/** A loop over a million images that keeps none, compared with a loop over 10,000. */
export async function million(bench: Bench): Promise<Section[]> {
  const small: Size = { total: 10_000, times: 10, every: 10_000 };
  const total = 1_000_000 * bench.scale;
  const large: Size = { total, times: 1, every: total / 10 };
  const client = { ...clientNamed(bench, OURS), nodeArgs: ['--expose-gc'] };
  const found = await interleaved([small, large], bench.runs, async ({ total, times, every }) => {
    bench.say(`${total} images, none kept`);
    await bench.server.behave({ latency: 0, total, burst: null });
    return runProgram<Found>(bench, 'each.cjs', client, { total, times, every, warmUp: 30_000 });
  });
  const lines = [...found].map(([{ total }, runs]) => {
    const of = (value: (listing: { wall: number; cpu: number }) => number): number =>
      median(runs.map(({ listings }) => median(listings.map(value))));
    const memory = (at: number): number => median(runs.map(({ memory }) => memory.at(at) ?? NaN)) / MIB;
    return {
      total,
      rate: (1_000 * total) / of(({ wall }) => wall),
      cpu: of(({ cpu }) => cpu) / (total / 1_000),
      first: memory(0),
      last: memory(-1),
      maxRss: median(runs.map(({ maxRss }) => maxRss)) / MIB,
    };
  });
  const [few, many] = lines;
  if (!few || !many) throw new Error('unreachable');
  return [
    {
      name: 'million',
      title: `List ${total.toLocaleString('en')} images and keep none`,
      how:
        'A `for await` loop after a warm-up of 30,000 images, without latency. The memory is the heap after garbage collection, ' +
        `after a tenth of the images and after all; the time of collections is not counted. ${small.total.toLocaleString('en')} images: ` +
        `${small.times} listings in sequence.`,
      columns: [
        'images',
        'images/s',
        'CPU ms/1,000',
        'heap after the first part, MiB',
        'heap at the end, MiB',
        'max RSS, MiB',
      ],
      rows: lines.map(({ total, rate, cpu, first, last, maxRss }) => [
        total,
        Math.round(rate),
        cpu,
        first,
        last,
        maxRss,
      ]),
      verdicts: [
        atLeast('List 1,000,000 images: images/s against 10,000', 0.9, many.rate / few.rate),
        atMost('… heap growth from a tenth to the end', 2, many.last - many.first, ' MiB'),
      ],
      charts: [],
    },
  ];
}
