import { describe, expect, it } from '@jest/globals';
import { assert, asyncProperty, constantFrom, integer, nat, record } from 'fast-check';
import { Account, type Crowd, MINUTE } from '../../bench/simulate/account';
import {
  type Action,
  NotFoundError,
  type PollNews,
  type PollReport,
  type SharedPolls,
  type TransportAdapter,
} from '../../lib';
import { MemoryPolls } from '../support/shared-store/memory-polls';
import { PollTarget } from '../../lib/polling/poll-target';
import { pollDelay } from '../../lib/polling/wait-options';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import { type Clock, sleep } from '../../lib/util/clock';
import { type Loss, PollWorker } from '../support/poll-worker';
import { scaled } from '../support/scale';
import { aWaiter } from '../support/waits';

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
  waitAll({ api }: Pick<PollWorker, 'api'>, actions = this.account.actionsOf(api)): Promise<End[]> {
    return Promise.all(
      actions.map(async (action) => {
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
  it.each([
    ['young', 0],
    ['old', 20 * MINUTE],
  ])(
    'send as many requests as one, within a tenth, and learn in two pauses of %s ones',
    async (_age, age) => {
      const takes = [age + MINUTE, age + 6 * MINUTE] as const;
      const crowd = { actions: scaled(500, 200), images: 100, takes };
      const requests: number[] = [];
      for (const count of [1, scaled(16, 5)]) {
        const fleet = new Fleet(crowd, count);
        await fleet.pass(age);
        const waits = fleet.workers.map(({ api }) =>
          fleet.waitAll(
            { api },
            fleet.account.jobs.map(({ id }) => api.action(id)),
          ),
        );
        const ends = await Promise.all(waits);
        expect(Math.max(...ends.flatMap((one) => fleet.lateness(one)))).toBeLessThan(2);
        expect(ends.flat().every(({ action }) => action.completed)).toBe(true);
        requests.push(fleet.requests);
      }
      const [one = 0, many = Infinity] = requests;
      expect(one).toBeGreaterThan(9);
      expect(many).toBeLessThanOrEqual(1.1 * one);
    },
  );

  it('send as many as one, too, when they wait with an interval of many minutes', async () => {
    const interval = 20 * MINUTE;
    const takes = [10 * interval, 10 * interval] as const;
    const [one, many] = await Promise.all(
      [1, 4].map(async (count) => {
        const fleet = new Fleet({ actions: 1, images: 1, takes }, count);
        const id = fleet.account.jobs[0]?.id ?? 0;
        await Promise.all(fleet.workers.map(({ api }) => api.action(id).wait({ interval })));
        expect(fleet.account.now).toBeLessThan(12 * interval);
        return fleet.requests;
      }),
    );
    expect(one).toBeGreaterThan(5);
    expect(many).toBe(one);
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

const CROWD: Crowd = { actions: 6, images: 2, takes: [2 * MINUTE, 2 * MINUTE] };

/** Several workers whose actions take two minutes; `seen` has each report and answer. */
function watched(workers: number, change: (news: PollNews, report: PollReport) => PollNews = (news) => news) {
  const seen: { report: PollReport; news: PollNews }[] = [];
  const fleet = new Fleet(CROWD, workers, (polls) => ({
    exchange: async (key, report) => {
      const news = change(await polls.exchange(key, report), report);
      seen.push({ report, news });
      return news;
    },
  }));
  return { fleet, seen };
}

describe('a process that follows', () => {
  it('sends no request, and reports each poll of the leader as its own', async () => {
    const { fleet } = watched(2);
    const [leader, follower] = fleet.workers;
    const polls: [number, number] = [0, 0];
    await Promise.all(
      fleet.workers.map(({ api }, index) => {
        const action = api.action(fleet.account.jobs[0]?.id ?? 0);
        return action.wait({ onProgress: (progress) => (polls[index as 0 | 1] = progress.polls) });
      }),
    );
    expect(leader?.requests.length).toBeGreaterThan(10);
    expect(follower?.requests).toEqual([]);
    expect(polls[1]).toBeGreaterThanOrEqual(polls[0] - 2);
    expect(polls[1]).toBeLessThanOrEqual(polls[0]);
  });

  it('has the states of what only it waits for, soon after it began', async () => {
    const { fleet } = watched(2);
    const [first, second] = fleet.account.jobs;
    const [leader, follower] = fleet.workers;
    void leader?.api.action(first?.id ?? 0).wait();
    await fleet.pass(30_000);
    let firstAt = Infinity;
    const onProgress = (): void => void (firstAt = Math.min(firstAt, fleet.account.now));
    await follower?.api.action(second?.id ?? 0).wait({ onProgress });
    expect(firstAt).toBeLessThan(30_000 + INTERVAL / 2);
    expect(follower?.requests).toEqual([]);
  });

  it('asks itself what the leader was refused, and has an error of its own', async () => {
    const { fleet } = watched(3);
    const { account, workers } = fleet;
    const ends = workers.map(({ api }) =>
      api
        .action(404)
        .wait()
        .then(String, (error: unknown) => error),
    );
    const others = workers.map((worker) => fleet.waitAll(worker));
    for (const error of await Promise.all(ends)) expect(error).toBeInstanceOf(NotFoundError);
    expect(account.now).toBeLessThan(INTERVAL);
    const counts = workers.map(({ requests }) => requests.filter((path) => path.endsWith('/404')).length);
    // The leader has asked for itself before it knew of the others.
    expect(counts).toEqual([2, 1, 1]);
    await Promise.all(others);
  });

  it('polls itself what has no time to wait for the leader', async () => {
    const { fleet } = watched(2);
    const id = fleet.account.jobs[0]?.id ?? 0;
    const [leader, follower] = fleet.workers;
    void leader?.api.action(id).wait();
    await fleet.pass(20_000);
    await expect(follower?.api.action(id).wait({ timeout: 0 })).rejects.toMatchObject({ polls: 1 });
    expect(fleet.account.now).toBe(20_000);
    await expect(follower?.api.action(id).wait({ timeout: 30_000 })).rejects.toMatchObject({
      elapsed: 30_000,
    });
    expect(follower?.requests.length).toBeLessThanOrEqual(3);
  });

  it('takes the place of a leader that has no more to wait for, or is closed', async () => {
    const { fleet } = watched(2);
    const [leader, follower] = fleet.workers;
    const closed = expect(leader?.api.action(fleet.account.jobs[0]?.id ?? 0).wait()).rejects.toThrow(
      'closed',
    );
    await fleet.pass(10_000);
    const ends = follower && fleet.waitAll(follower);
    await fleet.pass(10_000);
    expect([leader?.leads, follower?.leads]).toEqual([true, false]);
    await leader?.api.close();
    await closed;
    await fleet.pass(1_000);
    expect(follower?.leads).toBe(true);
    expect(Math.max(...fleet.lateness((await ends) ?? []))).toBeLessThan(2);
  });

  it.each([
    ['action', [1, 1, 1]],
    ['image', [0, 0, 1]],
    ['droplet', [0, 0, 1]],
  ] as const)(
    'takes a state of an %s from before its wait only if it never goes back',
    async (kind, taken) => {
      const clock = new VirtualClock({ auto: false });
      await clock.advance(1_000);
      const target = new PollTarget({ kind, id: 1 });
      target.add(aWaiter({}, {}, clock));
      expect([1, 999, 1_000].map((sentAt) => target.waitersFor(sentAt).length)).toEqual(taken);
      target.show({ id: 1 }, { at: 1_500, requests: 1 });
      expect([1_500, 1_501].map((sentAt) => target.waitersFor(sentAt).length)).toEqual([0, 1]);
    },
  );
});

describe('a process that leads', () => {
  it.each<[string, (clock: Clock) => Promise<void>]>([
    ['is lost', () => Promise.reject(new Error('lost'))],
    ['comes late', (clock) => sleep(clock, 1_500)],
  ])('goes on polling for the others after an answer of the store %s', async (_how, spoil) => {
    let isSpoiled = false;
    const fleet: Fleet = new Fleet(CROWD, 2, (polls) => ({
      exchange: async (key, report) => {
        const news = await polls.exchange(key, report);
        if (isSpoiled && news.leads) {
          isSpoiled = false;
          await spoil(fleet.account.sandbox.clock);
        }
        return news;
      },
    }));
    const [first, second] = fleet.account.jobs;
    const [leader, follower] = fleet.workers;
    const wait = leader?.api.action(first?.id ?? 0).wait();
    await fleet.pass(1_000);
    const other = follower?.api.action(second?.id ?? 0).wait();
    await fleet.pass(20_000);
    isSpoiled = true;
    await fleet.pass(60_000);
    expect([isSpoiled, leader?.leads]).toEqual([false, true]);
    expect(follower?.requests).toEqual([]);
    await Promise.all([wait, other]);
  });
});

describe('what a process believes of a store', () => {
  const notStates: Record<string, (json: string) => string | null> = {
    'no JSON': () => '<html>',
    'JSON of another kind': () => '[1]',
    'another action': (json) =>
      JSON.stringify({ ...(JSON.parse(json) as object), id: 1, status: 'completed' }),
    'an action of another image': (json) =>
      JSON.stringify({ ...(JSON.parse(json) as object), resource_id: 1, status: 'completed' }),
    'fields of a wrong type': (json) => JSON.stringify({ ...(JSON.parse(json) as object), status: 5 }),
    'JSON that is nested too deep': (json) =>
      `{"status":"completed",${json.slice(1, -1)},"x":${'['.repeat(100)}${']'.repeat(100)}}`,
    'a refusal': () => null,
  };

  it.each(Object.entries(notStates))('is not %s: it asks itself', async (_what, spoil) => {
    const { fleet } = watched(2, (news) => ({
      ...news,
      states: Object.fromEntries(
        Object.entries(news.states).map(([name, { json, age }]) => [name, { json: spoil(json ?? ''), age }]),
      ),
    }));
    const ends = await Promise.all(fleet.workers.map((worker) => fleet.waitAll(worker)));
    for (const one of ends) {
      expect(Math.max(...fleet.lateness(one))).toBeLessThan(2);
      expect(one.every(({ action }) => action.completed)).toBe(true);
    }
    expect(fleet.workers.every(({ requests }) => requests.length > 0)).toBe(true);
  });

  it.each<[string, Record<string, unknown>]>([
    ['names of targets', { 'actions/../account': demand(), 'v2/account': demand(), 'actions/0': demand() }],
    ['paths of parents', { 'actions/77': demand({ parent: 'images/5/../../account' }) }],
    ['URLs', { 'actions/77': demand({ parent: 'https://example.com/images/5' }) }],
    ['intervals', { 'actions/77': demand({ interval: 1 }), 'actions/78': demand({ interval: 'soon' }) }],
    ['what is no demand', { 'actions/77': null, 'actions/78': 5, 'actions/79': [] }],
  ])('is not all demands: of wild %s', async (_what, demands) => {
    const { fleet } = watched(1, (news) => ({
      ...news,
      others: ['x'],
      demands: { x: { age: 0, demands: demands as PollReport['demands'] & object } },
    }));
    const [worker] = fleet.workers;
    const ends = worker ? await fleet.waitAll(worker) : [];
    expect(ends.every(({ action }) => action.completed)).toBe(true);
    expect(worker?.requests.length).toBeLessThan(60);
    for (const path of worker?.requests ?? [])
      expect(path).toMatch(/^\/v2\/(actions(\/\d+)?|images\/\d+\/actions(\/\d+)?)$/);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'news'],
    ['empty', {}],
    ['wrong types', { leads: 'no', states: 5, others: null, demands: null, cursor: null }],
    [
      'a leader that has nothing to say',
      { leads: false, isKnown: true, cursor: 1, states: {}, requests: 1e9 },
    ],
  ])('is not that it must wait for ever: answers that are %s', async (_what, answer) => {
    const { fleet } = watched(1, () => answer as PollNews);
    const [worker] = fleet.workers;
    const wait = worker?.api.action(fleet.account.jobs[0]?.id ?? 0).wait({ timeout: 5 * MINUTE });
    expect((await wait)?.completed).toBe(true);
  });

  it('tells it nothing of a token or a URL', async () => {
    const { fleet, seen } = watched(2);
    await Promise.all(fleet.workers.map((worker) => fleet.waitAll(worker)));
    const text = JSON.stringify(seen);
    expect(seen.length).toBeGreaterThan(100);
    expect(text).not.toContain(fleet.account.sandbox.token);
    expect(text).not.toMatch(/https?:|digitalocean/i);
  });
});

describe('what a process reports of a response', () => {
  /** Workers whose responses quote the request in a field that is not declared, and once in one that is. */
  async function quoted(): Promise<{ text: string; requests: [string[], string[]]; fleet: Fleet }> {
    const seen: unknown[] = [];
    const { fleet } = watched(0);
    const { sandbox, jobs } = fleet.account;
    const { clock, token } = sandbox;
    const adapter: TransportAdapter = async (request) => {
      const response = await sandbox.adapter(request);
      const { authorization } = request.headers;
      const json = JSON.parse(response.body) as { actions?: { id: number }[] };
      const actions = json.actions?.map((action) => ({
        ...action,
        quoted: authorization,
        ...(action.id === jobs[0]?.id && { type: `of ${String(authorization)}` }),
      }));
      return actions ? { ...response, body: JSON.stringify({ ...json, actions }) } : response;
    };
    const polls: SharedPolls = {
      exchange: async (key, report) => {
        const news = await fleet.polls.exchange(key, report);
        seen.push({ report, news });
        return news;
      },
    };
    const workers = [1, 2].map(() => new PollWorker({ clock, token, adapter }, polls));
    const ends = await Promise.all(workers.map((worker) => fleet.waitAll(worker)));
    for (const one of ends) {
      expect(one.every(({ action }) => action.completed)).toBe(true);
      expect(Math.max(...fleet.lateness(one))).toBeLessThan(2);
    }
    const [leader, follower] = workers.map(({ requests }) => requests);
    return { text: JSON.stringify(seen), requests: [leader ?? [], follower ?? []], fleet };
  }

  it('has the declared fields and nothing else, and never the token: what quotes it, each process asks itself', async () => {
    const { text, requests, fleet } = await quoted();
    expect(text).toContain('started_at');
    expect(text).not.toContain('quoted');
    expect(text).not.toContain(fleet.account.sandbox.token);
    const [leader, follower] = requests;
    expect(leader.length).toBeGreaterThan(10);
    // Only for the one action.
    expect(follower.length).toBeGreaterThan(10);
    expect(new Set(follower)).toEqual(new Set([`/v2/actions/${fleet.account.jobs[0]?.id ?? 0}`]));
  });
});

function demand(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { parent: null, interval: 5_000, dueIn: 0, age: 0, isNew: false, isUrgent: true, ...changes };
}

describe('a process whose store is away', () => {
  it('reports again all that it waits for: the store may have failed since it has lost it', async () => {
    let fails = false;
    const reports: PollReport[] = [];
    const { fleet } = watched(0);
    const polls: SharedPolls = {
      exchange: (key, report) => {
        reports.push(report);
        return fails ? Promise.reject(new Error('away')) : fleet.polls.exchange(key, report);
      },
    };
    const worker = new PollWorker(fleet.account.sandbox, polls);
    const ends = fleet.waitAll(worker);
    await fleet.pass(20_000);
    expect(reports.at(-1)?.demands).toBeNull();
    fails = true;
    await fleet.pass(1_000);
    fails = false;
    reports.length = 0;
    await fleet.pass(1_000);
    expect(Object.keys(reports[0]?.demands ?? {})).toHaveLength(6);
    await ends;
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('away'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('polls for itself, as it %s, and joins the others when it is back', async (_how, away) => {
    let isAway = true;
    const { fleet } = watched(0);
    const polls: SharedPolls = {
      exchange: (key, report) => (isAway ? away() : fleet.polls.exchange(key, report)),
    };
    const workers = [1, 2, 3].map(() => new PollWorker(fleet.account.sandbox, polls));
    const ends = workers.map((worker) => fleet.waitAll(worker));
    await fleet.pass(40_000);
    for (const { requests } of workers) expect(requests.length).toBeGreaterThan(3);
    isAway = false;
    await fleet.pass(20_000);
    const before = workers.map(({ requests }) => requests.length);
    await Promise.all(ends);
    const sent = workers.map(({ requests }, index) => requests.length - (before[index] ?? 0));
    expect(sent.filter((count) => count > 0).length).toBe(1);
    for (const one of await Promise.all(ends)) expect(Math.max(...fleet.lateness(one))).toBeLessThan(2);
  });
});
