import { describe, expect, it } from '@jest/globals';
import { Sandbox, type Fault } from '../../../lib/sandbox';
import { send, withOneImage } from '../support';

async function statuses(sandbox: Sandbox, count: number, on = 'GET /v2/images/5'): Promise<number[]> {
  const seen: number[] = [];
  for (let sent = 0; sent < count; sent++) seen.push((await send(sandbox, on)).status);
  return seen;
}

describe('A fault applies to', () => {
  it('every request by default, until lift()', async () => {
    const sandbox = withOneImage();
    const rule = sandbox.fail({ with: 503 });
    expect(await statuses(sandbox, 2)).toEqual([503, 503]);
    expect(await statuses(sandbox, 1, 'GET /v2/nothing')).toEqual([503]);
    expect(rule.met).toBe(3);
    rule.lift();
    expect(await statuses(sandbox, 1)).toEqual([200]);
  });

  it('as many requests as `times` says, after it has skipped `after`', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ with: 503, times: 2, after: 1 });
    expect(await statuses(sandbox, 5)).toEqual([200, 503, 503, 200, 200]);
  });

  it('only the requests on its route', async () => {
    const applies = async (on: string, request: string): Promise<boolean> => {
      const sandbox = withOneImage();
      sandbox.fail({ on, with: 503 });
      return (await send(sandbox, request)).status === 503;
    };
    expect(await applies('GET /v2/images/:id', 'GET /v2/images/5')).toBe(true);
    expect(await applies('GET /v2/images/:id', 'GET /v2/images')).toBe(false);
    expect(await applies('GET /v2/images/:id', 'DELETE /v2/images/5')).toBe(false);
    expect(await applies('GET /v2/images/5', 'GET /v2/images/5')).toBe(true);
    expect(await applies('GET /v2/images/5', 'GET /v2/images/6')).toBe(false);
    expect(await applies('* /v2/images/:id', 'DELETE /v2/images/5')).toBe(true);
    expect(await applies('* /v2/images/*', 'GET /v2/images/5/actions')).toBe(true);
    expect(await applies('GET /v2/images/*', 'DELETE /v2/images/5')).toBe(false);
  });

  it('as many requests as its probability says, the same ones in every run', async () => {
    const run = (seed: number): Promise<number[]> => {
      const sandbox = withOneImage();
      sandbox.fail({ with: 503, probability: 0.5, seed });
      return statuses(sandbox, 100);
    };
    const first = await run(1);
    const met = first.filter((status) => status === 503).length;
    expect(met).toBeGreaterThan(30);
    expect(met).toBeLessThan(70);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it('no request when `when` is async, which is refused', async () => {
    const sandbox = new Sandbox();
    sandbox.fail({ with: 503, when: (() => Promise.resolve(false)) as never });
    const message = 'fault.when: expected a function that returns a boolean, got one that returns a promise';
    await expect(sandbox.api({ retries: 0 }).fetchAllRegions().first()).rejects.toThrow(message);
  });

  it('the requests that `when` selects', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ with: 503, when: ({ query }) => query.page === '2' });
    expect((await send(sandbox, 'GET /v2/images?page=1')).status).toBe(200);
    expect((await send(sandbox, 'GET /v2/images?page=2')).status).toBe(503);
  });

  it('a request before the faults that were set later; heal() removes them all', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ with: 503, times: 1 });
    sandbox.fail({ with: 504 });
    expect(await statuses(sandbox, 2)).toEqual([503, 504]);
    sandbox.heal();
    expect(await statuses(sandbox, 1)).toEqual([200]);
  });
});

describe('The fault drift', () => {
  const pages = async (sandbox: Sandbox, path: '/v2/images' | '/v2/actions'): Promise<number[][]> => {
    const key = path === '/v2/images' ? 'images' : 'actions';
    const first = await send(sandbox, `GET ${path}?per_page=2`);
    const second = await send(sandbox, `GET ${path}?per_page=2&page=2`);
    return [first, second].map(({ body }) => body[key].map(({ id }) => id));
  };

  it('deletes an image between pages, so that a reader misses one', async () => {
    const sandbox = new Sandbox({ images: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }] });
    sandbox.fail({ on: 'GET /v2/images', with: 'drift', change: 'delete' });
    expect(await pages(sandbox, '/v2/images')).toEqual([[1, 2], [4]]);
  });

  it('inserts an image between pages, so that a reader gets one twice', async () => {
    const sandbox = new Sandbox({ images: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }] });
    sandbox.fail({ on: 'GET /v2/images', with: 'drift' });
    expect(await pages(sandbox, '/v2/images')).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(sandbox.images).toHaveLength(5);
  });

  it('inserts an action between pages', async () => {
    const sandbox = new Sandbox({ images: [], actions: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }] });
    sandbox.fail({ on: 'GET /v2/actions', with: 'drift', change: 'insert' });
    expect(await pages(sandbox, '/v2/actions')).toEqual([
      [4, 3],
      [3, 2],
    ]);
  });

  it('does nothing to an empty list', async () => {
    const sandbox = new Sandbox({ images: [] });
    sandbox.fail({ on: 'GET /v2/images', with: 'drift', change: 'delete' });
    expect((await send(sandbox, 'GET /v2/images?page=2')).body.images).toEqual([]);
  });
});

