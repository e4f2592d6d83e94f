import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OURS } from '../clients';
import { run } from '../run';
import { atMost, type Section } from '../section';
import { INSTALLED, type Weight, weigh, weighAll } from '../weights';
import type { Bench } from '../program';

const ROOT = join(__dirname, '..', '..', '..');
const PEERS = ['axios', 'undici', 'dots-wrapper', 'do-wrapper', 'digitalocean', '@digitalocean/dots'];

/** The size of an installation on disk. */
export async function weight(bench: Bench): Promise<Section[]> {
  bench.say('weight');
  const names = bench.clients.map(({ name }) => name);
  const peers = PEERS.filter((name) => names.includes(name));
  const ours = await weighOurs();
  const lines: [string, Weight][] = [
    [OURS, ours],
    ...peers.map((name): [string, Weight] => [name, weigh(name)]),
  ];
  return [
    {
      name: 'weight',
      title: 'Weight of a production install',
      how:
        '`doapi-ts`: `npm pack`, then `npm install --omit=dev` into an empty folder. The others: the package and its dependencies as installed in ' +
        '`bench/`. MB are the sizes of files and folders, as `du --bytes` counts.',
      columns: ['package', 'packages', 'files', 'MB'],
      rows: lines.map(([name, { packages, files, bytes }]) => [name, packages, files, bytes / 1e6]),
      verdicts: [
        atMost('Packages of a production install', 38, ours.packages),
        atMost('Size of a production install', 6, ours.bytes / 1e6, ' MB'),
      ],
      charts: [
        {
          name: 'bench-weight',
          title: 'Production install',
          unit: 'MB',
          bars: lines.map(([name, { bytes }]) => ({ label: name, value: bytes / 1e6 })),
          target: 6,
        },
      ],
    },
  ];
}

async function weighOurs(): Promise<Weight> {
  const folder = mkdtempSync(join(tmpdir(), 'doapi-ts-weight-'));
  try {
    // `npm run bench` has built `dist` already.
    const packed = await run(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      ROOT,
    );
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    const how = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
    await run('npm', ['install', ...how, join(folder, filename)], folder);
    return weighAll(join(folder, INSTALLED));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
