/**
 * Keeps the newest twelve snapshots of each Droplet, and deletes the older ones.
 *
 *     npx ts-node -T examples/keep-twelve.ts             # shows the plan
 *     npx ts-node -T examples/keep-twelve.ts --apply     # carries it out, which cannot be undone
 *
 * Images that are in use, that have an action in progress, or of which no Droplet is known stay, too.
 */
import type { DOApi } from '../lib';
import { quickSandbox, run } from './support/run';

export async function keepTwelve(api: DOApi, isApplied = false): Promise<void> {
  const plan = await api.planPrune({ match: { type: 'snapshot' }, groupBy: 'droplet', keep: { last: 12 } });
  console.log(plan.toString());
  if (!isApplied) return;

  const results = await plan.apply();
  for (const { image, outcome, reason, error } of results) {
    const why = reason ?? (error instanceof Error ? error.message : undefined);
    console.log(`${image.name}: ${outcome}${why === undefined ? '' : `, ${why}`}`);
  }
  if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

if (require.main === module) {
  // The sandbox has a Droplet, and fifteen snapshots of it.
  const sandbox = quickSandbox({ images: 10 });
  run(async (api) => {
    const droplet = await api.fetchAllDroplets().first();
    for (let day = 1; day <= 15; day++) await droplet?.takeSnapshot({ name: `night-${day}` });
    await keepTwelve(api, process.argv.includes('--apply'));
  }, sandbox);
}
