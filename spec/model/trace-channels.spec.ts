import { AsyncLocalStorage } from 'node:async_hooks';
import * as diagnosticsChannel from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  ConnectionError,
  DOApi,
  NotFoundError,
  TimeoutError,
  type TracedAttempt,
  type TracedCall,
  type TracedWait,
  type TransportAdapter,
  WaitTimeoutError,
} from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { Tracer } from '../../lib/util/tracing';
import { ROOT } from '../support/program';
import { blocksOf, claimsOf, compile, run as runBlock, tableOf } from '../support/readme';

const { tracingChannel } = diagnosticsChannel;

/** Subscribes to an event of a channel until the end of the spec. */
function subscribe(name: Name, event: (typeof EVENTS)[number], listener: (context: unknown) => void): void {
  const channel = `tracing:doapi-ts:${name}:${event}`;
  diagnosticsChannel.subscribe(channel, listener);
  undo.push(() => diagnosticsChannel.unsubscribe(channel, listener));
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

type Name = 'call' | 'attempt' | 'wait';
interface Traced {
  call: TracedCall;
  attempt: TracedAttempt;
  wait: TracedWait;
}

interface Seen<N extends Name = Name> {
  name: N;
  event: (typeof EVENTS)[number];
  /** As it was then. */
  then: Traced[N];
  /** The object itself. */
  context: Traced[N];
}

const undo: (() => void)[] = [];

afterEach(() => {
  for (const one of undo.splice(0)) one();
});

/** Records all events of these channels. */
function record(...names: readonly Name[]): Seen[] {
  const seen: Seen[] = [];
  for (const name of names) {
    for (const event of EVENTS) {
      subscribe(name, event, (context) => {
        seen.push({
          name,
          event,
          then: { ...(context as Seen['then']) },
          context: context as Seen['context'],
        });
      });
    }
  }
  return seen;
}

/** Runs what follows `start` of a channel with its context in a store. */
function store<N extends Name>(name: N): AsyncLocalStorage<Traced[N]> {
  const storage = new AsyncLocalStorage<Traced[N]>();
  const { start } = tracingChannel<Traced[N], Traced[N]>(`doapi-ts:${name}`);
  start.bindStore(storage, (context) => context);
  undo.push(() => start.unbindStore(storage));
  return storage;
}

const orderOf = (seen: readonly Seen[]): string[] => seen.map(({ name, event }) => `${name} ${event}`);
const startsOf = <N extends Name>(seen: readonly Seen[], wanted: N): Traced[N][] =>
  seen.flatMap(({ name, event, context }) =>
    name === wanted && event === 'start' ? [context as Traced[N]] : [],
  );

const newSandbox = (): Sandbox =>
  new Sandbox({
    regions: ['nyc1', 'ams3', 'fra1'],
    images: [
      { id: 5, regions: ['nyc1'] },
      { id: 6, regions: ['nyc1'] },
    ],
  });
const FIVE = 'https://api.digitalocean.com/v2/images/5';

describe('the tracing channels of a call', () => {
  it('show the call around its attempt, in the order of node:diagnostics_channel', async () => {
    const seen = record('call', 'attempt');
    await newSandbox().api().fetchImage(5);
    expect(orderOf(seen)).toEqual([
      'call start',
      'call end',
      'attempt start',
      'attempt end',
      'attempt asyncStart',
      'attempt asyncEnd',
      'call asyncStart',
      'call asyncEnd',
    ]);
  });

  it('carry what is known at the moment, in one object for all events', async () => {
    const seen = record('call', 'attempt');
    await newSandbox().api().fetchImage(5);
    const common = { method: 'GET', url: FIVE, scope: 'image:read' };
    const calls = seen.filter(({ name }) => name === 'call');
    const attempts = seen.filter(({ name }) => name === 'attempt');
    expect(calls[0]?.then).toEqual({
      ...common,
      isPoll: false,
      attempt: 0,
      queued: 0,
      status: null,
      requestId: null,
    });
    expect(calls.at(-1)?.then).toMatchObject({ attempt: 1, status: 200, requestId: expect.any(String) });
    expect(attempts[0]?.then).toEqual({ ...common, attempt: 1, queued: 0, status: null, requestId: null });
    expect(attempts.at(-1)?.then).toMatchObject({ status: 200, requestId: expect.any(String) });
    expect(new Set(calls.map(({ context }) => context)).size).toBe(1);
  });

  it('show a response of any status as the end of an attempt, and the error as that of the call', async () => {
    const seen = record('call', 'attempt');
    await expect(newSandbox().api().fetchImage(404)).rejects.toThrow(NotFoundError);
    expect(orderOf(seen)).toEqual([
      'call start',
      'call end',
      'attempt start',
      'attempt end',
      'attempt asyncStart',
      'attempt asyncEnd',
      'call error',
      'call asyncStart',
      'call asyncEnd',
    ]);
    expect(seen[5]?.then).toMatchObject({ status: 404 });
    expect(seen.at(-1)?.then).toMatchObject({ status: 404, error: expect.any(NotFoundError) });
  });

  it('number the attempts of a call', async () => {
    const seen = record('call', 'attempt');
    const sandbox = newSandbox();
    sandbox.fail({ on: 'GET *', with: 503, times: 2 });
    await sandbox.api().fetchImage(5);
    const attempts = startsOf(seen, 'attempt').map(({ attempt, status }) => [attempt, status]);
    expect(attempts).toEqual([
      [1, 503],
      [2, 503],
      [3, 200],
    ]);
    expect(startsOf(seen, 'call')).toMatchObject([{ attempt: 3, status: 200 }]);
  });

  it('show an attempt without a response as an error of the public classes', async () => {
    const seen = record('call', 'attempt');
    const sandbox = newSandbox();
    sandbox.fail({ on: 'GET *', with: 'reset-before-execution' });
    await expect(sandbox.api({ retries: 1 }).fetchImage(5)).rejects.toThrow(ConnectionError);
    const errors = seen.filter(({ event }) => event === 'error');
    expect(orderOf(errors)).toEqual(['attempt error', 'attempt error', 'call error']);
    for (const { context } of errors) expect(context.error).toBeInstanceOf(ConnectionError);
    expect(startsOf(seen, 'attempt').map(({ status }) => status)).toEqual([null, null]);
  });

  it('show an attempt that times out', async () => {
    const seen = record('attempt');
    const sandbox = newSandbox();
    sandbox.fail({ on: 'GET *', with: 'stall-before-execution' });
    await expect(sandbox.api({ retries: 0, timeout: 1_000 }).fetchImage(5)).rejects.toThrow(TimeoutError);
    expect(seen.find(({ event }) => event === 'error')?.context.error).toMatchObject({ kind: 'attempt' });
  });

  it('tell how long the rate limit has delayed it', async () => {
    const seen = record('call', 'attempt');
    const api = newSandbox().api({ rateLimit: { perMinute: 1, perHour: 100 } });
    await Promise.all([api.fetchImage(5), api.fetchImage(6)]);
    const [first, second] = startsOf(seen, 'attempt').map(({ queued }) => queued);
    expect(first).toBe(0);
    expect(second).toBeGreaterThanOrEqual(60_000);
    expect(startsOf(seen, 'call').map(({ queued }) => queued)).toEqual([first, second]);
  });

  it('show two calls that share one request, and one attempt', async () => {
    const seen = record('call', 'attempt');
    const api = newSandbox().api();
    await Promise.all([api.image(5).transfer('ams3'), api.image(5).transfer('ams3')]);
    expect(startsOf(seen, 'attempt')).toHaveLength(1);
    expect(startsOf(seen, 'call').map(({ attempt }) => attempt)).toEqual([1, 0]);
  });

  it('never carry the token or a body, whatever the server echoes', async () => {
    const seen = record('call', 'attempt', 'wait');
    const token = 'no-token-of-digitalocean-0123456789abcdef';
    const bodies = [`{"id":"${token}","message":"secret body ${token}"}`, `{"image":{"id":5}}`];
    const adapter: TransportAdapter = ({ url }) => {
      if (url.endsWith('/7')) return Promise.reject(new Error(`socket of ${token}`));
      const status = url.endsWith('/6') ? 422 : 200;
      return Promise.resolve({
        status,
        headers: { 'x-request-id': `of ${token}` },
        body: bodies[status === 200 ? 1 : 0] ?? '',
      });
    };
    const api = new DOApi({ token, retries: 0, transport: { adapter } });
    await api.fetchImage(5);
    await expect(api.fetchImage(6)).rejects.toThrow('422');
    await expect(api.fetchImage(7)).rejects.toThrow('no response');
    await api.close();
    expect(seen).toHaveLength(3 * 8 + 1 + 2);
    const text = inspect(seen, { depth: Infinity, showHidden: true });
    expect(text).toContain('[token]');
    expect(text).not.toContain(token);
    const own = ['method', 'url', 'scope', 'isPoll', 'attempt', 'queued', 'status', 'requestId'];
    for (const { context } of seen) {
      const { error, ...rest } = context;
      expect([undefined, ...own, 'result']).toEqual(expect.arrayContaining(Object.keys(rest)));
      expect((rest as { result?: unknown }).result).toBeUndefined();
      if (error !== undefined) expect(error).not.toHaveProperty('response');
    }
  });

  it('bind their context to what happens inside: the attempt is a part of its call', async () => {
    const calls = store('call');
    const attempts = store('attempt');
    const inside: unknown[] = [];
    const sandbox = newSandbox();
    const adapter: TransportAdapter = async (request) => {
      await Promise.resolve();
      inside.push([calls.getStore()?.url, attempts.getStore()?.attempt]);
      return sandbox.adapter(request);
    };
    const { clock, token } = sandbox;
    const endpoint = 'https://api.digitalocean.com';
    const api = new DOApi({ token, endpoint, clock, transport: { adapter } });
    sandbox.fail({ on: 'GET *', with: 503, times: 1 });
    await Promise.all([5, 6].map((id) => api.fetchImage(id)));
    const six = FIVE.replace('5', '6');
    expect(inside.sort()).toEqual(
      [
        [FIVE, 1],
        [FIVE, 2],
        [six, 1],
      ].sort(),
    );
    expect(calls.getStore()).toBeUndefined();
    await api.close();
  });
});

describe('the tracing channel of a wait', () => {
  it('shows the wait around its polls', async () => {
    const seen = record('wait', 'call');
    const api = newSandbox().api();
    const action = await api.image(5).transfer('ams3');
    const before = seen.length;
    await action.wait();
    const events = orderOf(seen.slice(before));
    expect(events.slice(0, 2)).toEqual(['wait start', 'wait end']);
    expect(events.slice(-2)).toEqual(['wait asyncStart', 'wait asyncEnd']);
    const [wait] = startsOf(seen, 'wait');
    const polls = startsOf(seen, 'call').filter(({ isPoll }) => isPoll);
    expect(seen[before]?.then).toEqual({
      name: `Action ${action.id}`,
      url: action.url,
      status: 'in-progress',
      polls: 0,
    });
    expect(wait).toMatchObject({ status: 'completed', polls: polls.length });
    expect(polls.length).toBeGreaterThan(2);
  });

  it('shows what a wait rejects with, and calls onProgress as ever', async () => {
    const seen = record('wait');
    const onProgress = jest.fn();
    const wait = newSandbox()
      .api()
      .image(5)
      .transfer('ams3', { wait: { timeout: 12_000, onProgress } });
    await expect(wait).rejects.toThrow(WaitTimeoutError);
    expect(orderOf(seen)).toEqual([
      'wait start',
      'wait end',
      'wait error',
      'wait asyncStart',
      'wait asyncEnd',
    ]);
    const [context] = startsOf(seen, 'wait');
    expect(context).toMatchObject({ status: 'in-progress', error: expect.any(WaitTimeoutError) });
    expect(onProgress).toHaveBeenCalledTimes(context?.polls ?? -1);
  });

  it('says nothing of what is done already', async () => {
    const seen = record('wait');
    const api = newSandbox().api();
    const done = await api.image(5).transfer('ams3', { wait: true });
    const before = seen.length;
    expect(await done.wait()).toBe(done);
    expect(seen).toHaveLength(before);
  });

  it('names images and Droplets by their URL', async () => {
    const seen = record('wait');
    const sandbox = newSandbox();
    const api = sandbox.api();
    const order = { name: 'an-import', url: 'https://example.com/a.img', region: 'nyc1' };
    const imported = await api.createCustomImage(order);
    await imported.waitUntilAvailable();
    await api.createDroplet({ name: 'web', region: 'nyc1', size: 's-1vcpu-1gb', image: 5, wait: true });
    const urls = startsOf(seen, 'wait').map(({ url }) => url.replace(/\d+$/, ''));
    expect(urls).toEqual([FIVE.slice(0, -1), 'https://api.digitalocean.com/v2/droplets/']);
  });

  it('binds its context to the polls that serve it, also after the wait that polled first has ended', async () => {
    const waits = store('wait');
    const polled: (string | undefined)[] = [];
    subscribe('call', 'start', (context) => {
      if ((context as TracedCall).isPoll) polled.push(waits.getStore()?.name);
    });
    const sandbox = new Sandbox({
      regions: ['nyc1', 'ams3'],
      images: [5, 6].map((id) => ({ id, regions: ['nyc1'] })),
      actionTime: ({ resource_id }) => (resource_id === 5 ? 20_000 : 60_000),
    });
    const api = sandbox.api();
    const short = await api.image(5).transfer('ams3');
    const long = await api.image(6).transfer('ams3');
    const first = short.wait();
    await Promise.all([first, long.wait()]);
    expect(new Set(polled)).toEqual(new Set([`Action ${short.id}`, `Action ${long.id}`]));
    expect(polled.at(-1)).toBe(`Action ${long.id}`);
  });
});

describe('a subscriber that freezes what it gets', () => {
  it('loses what comes later, and changes no call and no wait', async () => {
    for (const name of ['call', 'attempt', 'wait'] as const) subscribe(name, 'start', Object.freeze);
    const sandbox = newSandbox();
    sandbox.fail({ on: 'GET /v2/images/:id', with: 503, times: 1 });
    const api = sandbox.api();
    const image = await api.fetchImage(5);
    const polls: number[] = [];
    const wait = { onProgress: (progress: { polls: number }): void => void polls.push(progress.polls) };
    await expect(image.transfer('ams3', { wait })).resolves.toMatchObject({ completed: true });
    expect(polls.length).toBeGreaterThan(2);
    await expect(api.fetchImage(7)).rejects.toThrow(NotFoundError);
  });
});

describe('without a subscriber', () => {
  it('no tracer makes a context or a promise', async () => {
    const run = jest.spyOn(Tracer.prototype, 'run');
    const sandbox = newSandbox();
    const api = sandbox.api();
    await api.image(5).transfer('ams3', { wait: true });
    expect(run).not.toHaveBeenCalled();
    record('call');
    await api.fetchImage(5);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it.each(EVENTS)('to the other events, one to %s is enough', async (event) => {
    const contexts: unknown[] = [];
    subscribe('call', event, (context) => contexts.push(context));
    await newSandbox()
      .api()
      .fetchImage(404)
      .catch(() => undefined);
    expect(contexts).toMatchObject([{ status: 404 }]);
  });

  it('any more, nothing is published', async () => {
    const seen = record('call', 'attempt', 'wait');
    for (const one of undo.splice(0)) one();
    await newSandbox().api().fetchImage(5);
    expect(seen).toEqual([]);
  });
});

describe('docs/tracing.md', () => {
  const page = readFileSync(join(ROOT, 'docs/tracing.md'), 'utf8');
  const blocks = blocksOf(page, 'ts');

  it('has code that compiles, and prints what it says', async () => {
    expect(blocks).toHaveLength(1);
    expect(compile(blocks)).toEqual([]);
    const sandbox = newSandbox();
    const DOApi = function (): DOApi {
      return sandbox.api();
    };
    for (const block of blocks) {
      const modules = { 'doapi-ts': { DOApi }, 'node:diagnostics_channel': diagnosticsChannel };
      expect(await runBlock(block, modules)).toEqual(claimsOf(block));
    }
  }, 60_000);

  it('lists every field of the contexts', async () => {
    const seen = record('call', 'attempt', 'wait');
    const api = newSandbox().api();
    await api.image(5).transfer('ams3', { wait: true });
    await expect(api.fetchImage(404)).rejects.toThrow(NotFoundError);
    const fields = seen.flatMap(({ context }) => Object.keys(context)).filter((name) => name !== 'result');
    const rows = tableOf(page, 'field').map(([name = '']) => name.replaceAll('`', ''));
    expect(rows.sort()).toEqual([...new Set(fields)].sort());
  });
});