describe('A fault is refused if it', () => {
  it.each([
    ['is no object', 503, 'fault: expected an object, got 503'],
    [
      'has no kind',
      {},
      /^fault\.with: expected an HTTP status or one of status, status-after-execution, html, .*, got nothing$/,
    ],
    ['has an unknown kind', { with: 'rest' }, 'drift, errored-action, failed-import, got "rest"'],
    ['has the name of an inherited property', { with: 'toString' }, 'failed-import, got "toString"'],
    ['has an invalid status', { with: 99 }, 'fault.status: expected an HTTP status from 200 to 599, got 99'],
    [
      'has an unknown option',
      { with: 'delay', sec: 1 },
      'fault.sec: unknown option; the options are with, on, times, after, probability, seed, when, ms',
    ],
    [
      'has an option of another type',
      { with: 'delay', ms: '1s' },
      'fault.ms: expected a finite number of milliseconds, 0 or more, got "1s"',
    ],
    [
      'has a negative time',
      { with: 'drip', every: -1 },
      'fault.every: expected a finite number of milliseconds, 0 or more, got -1',
    ],
    ['lacks a required option', { with: 'altered' }, 'fault.alter: expected a function, got nothing'],
    [
      'has an invalid name of a header',
      { with: 'status', headers: { 'a b': 'c' } },
      'fault.headers: expected an object of header names and values, got an object',
    ],
    [
      'redirects to a control character',
      { with: 'redirect', to: 'a\nb' },
      'fault.to: expected a string without control characters, got "a b"',
    ],
    [
      'applies to no request',
      { with: 503, times: 0 },
      'fault.times: expected a whole number from 1 up, got 0',
    ],
    [
      'applies to half a request',
      { with: 503, times: 0.5 },
      'fault.times: expected a whole number from 1 up, got 0.5',
    ],
    [
      'skips a negative number',
      { with: 503, after: -1 },
      'fault.after: expected a whole number from 0 up, got -1',
    ],
    [
      'has a probability above 1',
      { with: 503, probability: 2 },
      'fault.probability: expected a number from 0 to 1, got 2',
    ],
    [
      'has a text for a seed',
      { with: 503, seed: 'x' },
      'fault.seed: expected a whole number from 0 to 4294967295, got "x"',
    ],
    [
      'has a condition that is not a function',
      { with: 503, when: true },
      'fault.when: expected a function, got true',
    ],
    [
      'has no method',
      { with: 503, on: '/v2/images' },
      'such as "GET /v2/images/:id" or "* /v2/images/*", got "/v2/images"',
    ],
    [
      'is on an unknown route',
      { with: 503, on: 'GET /v2/image/:id' },
      'fault.on: expected "METHOD /path" of a route the sandbox knows',
    ],
    [
      'is on a method that the route does not have',
      { with: 503, on: 'PUT /v2/regions' },
      'fault.on: expected "METHOD /path" of a route the sandbox knows',
    ],
    [
      'has a word after the route',
      { with: 503, on: 'GET /v2/images now' },
      'fault.on: expected "METHOD /path" of a route the sandbox knows',
    ],
    [
      'is drift of another list',
      { with: 'drift', on: 'GET /v2/regions' },
      'fault.on: expected "GET /v2/images" or "GET /v2/actions" for drift, got "GET /v2/regions"',
    ],
    [
      'is drift without a list',
      { with: 'drift' },
      'fault.on: expected "GET /v2/images" or "GET /v2/actions" for drift, got nothing',
    ],
    [
      'is drift that deletes actions',
      { with: 'drift', on: 'GET /v2/actions', change: 'delete' },
      'fault.change: expected "insert", the only change of actions, got "delete"',
    ],
    [
      'is drift with an unknown change',
      { with: 'drift', on: 'GET /v2/images', change: 'x' },
      'fault.change: expected "insert" or "delete", got "x"',
    ],
  ])('%s', (_, fault, message) => {
    const set = (): unknown => new Sandbox({ images: 0 }).fail(fault as unknown as Fault);
    expect(set).toThrow(message);
    expect(set).toThrow(expect.objectContaining({ name: expect.stringMatching(/^(Type|Range)Error$/) }));
  });
});
