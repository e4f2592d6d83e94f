/**
 * Imports an image from a URL and waits until it is available, then another whose import fails.
 *
 *     npx ts-node -T examples/import-a-custom-image.ts
 */
import { type DOApi, ImageImportError } from '../lib';
import { duration, run } from './support/run';

export async function importACustomImage(api: DOApi): Promise<void> {
  const image = await api.createCustomImage({
    name: 'ubuntu-24.04-minimal',
    url: 'https://cloud-images.example.com/ubuntu-24.04-minimal.img.bz2',
    region: 'nyc3',
    distribution: 'Ubuntu',
    tags: ['base-image'],
  });
  console.log(`Image ${image.id} is ${String(image.status)}.`);

  const ready = await image.waitUntilAvailable({
    onProgress: ({ state, elapsed }) => console.log(`${duration(elapsed)}: ${String(state.status)}`),
  });
  console.log(`${ready.name} is ${String(ready.status)} in ${ready.regions.join(', ')}.`);

  // DigitalOcean cannot fetch this URL: the import fails with a reason.
  const broken = await api.createCustomImage({
    name: 'nowhere',
    url: 'https://nowhere.invalid/image.qcow2',
    region: 'nyc3',
  });
  try {
    await broken.waitUntilAvailable();
  } catch (error) {
    if (!(error instanceof ImageImportError)) throw error;
    console.log(error.message);
  }
}

if (require.main === module) run(importACustomImage);
