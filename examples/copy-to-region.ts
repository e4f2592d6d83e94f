/**
 * Copies an image to another region and waits until it is there.
 *
 *     npx ts-node -T examples/copy-to-region.ts
 *
 * It runs on a sandbox. In your program, `import { DOApi } from 'doapi-ts'` and pass `new DOApi()`.
 */
import type { DOApi } from '../lib';
import { duration, run } from './support/run';

export async function copyToRegion(api: DOApi): Promise<void> {
  const image = await api.fetchAllPrivateImages().find(({ name }) => name === 'web-00-snapshot');
  if (!image) throw new Error('There is no image of that name.');
  console.log(`${image.name} is in ${image.regions.join(', ')}.`);

  await image.transfer('fra1', {
    wait: {
      timeout: 2 * 60 * 60_000, // two hours: far regions are slow
      onProgress: ({ state, elapsed }) => console.log(`${duration(elapsed)}: ${String(state.status)}`),
    },
  });

  const copied = await image.fetch(); // `image` itself never changes
  console.log(`${copied.name} is in ${copied.regions.join(', ')}.`);
}

if (require.main === module) run(copyToRegion);
