/**
 * Sends all images with a tag to another region at once, and says of each how it ended, as soon as it has.
 *
 *     npx ts-node -T examples/wait-many.ts
 */
import { type Action, type DOApi, WaitTimeoutError } from '../lib';
import { quickSandbox, run } from './support/run';

export async function waitMany(api: DOApi): Promise<void> {
  const started: Action[] = [];
  for await (const image of api.fetchAllImages({ private: true, tagName: 'env:production' })) {
    if (!image.regions.includes('tor1')) started.push(await image.transfer('tor1'));
  }
  console.log(`${started.length} images are on their way to tor1.`);

  try {
    // An action that errored comes like any other: one that fails hides none of the rest.
    for await (const action of api.waitActions(started, { timeout: 60 * 60_000 })) {
      const outcome = action.errored ? 'did not arrive; it may be sent again' : 'has arrived';
      console.log(`Image ${String(action.resourceId)} ${outcome}.`);
    }
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    console.log(`${error.inProgress.length} are still on their way. They go on without us.`);
  }
}

if (require.main === module) {
  const sandbox = quickSandbox({ actionTime: [30_000, 180_000] });
  sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'errored-action', after: 1, times: 1 });
  run(waitMany, sandbox);
}
