import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { svgOf } from './chart';
import { versions } from './weights';
import { documentOf } from './report';
import { run } from './run';
import type { Section } from './section';

/** The results of a run, and its machine. */
export interface Result {
  date: string;
  machine: { node: string; system: string; cpus: number; cpu: string; memoryGiB: number };
  runs: number;
  versions: Record<string, string>;
  sections: readonly Section[];
}

const ROOT = join(__dirname, '..', '..');
const PATHS = {
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

/** The published results. */
export function latest(): Result {
  return JSON.parse(readFileSync(PATHS.results, 'utf8')) as Result;
}

/** Writes the results, their part of the document, and its pictures. */
export async function publish(result: Result, paths = PATHS): Promise<void> {
  await write(paths.results, JSON.stringify(result));
  const text = readFileSync(paths.document, 'utf8');
  const [before, after] = [text.split(BEGIN)[0], text.split(END)[1]];
  if (before === undefined || after === undefined)
    throw new Error(`${paths.document} has no markers for results`);
  await write(paths.document, `${before}${BEGIN}\n\n${documentOf(result)}\n\n${END}${after}`);
  mkdirSync(paths.pictures, { recursive: true });
  for (const name of readdirSync(paths.pictures))
    if (name.startsWith('bench-')) rmSync(join(paths.pictures, name));
  for (const chart of result.sections.flatMap(({ charts }) => charts)) {
    writeFileSync(join(paths.pictures, `${chart.name}.svg`), svgOf(chart));
  }
}

/** Writes a file and formats it. */
async function write(file: string, text: string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const prettier = join(ROOT, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  const how = ['--config', join(ROOT, '.prettierrc.json'), '--log-level', 'warn', '--write'];
  await run(process.execPath, [prettier, ...how, file], ROOT);
}
