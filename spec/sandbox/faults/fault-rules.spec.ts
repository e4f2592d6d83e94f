import { describe, expect, it } from '@jest/globals';
import { Sandbox, type Fault } from '../../../lib/sandbox';
import { send, withOneImage } from '../support';

async function statuses(sandbox: Sandbox, count: number, on = 'GET /v2/images/5'): Promise<number[]> {
  const seen: number[] = [];
  for (let sent = 0; sent < count; sent++) seen.push((await send(sandbox, on)).status);
  return seen;
}

describe('a fault meets', () => {
  it('every request when nothing else is said, until it is lifted', async () => {
    const sandbox = withOneImage();
    const rule = sandbox.fail({ with: 503 });
    expect(await statuses(sandbox, 2)).toEqual([503, 503]);
    expect(await statuses(sandbox, 1, 'GET /v2/nothing')).toEqual([503]);
    expect(rule.met).toBe(3);
    rule.lift();
    expect(await statuses(sandbox, 1)).toEqual([200]);
  });

  it('as many requests as it is told to, after those it lets pass', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ with: 503, times: 2, after: 1 });
    expect(await statuses(sandbox, 5)).toEqual([200, 503, 503, 200, 200]);
  });

  it('only what is on its route', async () => {
    const met = async (on: string, request: string): Promise<boolean> => {
      const sandbox = withOneImage();
      sandbox.fail({ on, with: 503 });
      return (await send(sandbox, request)).status === 503;
    };
    expect(await met('GET /v2/images/:id', 'GET /v2/images/5')).toBe(true);
    expect(await met('GET /v2/images/:id', 'GET /v2/images')).toBe(false);
    expect(await met('GET /v2/images/:id', 'DELETE /v2/images/5')).toBe(false);
    expect(await met('GET /v2/images/5', 'GET /v2/images/5')).toBe(true);
    expect(await met('GET /v2/images/5', 'GET /v2/images/6')).toBe(false);
    expect(await met('* /v2/images/:id', 'DELETE /v2/images/5')).toBe(true);
    expect(await met('* /v2/images/*', 'GET /v2/images/5/actions')).toBe(true);
    expect(await met('GET /v2/images/*', 'DELETE /v2/images/5')).toBe(false);
  });

  it('as often as its probability says, the same requests in every run', async () => {
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

  it('what a function says', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ with: 503, when: ({ query }) => query.page === '2' });
    expect((await send(sandbox, 'GET /v2/images?page=1')).status).toBe(200);
    expect((await send(sandbox, 'GET /v2/images?page=2')).status).toBe(503);
  });

  it('before the ones that were set later; heal() ends them all', async () => {
    const sandbox = withOneImage();
    sandbox.fail({ with: 503, times: 1 });
    sandbox.fail({ with: 504 });
    expect(await statuses(sandbox, 2)).toEqual([503, 504]);
    sandbox.heal();
    expect(await statuses(sandbox, 1)).toEqual([200]);
  });
});

describe('drift', () => {
  const pages = async (sandbox: Sandbox, path: '/v2/images' | '/v2/actions'): Promise<number[][]> => {
    const key = path === '/v2/images' ? 'images' : 'actions';
    const first = await send(sandbox, `GET ${path}?per_page=2`);
    const second = await send(sandbox, `GET ${path}?per_page=2&page=2`);
    return [first, second].map(({ body }) => body[key].map(({ id }) => id));
  };

  it('deletes an image between pages, so that one is missed', async () => {
    const sandbox = new Sandbox({ images: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }] });
    sandbox.fail({ on: 'GET /v2/images', with: 'drift', change: 'delete' });
    expect(await pages(sandbox, '/v2/images')).toEqual([[1, 2], [4]]);
  });

  it('inserts an image between pages, so that one comes twice', async () => {
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

  it('of a list that is empty does nothing', async () => {
    const sandbox = new Sandbox({ images: [] });
    sandbox.fail({ on: 'GET /v2/images', with: 'drift', change: 'delete' });
    expect((await send(sandbox, 'GET /v2/images?page=2')).body.images).toEqual([]);
  });
});

describe('a fault that makes no sense', () => {
  it.each([
    ['is no object', 503, 'fail(): a fault must be an object, got 503.'],
    [
      'has no kind',
      {},
      'fail(): with must be an HTTP status or one of status, status-after-execution, html,',
    ],
    ['has a kind nobody knows', { with: 'rest' }, 'drift, errored-action, failed-import; got "rest".'],
    ['is inherited', { with: 'toString' }, 'got "toString".'],
    ['has a status that is none', { with: 99 }, 'status must be an HTTP status from 200 to 599, got 99.'],
    [
      'has an option nobody knows',
      { with: 'delay', sec: 1 },
      'fail() with delay: sec is not known; allowed are ms.',
    ],
    [
      'has an option of another type',
      { with: 'delay', ms: '1s' },
      'ms must be milliseconds from 0, got "1s".',
    ],
    ['has a negative time', { with: 'drip', every: -1 }, 'every must be milliseconds from 0, got -1.'],
    ['lacks what it needs', { with: 'altered' }, 'fail(): alter must be given with altered.'],
    [
      'has headers that are none',
      { with: 'status', headers: { 'a b': 'c' } },
      'headers must be an object of header names',
    ],
    [
      'redirects to a control character',
      { with: 'redirect', to: 'a\nb' },
      'to must be a string without control',
    ],
    ['happens less than once', { with: 503, times: 0 }, 'times must be a whole number from 1, got 0.'],
    ['happens half', { with: 503, times: 0.5 }, 'times must be a whole number from 1, got 0.5.'],
    ['lets fewer than none pass', { with: 503, after: -1 }, 'after must be a whole number from 0, got -1.'],
    [
      'is more than certain',
      { with: 503, probability: 2 },
      'probability must be a number from 0 to 1, got 2.',
    ],
    ['has a seed that is none', { with: 503, seed: 'x' }, 'seed must be a whole number from 0 to'],
    ['has a condition that is none', { with: 503, when: true }, 'when must be a function, got true.'],
    [
      'has no method',
      { with: 503, on: '/v2/images' },
      'such as "GET /v2/images/:id" or "* /v2/images/*"; got "/v2/images".',
    ],
    ['is on no known route', { with: 503, on: 'GET /v2/image/:id' }, 'of a route the sandbox knows'],
    [
      'is on a method the route has not',
      { with: 503, on: 'PUT /v2/regions' },
      'of a route the sandbox knows',
    ],
    ['says more than a route', { with: 503, on: 'GET /v2/images now' }, 'of a route the sandbox knows'],
    [
      'drifts elsewhere',
      { with: 'drift', on: 'GET /v2/regions' },
      'drift needs on to be GET /v2/images or GET /v2/actions',
    ],
    ['drifts anywhere', { with: 'drift' }, 'drift needs on to be'],
    [
      'lets actions vanish',
      { with: 'drift', on: 'GET /v2/actions', change: 'delete' },
      'actions can only be inserted',
    ],
    [
      'drifts sideways',
      { with: 'drift', on: 'GET /v2/images', change: 'x' },
      'change must be "insert" or "delete", got "x".',
    ],
  ])('%s', (_, fault, message) => {
    const set = (): unknown => new Sandbox({ images: 0 }).fail(fault as unknown as Fault);
    expect(set).toThrow(message);
    expect(set).toThrow(expect.objectContaining({ name: expect.stringMatching(/^(Type|Range)Error$/) }));
  });
});
