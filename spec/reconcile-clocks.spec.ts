import { describe, expect, it } from '@jest/globals';
import { type DOApi, LookupError, type UnknownOutcomeError } from '../lib';
import { VirtualClock } from '../lib/sandbox/clock/virtual-clock';
import type { Clock } from '../lib/util/clock';
import { accountOf, actionJson, anApi, type Json, MemoryServer, rejection, stamp } from './support/builders';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A server that loses the responses to POSTs, and a manager on a machine whose date can be set. */
class SetClocks {
  /** What the lost POST has made; `null`: nothing. */
  made: Json | null = null;
  readonly earlier: Json[] = [];
  /** By how much the local date, the date header and the dates of new items are off. */
  off = { local: 0, header: 0 as number | null, items: 0 };
  readonly time = new VirtualClock();
  readonly api: DOApi;

  constructor() {
    const list = accountOf({ actions: () => [...this.earlier, ...(this.made ? [this.made] : [])] });
    const server = new MemoryServer(async (request, nth) => {
      if (request.method === 'POST') {
        if (this.made) this.made = { ...this.made, started_at: stamp(this.time.now() + this.off.items) };
        return new Error('socket hang up');
      }
      const reply = request.path === '/v2/account' ? { body: {} } : await list(request, nth);
      if (reply instanceof Error || this.off.header === null) return reply;
      return { ...reply, headers: { date: new Date(this.time.date() + this.off.header).toUTCString() } };
    });
    const clock: Clock = {
      now: () => this.time.now(),
      date: () => this.time.date() + this.off.local,
      after: (ms, callback) => this.time.after(ms, callback),
    };
    this.api = anApi({ clock, transport: { adapter: server.adapter } });
  }

  /** The error of a transfer whose response is lost. */
  async lose(): Promise<UnknownOutcomeError> {
    return (await rejection(this.api.image(7938269).transfer('nyc3'))) as UnknownOutcomeError;
  }
}

/** Each sets the clocks as they are before the POST, and returns what sets them after it. */
const CLOCKS: readonly [what: string, set: (world: SetClocks) => () => void][] = [
  [
    'ours is 5 minutes ahead at the POST, and then set right',
    ({ off }) => ((off.local = 5 * MINUTE), () => (off.local = 0)),
  ],
  [
    'ours is set back by an hour',
    ({ off }) =>
      () =>
        (off.local = -HOUR),
  ],
  ['ours is a day ahead', ({ off }) => ((off.local = 24 * HOUR), () => undefined)],
  ['there is no date header', ({ off }) => ((off.header = null), () => undefined)],
  [
    'there is no date header, and ours is set right',
    ({ off }) => ((off.header = null), (off.local = 5 * MINUTE), () => (off.local = 0)),
  ],
  ['the date header is 10 minutes off', ({ off }) => ((off.header = 10 * MINUTE), () => undefined)],
  ['the date header is 10 minutes behind', ({ off }) => ((off.header = -10 * MINUTE), () => undefined)],
  ['the server is 5 minutes ahead', ({ off }) => ((off.header = off.items = 5 * MINUTE), () => undefined)],
  [
    'the server is set back by an hour',
    ({ off }) =>
      () =>
        (off.header = off.items = -HOUR),
  ],
  ['the server is off during the POST only', ({ off }) => ((off.items = HOUR), () => (off.items = 0))],
  ['items have dates of another clock', ({ off }) => ((off.items = -10 * MINUTE), () => undefined)],
];

describe.each(CLOCKS)('reconcile(), when %s', (_what, set) => {
  it.each([false, true])(
    'does not deny what was carried out; the POST is the first request: %s',
    async (isFirst) => {
      const world = new SetClocks();
      if (!isFirst) await world.api.request('/v2/account');
      const setAfter = set(world);
      world.made = actionJson({ id: 7 });
      const error = await world.lose();
      setAfter();
      const found: unknown = await error.reconcile().catch((reason: unknown) => reason);
      if (found instanceof LookupError) expect(found.candidates).toMatchObject([{ id: 7 }]);
      else expect(found).toMatchObject({ id: 7 });
      expect(error.mayHaveExecuted).toBe(true);
    },
  );

  it.each([10_000, 5 * MINUTE, 10 * MINUTE, HOUR])(
    'does not claim what another process has started %d ms before',
    async (age) => {
      const world = new SetClocks();
      await world.api.request('/v2/account');
      const setAfter = set(world);
      world.earlier.push(actionJson({ id: 6, status: 'errored', started_at: stamp(-age) }));
      const error = await world.lose();
      setAfter();
      expect(await rejection(error.reconcile())).toBeInstanceOf(LookupError);
      expect(error.mayHaveExecuted).toBe(true);
    },
  );

  it('denies what the list does not show', async () => {
    const world = new SetClocks();
    const setAfter = set(world);
    const error = await world.lose();
    setAfter();
    expect(await error.reconcile()).toBeNull();
    expect(world.time.now()).toBe(MINUTE);
  });

  it('takes no earlier action of this process for the one that was lost', async () => {
    const world = new SetClocks();
    world.earlier.push(actionJson({ id: 6, status: 'errored', started_at: stamp() }));
    const setAfter = set(world);
    await world.api.image(7938269).fetchLastAction();
    const error = await world.lose();
    setAfter();
    expect(await error.reconcile()).toBeNull();
  });
});

