import { describe, expect, it } from '@jest/globals';
import { Account, type Crowd, MINUTE } from '../../bench/simulate/account';
import type { Action } from '../../lib';
import { MemoryPolls } from '../../lib/polling/fleet/memory-polls';
import { pollDelay } from '../../lib/polling/wait-options';
import { PollWorker } from '../support/poll-worker';

const INTERVAL = 5_000;

/** Several workers on one account, each with a wait for each action. */
function open(
  crowd: Crowd,
  workers: number,
): { account: Account; polls: MemoryPolls; workers: PollWorker[] } {
  const account = new Account(crowd);
  const polls = new MemoryPolls(account.sandbox.clock);
  return {
    account,
    polls,
    workers: Array.from({ length: workers }, () => new PollWorker(account.sandbox, polls)),
  };
}

/** Waits for each action in a worker. @returns when it learned of each, and its state then */
function waitAll(account: Account, { api }: PollWorker): Promise<{ at: number; action: Action }[]> {
  return Promise.all(
    account.actionsOf(api).map(async (action) => {
      const ended = await action.wait({ throwOnError: false });
      return { at: account.now, action: ended };
    }),
  );
}

const gets = ({ seen }: Account): number => seen.filter(({ method }) => method === 'GET').length;

describe('many processes with one store', () => {
  it.each([1, 16])('as %d wait for the same 1,000 actions, requests stay those of one', async (count) => {
    const crowd = { actions: 200, images: 100, takes: [MINUTE, 10 * MINUTE] } as const;
    const { account, workers } = open(crowd, count);
    const learned = await Promise.all(workers.map((worker) => waitAll(account, worker)));
    console.log(
      count,
      gets(account),
      workers.map((w) => w.requests.length).join(),
      workers.map((w) => w.reports).join(),
    );
    const late = learned.flatMap((ends) =>
      ends.map(({ at }, index) => {
        const { endsAt } = account.jobs[index]!;
        return (at - endsAt) / pollDelay(INTERVAL, at);
      }),
    );
    console.log(Math.max(...late), late.reduce((a, b) => a + b, 0) / late.length);
    expect(Math.max(...late)).toBeLessThan(2);
  });
});
