/**
 * Takes a snapshot of a Droplet and brings it to three regions.
 *
 *     npx ts-node -T examples/snapshot-to-regions.ts
 */
import type { DOApi } from '../lib';
import { run } from './support/run';

export async function snapshotToRegions(api: DOApi): Promise<void> {
  const droplet = await api.fetchAllDroplets({ name: 'web-1' }).first();
  if (!droplet) throw new Error('There is no Droplet of that name.');

  const image = await droplet.takeSnapshot({ name: 'golden', powerOff: true });
  for (const { region, outcome } of await image.replicate(['ams3', 'sgp1', 'syd1']))
    console.log(`${image.name} in ${region}: ${outcome}`);
}

if (require.main === module) run(snapshotToRegions);
