/**
 * Copies an image to another region and waits until it is there.
 *
 *     npx ts-node -T examples/copy-to-region.ts
 *
 * runs on a sandbox. In a program of your own: `import { DOApi } from 'doapi-ts'` and pass `new DOApi()`.
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
      onProgress: ({ state: action, elapsed }) =>
        console.log(`${duration(elapsed)}: ${String(action.status)}`),
    },
  });

  const copied = await image.fetch(); // `image` itself never changes
  console.log(`${copied.name} is in ${copied.regions.join(', ')}.`);
}

if (require.main === module) run(copyToRegion);
