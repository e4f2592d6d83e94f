import { describe, expect, it } from '@jest/globals';
import { DOApi } from '../lib';
import { Sandbox } from '../lib/sandbox';
import { sleep } from '../lib/util/clock';
import { rejection } from './support/rejection';

const MINUTE = 60_000;
const images = (count: number): { id: number }[] =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1 }));

const FULL = {
  queued: 0,
  perMinute: { limit: 240, left: 240 },
  perHour: { limit: 4_900, left: 4_900 },
  nextAt: null,
};

describe('api.rateLimiter', () => {
  it('has the full budget before the first request, and sends nothing', () => {
    const sandbox = new Sandbox();
    expect(sandbox.api().rateLimiter).toEqual(FULL);
    expect(sandbox.api({ token: () => sandbox.token }).rateLimiter).toEqual(FULL);
    expect(sandbox.api({ rateLimit: { perMinute: 7 } }).rateLimiter?.perMinute).toEqual({
      limit: 7,
      left: 7,
    });
    expect(sandbox.requests).toEqual([]);
  });

  it('is null with rateLimit: false', async () => {
    const api = new Sandbox({ images: images(1) }).api({ rateLimit: false });
    expect(api.rateLimiter).toBeNull();
    await api.fetchImage(1);
    expect(api.rateLimiter).toBeNull();
  });

  it.each(['a token', 'a token function'])(
    'counts the requests of all managers with the token: %s',
    async (what) => {
      const sandbox = new Sandbox({ images: images(2) });
      const token = what === 'a token' ? sandbox.token : (): string => sandbox.token;
      const [one, two] = [sandbox.api({ token }), sandbox.api()];
      await one.fetchImage(1);
      await two.fetchImage(1);
      const used = {
        perMinute: { limit: 240, left: 238 },
        perHour: { limit: 4_900, left: 4_898 },
      };
      expect(one.rateLimiter).toMatchObject(used);
      expect(two.rateLimiter).toMatchObject(used);
      // Another that has sent nothing yet.
      expect(sandbox.api().rateLimiter).toMatchObject(used);
      expect(sandbox.api({ token: 'another' }).rateLimiter).toEqual(FULL);
    },
  );

  it('says how many wait, and when the next one is sent', async () => {
    const sandbox = new Sandbox({ images: images(5) });
    const api = sandbox.api({ rateLimit: { perMinute: 2 } });
    const start = sandbox.clock.date();
    const deletes = Promise.all(sandbox.images.map(({ id }) => api.image(id).delete()));
    await sleep(sandbox.clock, 1_000);
    expect(api.rateLimiter).toEqual({
      queued: 3,
      perMinute: { limit: 2, left: 0 },
      perHour: { limit: 4_900, left: 4_898 },
      nextAt: new Date(start + MINUTE + 1),
    });
    await deletes;
    expect(sandbox.requests.map(({ path }) => path)).toEqual([1, 2, 3, 4, 5].map((id) => `/v2/images/${id}`));
    await sleep(sandbox.clock, MINUTE + 1);
    expect(api.rateLimiter).toMatchObject({ queued: 0, perMinute: { left: 2 }, nextAt: null });
  });

  it('is not changed by what the caller does with it', () => {
    const api = new DOApi({ token: 'dop_v1_a' });
    const { rateLimiter } = api;
    if (rateLimiter) rateLimiter.perMinute.left = 0;
    expect(api.rateLimiter).toEqual(FULL);
  });
});

describe('a call in the queue', () => {
  it('ends at once when its signal aborts, or its manager is closed', async () => {
    const sandbox = new Sandbox({ images: images(4) });
    const api = sandbox.api({ rateLimit: { perMinute: 1 } });
    await api.fetchImage(1);
    const controller = new AbortController();
    const aborted = rejection(api.image(2).delete({ signal: controller.signal }));
    const closed = rejection(api.image(3).delete());
    await sleep(sandbox.clock, 1_000);
    controller.abort('enough');
    expect(await aborted).toBe('enough');
    await api.close();
    expect(await closed).toMatchObject({ name: 'ClosedError' });
    expect(sandbox.clock.now()).toBe(1_000);
    expect(sandbox.requests).toHaveLength(1);
    expect(api.rateLimiter?.queued).toBe(0);
  });

  it('rejects after its queueTimeout, of the call or the manager, and says that it was the rate limit', async () => {
    const sandbox = new Sandbox({ images: images(4) });
    const api = sandbox.api({ rateLimit: { perMinute: 1 }, queueTimeout: 5_000 });
    await api.fetchImage(1);
    const [manager, call] = [
      rejection(api.image(2).delete()),
      rejection(api.image(3).delete({ queueTimeout: 100 })),
    ];
    expect(await call).toMatchObject({ name: 'TimeoutError', kind: 'queue', limit: 100, attempts: 0 });
    expect(sandbox.clock.now()).toBe(100);
    expect(String(await manager)).toContain('the rate limit left no place for it within 5000 ms');
    expect(String(await manager)).toContain('nothing was sent');
    expect(sandbox.clock.now()).toBe(5_000);
    await api.image(4).delete({ queueTimeout: Infinity });
    expect(sandbox.images.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('is announced to onQueue with the expected wait', async () => {
    const sandbox = new Sandbox({ images: images(3) });
    const events: unknown[] = [];
    const api = sandbox.api({ rateLimit: { perMinute: 2 }, onQueue: (event) => events.push(event) });
    await Promise.all(sandbox.images.map(({ id }) => api.image(id).delete()));
    expect(events).toEqual([
      { method: 'DELETE', url: 'https://api.digitalocean.com/v2/images/3', delay: MINUTE + 1 },
    ]);
  });
});
