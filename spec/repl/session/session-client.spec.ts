import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as library from '../../../lib';
import { Action, type Droplet, DOApi, Image, Listing, ReadOnlyError, Region } from '../../../lib';
import type { Requester } from '../../../lib/model/requester';
import { Resource } from '../../../lib/model/resource';
import { ApiClient } from '../../../lib/api-client';
import { Interrupted } from '../../../lib/repl/show/explain-error';
import { Evaluation } from '../../../lib/repl/session/evaluation';
import { createScope } from '../../../lib/repl/session/scope';
import {
  type SessionChange,
  type SessionHooks,
  wrapRequester,
} from '../../../lib/repl/session/session-client';
import { Sandbox } from '../../../lib/sandbox';
import { ROOT } from '../../support/program';

interface Fixture {
  api: DOApi;
  image: Image;
  droplet: Droplet;
  sandbox: Sandbox;
  values: { DOApi: typeof DOApi; Sandbox: typeof Sandbox };
  evaluation: Evaluation;
  changes: SessionChange[];
  results: unknown[];
  waits: { name: string; polls: number; ended: unknown[] }[];
}

/** A session's manager on a sandbox, with hooks that record what they get. */
async function session(hooks: Partial<SessionHooks> = {}): Promise<Fixture> {
  const evaluation = new Evaluation();
  const [changes, results, waits]: [SessionChange[], unknown[], Fixture['waits']] = [[], [], []];
  const wrap = (requester: Requester): Requester =>
    wrapRequester(requester, {
      evaluation,
      isReadOnly: () => false,
      beforeChange: (change) => {
        changes.push(change);
        return Promise.resolve();
      },
      onResult: (result) => results.push(result),
      onFailure: () => undefined,
      onLateError: (error) => {
        throw error;
      },
      onWait: ({ name }) => {
        const wait: Fixture['waits'][number] = { name, polls: 0, ended: [] };
        waits.push(wait);
        return { update: (_, polls) => (wait.polls = polls), end: (state) => wait.ended.push(state) };
      },
      ...hooks,
    });
  const values = createScope({ token: 'dop_v1_one', from: '' }, wrap).values as Fixture['values'];
  const sandbox = new values.Sandbox();
  const api = sandbox.api();
  const image = await api.fetchAllPrivateImages().first();
  const droplet = await api.fetchAllDroplets().first();
  if (!image || !droplet) throw new Error('The sandbox has no image or no Droplet.');
  sandbox.clearRequests();
  return { api, image, droplet, sandbox, values, evaluation, changes, results, waits };
}

/** The requester that the resources of a manager use. */
const requesterOf = (api: DOApi): Requester => (api.image(1) as unknown as { api: Requester }).api;

const sent = ({ sandbox }: Fixture): string[] =>
  sandbox.requests.map(({ method, path }) => `${method} ${path}`);

describe('a session', () => {
  it('changes no prototype of the library', async () => {
    const prototypes = [
      ...Object.values(library).flatMap((value) =>
        typeof value === 'function' ? [value.prototype as object] : [],
      ),
      ...[ApiClient, Resource, Sandbox].map(({ prototype }) => prototype as object),
    ];
    const before = prototypes.map((prototype) => Object.getOwnPropertyDescriptors(prototype));
    const { image, api } = await session();
    await image.transfer('sgp1', { wait: true });
    await api.fetchAllRegions().toArray();
    expect(prototypes.map((prototype) => Object.getOwnPropertyDescriptors(prototype))).toEqual(before);
  });

  it('speaks of prototypes nowhere in its source', () => {
    const folder = join(ROOT, 'lib/repl');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((name) => /prototype/i.test(readFileSync(join(folder, name), 'utf8')))).toEqual([]);
  });
});

