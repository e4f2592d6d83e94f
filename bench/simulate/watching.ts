import type { DOApi } from '../../lib';
import { pollDelay } from '../../lib/polling/wait-options';
import { type Account, HOUR, type Job, MINUTE } from './account';

/** The interval of a simple polling loop. doapi polls every 2 seconds, doctl every 5, others in between. */
export const USUAL_INTERVAL = 5_000;

/** The results of many waits. */
export interface Outcome {
  /** Waits that rejected, or returned another state than the true one. */
  wrong: number;
  /** The longest delay between the end of an action and of its wait, in poll intervals. */
  latest: number;
  /** All requests. */
  requests: number;
  /** The most requests in any 60 seconds, and in any hour. */
  inMinute: number;
  inHour: number;
  /** Responses with 429. */
  refused: number;
}

/** Waits for all actions of an account concurrently. */
export async function watch(account: Account, api: DOApi = account.api()): Promise<Outcome> {
  let wrong = 0;
  let latest = 0;
  const actions = account.actionsOf(api);
  const waits = account.jobs.map(async ({ endsAt, outcome }, index) => {
    const ended = await actions[index]?.wait({ throwOnError: false });
    if (ended?.status !== outcome || account.now < endsAt) wrong += 1;
    latest = Math.max(latest, (account.now - endsAt) / pollDelay(api.waitInterval, endsAt));
  });
  for (const { status } of await Promise.allSettled(waits)) if (status === 'rejected') wrong += 1;
  const { seen } = account;
  const times = seen.map(({ at }) => at);
  return {
    wrong,
    latest,
    requests: seen.length,
    inMinute: mostIn(MINUTE, times),
    inHour: mostIn(HOUR, times),
    refused: seen.filter(({ status }) => status === 429).length,
  };
}

/** The requests of a simple loop that polls each action every five seconds until it ends. */
export function usualRequests(jobs: readonly Pick<Job, 'endsAt'>[]): number {
  return jobs.reduce((sum, { endsAt }) => sum + Math.ceil(endsAt / USUAL_INTERVAL), 0);
}

/** The most of the sorted `times` in any window of that length, its ends included. */
export function mostIn(length: number, times: readonly number[]): number {
  let most = 0;
  let start = 0;
  for (const [end, time] of times.entries()) {
    while (time - (times[start] ?? time) > length) start += 1;
    most = Math.max(most, end - start + 1);
  }
  return most;
}
