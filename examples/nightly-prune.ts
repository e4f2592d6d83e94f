/**
 * Thins out the snapshots of each Droplet, every night. It only prints its plan; with --apply it carries the plan out.
 *
 *     npx ts-node -T examples/nightly-prune.ts            # a dry run
 *     npx ts-node -T examples/nightly-prune.ts --apply
 *
 * It runs on a sandbox. In your program, `import { DOApi } from 'doapi-ts'` and pass `new DOApi()`.
 */
import type { DOApi } from '../lib';
import { run } from './support/run';

/** @param apply whether to delete; default: a dry run */
export async function nightlyPrune(api: DOApi, { apply = false } = {}): Promise<void> {
  const plan = await api.planPrune({
    match: { type: 'snapshot' },
    groupBy: 'droplet',
    keep: { last: 1, daily: 7, weekly: 4, monthly: 6, tags: ['keep'] },
    olderThan: '36h', // what was made last night stays, however many there are
  });
  console.log(plan.toString());
  if (!apply) {
    console.log('This was a dry run: nothing was deleted. --apply deletes.');
    return;
  }
  const results = await plan.apply();
  const deleted = results.filter(({ outcome }) => outcome === 'deleted');
  console.log(`Deleted ${deleted.length} of ${results.length} images.`);
  // What changed or came into use since the plan stays, which is no failure.
  for (const { image, outcome, reason, error } of results) {
    const why = reason ?? (error instanceof Error ? error.message : '');
    if (outcome !== 'deleted') console.log(`${image.name} (${image.id}): ${outcome} ${why}`);
  }
  if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

if (require.main === module) run((api) => nightlyPrune(api, { apply: process.argv.includes('--apply') }));
