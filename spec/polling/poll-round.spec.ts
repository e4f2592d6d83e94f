import { describe, expect, it } from '@jest/globals';
import {
  NotFoundError,
  PermissionDeniedError,
  ServerError,
  UnexpectedResponseError,
} from '../../lib/errors/errors';
import type { Call } from '../../lib/model/requester';
import type { TargetRef } from '../../lib/model/wait-target';
import { ListPositions } from '../../lib/polling/list-positions';
import type { PollApi } from '../../lib/polling/poll-requests';
import type { PollResult } from '../../lib/polling/poll-result';
import { type Pollable, PollRound } from '../../lib/polling/poll-round';
import { throwIfAborted } from '../../lib/util/abort';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import { ENDPOINT } from '../support/builders';

type Json = Record<string, unknown>;
/** The response to a path, with the page of a list; an Error rejects. */
type Responses = (path: string) => unknown;

const FACTS = { method: 'GET', url: ENDPOINT, attempts: 1, status: 0, id: null, detail: '', requestId: null };
const REFUSAL = { ...FACTS, retryAfter: null, rateLimit: null };
const denied = (): Error => new PermissionDeniedError({ ...REFUSAL, status: 403 }, 'actions:read');
const notFound = (): Error => new NotFoundError({ ...REFUSAL, status: 404 });
const unavailable = (): Error => new ServerError({ ...REFUSAL, status: 503 });
const unreadable = (): Error => new UnexpectedResponseError({ ...FACTS, status: 200 }, 'no list');

const action = (id: number, status = 'in-progress'): Json => ({ id, status });
const page = (ids: readonly number[], total: number): Json => ({
  actions: ids.map((id) => action(id)),
  links: total > ids.length ? { pages: { next: `${ENDPOINT}/v2/actions?page=2` } } : {},
  meta: { total },
});
const single = (path: string): Json => ({ action: action(Number(path.split('/').at(-1))) });

/** An account with given responses, and what is polled in it. */
class Account {
  readonly clock = new VirtualClock({ auto: false });
  readonly requests: string[] = [];
  readonly reports: { target: Pollable; result: PollResult }[] = [];
  readonly api: PollApi;
  readonly targets = {
    action: new Map<unknown, Pollable>(),
    image: new Map<unknown, Pollable>(),
    droplet: new Map<unknown, Pollable>(),
  };

  constructor(responses: Responses) {
    this.api = {
      endpoint: ENDPOINT,
      clock: this.clock,
      deniedScopes: new Set(),
      send: async <T>(url: string, call: Call<T>) => {
        const { page: number } = call.params ?? {};
        const path = url.slice(ENDPOINT.length) + (number === undefined ? '' : `?page=${String(number)}`);
        this.requests.push(path);
        await Promise.resolve();
        throwIfAborted(call.signal);
        const response = responses(path);
        if (response instanceof Error) throw response;
        return call.read(response);
      },
    };
  }

  add(ref: TargetRef, isNew = false): Pollable {
    const target = { ref, positions: new ListPositions(ref), isNew };
    this.targets[ref.kind].set(ref.id, target);
    return target;
  }

  /** Adds actions whose image is not known. */
  addActions(ids: readonly number[], isNew?: boolean): Pollable[] {
    return ids.map((id) => this.add({ kind: 'action', id, parent: null }, isNew));
  }

  round(): PollRound<Pollable> {
    return new PollRound(this.api, this.targets, (target, result) => this.reports.push({ target, result }));
  }

  get all(): Pollable[] {
    return [...this.targets.action.values(), ...this.targets.image.values()];
  }

  /** Polls everything, or what is given. @returns what was requested */
  async poll(due: readonly Pollable[] = this.all): Promise<string[]> {
    this.requests.length = 0;
    await this.round().run(due);
    return [...this.requests];
  }

  /** The ids of the states reported, in order. */
  get seen(): unknown[] {
    return this.reports.flatMap(({ result }) => (result.kind === 'seen' ? [result.json.id] : []));
  }

  /** The errors reported, in order. */
  get errors(): unknown[] {
    return this.reports.flatMap(({ result }) => (result.kind === 'failed' ? [result.error] : []));
  }
}