describe('the classes in scope', () => {
  it('make managers of the library, whose requests the session sees', async () => {
    const { values, changes, sandbox } = await session();
    const api = new values.DOApi({
      token: 'dop_v1_two',
      transport: { adapter: sandbox.adapter },
      clock: sandbox.clock,
    });
    expect([api instanceof DOApi, api instanceof values.DOApi, sandbox instanceof Sandbox]).toEqual([
      true,
      true,
      true,
    ]);
    expect(sandbox.api()).toBeInstanceOf(values.DOApi);
    await api.request('/v2/tags', { method: 'POST', body: { name: 'a' } });
    const again = new (api.constructor as typeof DOApi)({
      token: 'dop_v1_four',
      transport: { adapter: sandbox.adapter },
      clock: sandbox.clock,
    });
    await again.request('/v2/tags', { method: 'POST', body: { name: 'c' } });
    await sandbox.api({ token: 'dop_v1_three' }).request('/v2/tags', { method: 'POST', body: { name: 'b' } });
    expect(changes).toEqual([
      { method: 'POST', path: '/v2/tags', body: { name: 'a' }, idempotent: false },
      { method: 'POST', path: '/v2/tags', body: { name: 'c' }, idempotent: false },
      { method: 'POST', path: '/v2/tags', body: { name: 'b' }, idempotent: false },
    ]);
  });

  it('take a token alone, and check their options as the library does', async () => {
    const { values } = await session();
    expect(new values.DOApi('dop_v1_two')).toBeInstanceOf(DOApi);
    expect(() => new values.DOApi(5 as never)).toThrow(TypeError);
    expect(() => new values.DOApi({ token: 'dop_v1_two', perPage: 0 })).toThrow(/perPage/);
  });
});

