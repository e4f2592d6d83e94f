import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Account, MINUTE } from '../../bench/simulate/account';
import { AuthenticationError, ClosedError, type Progress } from '../../lib';
import { sleep } from '../../lib/util/clock';
import { Poller } from '../../lib/polling/poller';
import { Sandbox } from '../../lib/sandbox';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import errors from '../fixtures/error/documented.json';
import { account, slow } from '../support/behaves-like-a-wait';
import { actionJson, ENDPOINT, imageJson, rejection } from '../support/builders';
import { aPolicy, aWaitTarget } from '../support/waits';
import { cpuTime } from '../support/cpu-time';

/** The polls of an account: when there were requests, and how many. */
function pollsOf({ seen }: Account): [at: number, requests: number][] {
  const polls = new Map<number, number>();
  for (const { at, method } of seen) if (method === 'GET') polls.set(at, (polls.get(at) ?? 0) + 1);
  return [...polls];
}

describe('all waits of a manager', () => {
  it('share their polls, however they were started', async () => {
    const sandbox = new Sandbox({
      images: [1, 2, 3, 4].map((id) => ({ id, regions: ['nyc1'] })),
      actionTime: 30_000,
    });
    const api = sandbox.api();
    const [a, b, c, d] = [1, 2, 3, 4].map((id) => api.image({ id, regions: ['nyc1'] }));
    const started = await b?.transfer('ams3');
    sandbox.clearRequests();
    await Promise.all([
      a?.transfer('ams3', { wait: true }),
      started?.wait(),
      (async () => {
        for await (const { completed } of api.waitActions([started?.id ?? 0])) expect(completed).toBe(true);
      })(),
      c?.replicate(['ams3', 'sgp1']),
      d?.transfer('ams3').then(() => d.waitForAction()),
    ]);
    const polls = sandbox.requests.filter(({ path }) => path === '/v2/actions');
    const others = sandbox.requests.filter(({ method, path }) => method === 'GET' && path !== '/v2/actions');
    expect(polls.length).toBeLessThanOrEqual(8);
    // Requests of single waits: b's action, of which only the id is known, c's actions, d's, and the state of d.
    expect(others.map(({ path }) => path).sort()).toEqual([
      `/v2/actions/${String(started?.id)}`,
      '/v2/images/3/actions',
      '/v2/images/4',
      '/v2/images/4/actions',
    ]);
  });

  it.each([
    ['one action', 1, 1, '/v2/actions/500001'],
    ['the actions of one image', 12, 1, '/v2/images/1001/actions'],
    ['the actions of many images', 200, 200, '/v2/actions'],
  ])('poll %s with one request', async (_what, actions, images, path) => {
    const crowd = new Account({ actions, images, takes: [MINUTE, MINUTE] });
    await Promise.all(crowd.actionsOf(crowd.api()).map((action) => action.wait()));
    expect(new Set(crowd.seen.map((seen) => seen.path))).toEqual(new Set([path]));
    expect(pollsOf(crowd).every(([, requests]) => requests === 1)).toBe(true);
  });

  it('poll an action once, however many wait for it', async () => {
    const crowd = new Account({ actions: 1, images: 1, takes: [MINUTE, MINUTE] });
    const waits = crowd
      .actionsOf(crowd.api())
      .flatMap((action) => Array.from({ length: 7 }, () => action.wait()));
    const ends = await Promise.all(waits);
    expect(ends.map(({ status }) => status)).toEqual(Array(7).fill('completed'));
    expect(pollsOf(crowd).every(([, requests]) => requests === 1)).toBe(true);
  });

  it('join the same polls when they began at different times', async () => {
    const crowd = new Account({ actions: 10, images: 10, takes: [5 * MINUTE, 5 * MINUTE] });
    const { clock } = crowd.sandbox;
    const api = crowd.api();
    const polls: number[] = [];
    const waits = crowd.actionsOf(api).map(async (action, index) => {
      await sleep(clock, index * 700);
      const fresh = await action.fetch();
      await fresh.wait({ onProgress: () => polls.push(clock.now()) });
    });
    await Promise.all(waits);
    const together = polls.filter((at) => at > 20_000);
    expect(together.length).toBe(10 * new Set(together).size);
  });

  it('are never polled more often than every waitInterval', async () => {
    const crowd = new Account({ actions: 40, images: 7, takes: [1_000, 10 * MINUTE] });
    const { clock } = crowd.sandbox;
    const api = crowd.api();
    // The states were just received, so no poll is urgent.
    const waits = crowd.jobs.map(async ({ id }, index) => {
      await sleep(clock, index * 311);
      return (await api.fetchAction(id)).wait();
    });
    await Promise.all(waits);
    const fetches = new Set(crowd.jobs.map((_, index) => index * 311));
    const polls = [...new Set(crowd.seen.map(({ at }) => at).filter((at) => !fetches.has(at)))];
    const pauses = polls.slice(1).map((at, index) => at - (polls[index] ?? 0));
    expect(polls.length).toBeGreaterThan(20);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
  });

  it('are polled less often the older they are, at least every half minute', async () => {
    const crowd = new Account({ actions: 3, images: 3, takes: [40 * MINUTE, 40 * MINUTE] });
    await Promise.all(crowd.actionsOf(crowd.api()).map((action) => action.wait()));
    const polls = pollsOf(crowd).map(([at]) => at);
    const pauses = polls.slice(1).map((at, index) => at - (polls[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const tenth = Math.max(5_000, Math.min(30_000, (polls[index] ?? 0) / 10));
      expect(pause).toBeLessThanOrEqual(tenth + 1);
      // The server's dates have no fractions of a second.
      expect(pause).toBeGreaterThanOrEqual(Math.max(5_000, tenth * 0.9) - 100);
    }
    expect(new Set(pauses.slice(-20)).size).toBeGreaterThan(10);
  });

  it('do not delay the polls of a young action for those of an old one', async () => {
    const crowd = new Account({ actions: 1, images: 1, takes: [30 * MINUTE, 30 * MINUTE] });
    const api = crowd.api();
    const old = crowd.actionsOf(api)[0]?.wait();
    await sleep(crowd.sandbox.clock, 20 * MINUTE);
    const young = await api.image(crowd.sandbox.addImage().id).transfer('ams3');
    const began = crowd.now;
    const polls: number[] = [];
    await young.wait({ onProgress: ({ elapsed }) => polls.push(elapsed) });
    // The first one comes an interval after the last poll of the old one. A poll that is nearly due, by half an interval at
    // most, joins one of the old one.
    const [first = Infinity] = polls;
    expect(first).toBeGreaterThanOrEqual(2_500);
    expect(first).toBeLessThan(10_000);
    expect(polls.slice(0, 3)).toEqual([first, first + 5_000, first + 10_000]);
    expect(crowd.now - began).toBeLessThan(MINUTE + 5_000);
    await old;
  });

  it('poll less often the more requests a poll takes', async () => {
    const crowd = new Account(
      { actions: 60, images: 60, takes: [20 * MINUTE, 20 * MINUTE] },
      { scopes: ['image:read'] },
    );
    await Promise.all(crowd.actionsOf(crowd.api()).map((action) => action.wait()));
    const polls = pollsOf(crowd).filter(([, requests]) => requests >= 30);
    const pauses = polls.slice(2).map(([at], index) => at - (polls[index + 1]?.[0] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(60_000);
    expect(crowd.seen.length).toBeLessThan(60 * 22);
  });

  it('are independent: one that ends, fails or hangs delays no other', async () => {
    const { server, api, of } = account(
      { id: 1, ends: MINUTE, image: 11 },
      { id: 2, ends: 2 * MINUTE, image: 22 },
    );
    const { respond: answer } = server;
    const plans = [1, 2, 3].map((id) => ({ id, ends: MINUTE * id, image: 11 * id }));
    // The third is requested by itself, and gets no response.
    server.respond = (request, nth) => {
      if (request.path.startsWith('/v2/images/33')) return new Promise(() => undefined);
      return request.path === '/v2/actions' ? { status: 404, body: {} } : answer(request, nth);
    };
    const late: number[] = [];
    const [first, second] = plans.slice(0, 2).map(async (plan) => {
      await api.action(of(plan)).wait();
      late.push(server.clock.now() - plan.ends);
    });
    const third = api
      .image(imageJson({ id: 33, status: 'pending' }))
      .waitUntilAvailable({ timeout: 10 * MINUTE });
    await Promise.all([first, second]);
    expect(Math.max(...late)).toBeLessThanOrEqual(12_000);
    expect(await rejection(third)).toMatchObject({ name: 'WaitTimeoutError', polls: expect.any(Number) });
  });
});

describe('a wait that has ended', () => {
  it('leaves no timer, when it was the last one', async () => {
    const { server, api, of } = account(slow);
    await api.action(of(slow)).wait();
    expect(server.clock.nextTimer).toBeNull();
  });

  it('leaves no listener on the signal, which had one for all waits', async () => {
    const crowd = new Account({ actions: 300, images: 30, takes: [1_000, MINUTE] });
    const { signal } = new AbortController();
    const waits = crowd.actionsOf(crowd.api()).map((action) => action.wait({ signal }));
    await sleep(crowd.sandbox.clock, 1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(waits);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('leaves nothing after an abort either, within fifty milliseconds of CPU time', async () => {
    const { server, api, of } = account(slow);
    const controller = new AbortController();
    const waits = Array.from({ length: 100 }, () => api.action(of(slow)).wait({ signal: controller.signal }));
    await sleep(server.clock, 20_000);
    const began = cpuTime();
    controller.abort('enough');
    expect(new Set(await Promise.all(waits.map(rejection)))).toEqual(new Set(['enough']));
    expect(cpuTime() - began).toBeLessThan(50);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(server.clock.nextTimer).toBeNull();
  });

  it.each([
    ['aborts its request, when no other wait needs it', 1],
    ['leaves its request to another wait that needs it', 0],
  ])('%s', async (_what, calledOff) => {
    const { server, api, of } = account(slow);
    server.latency = 1_000;
    const controller = new AbortController();
    const wait = api.action(of(slow)).wait({ signal: controller.signal });
    const other = calledOff ? Promise.resolve() : api.action(of(slow)).wait();
    server.clock.after(500, () => controller.abort());
    await rejection(wait);
    await sleep(server.clock, 0);
    expect(server.abortedCount).toBe(calledOff);
    await other;
  });

  it('at once, by a signal that had aborted before or a closed manager, sends nothing', async () => {
    const { server, api, of } = account(slow);
    const signal = AbortSignal.abort('before');
    expect(await rejection(api.action(of(slow)).wait({ signal }))).toBe('before');
    await api.close();
    expect(await rejection(api.action(of(slow)).wait())).toBeInstanceOf(ClosedError);
    expect(server.requests).toEqual([]);
    expect(server.clock.nextTimer).toBeNull();
  });
});

describe('a poll', () => {
  it('updates every wait for what it shows, also those that were not due', async () => {
    const crowd = new Account({ actions: 20, images: 20, takes: [MINUTE, MINUTE] });
    const patient: Progress[] = [];
    const [first, ...others] = crowd.actionsOf(crowd.api());
    await Promise.all([
      first?.wait({ interval: 50_000, onProgress: (progress) => patient.push(progress) }),
      ...others.map((action) => action.wait()),
    ]);
    expect(patient.length).toBeGreaterThan(5);
  });

  it.each([
    ['with an unknown status', { status: 'paused' }],
    ['without a status', { status: null }],
    ['with a date of its end', { status: 'in-progress', completed_at: '2026-01-01T00:00:30Z' }],
  ])('%s does not end the wait', async (_what, changes) => {
    const { server, api, of } = account(slow);
    const { respond: answer } = server;
    const odd = { ...of(slow), ...changes };
    server.respond = (request, nth) =>
      server.clock.now() < MINUTE ? { body: { action: odd, actions: [odd] } } : answer(request, nth);
    expect((await api.action(of(slow)).wait()).completed).toBe(true);
    expect(server.clock.now()).toBeGreaterThanOrEqual(slow.ends);
  });

  it('ends all waits at once with a 401', async () => {
    const { server, api } = account();
    server.respond = () => ({ status: 401, body: errors[401] });
    const waits = [1, 2, 3].map((id) => rejection(api.action(actionJson({ id, resource_id: id })).wait()));
    for (const error of await Promise.all(waits)) expect(error).toBeInstanceOf(AuthenticationError);
    expect(server.clock.now()).toBe(0);
    expect(server.requests).toHaveLength(1);
  });
});

describe('the poller', () => {
  /** An API of its own, with everything that a spec does not need left out. */
  const apiOf = (
    clock: VirtualClock,
    send: () => Promise<never>,
  ): ConstructorParameters<typeof Poller>[0] => ({
    endpoint: ENDPOINT,
    clock,
    deniedScopes: new Set<string>(),
    signal: new AbortController().signal,
    hide: (text) => text,
    send,
  });

  it('updates waits that begin together from the same polls', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
    const api = sandbox.api();
    const { id } = await api.image(5).transfer('fra1');
    sandbox.clearRequests();
    const polls: number[] = [];
    const wait = (): Promise<unknown> =>
      api.action(id).wait({ onProgress: (progress) => polls.push(progress.polls) });
    await Promise.all([wait(), wait(), wait()]);
    expect(sandbox.requests.length * 3).toBe(polls.length);
  });

  it('sends nothing for a wait whose signal aborts at once', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
    const api = sandbox.api();
    const { id } = await api.image(5).transfer('fra1');
    sandbox.clearRequests();
    const controller = new AbortController();
    const wait = api.action(id).wait({ signal: controller.signal });
    controller.abort('changed my mind');
    expect(await rejection(wait)).toBe('changed my mind');
    expect(sandbox.requests).toEqual([]);
  });

  it.each([
    ['of the requests', {}, new TypeError('a mistake')],
    ['of the target', { read: fail, receivedAt: null }, null],
  ])('ends a wait with an unexpected error %s, rather than poll for ever', async (_what, changes, error) => {
    const clock = new VirtualClock({ auto: false });
    let requests = 0;
    const api = apiOf(clock, () => {
      requests += 1;
      return error ? Promise.reject(error) : (Promise.resolve({ id: 1, status: 'new' }) as Promise<never>);
    });
    const wait = new Poller(api, () => 0).wait(aWaitTarget(changes), aPolicy());
    const rejected = rejection(wait);
    await clock.advance(5_000);
    expect(await rejected).toEqual(error ?? new RangeError('a mistake of the target'));
    expect([requests, clock.nextTimer]).toEqual([1, null]);
  });

  function fail(): never {
    throw new RangeError('a mistake of the target');
  }
});
