import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AGAIN, CLIENTS, type Client, OURS, RAW } from './clients';
import { type MeasureName, MEASURES } from './measures';

/** The options of a run. */
export interface Options {
  measures: readonly MeasureName[];
  clients: readonly Client[];
  runs: number;
  scale: number;
  /** Whether the results are written to files. */
  isPublished: boolean;
  /** Writes the document from the last results, without measuring. */
  isRendered: boolean;
}

export const USAGE = `npm run bench -- [options]
  --only a,b        measures: ${Object.keys(MEASURES).join(', ')}
  --clients a,b     clients: ${CLIENTS.map(({ name }) => name).join(', ')}
  --runs n          runs of each; default 5
  --quick           less work, to see that everything works
  --before folder   measures another build of the library as "before"
  --publish         writes the results of a partial run as well
  --render          writes the document and the pictures from the last results`;

/** Parses the command line. @throws TypeError for an invalid option */
export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      clients: { type: 'string' },
      runs: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      before: { type: 'string' },
      publish: { type: 'boolean', default: false },
      render: { type: 'boolean', default: false },
    },
  });
  const { only, clients, before, quick, publish, render } = values;
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new TypeError(`--runs: expected an integer of at least 1`);
  const names = chosen(
    '--clients',
    clients,
    CLIENTS.map(({ name }) => name),
  );
  for (const name of [OURS, RAW])
    if (!names.includes(name)) throw new TypeError(`--clients: ${name} is needed`);
  const isWhole = [only, clients, before].every((option) => option === undefined) && !quick;
  return {
    measures: chosen('--only', only, Object.keys(MEASURES) as MeasureName[]),
    clients: [
      ...CLIENTS.filter(({ name }) => name === AGAIN || names.includes(name)),
      ...builtBefore(before),
    ],
    runs,
    scale: quick ? 0.2 : 1,
    isPublished: isWhole || publish,
    isRendered: render,
  };
}

function chosen<T extends string>(
  option: string,
  value: string | undefined,
  all: readonly T[],
): readonly T[] {
  const names = value?.split(',') ?? all;
  for (const name of names) {
    if (!all.some((one) => one === name))
      throw new TypeError(`${option}: ${name} is not one of ${all.join(', ')}`);
  }
  return all.filter((one) => names.includes(one));
}

function builtBefore(library: string | undefined): Client[] {
  const ours = CLIENTS.find(({ name }) => name === OURS);
  return ours && library !== undefined ? [{ ...ours, name: 'before', library: resolve(library) }] : [];
}
