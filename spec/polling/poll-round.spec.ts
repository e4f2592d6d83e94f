import { describe, expect, it } from '@jest/globals';
import {
  NotFoundError,
  PermissionDeniedError,
  ServerError,
  UnexpectedResponseError,
} from '../../lib/errors/errors';
import type { Call, Requester } from '../../lib/model/requester';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import { PollRound } from '../../lib/polling/poll-round';
import type { TargetRef } from '../../lib/polling/poll-requests';
import { PollTarget } from '../../lib/polling/poll-target';
import { ENDPOINT } from '../support/builders';
import { aWait } from '../support/waits';

type Json = Record<string, unknown>;
/** What a URL is answered with; an Error rejects. By its path, with the page of a list. */
type Answers = (path: string) => unknown;

const FACTS = { method: 'GET', url: ENDPOINT, attempts: 1, status: 0, id: null, detail: '', requestId: null };
const REFUSAL = { ...FACTS, retryAfter: null, rateLimit: null };
const denied = (): Error => new PermissionDeniedError({ ...REFUSAL, status: 403 }, 'actions:read');
const notFound = (): Error => new NotFoundError({ ...REFUSAL, status: 404 });
const unwell = (): Error => new ServerError({ ...REFUSAL, status: 503 });

const unreadable = (): Error => new UnexpectedResponseError({ ...FACTS, status: 200 }, 'no list');

const action = (id: number, status = 'in-progress'): Json => ({ id, status });
const page = (ids: readonly number[], total: number): Json => ({
  actions: ids.map((id) => action(id)),
  links: total > ids.length ? { pages: { next: `${ENDPOINT}/v2/actions?page=2` } } : {},
  meta: { total },
});

/** A look-out of a spec: an account that answers as it is told, and what is watched there. */
class LookOut {
  readonly clock = new VirtualClock({ auto: false });
  readonly asked: string[] = [];
  readonly rested: PollTarget[] = [];
  readonly told: Json[] = [];
  readonly api: Requester;
  private readonly watched: PollTarget[] = [];
  private number = 0;

  constructor(answers: Answers) {
    this.api = {
      endpoint: ENDPOINT,
      clock: this.clock,
      deniedScopes: new Set(),
      send: async (url: string, call: Call<unknown>) => {
        const { page: number } = call.params ?? {};
        const path = url.slice(ENDPOINT.length) + (number === undefined ? '' : `?page=${String(number)}`);
        this.asked.push(path);
        await Promise.resolve();
        const answer = answers(path);
        if (answer instanceof Error) throw answer;
        return call.read(answer);
      },
    } as unknown as Requester;
  }

  /** Begins to watch something. @param ageMs how long ago it was made; `null`: not known */
  watch(
    target: TargetRef,
    ageMs: number | null = 600_000,
  ): { watched: PollTarget; outcome: Promise<unknown> } {
    const watched = new PollTarget(target);
    const now = this.clock.now();
    const wait = aWait(
      {
        target: () => target,
        // Whatever a look shows is news.
        state: action(target.id, 'new'),
        seenAt: ageMs === null ? null : now - ageMs,
        beganAt: () => (ageMs === null ? null : this.clock.date() - ageMs),
        read: (json) => (this.told.push(json), json),
      },
      {},
      this.clock,
    );
    watched.add(wait);
    this.watched.push(watched);
    return { watched, outcome: wait.result.catch((error: unknown) => error) };
  }

  /** Watches actions of no known image. */
  watchActions(ids: readonly number[], ageMs?: number | null): PollTarget[] {
    return ids.map((id) => this.watch({ kind: 'action', id, image: null }, ageMs).watched);
  }

  /** Looks at everything. Returns what was asked. */
  async look(): Promise<string[]> {
    this.asked.length = 0;
    const look = new PollRound(
      {
        api: this.api,
        find: (kind, id) => this.watched.find(({ target }) => target.kind === kind && target.id === id),
        rest: (watched) => this.rested.push(watched),
      },
      ++this.number,
    );
    await look.at(this.watched.filter(({ waits }) => waits.some(({ over }) => !over)));
    return [...this.asked];
  }
}

