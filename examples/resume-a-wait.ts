/**
 * Stops waiting and goes on later, as another process would: an action goes through JSON and comes back.
 *
 *     npx ts-node -T examples/resume-a-wait.ts
 */
import { type DOApi, WaitTimeoutError } from '../lib';
import { duration, run } from './support/run';

export async function resumeAWait(api: DOApi): Promise<void> {
  const saved = await startAndLeave(api);
  console.log(`Kept for later: ${saved.length} characters of JSON.`);
  await comeBack(api, saved);
}

/** Starts a transfer and waits for it, but not for long. What is still under way is written down. */
async function startAndLeave(api: DOApi): Promise<string> {
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

/** Another process, another day: `api.action` makes an Action of the JSON, and `wait` goes on. */
async function comeBack(api: DOApi, saved: string): Promise<void> {
  for (const json of JSON.parse(saved) as object[]) {
    const action = await api.action(json).wait();
    const took = Number(action.completedAt) - Number(action.startedAt);
    console.log(`Action ${action.id} is ${String(action.status)}; it took ${duration(took)}.`);
    console.log(`${String((await action.fetchResource())?.name)} is where it should be.`);
  }
}

if (require.main === module) run(resumeAWait);
