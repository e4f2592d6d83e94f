/**
 * Aborts a wait with an AbortSignal, on Ctrl-C or after three polls. The transfer itself continues.
 *
 *     npx ts-node -T examples/cancel.ts
 */
import type { DOApi } from '../lib';
import { duration, run } from './support/run';

export async function cancel(api: DOApi): Promise<void> {
  const image = await api.fetchAllPrivateImages().first();
  if (!image) throw new Error('There is no image.');

  const controller = new AbortController();
  const onCtrlC = (): void => controller.abort(new Error('Ctrl-C was pressed'));
  process.once('SIGINT', onCtrlC);
  try {
    const action = await image.transfer('syd1', { signal: controller.signal });
    await action.wait({
      signal: controller.signal,
      onProgress: ({ elapsed, polls }) => {
        console.log(`${duration(elapsed)}: still on its way`);
        if (polls === 3) controller.abort(new Error('three polls are enough'));
      },
    });
  } catch (error) {
    // An aborted call rejects with the signal's reason.
    if (error !== controller.signal.reason) throw error;
    console.log(`The wait ended: ${(error as Error).message}.`);
  } finally {
    process.off('SIGINT', onCtrlC);
  }

  const current = await image.fetchCurrentAction();
  console.log(`Action ${String(current?.id)} continues: ${String(current?.status)}.`);
}

if (require.main === module) run(cancel);