describe('what a process knows', () => {
  it('counts in all its managers with the token', async () => {
    const world = new SetClocks();
    const young = actionJson({ id: 6, started_at: stamp() });
    world.earlier.push(young);
    const server = new MemoryServer((request, nth) =>
      request.method === 'POST'
        ? new Error('socket hang up')
        : accountOf({ actions: () => world.earlier })(request, nth),
    );
    const [a, b] = [server.api(), server.api()];
    await a.fetchAllActions().toArray();
    const error = (await rejection(b.image(7938269).transfer('nyc3'))) as UnknownOutcomeError;
    expect(await error.reconcile()).toBeNull();
    const stranger = server.api({ token: 'dop_v1_of_another_process' });
    const other = (await rejection(stranger.image(7938269).transfer('nyc3'))) as UnknownOutcomeError;
    expect(await rejection(other.reconcile())).toBeInstanceOf(LookupError);
  });

  it('includes POSTs that were aborted: what they may have made is claimed for no other', async () => {
    const started: Json[] = [];
    const server: MemoryServer = new MemoryServer(async (request, nth) => {
      const headers = { date: new Date(server.clock.date()).toUTCString() };
      if (request.method === 'POST') {
        if (started.length === 0)
          started.push(actionJson({ id: 7, type: 'convert', region_slug: null, started_at: stamp() }));
        await new Promise((resolve) => server.clock.after(1_000, () => resolve(null)));
        return new Error('socket hang up');
      }
      const reply = await accountOf({ actions: () => started })(request, nth);
      return reply instanceof Error ? reply : { ...reply, headers };
    });
    const image = server.api().image(7938269);
    const controller = new AbortController();
    server.clock.after(500, () => controller.abort('enough'));
    expect(await rejection(image.convert({ signal: controller.signal }))).toBe('enough');
    const error = (await rejection(image.convert())) as UnknownOutcomeError;
    expect(await rejection(error.reconcile())).toBeInstanceOf(LookupError);
  });

  describe('does not include a POST that was not sent', () => {
    /** A server that carries a convert out and loses its response. */
    const losing = (): MemoryServer => {
      const started: Json[] = [];
      const list = accountOf({ actions: () => started });
      const server: MemoryServer = new MemoryServer(async (request, nth) => {
        const headers = { date: new Date(server.clock.date()).toUTCString() };
        if (request.method === 'POST') {
          started.push(actionJson({ id: 7, type: 'convert', region_slug: null, started_at: stamp() }));
          return new Error('socket hang up');
        }
        const reply = await list(request, nth);
        return reply instanceof Error ? reply : { ...reply, headers };
      });
      return server;
    };
    const limited = { rateLimit: { perHour: 1 }, queueTimeout: HOUR };

    it('when it was aborted while it waited for its turn under the rate limit', async () => {
      const server = losing();
      const queueing = server.api(limited);
      await queueing.fetchAllActions().first();
      const controller = new AbortController();
      server.clock.after(500, () => controller.abort('enough'));
      const { signal } = controller;
      expect(await rejection(queueing.image(7938269).convert({ signal }))).toBe('enough');
      const image = server.api({ rateLimit: false }).image(7938269);
      const error = (await rejection(image.convert())) as UnknownOutcomeError;
      expect(await error.reconcile()).toMatchObject({ id: 7, type: 'convert' });
      expect(server.lines.filter((line) => line.startsWith('POST'))).toHaveLength(1);
    });

    it('while it waits for its turn', async () => {
      const server = losing();
      const queueing = server.api(limited);
      await queueing.fetchAllActions().first();
      const controller = new AbortController();
      const waiting = rejection(queueing.image(7938269).convert({ signal: controller.signal }));
      const image = server.api({ rateLimit: false }).image(7938269);
      const error = (await rejection(image.convert())) as UnknownOutcomeError;
      expect(await error.reconcile()).toMatchObject({ id: 7, type: 'convert' });
      controller.abort('enough');
      expect(await waiting).toBe('enough');
      expect(server.lines.filter((line) => line.startsWith('POST'))).toHaveLength(1);
    });
  });
});