describe('a look', () => {
  it('tells everybody on a page, and nobody twice', async () => {
    const out = new LookOut(() => page([3, 2, 1], 3));
    const all = out.watchActions([1, 2, 3]);
    expect(await out.look()).toEqual(['/v2/actions?page=1']);
    expect(out.told.map(({ id }) => id)).toEqual([3, 2, 1]);
    expect(out.rested).toEqual([all[2], all[1], all[0]]);
    expect(all.map(({ lookingIn }) => lookingIn)).toEqual([0, 0, 0]);
  });

  it('leaves alone what stands on a page besides, and items without an id', async () => {
    const odd = {
      actions: [{ status: 'odd' }, action(7), action(2), action(1)],
      links: {},
      meta: { total: 4 },
    };
    const out = new LookOut(() => odd);
    out.watchActions([1, 2]);
    await out.look();
    expect(out.told.map(({ id }) => id)).toEqual([2, 1]);
  });

  it('finds images in the list of images', async () => {
    const out = new LookOut(() => ({ images: [action(1), action(2)], links: {}, meta: { total: 2 } }));
    for (const id of [1, 2]) out.watch({ kind: 'image', id });
    expect(await out.look()).toEqual(['/v2/images?page=1']);
    expect(out.told.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('reads on where the order of what it has read says', async () => {
    const pages: Record<string, Json> = {
      '/v2/actions?page=1': page([900, 800], 6),
      '/v2/actions?page=2': page([700, 600], 6),
      '/v2/actions?page=3': { ...page([2, 1], 6), links: {} },
    };
    const out = new LookOut((path) => pages[path]);
    out.watchActions([1, 2, 600, 700]);
    expect(await out.look()).toEqual(['/v2/actions?page=1', '/v2/actions?page=2', '/v2/actions?page=3']);
    expect(out.told.map(({ id }) => id)).toEqual([700, 600, 2, 1]);
    // Afterwards everybody is looked for where it was.
    expect((await out.look()).sort()).toEqual(['/v2/actions?page=2', '/v2/actions?page=3']);
  });

  it('reads on at the end of a list that grows there', async () => {
    const first = page([1, 2], 6);
    const pages: Record<string, Json> = {
      '/v2/actions?page=1': { ...first, actions: [action(1), { status: 'odd' }, action(2)] },
      '/v2/actions?page=2': { ...page([900, 901], 6), links: {} },
      '/v2/actions?page=3': page([500, 501], 6),
    };
    const out = new LookOut((path) => pages[path]);
    out.watchActions([1, 900, 901]);
    expect(await out.look()).toEqual(['/v2/actions?page=1', '/v2/actions?page=2']);
    const long = new LookOut((path) => (path.endsWith('=1') ? page([1, 2], 20) : page([900, 901], 20)));
    long.watchActions([1, 900, 901]);
    expect(await long.look()).toEqual(['/v2/actions?page=1', '/v2/actions?page=10']);
  });

  it.each([
    ['one thing', [1]],
    ['a list', [1, 2]],
  ])('calls off a request for %s when nobody waits for it any more', (_what, ids) => {
    const out = new LookOut(() => page([2, 1], 2));
    const all = out.watchActions(ids);
    const signals: (AbortSignal | undefined)[] = [];
    out.api.send = (_url, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    void out.look();
    for (const watched of all) {
      expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
      watched.settle();
    }
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  it('asks for each when to read on would cost more than that, and leaves the lists alone for a while', async () => {
    const out = new LookOut((path) => {
      const number = Number(/page=(\d+)/.exec(path)?.[1] ?? 0);
      if (number > 0) return page([10_000 - number], 1_000);
      return { action: action(Number(path.split('/').at(-1))) };
    });
    out.watchActions([1, 2]);
    const pages = ['/v2/actions?page=1', '/v2/actions?page=2', '/v2/actions?page=3'];
    const singles = ['/v2/actions/1', '/v2/actions/2'];
    expect(await out.look()).toEqual([...pages, ...singles]);
    expect(await out.look()).toEqual(singles);
    await out.clock.advance(300_001);
    expect((await out.look())[0]).toMatch(/page=/);
  });

  it('asks for what no list shows one by one, if it is little, or old', async () => {
    for (const [count, age] of [
      [5, 0],
      [6, 600_000],
      [6, null],
    ] as const) {
      const out = new LookOut((path) =>
        path.includes('page=') ? page([], 0) : { action: action(Number(path.split('/').at(-1))) },
      );
      const ids = Array.from({ length: count }, (_, at) => at + 1);
      out.watchActions(ids, age);
      expect(await out.look()).toEqual(['/v2/actions?page=1', ...ids.map((id) => `/v2/actions/${id}`)]);
      expect(out.told).toHaveLength(count);
      // The list does not hold them: it is not asked again soon.
      expect(await out.look()).toEqual(ids.map((id) => `/v2/actions/${id}`));
    }
  });

  it('waits for what is too young to be in the list, if that is much', async () => {
    const out = new LookOut(() => page([], 0));
    const all = out.watchActions([1, 2, 3, 4, 5, 6], 0);
    expect(await out.look()).toEqual(['/v2/actions?page=1']);
    expect(out.told).toEqual([]);
    expect(out.rested).toEqual(all);
    expect(all.map(({ lookingIn }) => lookingIn)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await out.look()).toEqual(['/v2/actions?page=1']);
  });
});

describe('a look that goes wrong', () => {
  const single = (path: string): Json => ({ action: action(Number(path.split('/').at(-1))) });

  it.each([
    ['is refused', denied],
    ['is not there', notFound],
    ['cannot be read', unreadable],
  ])('asks elsewhere when a list %s', async (_what, answer) => {
    const out = new LookOut((path) => (path === '/v2/actions?page=1' ? answer() : page([2, 1], 2)));
    for (const id of [1, 2]) out.watch({ kind: 'action', id, image: 5 });
    const more = out.watchActions([3, 4]);
    await out.look();
    expect(out.told.map(({ id }) => id)).toEqual(expect.arrayContaining([1, 2]));
    expect(out.asked).toContain('/v2/images/5/actions?page=1');
    expect(more).toHaveLength(2);
  });

  it('asks nobody twice for what the token lacks, and remembers that', async () => {
    const out = new LookOut(() => denied());
    const outcomes = [1, 2, 3].map((id) => out.watch({ kind: 'action', id, image: null }).outcome);
    expect(await out.look()).toEqual(['/v2/actions?page=1']);
    expect([...out.api.deniedScopes]).toEqual(['actions:read']);
    for (const outcome of outcomes) expect(await outcome).toBeInstanceOf(PermissionDeniedError);
  });

  it('gets an action from its image when the token may not read the list of actions', async () => {
    const out = new LookOut((path) => (path.startsWith('/v2/actions') ? denied() : single(path)));
    out.watch({ kind: 'action', id: 1, image: 5 });
    expect(await out.look()).toEqual(['/v2/actions/1', '/v2/images/5/actions/1']);
    expect(out.told.map(({ id }) => id)).toEqual([1]);
    expect(await out.look()).toEqual(['/v2/images/5/actions/1']);
  });

  it('ends the wait when its image refuses, too', async () => {
    const out = new LookOut(() => denied());
    const { outcome } = out.watch({ kind: 'action', id: 1, image: 5 });
    expect(await out.look()).toEqual(['/v2/actions/1', '/v2/images/5/actions/1']);
    expect(await outcome).toBeInstanceOf(PermissionDeniedError);
  });

  it.each([
    ['just made', 0, false],
    ['made long ago', 600_000, true],
    ['known by its id alone', null, true],
  ])('takes a 404 for an end unless the thing was only just made: %s', async (_what, age, isOver) => {
    const out = new LookOut(() => notFound());
    const { watched, outcome } = out.watch({ kind: 'action', id: 1, image: null }, age);
    await out.look();
    expect(watched.waits[0]?.over).toBe(isOver);
    expect(out.rested).toEqual([watched]);
    if (isOver) expect(await outcome).toBeInstanceOf(NotFoundError);
  });

  it.each([
    ['a list', [1, 2]],
    ['one thing', [1]],
  ])('bears with troubles that pass, of %s', async (_what, ids) => {
    const out = new LookOut(() => unwell());
    const all = out.watchActions(ids);
    expect(await out.look()).toHaveLength(1);
    expect(all.map(({ waits, lookingIn }) => [waits[0]?.over, lookingIn])).toEqual(ids.map(() => [false, 0]));
    expect(out.rested).toEqual(all);
  });

  it('says nothing of what has been told meanwhile', async () => {
    const late: (() => void)[] = [];
    const out = new LookOut(() => notFound());
    const { watched, outcome } = out.watch({ kind: 'action', id: 1, image: null });
    const send = out.api.send.bind(out.api);
    out.api.send = async (url, call) => {
      await new Promise<void>((resolve) => late.push(resolve));
      return send(url, call);
    };
    const look = out.look();
    while (late.length === 0) await Promise.resolve();
    watched.see(action(1, 'completed'), null, 99);
    late[0]?.();
    await look;
    expect(await outcome).toEqual(action(1, 'completed'));
    expect(out.rested).toEqual([]);
  });
});
