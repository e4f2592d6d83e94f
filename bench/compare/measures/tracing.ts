import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLibrary } from '../build-library';
import { OURS } from '../clients';
import { type Bench, clientNamed, interleaved, runProgram } from '../program';
import { atMost, type Section } from '../section';
import { median, medianRatio, noiseOf } from '../statistics';

/** The library without the channels: what they cost when nothing subscribes is the difference to it. */
const NO_CHANNELS = {
  'util/tracing.ts': `
    export class Tracer { isActive = false; run(_context, work) { return work(); } }
    export function currentContext() { return (work) => work(); }
  `,
};

/** CPU of a batch of requests in milliseconds, by build and round. */
type Found = Record<'without' | 'again' | 'with', number[]>;

const BATCH = 400;
const ROUNDS = 20;
/** Factor of processes without a subscriber: what V8 makes of the same code differs by two percent from process to process. */
const MORE_RUNS = 3;

/** What the tracing channels cost: builds with and without them in one process, in turns. */
export async function tracing(bench: Bench): Promise<Section[]> {
  const folder = mkdtempSync(join(tmpdir(), 'doapi-ts-tracing-'));
  const build = (name: string, replaced = {}): string => {
    mkdirSync(join(folder, name));
    return buildLibrary(join(folder, name), replaced);
  };
  const batch = Math.ceil(BATCH * bench.scale);
  // The first one is left out.
  const rounds = Math.max(3, Math.ceil(ROUNDS * bench.scale));
  try {
    // Each has files of its own, so that V8 compiles each by itself.
    const without = build('without', NO_CHANNELS);
    const libraries = { without, again: build('again', NO_CHANNELS), with: build('with') };
    await bench.server.behave({ latency: 0, total: 10_000, burst: null });
    const run = (isSubscribed: boolean): Promise<Found> => {
      bench.say(`tracing: ${isSubscribed ? 'with' : 'without'} subscribers`);
      const own = { ...libraries, batch, rounds, isSubscribed };
      return runProgram<Found>(bench, 'tracing.cjs', clientNamed(bench, OURS), own);
    };
    const found = new Map([
      ...(await interleaved([false], bench.runs * MORE_RUNS, run)),
      ...(await interleaved([true], bench.runs, run)),
    ]);
    const lines = [...found].map(([isSubscribed, runs]) => {
      const copies = (round: Found): number[] =>
        round.without.map((cpu, at) => (cpu + (round.again[at] ?? NaN)) / 2);
      const ofCopies = median(runs.map((round) => median(copies(round)))) / batch;
      return {
        subscribers: isSubscribed ? 'call, attempt and wait' : 'none',
        ratio: median(runs.map((round) => medianRatio(round.with, copies(round)))),
        noise: noiseOf(runs.map((round) => medianRatio(round.again, round.without))),
        with: median(runs.map((round) => median(round.with))) / batch,
        without: ofCopies,
      };
    });
    const [none] = lines;
    if (!none) throw new Error('unreachable');
    return [
      {
        name: 'tracing',
        title: 'Tracing channels',
        how:
          `16 concurrent GETs: two copies of a build without the channels, and the build with them, in one process, in turns of ${batch} requests, ` +
          `${rounds - 1} rounds; ${bench.runs * MORE_RUNS} processes without a subscriber, ${bench.runs} with. The noise is that of the copies.`,
        columns: ['subscribers', 'CPU × without channels', 'noise', 'CPU ms/request', 'without channels'],
        rows: lines.map((line) => [
          line.subscribers,
          line.ratio,
          line.noise === null ? null : `± ${(100 * line.noise).toFixed(1)} %`,
          line.with,
          line.without,
        ]),
        verdicts: [
          atMost('Tracing channels without a subscriber: CPU against none', 1.01, none.ratio, '', none.noise),
        ],
        charts: [],
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
