/**
 * Ends a wait from outside: by an AbortSignal, and by Ctrl-C. The transfer itself goes on at DigitalOcean.
 *
 *     npx ts-node -T examples/cancel.ts
 */
import type { DOApi } from '../lib';
import { duration, run } from './support/run';

export async function cancel(api: DOApi): Promise<void> {
  const image = await api.fetchAllPrivateImages().first();
  if (!image) throw new Error('There is no image.');

  const ending = new AbortController();
  const onCtrlC = (): void => ending.abort(new Error('Ctrl-C was pressed'));
  process.once('SIGINT', onCtrlC);
  try {
    const action = await image.transfer('syd1', { signal: ending.signal });
    await action.wait({
      signal: ending.signal,
      onProgress: ({ elapsed, polls: looks }) => {
        console.log(`${duration(elapsed)}: still on its way`);
        if (looks === 3) ending.abort(new Error('three looks are enough'));
      },
    });
  } catch (error) {
    // An abort rejects with the signal's own reason, whatever was under way.
    if (error !== ending.signal.reason) throw error;
    console.log(`The wait ended: ${(error as Error).message}.`);
  } finally {
    process.off('SIGINT', onCtrlC);
  }

  const current = await image.fetchCurrentAction();
  console.log(`Action ${String(current?.id)} goes on: ${String(current?.status)}.`);
}

if (require.main === module) run(cancel);
