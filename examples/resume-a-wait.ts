/**
 * Stops a wait and resumes it later, as another process would: the action is saved as JSON.
 *
 *     npx ts-node -T examples/resume-a-wait.ts
 */
import { type DOApi, WaitTimeoutError } from '../lib';
import { duration, run } from './support/run';

export async function resumeAWait(api: DOApi): Promise<void> {
  const saved = await startTransfer(api);
  console.log(`Saved: ${saved.length} characters of JSON.`);
  await resume(api, saved);
}

/** Starts a transfer and waits for 20 s. Returns the actions still in progress, as JSON. */
async function startTransfer(api: DOApi): Promise<string> {
  const image = await api.fetchAllPrivateImages().first();
  if (!image) throw new Error('There is no image.');
  try {
    await image.transfer('sfo3', { wait: { timeout: 20_000 } });
    return '[]';
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    console.log(error.message);
    return JSON.stringify(error.inProgress);
  }
}

/** `api.action` makes an Action of the JSON, in this process or another. */
async function resume(api: DOApi, saved: string): Promise<void> {
  for (const json of JSON.parse(saved) as object[]) {
    const action = await api.action(json).wait();
    const took = Number(action.completedAt) - Number(action.startedAt);
    console.log(`Action ${action.id} is ${String(action.status)}; it took ${duration(took)}.`);
    console.log(`${String((await action.fetchResource())?.name)} has arrived.`);
  }
}

if (require.main === module) run(resumeAWait);
