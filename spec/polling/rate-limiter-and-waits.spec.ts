import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Account, HOUR, MINUTE } from '../../bench/simulate/account';
import { mostIn, watch } from '../../bench/simulate/watching';
import { DOApi, type DOApiOptions } from '../../lib';
import * as rateLimiters from '../../lib/rate-limit/limiter-registry';
import { sleep } from '../../lib/util/clock';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';
import { seededRandom } from '../../lib/sandbox/state/random';
import { anApi, rejection, TOKEN } from '../support/builders';
import { reachable } from '../support/leaks';

/** A sandbox that records the times of its requests. */
function recording(options: SandboxOptions = {}): {
  sandbox: Sandbox;
  times: number[];
  api: (options?: DOApiOptions) => DOApi;
} {
  const times: number[] = [];
  const sandbox: Sandbox = new Sandbox({
    rateLimit: false,
    ...options,
    onRequest: () => times.push(sandbox.clock.now()),
  });
  return { sandbox, times, api: (own) => sandbox.api({ token: TOKEN, deadline: Infinity, ...own }) };
}

/** Sends `count` requests, by all managers in turn. */
async function callMany(count: number, ...apis: [DOApi, ...DOApi[]]): Promise<void> {
  const call = async (nth: number): Promise<unknown> =>
    (apis[nth % apis.length] ?? apis[0]).request('/v2/regions');
  await Promise.all(Array.from({ length: count }, (_, nth) => call(nth)));
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the requests of a token', () => {
  it('are at most 240 in any minute and 4,900 in any hour, of all managers that use it', async () => {
    const { times, api } = recording();
    await callMany(5_000, api(), api(), api({ token: () => Promise.resolve(TOKEN) }));
    expect(times).toHaveLength(5_000);
    expect(mostIn(MINUTE, times)).toBe(240);
    expect(mostIn(HOUR, times)).toBe(4_900);
    // No request waited longer than needed.
    expect(times[239]).toBe(0);
    expect(times[240]).toBe(MINUTE + 1);
    expect(times[4_899]).toBe(20 * (MINUTE + 1));
    expect(times[4_900]).toBe(HOUR + 1);
  }, 30_000);

  it('do not count for another token, nor at another endpoint', async () => {
    const { times, api } = recording();
    await callMany(480, api(), api({ token: 'another' }));
    await callMany(240, api({ endpoint: 'https://elsewhere.example' }));
    expect(new Set(times)).toEqual(new Set([0]));
  });

  it('are limited as the options say', async () => {
    const { times, api } = recording();
    await callMany(12, api({ rateLimit: { perMinute: 5, perHour: 7 } }));
    expect(mostIn(MINUTE, times)).toBe(5);
    expect(mostIn(HOUR, times)).toBe(7);
    expect(times.at(-1)).toBe(HOUR + 1);
  });

  it('are not limited with rateLimit: false', async () => {
    const { times, api } = recording();
    await callMany(1_000, api({ rateLimit: false }));
    expect(new Set(times)).toEqual(new Set([0]));
  });

  it('include retries', async () => {
    const { sandbox, times, api } = recording();
    sandbox.fail({ on: 'GET /v2/regions', with: 503, times: 2 });
    await callMany(3, api({ rateLimit: { perMinute: 1 } }));
    expect(times).toHaveLength(5);
    expect(mostIn(MINUTE, times)).toBe(1);
  });

  it('are counted under a digest: the token itself is not kept', async () => {
    const rateLimiterFor = jest.spyOn(rateLimiters, 'rateLimiterFor');
    const { api } = recording();
    await callMany(3, api());
    const [call] = rateLimiterFor.mock.calls;
    expect(call?.slice(1)).toEqual(['https://api.digitalocean.com', expect.stringMatching(/^[\w+/]{43}=$/)]);
    const kept = reachable([rateLimiterFor.mock.results[0]?.value, rateLimiters]);
    const values = [...kept].flatMap((object): unknown[] => Object.values(object));
    expect(values.length).toBeGreaterThan(20);
    expect(values.filter((value) => typeof value === 'string' && value.includes(TOKEN))).toEqual([]);
    expect(JSON.stringify(call)).not.toContain(TOKEN);
  });
});

