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
  /** Memory is looked at after each so many images. */
  every: number;
}

const MIB = 2 ** 20;

/** A loop over very many images that keeps none: as fast as over a few, and in as much memory. */
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
        'A `for await` loop after 30,000 images to warm up, no latency. What is held is the heap after a garbage collection, ' +
        `after a tenth of the images and after all of them; the time of the collections is not counted. ${small.total.toLocaleString('en')} images: ` +
        `${small.times} listings, one after another.`,
      columns: [
        'images',
        'images/s',
        'CPU ms/1,000',
        'held after the first part, MiB',
        'held at the end, MiB',
        'most RSS, MiB',
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
        atMost('… more held at the end than after a tenth', 2, many.last - many.first, ' MiB'),
      ],
      charts: [],
    },
  ];
}