describe('a poll round', () => {
  it('reports everything on a page, once', async () => {
    const account = new Account(() => page([3, 2, 1], 3));
    const [one, two, three] = account.addActions([1, 2, 3]);
    expect(await account.poll()).toEqual(['/v2/actions?page=1']);
    expect(account.reports).toEqual([
      { target: three, result: { kind: 'seen', json: action(3) } },
      { target: two, result: { kind: 'seen', json: action(2) } },
      { target: one, result: { kind: 'seen', json: action(1) } },
    ]);
  });

  it('reports what stands on a page and was not due', async () => {
    const account = new Account(() => page([3, 2, 1], 3));
    const [one, two] = account.addActions([1, 2, 3]);
    await account.poll([one, two].flatMap((target) => target ?? []));
    expect(account.seen).toEqual([3, 2, 1]);
  });

  it('reports a target once, however many pages show it; again in the next round', async () => {
    // Two images with two actions each, and two more of images of their own: both kinds of lists are read.
    const account = new Account((path) =>
      path.startsWith('/v2/actions') ? page([6, 5, 4, 3, 2, 1], 6) : page([2, 1], 2),
    );
    for (const id of [1, 2]) account.add({ kind: 'action', id, parent: 'images/5' });
    const others = account.addActions([3, 4]);
    for (const { positions } of others) positions.foundOn({ list: 'actions', page: 2 });
    expect((await account.poll()).sort()).toEqual(['/v2/actions?page=2', '/v2/images/5/actions?page=1']);
    expect([...account.seen].sort()).toEqual([1, 2, 3, 4]);
    await account.poll();
    expect([...account.seen].sort()).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it('ignores other items of a page, and items without an id', async () => {
    const odd = {
      actions: [{ status: 'odd' }, action(7), action(2), action(1)],
      links: {},
      meta: { total: 4 },
    };
    const account = new Account(() => odd);
    account.addActions([1, 2]);
    await account.poll();
    expect(account.seen).toEqual([2, 1]);
  });

  it('finds images in the list of images', async () => {
    const account = new Account(() => ({ images: [action(1), action(2)], links: {}, meta: { total: 2 } }));
    for (const id of [1, 2]) account.add({ kind: 'image', id });
    expect(await account.poll()).toEqual(['/v2/images?page=1']);
    expect(account.seen).toEqual([1, 2]);
  });

  it('continues the search where the order of the pages read so far says', async () => {
    const pages: Record<string, Json> = {
      '/v2/actions?page=1': page([900, 800], 6),
      '/v2/actions?page=2': page([700, 600], 6),
      '/v2/actions?page=3': { ...page([2, 1], 6), links: {} },
    };
    const account = new Account((path) => pages[path]);
    account.addActions([1, 2, 600, 700]);
    expect(await account.poll()).toEqual(['/v2/actions?page=1', '/v2/actions?page=2', '/v2/actions?page=3']);
    expect(account.seen).toEqual([700, 600, 2, 1]);
    // Afterwards each is expected where it was found.
    expect((await account.poll()).sort()).toEqual(['/v2/actions?page=2', '/v2/actions?page=3']);
  });

  it('continues the search at the end of a list that grows there', async () => {
    const first = page([1, 2], 6);
    const pages: Record<string, Json> = {
      '/v2/actions?page=1': { ...first, actions: [action(1), { status: 'odd' }, action(2)] },
      '/v2/actions?page=2': { ...page([900, 901], 6), links: {} },
      '/v2/actions?page=3': page([500, 501], 6),
    };
    const account = new Account((path) => pages[path]);
    account.addActions([1, 900, 901]);
    expect(await account.poll()).toEqual(['/v2/actions?page=1', '/v2/actions?page=2']);
    const long = new Account((path) => (path.endsWith('=1') ? page([1, 2], 20) : page([900, 901], 20)));
    long.addActions([1, 900, 901]);
    expect(await long.poll()).toEqual(['/v2/actions?page=1', '/v2/actions?page=10']);
  });

  it.each([
    ['one target', [1]],
    ['a list', [1, 2]],
  ])('aborts the request of %s when every target is released', (_what, ids) => {
    const account = new Account(() => page([2, 1], 2));
    const all = account.addActions(ids);
    const signals: Call<unknown>['signal'][] = [];
    account.api.send = (_url, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const round = account.round();
    void round.run(all);
    for (const target of all) {
      expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
      round.release(target);
      round.release(target);
    }
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  it('sends no request for targets that are released before its turn comes', async () => {
    const account = new Account(single);
    const all = account.addActions(Array.from({ length: 20 }, (_, index) => index + 1));
    for (const { positions } of all) positions.avoidAll(0);
    const round = account.round();
    const ended = round.run(all);
    for (const target of all) round.release(target);
    await ended;
    expect(account.requests).toHaveLength(8);
    expect(account.reports).toEqual([]);
  });

  it('requests each target when further pages would cost more, and then avoids the lists for a while', async () => {
    const account = new Account((path) => {
      const number = Number(/page=(\d+)/.exec(path)?.[1] ?? 0);
      return number > 0 ? page([10_000 - number], 1_000) : single(path);
    });
    account.addActions([1, 2]);
    const pages = ['/v2/actions?page=1', '/v2/actions?page=2', '/v2/actions?page=3'];
    const singles = ['/v2/actions/1', '/v2/actions/2'];
    expect(await account.poll()).toEqual([...pages, ...singles]);
    expect(await account.poll()).toEqual(singles);
    await account.clock.advance(300_001);
    expect((await account.poll())[0]).toMatch(/page=/);
  });

  it.each([
    [5, true],
    [6, false],
  ])('requests what no list shows one by one: %i targets, new: %s', async (count, isNew) => {
    const account = new Account((path) => (path.includes('page=') ? page([], 0) : single(path)));
    const ids = Array.from({ length: count }, (_, at) => at + 1);
    account.addActions(ids, isNew);
    expect(await account.poll()).toEqual(['/v2/actions?page=1', ...ids.map((id) => `/v2/actions/${id}`)]);
    expect(account.seen).toHaveLength(count);
    // The list does not hold them: it is not read again soon.
    expect(await account.poll()).toEqual(ids.map((id) => `/v2/actions/${id}`));
  });

  it('reports many new targets that no list shows yet as unseen', async () => {
    const account = new Account(() => page([], 0));
    const all = account.addActions([1, 2, 3, 4, 5, 6], true);
    expect(await account.poll()).toEqual(['/v2/actions?page=1']);
    expect(account.reports).toEqual(all.map((target) => ({ target, result: { kind: 'unseen' } })));
    expect(await account.poll()).toEqual(['/v2/actions?page=1']);
  });
});

describe('a poll round with failures', () => {
  it.each([
    ['is refused', denied],
    ['is not found', notFound],
    ['cannot be read', unreadable],
  ])('reads another list when one %s', async (_what, response) => {
    const account = new Account((path) => (path === '/v2/actions?page=1' ? response() : page([2, 1], 2)));
    for (const id of [1, 2]) account.add({ kind: 'action', id, parent: 'images/5' });
    const more = account.addActions([3, 4]);
    await account.poll();
    expect(account.seen).toEqual(expect.arrayContaining([1, 2]));
    expect(account.requests).toContain('/v2/images/5/actions?page=1');
    expect(more).toHaveLength(2);
  });

  it('sends one request that lacks a scope, and remembers the scope', async () => {
    const account = new Account(() => denied());
    account.addActions([1, 2, 3]);
    expect(await account.poll()).toEqual(['/v2/actions?page=1']);
    expect(account.api.deniedScopes).toEqual(new Set(['actions:read']));
    expect(account.errors).toHaveLength(3);
    for (const error of account.errors) expect(error).toBeInstanceOf(PermissionDeniedError);
  });

  it('tries the own URL again in the next round when it was not DigitalOcean that refused it', async () => {
    const account = new Account((path) => (path.startsWith('/v2/actions') ? denied() : single(path)));
    // As for a 403 of the edge.
    account.api.deniedScopes.add = () => undefined;
    account.add({ kind: 'action', id: 1, parent: 'images/5' });
    for (let round = 0; round < 2; round++)
      expect(await account.poll()).toEqual(['/v2/actions/1', '/v2/images/5/actions/1']);
    expect([account.seen, account.errors]).toEqual([[1, 1], []]);
  });

  it('gets an action from its image when the token may not read the list of actions', async () => {
    const account = new Account((path) => (path.startsWith('/v2/actions') ? denied() : single(path)));
    account.add({ kind: 'action', id: 1, parent: 'images/5' });
    expect(await account.poll()).toEqual(['/v2/actions/1', '/v2/images/5/actions/1']);
    expect(account.seen).toEqual([1]);
    expect(await account.poll()).toEqual(['/v2/images/5/actions/1']);
  });

  it('reports the refusal when the image refuses, too', async () => {
    const account = new Account(() => denied());
    account.add({ kind: 'action', id: 1, parent: 'images/5' });
    expect(await account.poll()).toEqual(['/v2/actions/1', '/v2/images/5/actions/1']);
    expect(account.errors).toEqual([expect.any(PermissionDeniedError)]);
  });

  it.each([
    ['404', notFound, NotFoundError],
    ['503', unavailable, ServerError],
  ])('reports a %s of one target', async (_what, response, type) => {
    const account = new Account(response);
    const target = account.add({ kind: 'action', id: 1, parent: null });
    expect(await account.poll()).toHaveLength(1);
    expect(account.reports).toEqual([{ target, result: { kind: 'failed', error: expect.any(type) } }]);
  });

  it('reports a 503 of a list for each of its targets', async () => {
    const account = new Account(unavailable);
    const all = account.addActions([1, 2]);
    expect(await account.poll()).toHaveLength(1);
    expect(account.reports).toEqual(
      all.map((target) => ({ target, result: { kind: 'failed', error: expect.any(ServerError) } })),
    );
  });

  it('reports nothing of a target released meanwhile', async () => {
    const waiting: (() => void)[] = [];
    const account = new Account(() => notFound());
    const target = account.add({ kind: 'action', id: 1, parent: null });
    const send = account.api.send.bind(account.api);
    account.api.send = async (url, call) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return send(url, call);
    };
    const round = account.round();
    const ended = round.run([target]);
    while (waiting.length === 0) await Promise.resolve();
    round.release(target);
    waiting[0]?.();
    await ended;
    expect(account.reports).toEqual([]);
  });
});

describe('a poll round with an unexpected error', () => {
  const mistake = new TypeError('a mistake');

  /** Whatever goes wrong, each target is reported once, and the round ends. */
  async function reportsEach(account: Account, error: unknown): Promise<void> {
    for (const id of [1, 2]) account.add({ kind: 'action', id, parent: 'images/5' });
    const others = account.addActions([3]);
    account.add({ kind: 'image', id: 4 });
    expect(others).toHaveLength(1);
    await account.poll();
    expect(account.reports.map(({ target }) => target.ref.id).sort()).toEqual([1, 2, 3, 4]);
    expect(account.errors).toEqual(Array(4).fill(error));
  }

  it('reports it for each target when every request fails with it', async () => {
    await reportsEach(new Account(() => mistake), mistake);
  });

  it('reports it for each target when a request cannot even be made', async () => {
    const account = new Account(() => null);
    account.api.send = () => {
      throw mistake;
    };
    await reportsEach(account, mistake);
  });

  it('reports it for each target when the requests cannot be planned', async () => {
    const account = new Account(() => null);
    const api = { ...account.api, deniedScopes: undefined } as unknown as PollApi;
    Object.assign(account, { api });
    await reportsEach(account, expect.any(TypeError));
    expect(account.requests).toEqual([]);
  });

  it('reports it for each target when a refusal cannot be remembered', async () => {
    const account = new Account(() => denied());
    account.api.deniedScopes.add = () => {
      throw mistake;
    };
    await reportsEach(account, mistake);
  });

  it('ends when a refusal is not remembered at all', async () => {
    const account = new Account(() => denied());
    account.api.deniedScopes.add = () => account.api.deniedScopes;
    await reportsEach(account, expect.any(PermissionDeniedError));
  });

  it('ends when a callback throws', async () => {
    const account = new Account(() => page([2, 1], 2));
    const all = account.addActions([1, 2]);
    const reported: PollResult[] = [];
    const round = new PollRound<Pollable>(account.api, account.targets, (_target, result) => {
      reported.push(result);
      if (result.kind === 'seen') throw mistake;
    });
    await round.run(all);
    expect(reported).toEqual([
      { kind: 'seen', json: action(2) },
      { kind: 'failed', error: mistake },
    ]);
  });
});