describe('calls', () => {
  it('go before polls, when requests are scarce', async () => {
    const account = new Account(
      { actions: 60, images: 60, takes: [MINUTE, 3 * MINUTE] },
      { scopes: ['image:read', 'regions:read'] },
    );
    const api = account.api({ rateLimit: { perMinute: 20 } });
    const done = watch(account, api);
    await sleep(account.sandbox.clock, 70_000);
    const from = account.seen.length;
    await callMany(18, api);
    const paths = account.seen.slice(from, from + 20).map(({ path }) => path);
    // Polls have a permit every 30 s, and the next one after nine calls.
    const isCall = paths.map((path) => path === '/v2/regions');
    const minute = [false, ...Array<boolean>(9).fill(true), false, ...Array<boolean>(8).fill(true)];
    expect(isCall).toEqual([false, ...minute]);
    expect((await done).wrong).toBe(0);
  });

  it('that are aborted while they wait for a permit leave it to the next', async () => {
    const { sandbox, times, api } = recording();
    const one = api({ rateLimit: { perMinute: 10 } });
    await callMany(10, one);
    const controller = new AbortController();
    const off = Array.from({ length: 1_000 }, () =>
      rejection(one.request('/v2/regions', { signal: controller.signal })),
    );
    const last = one.request('/v2/regions');
    sandbox.clock.after(20_000, () => controller.abort('enough'));
    expect(new Set(await Promise.all(off))).toEqual(new Set(['enough']));
    await last;
    expect(times).toHaveLength(11);
    expect(times.at(-1)).toBe(MINUTE + 1);
  });

  it('that are aborted at once take no permit', async () => {
    const { sandbox, times, api } = recording();
    const one = api({ rateLimit: { perMinute: 2 } });
    const off = Array.from({ length: 50 }, async () => {
      const controller = new AbortController();
      const call = one.request('/v2/regions', { signal: controller.signal });
      controller.abort('at once');
      return rejection(call);
    });
    await Promise.all(off);
    await sleep(sandbox.clock, 0);
    await callMany(2, one);
    expect(times).toEqual([0, 0]);
  });
});

