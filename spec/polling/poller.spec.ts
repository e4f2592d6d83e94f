import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Account, MINUTE } from '../../bench/simulate/account';
import { AuthenticationError, ClosedError, type Progress } from '../../lib';
import { sleep } from '../../lib/util/clock';
import { pollerOf } from '../../lib/polling/poller';
import { Sandbox } from '../../lib/sandbox';
import { account, slow } from '../support/behaves-like-a-wait';
import { actionJson, imageJson, rejection } from '../support/builders';

/** The looks of an account: the moments at which something was asked for, and how much. */
function looksOf({ seen }: Account): [at: number, requests: number][] {
  const looks = new Map<number, number>();
  for (const { at, method } of seen) if (method === 'GET') looks.set(at, (looks.get(at) ?? 0) + 1);
  return [...looks];
}

describe('all waits of a manager', () => {
  it('share their looks, whoever started them', async () => {
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
    const looks = sandbox.requests.filter(({ path }) => path === '/v2/actions');
    const others = sandbox.requests.filter(({ method, path }) => method === 'GET' && path !== '/v2/actions');
    expect(looks.length).toBeLessThanOrEqual(8);
    // What each of them asks for by itself: b's action, of which only the id is known, c's actions, d's, and its state.
    expect(others.map(({ path }) => path).sort()).toEqual([
      `/v2/actions/${String(started?.id)}`,
      '/v2/images/3/actions',
      '/v2/images/4',
      '/v2/images/4/actions',
    ]);
  });

  it.each([
    ['one', 1, 1, '/v2/actions/500001'],
    ['those of one image', 12, 1, '/v2/images/1001/actions'],
    ['those of many images', 200, 200, '/v2/actions'],
  ])('ask one request for %s', async (_what, actions, images, path) => {
    const crowd = new Account({ actions, images, takes: [MINUTE, MINUTE] });
    await Promise.all(crowd.actionsOf(crowd.api()).map((action) => action.wait()));
    expect(new Set(crowd.seen.map((seen) => seen.path))).toEqual(new Set([path]));
    expect(looksOf(crowd).every(([, requests]) => requests === 1)).toBe(true);
  });

  it('ask for an action once, however many wait for it', async () => {
    const crowd = new Account({ actions: 1, images: 1, takes: [MINUTE, MINUTE] });
    const waits = crowd
      .actionsOf(crowd.api())
      .flatMap((action) => Array.from({ length: 7 }, () => action.wait()));
    const ends = await Promise.all(waits);
    expect(ends.map(({ status }) => status)).toEqual(Array(7).fill('completed'));
    expect(looksOf(crowd).every(([, requests]) => requests === 1)).toBe(true);
  });

  it('join the same looks when they began at different times', async () => {
    const crowd = new Account({ actions: 10, images: 10, takes: [5 * MINUTE, 5 * MINUTE] });
    const { clock } = crowd.sandbox;
    const api = crowd.api();
    const looks: number[] = [];
    const waits = crowd.actionsOf(api).map(async (action, index) => {
      await sleep(clock, index * 700);
      const fresh = await action.fetch();
      await fresh.wait({ onProgress: () => looks.push(clock.now()) });
    });
    await Promise.all(waits);
    const together = looks.filter((at) => at > 20_000);
    expect(together.length).toBe(10 * new Set(together).size);
  });

  it('are never looked at more often than every waitInterval', async () => {
    const crowd = new Account({ actions: 40, images: 7, takes: [1_000, 10 * MINUTE] });
    const { clock } = crowd.sandbox;
    const api = crowd.api();
    // Fresh states, at any moments: nobody is in a hurry.
    const waits = crowd.jobs.map(async ({ id }, index) => {
      await sleep(clock, index * 311);
      return (await api.fetchAction(id)).wait();
    });
    await Promise.all(waits);
    const fetches = new Set(crowd.jobs.map((_, index) => index * 311));
    const looks = [...new Set(crowd.seen.map(({ at }) => at).filter((at) => !fetches.has(at)))];
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    expect(looks.length).toBeGreaterThan(20);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
  });

  it('are looked at less often the older they are, at least every half minute', async () => {
    const crowd = new Account({ actions: 3, images: 3, takes: [40 * MINUTE, 40 * MINUTE] });
    await Promise.all(crowd.actionsOf(crowd.api()).map((action) => action.wait()));
    const looks = looksOf(crowd).map(([at]) => at);
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const tenth = Math.max(5_000, Math.min(30_000, (looks[index] ?? 0) / 10));
      expect(pause).toBeLessThanOrEqual(tenth + 1);
      // The server tells its time to the second.
      expect(pause).toBeGreaterThanOrEqual(Math.max(5_000, tenth * 0.9) - 100);
    }
    expect(new Set(pauses.slice(-20)).size).toBeGreaterThan(10);
  });

  it('keep to the quick ones: a young action is not made to wait for the old', async () => {
    const crowd = new Account({ actions: 1, images: 1, takes: [30 * MINUTE, 30 * MINUTE] });
    const api = crowd.api();
    const old = crowd.actionsOf(api)[0]?.wait();
    await sleep(crowd.sandbox.clock, 20 * MINUTE);
    const young = await api.image(crowd.sandbox.addImage().id).transfer('ams3');
    const began = crowd.now;
    const looks: number[] = [];
    await young.wait({ onProgress: ({ elapsed }) => looks.push(elapsed) });
    // The first one waits for a pause after the last look at the old one, which came by chance.
    const [first = Infinity] = looks;
    expect(first).toBeGreaterThanOrEqual(5_000);
    expect(first).toBeLessThan(10_000);
    expect(looks.slice(0, 3)).toEqual([first, first + 5_000, first + 10_000]);
    expect(crowd.now - began).toBeLessThan(MINUTE + 5_000);
    await old;
  });

  it('take fewer looks the more requests each of them needs', async () => {
    const crowd = new Account(
      { actions: 60, images: 60, takes: [20 * MINUTE, 20 * MINUTE] },
      { scopes: ['image:read'] },
    );
    await Promise.all(crowd.actionsOf(crowd.api()).map((action) => action.wait()));
    const looks = looksOf(crowd).filter(([, requests]) => requests >= 30);
    const pauses = looks.slice(2).map(([at], index) => at - (looks[index + 1]?.[0] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(60_000);
    expect(crowd.seen.length).toBeLessThan(60 * 22);
  });

  it('do not wait for each other: one that ends, fails or hangs delays no other', async () => {
    const { server, api, of } = account(
      { id: 1, ends: MINUTE, image: 11 },
      { id: 2, ends: 2 * MINUTE, image: 22 },
    );
    const { answer } = server;
    const plans = [1, 2, 3].map((id) => ({ id, ends: MINUTE * id, image: 11 * id }));
    // The third is asked for by itself, and never answered.
    server.answer = (request, nth) => {
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

describe('what waits leave behind', () => {
  it('is nothing: no timer once the last one has ended', async () => {
    const { server, api, of } = account(slow);
    await api.action(of(slow)).wait();
    expect(server.clock.nextTimer).toBeNull();
  });

  it('is no listener on the signal, which had one for all of them', async () => {
    const crowd = new Account({ actions: 300, images: 30, takes: [1_000, MINUTE] });
    const { signal } = new AbortController();
    const waits = crowd.actionsOf(crowd.api()).map((action) => action.wait({ signal }));
    await sleep(crowd.sandbox.clock, 1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(waits);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('is nothing after an abort either, within fifty milliseconds', async () => {
    const { server, api, of } = account(slow);
    const controller = new AbortController();
    const waits = Array.from({ length: 100 }, () => api.action(of(slow)).wait({ signal: controller.signal }));
    await sleep(server.clock, 20_000);
    const began = performance.now();
    controller.abort('enough');
    expect(new Set(await Promise.all(waits.map(rejection)))).toEqual(new Set(['enough']));
    expect(performance.now() - began).toBeLessThan(50);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(server.clock.nextTimer).toBeNull();
  });

  it.each([
    ['is called off when nobody is left who would want to know', 1],
    ['goes on as long as somebody does', 0],
  ])('is no request under way: it %s', async (_what, calledOff) => {
    const { server, api, of } = account(slow);
    server.latency = 1_000;
    const controller = new AbortController();
    const wait = api.action(of(slow)).wait({ signal: controller.signal });
    const other = calledOff ? Promise.resolve() : api.action(of(slow)).wait();
    server.clock.after(500, () => controller.abort());
    await rejection(wait);
    await sleep(server.clock, 0);
    expect(server.calledOff).toBe(calledOff);
    await other;
  });

  it('is nothing for a signal that had aborted before, and for a manager that is closed', async () => {
    const { server, api, of } = account(slow);
    const signal = AbortSignal.abort('before');
    expect(await rejection(api.action(of(slow)).wait({ signal }))).toBe('before');
    await api.close();
    expect(await rejection(api.action(of(slow)).wait())).toBeInstanceOf(ClosedError);
    expect(server.asked).toEqual([]);
    expect(server.clock.nextTimer).toBeNull();
  });
});

describe('what a look tells', () => {
  it('is told to every wait that it shows, also to those that were not due', async () => {
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
    ['an unknown status means that it goes on', { status: 'paused' }],
    ['no status means that it goes on', { status: null }],
    ['a date of its end means nothing', { status: 'in-progress', completed_at: '2026-01-01T00:00:30Z' }],
  ])('%s', async (_what, changes) => {
    const { server, api, of } = account(slow);
    const { answer } = server;
    const odd = { ...of(slow), ...changes };
    server.answer = (request, nth) =>
      server.clock.now() < MINUTE ? { body: { action: odd, actions: [odd] } } : answer(request, nth);
    expect((await api.action(of(slow)).wait()).completed).toBe(true);
    expect(server.clock.now()).toBeGreaterThanOrEqual(slow.ends);
  });

  it('is told at once when it is a 401, to all', async () => {
    const { server, api } = account();
    server.answer = () => ({ status: 401, body: {} });
    const waits = [1, 2, 3].map((id) => rejection(api.action(actionJson({ id, resource_id: id })).wait()));
    for (const error of await Promise.all(waits)) expect(error).toBeInstanceOf(AuthenticationError);
    expect(server.clock.now()).toBe(0);
    expect(server.asked).toHaveLength(1);
  });
});

describe('the look-out', () => {
  it('is one for a manager', () => {
    const { api } = account();
    const { requester } = api as unknown as { requester: Parameters<typeof pollerOf>[0] };
    expect(pollerOf(requester)).toBe(pollerOf(requester));
    const { requester: other } = account().api as unknown as { requester: Parameters<typeof pollerOf>[0] };
    expect(pollerOf(other)).not.toBe(pollerOf(requester));
  });
});
