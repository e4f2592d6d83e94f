import { describe, expect, it } from '@jest/globals';
import {
  Action,
  type DOApi,
  NotFoundError,
  UnexpectedResponseError,
  UnknownOutcomeError,
  UnprocessableError,
} from '../lib';
import started from './fixtures/action/start.json';
import actions from './fixtures/action/list.json';
import errors from './fixtures/error/documented.json';
import { eachWrong, NO_IDS, rejectsWrongInput, throwsWrongInput } from './support/behaves-like-strict-input';
import { actionJson, anApi, imageJson, type Json, MemoryServer, rejection } from './support/builders';
import { fakeServer } from './support/nock';

const server = fakeServer();
const api = anApi();
const image = api.image(imageJson());
const ACTIONS = '/v2/images/7938269/actions';

describe('starting an action', () => {
  it.each([
    ['transfer() sends the region', () => image.transfer('nyc3'), { type: 'transfer', region: 'nyc3' }],
    ['convert() needs nothing', () => image.convert(), { type: 'convert' }],
    [
      'act() sends any body',
      () => image.act({ type: 'resize', disk: true, deep: { a: [1] } }),
      { type: 'resize', disk: true, deep: { a: [1] } },
    ],
    ['a wait of false is none', () => image.convert({ wait: false }), { type: 'convert' }],
  ])('%s', async (_what, start, body) => {
    server.replies({ status: 201, body: { action: { ...started.action, type: body.type } } });
    const action = await start();
    expect(action).toBeInstanceOf(Action);
    expect(action.inProgress).toBe(true);
    expect(server.asked).toMatchObject([{ method: 'POST', path: ACTIONS, query: {} }]);
    expect(server.asked[0]?.body).toStrictEqual(body);
  });

  it('does not change the image object', async () => {
    server.replies({ status: 201, body: started });
    await image.transfer('nyc3');
    expect(image.regions).toEqual(['nyc2']);
  });

  it('rejects when the API refuses the action', async () => {
    server.replies({ status: 422, body: errors[422] }, { status: 404, body: errors[404] });
    await expect(image.transfer('nyc2')).rejects.toBeInstanceOf(UnprocessableError);
    await expect(image.act({ type: 'teleport' })).rejects.toBeInstanceOf(NotFoundError);
  });

  it('is never retried when the response was lost', async () => {
    server.replies({ status: 500, body: errors[500] });
    const error = await rejection(anApi({ retries: 5 }).image(5).convert());
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ status: 500, id: 'server_error', attempts: 1 });
    expect(server.asked).toHaveLength(1);
  });

  it('has an unknown outcome when the response is not an action', async () => {
    server.replies({ status: 201, body: {} });
    const error = await rejection(image.convert());
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(String(error)).toContain('action: expected an object, got nothing');
  });

  const act = (body: unknown) => (client: DOApi) => client.image(5).act(body as never);
  const transfer = (options: unknown) => (client: DOApi) =>
    client.image(5).transfer('nyc3', options as never);
  rejectsWrongInput([
    ['act() of nothing', act(undefined), TypeError, 'body'],
    ['act() of a text', act('convert'), TypeError, 'body'],
    ['act() without a type', act({}), TypeError, 'type'],
    ['act() of an empty type', act({ type: ' ' }), TypeError, 'type'],
    ['act() of a number as type', act({ type: 5 }), TypeError, 'type'],
    ['options of null', transfer(null), TypeError, 'options'],
    ['options of true', transfer(true), TypeError, 'options'],
    ['a wait of a text', transfer({ wait: 'yes' }), TypeError, 'wait'],
    ['a wait of a number', transfer({ wait: 5_000 }), TypeError, 'wait'],
    ['a wait of null', transfer({ wait: null }), TypeError, 'wait'],
    ['a wait of a list', transfer({ wait: [] }), TypeError, 'wait'],
    ['a wait in no time', transfer({ wait: { interval: 0 } }), RangeError, 'wait.interval'],
    ['a wait for less than none', transfer({ wait: { timeout: -1 } }), RangeError, 'wait.timeout'],
    ['a signal that is none', transfer({ signal: {} }), TypeError, 'signal'],
  ]);
});

