import type { DOApi } from '../../lib';
import { pollDelay } from '../../lib/polling/wait-options';
import { type Account, HOUR, type Job, MINUTE } from './account';

/** How often the usual loop asks for each action; doapi does every 2 seconds, doctl every 5, the rest in between. */
export const USUAL_INTERVAL = 5_000;

/** What watching a crowd came to. */
export interface Outcome {
  /** Waits that settled with something else than the truth, or rejected. */
  wrong: number;
  /** How late a wait learned of its end at most, in pauses. */
  latest: number;
  /** Requests, all in all. */
  requests: number;
  /** Most in any 60 seconds, and in any hour. */
  inMinute: number;
  inHour: number;
  /** Answered with 429. */
  refused: number;
}

/** Waits for all actions of an account at once, in the library's way. */
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

/** Requests of the usual loop: each action by itself, every five seconds from its beginning, until it has ended. */
export function usualRequests(jobs: readonly Pick<Job, 'endsAt'>[]): number {
  return jobs.reduce((sum, { endsAt }) => sum + Math.ceil(endsAt / USUAL_INTERVAL), 0);
}

/** The most of `times`, in order, that fall into any window of that length, its ends included. */
export function mostIn(length: number, times: readonly number[]): number {
  let most = 0;
  let start = 0;
  for (const [end, time] of times.entries()) {
    while (time - (times[start] ?? time) > length) start += 1;
    most = Math.max(most, end - start + 1);
  }
  return most;
}
