import { describe, expect, it } from '@jest/globals';
import { assert, asyncProperty, constantFrom, integer, nat, record } from 'fast-check';
import { Account, type Crowd, MINUTE } from '../../bench/simulate/account';
import type { Action, SharedPolls } from '../../lib';
import { MemoryPolls } from '../../lib/polling/fleet/memory-polls';
import { pollDelay } from '../../lib/polling/wait-options';
import { sleep } from '../../lib/util/clock';
import { type Loss, PollWorker } from '../support/poll-worker';
import { scaled } from '../support/scale';

const INTERVAL = 5_000;

interface End {
  /** When the wait ended. */
  at: number;
  action: Action;
}

/** Several workers on one account, as processes with one store. */
class Fleet {
  readonly account: Account;
  readonly polls: MemoryPolls;
  readonly workers: PollWorker[];

  constructor(crowd: Crowd, workers: number, store = (polls: SharedPolls): SharedPolls => polls) {
    this.account = new Account(crowd);
    this.polls = new MemoryPolls(this.account.sandbox.clock);
    const shared = store(this.polls);
    this.workers = Array.from({ length: workers }, () => new PollWorker(this.account.sandbox, shared));
  }

  /** Waits for each action in a worker. */
  waitAll({ api }: PollWorker): Promise<End[]> {
    return Promise.all(
      this.account.actionsOf(api).map(async (action) => {
        const ended = await action.wait({ throwOnError: false });
        return { at: this.account.now, action: ended };
      }),
    );
  }

  /** How late each end was learned, in pauses. */
  lateness(ends: readonly End[]): number[] {
    return ends.map(({ at }, index) => {
      const { endsAt = NaN } = this.account.jobs[index] ?? {};
      return (at - endsAt) / pollDelay(INTERVAL, at);
    });
  }

  get leader(): PollWorker | undefined {
    return this.workers.find(({ leads }) => leads);
  }

  get requests(): number {
    return this.workers.reduce((sum, { requests }) => sum + requests.length, 0);
  }

  async pass(ms: number): Promise<void> {
    await sleep(this.account.sandbox.clock, ms);
  }
}

describe('many processes with one store that wait for the same actions', () => {
  it('send as many requests of polls as one, within a tenth, and learn of each end within two pauses', async () => {
    const crowd = { actions: scaled(500, 200), images: 100, takes: [MINUTE, 6 * MINUTE] } as const;
    const requests: number[] = [];
    for (const count of [1, scaled(16, 5)]) {
      const fleet = new Fleet(crowd, count);
      const ends = await Promise.all(fleet.workers.map((worker) => fleet.waitAll(worker)));
      expect(Math.max(...ends.flatMap((one) => fleet.lateness(one)))).toBeLessThan(2);
      expect(ends.flat().every(({ action }) => action.completed)).toBe(true);
      requests.push(fleet.requests);
    }
    const [one = 0, many = Infinity] = requests;
    expect(one).toBeGreaterThan(50);
    expect(many).toBeLessThanOrEqual(1.1 * one);
  });

  it('learn of each end within two pauses, whenever a process stops or loses its connections', async () => {
    let leaders = 0;
    const fault = record({
      at: nat(3 * MINUTE),
      what: constantFrom<Loss>('process', 'server', 'store'),
      for: constantFrom(1_000, 3_000, 10_000, 60_000, 3_600_000),
      // Mostly the leader.
      who: constantFrom('leader', 'leader', 0, 1, 2),
    });
    const run = async (
      workers: number,
      seed: number,
      takes: readonly [number, number],
      { at, what, for: time, who }: { at: number; what: Loss; for: number; who: string | number },
    ): Promise<void> => {
      const fleet = new Fleet({ actions: 12, images: 3, takes, oneFailsIn: 5, seed }, workers);
      const waits = fleet.workers.map((worker) => fleet.waitAll(worker));
      await fleet.pass(at);
      const victim = who === 'leader' ? fleet.leader : fleet.workers[Number(who)];
      if (victim?.leads) leaders += 1;
      victim?.lose(what);
      const others = await Promise.all(waits.filter((_, index) => fleet.workers[index] !== victim));
      for (const ends of others) {
        expect(Math.max(...fleet.lateness(ends))).toBeLessThanOrEqual(2);
        for (const [index, { action }] of ends.entries())
          expect(action.status).toBe(fleet.account.jobs[index]?.outcome);
      }
      await fleet.pass(Math.max(0, at + time - fleet.account.now));
      victim?.recover();
      for (const ends of await Promise.all(waits))
        for (const [index, { action }] of ends.entries())
          expect(action.status).toBe(fleet.account.jobs[index]?.outcome);
      await Promise.all(fleet.workers.map(({ api }) => api.close()));
    };
    const takes = integer({ min: 1_000, max: 3 * MINUTE }).map((most) => [1_000, most] as const);
    await assert(asyncProperty(integer({ min: 2, max: 4 }), nat(1_000), takes, fault, run), {
      numRuns: scaled(600, 100),
    });
    expect(leaders).toBeGreaterThan(scaled(100, 10));
  });
});
