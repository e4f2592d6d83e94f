import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { svgOf } from './chart';
import { versions } from './packages';
import { documentOf } from './report';
import { run } from './run';
import type { Section } from './section';

/** A run, and where it took place. */
export interface Result {
  date: string;
  machine: { node: string; system: string; cpus: number; cpu: string; memoryGiB: number };
  runs: number;
  versions: Record<string, string>;
  sections: readonly Section[];
}

const ROOT = join(__dirname, '..', '..');
const PLACES = {
  results: join(ROOT, 'bench', 'results', 'latest.json'),
  document: join(ROOT, 'docs', 'performance.md'),
  pictures: join(ROOT, 'docs', 'img'),
};
const [BEGIN, END] = ['<!-- bench: written by `npm run bench` -->', '<!-- end of the bench -->'];

export function resultOf(sections: readonly Section[], runs: number): Result {
  const [{ model } = { model: 'unknown' }] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      node: process.version,
      system: `${process.platform} ${process.arch}`,
      cpus: cpus().length,
      cpu: model.trim(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    runs,
    versions: versions(),
    sections,
  };
}

/** The last run that was published. */
export function latest(): Result {
  return JSON.parse(readFileSync(PLACES.results, 'utf8')) as Result;
}

/** Writes the results, the part of the document that is about them, and its pictures. */
export async function publish(result: Result, places = PLACES): Promise<void> {
  await write(places.results, JSON.stringify(result));
  const text = readFileSync(places.document, 'utf8');
  const [before, after] = [text.split(BEGIN)[0], text.split(END)[1]];
  if (before === undefined || after === undefined)
    throw new Error(`${places.document} has no place for results`);
  await write(places.document, `${before}${BEGIN}\n\n${documentOf(result)}\n\n${END}${after}`);
  mkdirSync(places.pictures, { recursive: true });
  for (const name of readdirSync(places.pictures))
    if (name.startsWith('bench-')) rmSync(join(places.pictures, name));
  for (const chart of result.sections.flatMap(({ charts }) => charts)) {
    writeFileSync(join(places.pictures, `${chart.name}.svg`), svgOf(chart));
  }
}

/** As the formatter would have it: nobody has to touch what the script has written. */
async function write(file: string, text: string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const prettier = join(ROOT, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  const how = ['--config', join(ROOT, '.prettierrc.json'), '--log-level', 'warn', '--write'];
  await run(process.execPath, [prettier, ...how, file], ROOT);
}