describe('a 429', () => {
  it('makes every request wait as long as the server asks, then one goes first', async () => {
    const { sandbox, times, api } = recording();
    sandbox.fail({ on: 'GET /v2/images', with: 'burst-limit', retryAfterSeconds: 29, times: 1 });
    const one = api();
    const first = one.fetchAllImages().first();
    await sleep(sandbox.clock, 1);
    await Promise.all([first, callMany(20, one, api())]);
    expect(times).toHaveLength(22);
    expect(times[1]).toBe(29_000);
    const pauses = times.slice(2).map((time, index) => time - (times[index + 1] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100);
  });

  it.each([0, -5, 99_999_999])(
    'with a Retry-After of %d s delays requests by a minute at most',
    async (retryAfterSeconds) => {
      const { sandbox, times, api } = recording();
      sandbox.fail({ on: 'GET /v2/images', with: 'burst-limit', retryAfterSeconds, times: 1 });
      const one = api({ retries: 0 });
      await rejection(one.fetchAllImages().first());
      await callMany(3, one);
      expect(times).toHaveLength(4);
      expect(times.at(-1)).toBeLessThanOrEqual(MINUTE + 1_000);
    },
  );

  it.each([1, 2, 3])('does not come in bursts, also with other uses of the token: seed %d', async (seed) => {
    jest.spyOn(Math, 'random').mockImplementation(seededRandom(seed));
    const account = new Account({ actions: 300, images: 30, takes: [MINUTE, 20 * MINUTE], oneFailsIn: 7 });
    const { clock, adapter, token } = account.sandbox;
    const over = new AbortController();
    const others = (async () => {
      const { signal } = new AbortController();
      const request = { method: 'GET', url: 'https://api.digitalocean.com/v2/account', signal };
      while (!over.signal.aborted) {
        for (let sent = 0; sent < 125; sent++)
          await adapter({ ...request, headers: { authorization: `Bearer ${token}` } });
        await sleep(clock, 3 * MINUTE);
      }
    })();
    const api = account.api();
    const calls = (async () => {
      // Other uses are not known before the first responses.
      await sleep(clock, MINUTE);
      while (!over.signal.aborted) {
        await callMany(150, api);
        await sleep(clock, 4 * MINUTE);
      }
    })();
    const { wrong } = await watch(account, api);
    over.abort();
    await Promise.all([others, calls]);
    expect(wrong).toBe(0);
    // There was a crowd.
    expect(
      mostIn(
        MINUTE,
        account.seen.map(({ at }) => at),
      ),
    ).toBeGreaterThan(200);
    const refusals = account.seen
      .filter(({ path, status }) => status === 429 && path !== '/v2/account')
      .map(({ at }) => at);
    const [first = Infinity] = refusals;
    const later = refusals.filter((at) => at > first);
    // Two may be under way when the first is refused: the other uses of that minute were not known yet.
    expect(refusals.length - later.length).toBeLessThanOrEqual(2);
    expect(mostIn(1_000, later)).toBeLessThanOrEqual(1);
  });
});

describe('waits and the limits', () => {
  it('settle without a limit of the client as well', async () => {
    const account = new Account({ actions: 20, images: 5, takes: [1_000, MINUTE] });
    expect((await watch(account, account.api({ rateLimit: false }))).wrong).toBe(0);
  });

  it('continue while a poll waits for its permit, longer than any call may', async () => {
    const account = new Account({ actions: 3, images: 3, takes: [10 * MINUTE, 10 * MINUTE] });
    const limits = { rateLimit: { perMinute: 1, perHour: 2 }, deadline: 30_000, queueTimeout: 5_000 };
    const api = account.api(limits);
    const [action, other] = account.actionsOf(api);
    const polls: number[] = [];
    const late = rejection(other?.wait({ timeout: 20 * MINUTE }) ?? Promise.resolve());
    const ended = await action?.wait({ timeout: 2 * HOUR, onProgress: ({ elapsed }) => polls.push(elapsed) });
    expect(ended?.status).toBe('completed');
    expect(account.seen).toHaveLength(3);
    expect(polls).toHaveLength(3);
    expect(polls.at(-1)).toBeGreaterThan(HOUR - 1);
    // The time limit of the wait itself holds.
    expect(await late).toMatchObject({ name: 'WaitTimeoutError' });
  });

  it('get a tenth of the permits while calls keep waiting', async () => {
    const account = new Account({ actions: 40, images: 40, takes: [MINUTE, MINUTE] });
    const api = account.api({ rateLimit: { perMinute: 20 } });
    const over = new AbortController();
    const calls = (async () => {
      while (!over.signal.aborted) await callMany(40, api);
    })();
    expect((await watch(account, api)).wrong).toBe(0);
    over.abort();
    // A standing queue of calls delays the news, but for minutes only.
    expect(account.now).toBeLessThan(5 * MINUTE);
    await calls;
  });

  it('let calls of another manager with the same token go first', async () => {
    const { sandbox, times, api } = recording({
      images: [{ id: 5, regions: ['nyc1'] }],
      actionTime: 10 * MINUTE,
    });
    const waiting = api({ rateLimit: { perMinute: 2 } });
    const done = waiting.image(5).transfer('ams3', { wait: { interval: 1_000 } });
    await sleep(sandbox.clock, 30_000);
    const before = times.length;
    await api({ rateLimit: { perMinute: 2 } }).request('/v2/regions');
    expect(sandbox.requests.slice(before)[0]?.path).toBe('/v2/regions');
    await done;
    expect(mostIn(MINUTE, times)).toBe(2);
  });

  it('are limited without rate-limit headers, too', async () => {
    const times: number[] = [];
    const { clock } = new Sandbox();
    const adapter = (): Promise<{ status: number; headers: object; body: string }> => {
      times.push(clock.now());
      return Promise.resolve({ status: 200, headers: {}, body: '{}' });
    };
    await callMany(
      30,
      anApi({
        clock,
        deadline: Infinity,
        rateLimit: { perMinute: 10 },
        transport: { adapter: adapter as never },
      }),
    );
    expect(mostIn(MINUTE, times)).toBe(10);
  });
});
