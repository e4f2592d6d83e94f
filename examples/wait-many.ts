/**
 * Copies all images with a tag to another region, except backups, which cannot be copied, and prints the outcome of each as soon as it is known.
 *
 *     npx ts-node -T examples/wait-many.ts
 */
import { type Action, type DOApi, WaitTimeoutError } from '../lib';
import { quickSandbox, run } from './support/run';

export async function waitMany(api: DOApi): Promise<void> {
  const started: Action[] = [];
  for await (const image of api.fetchAllImages({ private: true, tagName: 'env:production' })) {
    // A backup cannot be copied before it is converted.
    if (image.type !== 'backup' && !image.regions.includes('tor1'))
      started.push(await image.transfer('tor1'));
  }
  console.log(`${started.length} images are on their way to tor1.`);

  try {
    // An errored action is yielded like a completed one, so that one failure does not hide the other outcomes.
    for await (const action of api.waitActions(started, { timeout: 60 * 60_000 })) {
      const outcome = action.errored ? 'did not arrive; its transfer may be started again' : 'has arrived';
      console.log(`Image ${String(action.resourceId)} ${outcome}.`);
    }
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    console.log(`${error.inProgress.length} are still on their way. Their transfers continue.`);
  }
}

if (require.main === module) {
  const sandbox = quickSandbox({ actionTime: [30_000, 180_000] });
  sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'errored-action', after: 1, times: 1 });
  run(waitMany, sandbox);
}