describe("a resource's actions", () => {
  it('fetchAllActions() lists them from the URL under the resource', async () => {
    server.replies({ body: actions });
    const all = await image.fetchAllActions({ perPage: 100 }).toArray();
    expect(all.map(({ id }) => id)).toEqual([29410565, 36805527, 36805528]);
    expect(all[0]).toBeInstanceOf(Action);
    expect(server.asked).toMatchObject([
      { method: 'GET', path: ACTIONS, query: { page: '1', per_page: '100' } },
    ]);
  });

  it('fetchAction() fetches one from the URL under the resource', async () => {
    server.replies({ body: started });
    const action = await image.fetchAction(36805527);
    expect(action.type).toBe('transfer');
    expect(server.asked).toMatchObject([{ method: 'GET', path: `${ACTIONS}/36805527`, query: {} }]);
  });

  it('fetchAction() rejects when the action belongs to another resource', async () => {
    server.replies({ status: 404, body: errors[404] });
    await expect(image.fetchAction(5)).rejects.toBeInstanceOf(NotFoundError);
  });

  it('fetchLastAction() returns the latest by start, then id, in any order of the list', async () => {
    for (const list of [actions.actions, [...actions.actions].reverse()]) {
      server.replies({ body: { actions: list, links: {}, meta: { total: 3 } } });
      expect((await image.fetchLastAction())?.id).toBe(36805528);
    }
  });

  it('fetchLastAction() treats an action without a start as the oldest', async () => {
    const list = [{ id: 99 }, { id: 98 }, actionJson({ id: 1 })];
    server.replies({ body: { actions: list, meta: { total: 3 } } }, { body: { actions: list.slice(0, 2) } });
    expect((await image.fetchLastAction())?.id).toBe(1);
    expect((await image.fetchLastAction())?.id).toBe(99);
  });

  it('fetchCurrentAction() returns the latest in progress', async () => {
    const older = actionJson({ id: 36805599, started_at: '2014-11-13T00:00:00Z' });
    server.replies({ body: { actions: [...actions.actions, older], links: {}, meta: { total: 4 } } });
    expect((await image.fetchCurrentAction())?.id).toBe(36805527);
  });

  it.each([
    ['there are no actions', []],
    ['all have ended', [actionJson({ status: 'completed' }), actionJson({ id: 2, status: 'errored' })]],
    ['its status is unknown', [actionJson({ status: 'paused' })]],
  ])('fetchCurrentAction() returns null when %s', async (_what, list) => {
    server.replies({ body: { actions: list, links: {}, meta: { total: list.length } } });
    expect(await image.fetchCurrentAction()).toBeNull();
  });

  it('fetchLastAction() returns null when there are no actions', async () => {
    server.replies({ body: { actions: [], meta: { total: 0 } } });
    expect(await image.fetchLastAction()).toBeNull();
  });

  it('an invalid action is reported with its index in the list and its id', async () => {
    server.replies({ body: { actions: [actionJson(), actionJson({ id: 2, region: { slug: 5 } })] } });
    const error = await rejection(image.fetchAllActions().toArray());
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect(error).toMatchObject({ problem: 'actions[1] (id 2).region.slug: expected a string, got 5' });
  });

  rejectsWrongInput(eachWrong('fetchAction()', 'id', NO_IDS, (m, bad) => m.image(5).fetchAction(bad)));
  throwsWrongInput([
    [
      'fetchAllActions() in no pages',
      (m) => m.image(5).fetchAllActions({ perPage: 0 }),
      RangeError,
      'perPage',
    ],
  ]);
});

describe('starting an action and waiting for it', () => {
  const ofFive = (changes: Json = {}): Json => actionJson({ resource_id: 5, ...changes });

  it('returns the action as it ended', async () => {
    const memory = new MemoryServer(({ method }) => {
      const status = method === 'GET' ? 'completed' : 'in-progress';
      return {
        body: { action: ofFive({ status }), actions: [ofFive({ status })], meta: { total: 1 } },
      };
    });
    for (const wait of [true, { interval: 1_000 }]) {
      const action = await memory.api().image(5).transfer('nyc3', { wait });
      expect(action.completed).toBe(true);
    }
    expect(memory.lines.filter((line) => line.startsWith('POST'))).toHaveLength(2);
  });

  it('does not wait when it cannot be started', async () => {
    server.replies({ status: 422, body: errors[422] });
    await expect(image.transfer('nyc2', { wait: true })).rejects.toBeInstanceOf(UnprocessableError);
    expect(server.asked).toHaveLength(1);
  });

  it.each([
    ['in the options', (signal: AbortSignal) => ({ signal, wait: true })],
    ['in the options of the wait', (signal: AbortSignal) => ({ wait: { signal } })],
    [
      'in the options, with another one for the wait',
      (signal: AbortSignal) => ({ signal, wait: { signal: new AbortController().signal } }),
    ],
    [
      'in the options, with none for the wait',
      (signal: AbortSignal) => ({ signal, wait: { signal: undefined as never } }),
    ],
  ])('ends when a signal aborts %s', async (_where, options) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const memory = new MemoryServer(({ method }) => {
      if (method === 'GET') controller.abort(reason);
      return { body: { action: ofFive(), actions: [ofFive()], meta: { total: 1 } } };
    });
    const transfer = memory.api({ waitTime: 60_000 }).image(5).transfer('nyc3', options(controller.signal));
    expect(await rejection(transfer)).toBe(reason);
  });

  it('finds the action when the response was lost, and waits for it', async () => {
    const found = { action: ofFive({ id: 77, started_at: '2026-01-01T00:00:00Z', status: 'completed' }) };
    const memory: MemoryServer = new MemoryServer(({ method }) =>
      method === 'POST'
        ? new Error('socket hang up')
        : {
            body: { ...found, actions: [found.action], meta: { total: 1 } },
            headers: { date: new Date(memory.clock.date()).toUTCString() },
          },
    );
    const action = await memory.api().image(5).transfer('nyc3', { wait: true });
    expect(action).toMatchObject({ id: 77, status: 'completed' });
    expect(memory.lines.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });

  it('rejects with an UnknownOutcomeError when it does not find the action', async () => {
    const memory = new MemoryServer(({ method }) =>
      method === 'POST' ? new Error('socket hang up') : { body: { actions: [], meta: { total: 0 } } },
    );
    const error = await rejection(memory.api().image(5).transfer('nyc3', { wait: true }));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ mayHaveExecuted: false });
    expect(memory.lines.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });
});