describe('a manager of a session', () => {
  it('sends no change that waited for its place when the session became read-only', async () => {
    let isReadOnly = false;
    const { values, sandbox } = await session({ isReadOnly: () => isReadOnly });
    const api = new values.DOApi({
      token: 'dop_v1_two',
      transport: { adapter: sandbox.adapter },
      clock: sandbox.clock,
      rateLimit: { perMinute: 2, perHour: 1_000 },
    });
    const sends = ['a', 'b', 'c', 'd'].map((name) =>
      api.request('/v2/tags', { method: 'POST', body: { name } }).then(
        () => 'sent',
        (error: unknown) => (error as Error).name,
      ),
    );
    await sandbox.advance(1_000);
    isReadOnly = true;
    await sandbox.advance(600_000);
    const outcomes = await Promise.all(sends);
    const posts = sandbox.requests.filter(({ method }) => method === 'POST');
    expect(posts.length).toBeLessThan(4);
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(posts.length);
    expect(outcomes.filter((outcome) => outcome === 'ReadOnlyError')).toHaveLength(4 - posts.length);
  });

  it('sends no change when the session becomes read-only, be it during the question', async () => {
    let isReadOnly = false;
    const asked: SessionChange[] = [];
    const fixture = await session({
      isReadOnly: () => isReadOnly,
      beforeChange: (change) => {
        isReadOnly = asked.push(change) === 1;
        return Promise.resolve();
      },
    });
    const { image } = fixture;
    await expect(image.delete()).rejects.toThrow(ReadOnlyError);
    await expect(image.replicate(['sgp1'])).rejects.toThrow(ReadOnlyError);
    await expect(image.tag('blue')).rejects.toThrow(ReadOnlyError);
    expect(asked).toHaveLength(1);
    expect(sent(fixture).filter((line) => !line.startsWith('GET'))).toEqual([]);
    isReadOnly = false;
    await image.delete();
    expect(sent(fixture)).toContain(`DELETE /v2/images/${image.id}`);
  });

  it('asks nothing for a manager that is read-only by itself', async () => {
    const { sandbox, changes } = await session();
    const image = sandbox.api({ readOnly: true }).image(5);
    await expect(image.delete()).rejects.toThrow(ReadOnlyError);
    expect(changes).toEqual([]);
  });

  it('has every change confirmed before it is sent, and no GET', async () => {
    const fixture = await session();
    const { api, image, changes } = fixture;
    await image.fetch();
    await image.update({ name: 'renamed' });
    await image.tag('blue');
    await image.untag('blue');
    await image.transfer('sgp1');
    await image.delete();
    await api.createCustomImage({
      name: 'a',
      url: 'https://example.com/a.qcow2',
      region: 'nyc1',
      distribution: 'Unknown',
    });
    expect(changes.map(({ method, path, idempotent }) => [method, path, idempotent])).toEqual([
      ['PUT', `/v2/images/${image.id}`, true],
      ['POST', '/v2/tags/blue/resources', true],
      ['POST', '/v2/tags', true],
      ['POST', '/v2/tags/blue/resources', true],
      ['DELETE', '/v2/tags/blue/resources', true],
      ['POST', `/v2/images/${image.id}/actions`, false],
      ['DELETE', `/v2/images/${image.id}`, true],
      ['POST', '/v2/images', false],
    ]);
  });

  it('does not send what is declined', async () => {
    const fixture = await session({ beforeChange: () => Promise.reject(new Error('declined')) });
    const { image } = fixture;
    await expect(image.delete()).rejects.toThrow('declined');
    await expect(image.replicate(['sgp1', 'lon1'])).rejects.toThrow('declined');
    expect(sent(fixture)).toEqual([]);
  });

  it('has a replication to any number of regions confirmed once', async () => {
    const { image, changes, sandbox } = await session();
    const regions = ['sgp1', 'lon1', 'ams3', 'fra1', 'tor1', 'blr1'];
    const results = await image.replicate(regions, { concurrency: 2 });
    expect(results.map(({ outcome }) => outcome)).toEqual(regions.map(() => 'completed'));
    expect(changes).toEqual([
      {
        method: 'POST',
        path: `/v2/images/${image.id}/actions`,
        body: { type: 'transfer', region: regions },
        idempotent: false,
      },
    ]);
    expect(sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(6);
    await image.transfer('syd1');
    expect(changes).toHaveLength(2);
  });

  it('has each change of a Droplet confirmed, each in one question', async () => {
    const { api, image, droplet, changes } = await session();
    const actions = `POST /v2/droplets/${droplet.id}/actions`;
    const calls: [call: () => Promise<unknown>, change: string][] = [
      [() => droplet.snapshot('a', { wait: true }), `${actions} snapshot`],
      [() => droplet.enableBackups({ wait: true }), `${actions} enable_backups`],
      [() => droplet.disableBackups({ wait: true }), `${actions} disable_backups`],
      [() => droplet.rebuild('debian-13-x64', { wait: true }), `${actions} rebuild`],
      [() => droplet.powerCycle({ wait: true }), `${actions} power_cycle`],
      [() => droplet.powerOff({ wait: true }), `${actions} power_off`],
      [() => droplet.resize('s-2vcpu-4gb', { wait: true }), `${actions} resize`],
      [() => droplet.tag('blue'), 'POST /v2/tags/blue/resources'],
      [() => droplet.delete(), `DELETE /v2/droplets/${droplet.id}`],
      [() => image.createDroplet({ name: 'a', size: 's-4vcpu-8gb' }), 'POST /v2/droplets'],
      [
        () =>
          api.createDroplets({
            names: ['b', 'c'],
            size: 's-4vcpu-8gb',
            region: 'fra1',
            image: 'debian-13-x64',
          }),
        'POST /v2/droplets',
      ],
      [async () => (await api.fetchAllSnapshots().first())?.delete(), 'DELETE /v2/snapshots/'],
    ];
    for (const [call, change] of calls) {
      changes.length = 0;
      await call();
      const asked = changes.map(({ method, path, body }) => {
        const { type = '' } = (body ?? {}) as { type?: string };
        return `${method} ${path} ${type}`.trim();
      });
      // A tag that does not exist yet is created, too.
      expect(asked[0]?.startsWith(change)).toBe(true);
      expect(asked).toHaveLength(change.startsWith('POST /v2/tags') ? 3 : 1);
    }
  });

  it('has takeSnapshot confirmed once, however many requests it sends', async () => {
    const { droplet, changes, sandbox } = await session();
    const image = await droplet.takeSnapshot({ name: 'golden', powerOff: true });
    expect(image.name).toBe('golden');
    expect(sandbox.requests.filter(({ method }) => method === 'POST').length).toBeGreaterThanOrEqual(3);
    expect(changes).toEqual([
      {
        method: 'POST',
        path: `/v2/droplets/${droplet.id}/actions`,
        body: { type: 'snapshot', name: 'golden', power_off: true, reuse: false },
        idempotent: false,
      },
    ]);
  });

  it('does not touch a Droplet whose takeSnapshot is declined', async () => {
    const fixture = await session({ beforeChange: () => Promise.reject(new Error('declined')) });
    await expect(fixture.droplet.takeSnapshot({ powerOff: true })).rejects.toThrow('declined');
    expect(sent(fixture)).toEqual([]);
  });

  it('has createDroplets confirmed once, also for more than ten', async () => {
    const { api, changes, sandbox } = await session();
    const names = Array.from({ length: 12 }, (_, index) => `new-${index}`);
    const settings = { size: 's-4vcpu-8gb', region: 'fra1', image: 'debian-13-x64' };
    expect(await api.createDroplets({ names, ...settings })).toHaveLength(12);
    expect(sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
    expect(changes).toMatchObject([{ path: '/v2/droplets', body: { names, ...settings } }]);
  });

  it('turns a Droplet on again when Ctrl-C ends takeSnapshot', async () => {
    const { droplet, evaluation, sandbox } = await session();
    const line = evaluation.run(() =>
      droplet.takeSnapshot({
        name: 'golden',
        powerOff: true,
        onProgress: () => evaluation.interrupt(),
      }),
    );
    await expect(line).rejects.toThrow(Interrupted);
    await evaluation.settled();
    const on = sandbox.requests.some(({ body }) => (body as { type?: string } | null)?.type === 'power_on');
    expect([on, (await droplet.fetch()).active]).toEqual([true, true]);
  });

  it('has the query of a change confirmed, too: it says what is meant', async () => {
    const { api, changes } = await session();
    await Promise.allSettled([
      api.request('/v2/droplets', { method: 'DELETE', params: { tag_name: 'a:b', none: undefined } }),
      api.request('/v2/droplets?tag_name=c', { method: 'DELETE' }),
    ]);
    expect(changes.map(({ path }) => path)).toEqual([
      '/v2/droplets?tag_name=a%3Ab',
      '/v2/droplets?tag_name=c',
    ]);
  });

  it('has the deletions of a prune plan confirmed once', async () => {
    const { api, changes, sandbox } = await session();
    const plan = await api.planPrune({ keep: 30 });
    const ids = plan.delete.map(({ image }) => image.id);
    expect(ids.length).toBeGreaterThan(1);
    expect((await plan.apply()).map(({ outcome }) => outcome)).toEqual(ids.map(() => 'deleted'));
    expect(changes).toEqual([{ method: 'DELETE', path: '/v2/images', body: { ids }, idempotent: false }]);
    expect(sandbox.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(ids.length);
  });

  it('deletes nothing of a plan that is declined', async () => {
    const { api, sandbox } = await session({ beforeChange: () => Promise.reject(new Error('declined')) });
    const plan = await api.planPrune({ keep: 30 });
    await expect(plan.apply()).rejects.toThrow('declined');
    expect(sandbox.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('reports the results of requests and waits', async () => {
    const { api, image, results } = await session();
    results.length = 0;
    await api.fetchAllRegions({ perPage: 2, concurrency: 1 }).first();
    expect(results).toEqual([expect.objectContaining({ items: [expect.any(Region), expect.any(Region)] })]);
    const action = await image.transfer('sgp1', { wait: true });
    expect(results.at(-1)).toBe(action);
  });

  it('reports a wait, its polls and its end', async () => {
    const { api, image, waits } = await session();
    const action = await image.transfer('sgp1', { wait: true });
    expect(waits).toEqual([{ name: `Action ${action.id}`, polls: expect.any(Number), ended: [action] }]);
    expect(waits[0]?.polls).toBeGreaterThan(0);
    await action.wait();
    expect(waits).toHaveLength(1);
    await expect(api.action(5).wait({ timeout: 0 })).rejects.toThrow();
    expect(waits[1]).toMatchObject({ name: 'Action 5', ended: [undefined] });
  });

  it('reports each wait of waitActions, and still calls onProgress', async () => {
    const { api, image, waits } = await session();
    const actions = [await image.transfer('sgp1'), await image.transfer('lon1')];
    let polls = 0;
    for await (const action of api.waitActions(actions, { onProgress: () => (polls += 1) }))
      expect(action).toBeInstanceOf(Action);
    expect(waits.map(({ ended }) => ended.length)).toEqual([1, 1]);
    expect(polls).toBe(waits.reduce((sum, wait) => sum + wait.polls, 0));
  });
});

describe('Ctrl-C', () => {
  const never = new Sandbox({ clock: 'manual' });

  it('ends requests and waits that a line has started', async () => {
    const { evaluation, values } = await session();
    const api = new values.DOApi({
      token: 'dop_v1_two',
      transport: { adapter: () => new Promise(() => undefined) },
    });
    const waiting = new values.DOApi({
      token: 'dop_v1_two',
      transport: { adapter: never.adapter },
      clock: never.clock,
    });
    const image = await waiting.fetchAllPrivateImages().first();
    if (!image) throw new Error('The sandbox has no image.');
    const action = await image.transfer('sgp1');
    const calls = evaluation.run((): Promise<unknown>[] => [
      api.fetchImage(5),
      api.fetchAllImages().toArray(),
      action.wait(),
      image.replicate(['lon1']),
    ]);
    evaluation.interrupt();
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes).toEqual(calls.map(() => ({ status: 'rejected', reason: expect.any(Interrupted) })));
  });

  it('lets the code of that line start nothing more, and later lines everything', async () => {
    const fixture = await session();
    const { evaluation, image } = fixture;
    let proceed = (): void => undefined;
    const paused = new Promise<void>((resolve) => (proceed = resolve));
    const line = evaluation.run(async () => {
      await paused;
      await image.transfer('sgp1');
    });
    evaluation.interrupt();
    proceed();
    await expect(line).rejects.toThrow(Interrupted);
    await expect(evaluation.race(evaluation.run(() => image.fetch()))).resolves.toBeInstanceOf(Image);
    expect(sent(fixture)).toEqual([`GET /v2/images/${image.id}`]);
  });

  it('does not end what is shielded, which counts as running', async () => {
    const fixture = await session();
    const { evaluation, api, image, droplet } = fixture;
    const { shield } = requesterOf(api);
    let finished = false;
    const line = evaluation.run(async () => {
      try {
        await droplet.snapshot('a', { wait: true });
      } finally {
        await shield?.(() => image.transfer('sgp1', { wait: true }));
        finished = true;
      }
    });
    evaluation.interrupt();
    await expect(line).rejects.toThrow(Interrupted);
    expect([finished, evaluation.isShielding]).toEqual([true, false]);
    expect(sent(fixture)).toContain(`POST /v2/images/${image.id}/actions`);
  });

  it('leaves the caller’s own signal in force', async () => {
    const { api } = await session();
    const reason = new Error('mine');
    await expect(api.fetchImage(5, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(api.fetchImage(5, { signal: 5 as never })).rejects.toThrow(TypeError);
  });
});

describe('an evaluation', () => {
  it('is settled when a call of several changes has tidied up after Ctrl-C', async () => {
    const { evaluation, api } = await session();
    let tidied = false;
    const line = evaluation.run(() =>
      requesterOf(api).group?.({ method: 'POST', url: '/v2/x' }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 0));
        tidied = true;
      }),
    );
    evaluation.interrupt();
    await expect(line).rejects.toThrow(Interrupted);
    expect(tidied).toBe(false);
    await evaluation.settled();
    expect(tidied).toBe(true);
  });

  it('waits for what is shielded', async () => {
    const evaluation = new Evaluation();
    let end = (): void => undefined;
    const shielded = evaluation.shield(
      () => new Promise<void>((resolve) => (end = resolve)),
      () => undefined,
    );
    expect(evaluation.isShielding).toBe(true);
    let settled = false;
    const waiting = evaluation.shieldedSettled().then(() => (settled = true));
    evaluation.interrupt();
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    end();
    await Promise.all([shielded, waiting]);
    expect(evaluation.isShielding).toBe(false);
  });

  it('reports the failure of what is shielded when no line awaits it any more', async () => {
    const evaluation = new Evaluation();
    const late: unknown[] = [];
    const failed = new Error('off');
    const fail = (): Promise<unknown> =>
      evaluation.shield(
        () => Promise.reject(failed),
        (error) => late.push(error),
      );
    await expect(evaluation.run(fail)).rejects.toBe(failed);
    expect(late).toEqual([]);
    const line = evaluation.run(() => {
      evaluation.interrupt();
      return fail();
    });
    await expect(line).rejects.toBe(failed);
    expect(late).toEqual([failed]);
  });

  it('is settled when the calls of its lines are, awaited or not', async () => {
    const { evaluation, image, sandbox } = await session();
    sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'reset-after-execution', times: 1 });
    const state = { isDone: false };
    // The response is lost, so that the action is looked up with pauses in between.
    evaluation.run(() => void image.transfer('sgp1', { wait: true }).then(() => (state.isDone = true)));
    await evaluation.settled();
    expect(state.isDone).toBe(true);
  });

  it('reads listings to the end', async () => {
    const { api, evaluation } = await session();
    const listing: Listing<Region> = api.fetchAllRegions({ perPage: 3 });
    expect(await evaluation.run(() => listing.toArray())).toHaveLength(14);
  });
});
