import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mostIn } from '../../bench/simulate/watching';
import { rateLimiterFor } from '../../lib/rate-limit/limiter-registry';
import { RateLimiter } from '../../lib/rate-limit/rate-limiter';
import { DEFAULT_RATE_LIMITS, type Limits } from '../../lib/rate-limit/limits';
import type { RateLimit } from '../../lib/errors/errors';
import { ManualClock, settled } from '../support/manual-clock';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** A rate limiter and its requests: `sent` lists when each of them got its permit. */
class Harness {
  readonly clock = new ManualClock();
  readonly limiter = new RateLimiter(this.clock);
  readonly sent: [name: string, at: number][] = [];
  #finished = 0;

  /** @param responses whether every response arrives at once, or when the spec says so */
  constructor(private readonly responses: 'at once' | 'later' = 'later') {}

  /** Resolves when the permit is granted. */
  async acquire(
    name: string,
    { limits = DEFAULT_RATE_LIMITS, poll = false, signal = NEVER } = {},
  ): Promise<void> {
    await this.limiter.acquire(limits, poll, signal);
    this.sent.push([name, this.clock.now()]);
    if (this.responses === 'at once') this.limiter.release(null, null);
  }

  /** Requests `count` permits at once. */
  async acquireMany(count: number, options: Parameters<Harness['acquire']>[1] = {}): Promise<void> {
    for (let request = 0; request < count; request++) void this.acquire('', options).catch(() => undefined);
    await settled();
  }

  /** Responses arrive for `count` requests. */
  async respond(count = 1, rateLimit: RateLimit | null = null, pause: number | null = null): Promise<void> {
    for (let request = 0; request < count; request++) this.limiter.release(rateLimit, pause);
    this.#finished += count;
    await settled();
  }

  /** Advances the clock; every response arrives at once. */
  async advanceResponding(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      await this.respond(this.count - this.#finished);
      await this.clock.advance(50);
    }
  }

  /** How many permits were granted. */
  get count(): number {
    return this.sent.length;
  }

  /** Rate limit headers; the reset is `resetIn` milliseconds from now. */
  headers(remaining: number, resetIn = HOUR): RateLimit {
    return { limit: 5_000, remaining, resetAt: new Date(this.clock.date() + resetIn) };
  }
}

const NEVER = new AbortController().signal;

describe('a rate limiter', () => {
  it('grants 240 permits at once, and the next one after a minute', async () => {
    const harness = new Harness();
    await harness.acquireMany(241);
    expect(harness.count).toBe(240);
    await harness.respond(240);
    await harness.clock.advance(MINUTE);
    expect(harness.count).toBe(240);
    await harness.clock.advance(1);
    expect(harness.count).toBe(241);
  });

  it('grants 4,900 permits in an hour', async () => {
    const harness = new Harness();
    for (let minute = 0; minute < 25; minute++) {
      await harness.acquireMany(200);
      await harness.respond(Math.min(200, 4_900 - minute * 200));
      await harness.clock.advance(MINUTE + 1);
    }
    expect(harness.count).toBe(4_900);
    await harness.clock.advance(HOUR - 25 * (MINUTE + 1));
    expect(harness.count).toBe(4_900);
    await harness.clock.advance(1);
    expect(harness.count).toBe(5_000);
  });

  it('returns no promise when a permit is free', () => {
    const { limiter } = new Harness();
    expect(limiter.acquire(DEFAULT_RATE_LIMITS, false, NEVER)).toBeUndefined();
  });

  it('grants in order, calls before polls', async () => {
    const harness = new Harness('at once');
    const limits: Limits = { perMinute: 1, perHour: 100 };
    for (const [name, poll] of [
      ['first', true],
      ['poll 1', true],
      ['call 1', false],
      ['poll 2', true],
      ['call 2', false],
    ] as const)
      void harness.acquire(name, { limits, poll });
    for (let minute = 0; minute < 5; minute++) await harness.clock.advance(MINUTE + 1);
    expect(harness.sent.map(([name]) => name)).toEqual(['first', 'call 1', 'call 2', 'poll 1', 'poll 2']);
  });

  it('applies the limits of each client, and lets none block another', async () => {
    const harness = new Harness('at once');
    const [small, large]: Limits[] = [
      { perMinute: 2, perHour: 100 },
      { perMinute: 5, perHour: 100 },
    ];
    for (const name of ['a', 'b', 'c', 'd']) void harness.acquire(`small ${name}`, { limits: small });
    for (const name of ['a', 'b', 'c', 'd']) void harness.acquire(`large ${name}`, { limits: large });
    await settled();
    expect(harness.sent.map(([name]) => name)).toEqual([
      'small a',
      'small b',
      'large a',
      'large b',
      'large c',
    ]);
    await harness.clock.advance(MINUTE + 1);
    expect(harness.sent.slice(5).map(([name]) => name)).toEqual(['small c', 'small d', 'large d']);
  });

  it.each([
    ['before', ['hour', 'minute']],
    ['after', ['minute', 'hour']],
  ] as const)(
    'grants a request that waits for a minute, though another, queued %s it, waits for an hour',
    async (_when, order) => {
      const harness = new Harness();
      const limits = { minute: { perMinute: 1, perHour: 100 }, hour: { perMinute: 5, perHour: 1 } };
      await harness.acquire('first', { limits: limits.hour });
      await harness.respond();
      for (const name of order) void harness.acquire(name, { limits: limits[name] });
      await harness.clock.advance(MINUTE + 1);
      expect(harness.sent.map(([name]) => name)).toEqual(['first', 'minute']);
    },
  );

  it('accepts limits above the default', async () => {
    const harness = new Harness();
    await harness.acquireMany(500, { limits: { perMinute: 400, perHour: 4_000 } });
    expect(harness.count).toBe(400);
  });
});

describe('a permit counts at the server', () => {
  const limits: Limits = { perMinute: 2, perHour: 100 };

  it('while its request is in flight, however long that takes', async () => {
    const harness = new Harness();
    await harness.acquireMany(3, { limits });
    await harness.clock.advance(10 * MINUTE);
    expect(harness.count).toBe(2);
    expect(harness.clock.pending).toBe(0);
  });

  it('and for a minute and an hour after its request has ended', async () => {
    const harness = new Harness();
    await harness.acquireMany(3, { limits });
    await harness.clock.advance(20_000);
    await harness.respond();
    await harness.clock.advance(MINUTE);
    expect(harness.count).toBe(2);
    await harness.clock.advance(1);
    expect(harness.sent.at(-1)).toEqual(['', 20_000 + MINUTE + 1]);

    const hourly = new Harness();
    await hourly.acquireMany(2, { limits: { perMinute: 2, perHour: 1 } });
    await hourly.clock.advance(20_000);
    await hourly.respond();
    await hourly.clock.advance(2 * HOUR);
    expect(hourly.sent.at(-1)).toEqual(['', 20_000 + HOUR + 1]);
  });

  it('so that requests which take any time to arrive never exceed the limit there', async () => {
    const latency = fc.integer({ min: 0, max: 50_000 });
    const anyRequest = fc.record({
      pause: fc.integer({ min: 0, max: 30_000 }),
      there: latency,
      back: latency,
    });
    const anyRequests = fc.array(anyRequest, { minLength: 5, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(anyRequests, async (requests) => {
        const { clock, limiter } = new Harness();
        const arrivals: number[] = [];
        for (const { pause, there, back } of requests) {
          await clock.advance(pause);
          const send = async (): Promise<void> => {
            await limiter.acquire({ perMinute: 3, perHour: 7 }, false, NEVER);
            clock.after(there, () => {
              arrivals.push(clock.now());
              clock.after(back, () => limiter.release(null, null));
            });
          };
          void send();
        }
        await clock.advance(10 * HOUR);
        expect(arrivals).toHaveLength(requests.length);
        expect(mostIn(MINUTE, arrivals)).toBeLessThanOrEqual(3);
        expect(mostIn(HOUR, arrivals)).toBeLessThanOrEqual(7);
      }),
      { numRuns: 50 },
    );
  }, 20_000);
});

describe('polls', () => {
  const limits: Limits = { perMinute: 20, perHour: 1_000 };
  const namesOf = ({ sent }: Harness): string => sent.map(([name]) => name).join('');

  it('get the permits of their share first, and one in ten of the others while calls keep waiting', async () => {
    const harness = new Harness('at once');
    await harness.acquireMany(20, { limits });
    for (let request = 0; request < 50; request++) {
      void harness.acquire('p', { limits, poll: true });
      void harness.acquire('c', { limits });
    }
    await harness.clock.advance(2 * (MINUTE + 1));
    const minute = `${'c'.repeat(9)}p${'c'.repeat(8)}`;
    expect(namesOf(harness)).toBe(`p${minute}p${minute}`);
  });

  it('get it also when permits are free one at a time', async () => {
    const harness = new Harness('at once');
    const one: Limits = { perMinute: 1, perHour: 1_000 };
    for (let request = 0; request < 12; request++) void harness.acquire('c', { limits: one });
    void harness.acquire('p', { limits: one, poll: true });
    await settled();
    await harness.clock.advance(20 * (MINUTE + 1));
    expect(namesOf(harness)).toBe(`c${'c'.repeat(9)}pcc`);
  });

  it('owe calls nothing for the time in which no poll waited', async () => {
    const harness = new Harness('at once');
    await harness.acquireMany(20, { limits });
    for (let request = 0; request < 30; request++) void harness.acquire('c', { limits });
    await harness.clock.advance(MINUTE + 1);
    void harness.acquire('p', { limits, poll: true });
    await harness.clock.advance(MINUTE + 1);
    expect(namesOf(harness).slice(20)).toBe(`p${'c'.repeat(10)}`);
  });
});

describe('an estimate', () => {
  it('is exact when responses arrive at once', async () => {
    const anyLimits = fc.record({
      perMinute: fc.integer({ min: 1, max: 5 }),
      perHour: fc.integer({ min: 5, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(anyLimits, fc.integer({ min: 1, max: 12 }), async (limits, count) => {
        const harness = new Harness('at once');
        const estimates: number[] = [];
        for (let request = 0; request < count; request++) {
          estimates.push(harness.limiter.estimateDelay(limits));
          void harness.acquire('', { limits });
          await settled();
        }
        await harness.clock.advance(3 * HOUR);
        // Both limits at once put off a request further than each of them by itself.
        for (const [index, [, at]] of harness.sent.entries()) {
          expect(estimates[index]).toBeLessThanOrEqual(at);
          if (count <= limits.perHour) expect(estimates[index]).toBe(at);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('of a request behind those in flight is a window from now at least', async () => {
    const harness = new Harness();
    const limits: Limits = { perMinute: 2, perHour: 100 };
    await harness.acquireMany(2, { limits });
    await harness.clock.advance(5_000);
    expect(harness.limiter.estimateDelay(limits)).toBe(MINUTE + 1);
    await harness.respond();
    await harness.clock.advance(1_000);
    expect(harness.limiter.estimateDelay(limits)).toBe(MINUTE + 1 - 1_000);
    await harness.acquireMany(3, { limits });
    expect(harness.limiter.estimateDelay(limits)).toBe(2 * (MINUTE + 1));
  });

  it('includes the pause after a 429 and the requests that go one by one after it', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, null, 20_000);
    await harness.acquireMany(5);
    expect(harness.limiter.estimateDelay(DEFAULT_RATE_LIMITS)).toBe(20_000 + 5 * 100);
  });

  it('counts the polls that a call has to let pass', async () => {
    const harness = new Harness('at once');
    const limits: Limits = { perMinute: 1, perHour: 1_000 };
    await harness.acquireMany(1 + 18, { limits });
    const before = harness.limiter.estimateDelay(limits);
    await harness.acquireMany(5, { limits, poll: true });
    expect(harness.limiter.estimateDelay(limits)).toBe(before + 2 * (MINUTE + 1));
  });
});

describe('the status', () => {
  const limits: Limits = { perMinute: 3, perHour: 10 };

  it('counts what is left, what waits, and until when', async () => {
    const harness = new Harness();
    expect(harness.limiter.status(limits)).toEqual({
      queued: 0,
      perMinute: { limit: 3, left: 3 },
      perHour: { limit: 10, left: 10 },
      nextAt: null,
    });
    await harness.acquireMany(2, { limits });
    expect(harness.limiter.status(limits)).toMatchObject({ perMinute: { left: 1 }, nextAt: null });
    await harness.acquireMany(1, { limits });
    await harness.clock.advance(1_000);
    await harness.respond(2);
    await harness.acquireMany(2, { limits, poll: true });
    await harness.acquireMany(1, { limits });
    await harness.clock.advance(4_000);
    expect(harness.limiter.status(limits)).toEqual({
      queued: 3,
      perMinute: { limit: 3, left: 0 },
      perHour: { limit: 10, left: 7 },
      nextAt: new Date(harness.clock.date() + MINUTE + 1 - 4_000),
    });
  });

  it('has the end of a pause, though requests are left', async () => {
    const harness = new Harness();
    await harness.acquireMany(1, { limits });
    await harness.respond(1, null, 7_000);
    expect(harness.limiter.status(limits)).toMatchObject({
      perMinute: { left: 2 },
      nextAt: new Date(harness.clock.date() + 7_000),
    });
  });

  it('leaves out what others use', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(4_999));
    await harness.clock.advance(5_000);
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(4_998 - 100));
    expect(harness.limiter.status(DEFAULT_RATE_LIMITS).perMinute).toEqual({
      limit: 240,
      left: 240 - 2 - 100,
    });
  });

  it('knows no limit that is Infinity', () => {
    const none: Limits = { perMinute: Infinity, perHour: Infinity };
    expect(new Harness().limiter.status(none)).toEqual({
      queued: 0,
      perMinute: { limit: Infinity, left: Infinity },
      perHour: { limit: Infinity, left: Infinity },
      nextAt: null,
    });
  });
});

describe('an aborted request', () => {
  it('rejects at once, with the reason, and leaves its permit to the next', async () => {
    const harness = new Harness('at once');
    const limits: Limits = { perMinute: 1, perHour: 100 };
    const controller = new AbortController();
    await harness.acquire('first', { limits });
    const second = harness.acquire('second', { limits, signal: controller.signal });
    void harness.acquire('third', { limits });
    controller.abort('enough');
    await expect(second).rejects.toBe('enough');
    await harness.clock.advance(MINUTE + 1);
    expect(harness.sent.map(([name]) => name)).toEqual(['first', 'third']);
  });

  it('takes no permit when its signal has already aborted', async () => {
    const harness = new Harness('at once');
    const limits: Limits = { perMinute: 1, perHour: 100 };
    await expect(harness.acquire('', { limits, signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(harness.limiter.isIdle).toBe(true);
    await harness.acquire('first', { limits });
    void harness.acquire('second', { limits });
    await expect(harness.acquire('', { limits, signal: AbortSignal.abort('before') })).rejects.toBe('before');
    await harness.clock.advance(MINUTE + 1);
    expect(harness.sent.map(([name]) => name)).toEqual(['first', 'second']);
  });

  it('leaves no timer behind, even among a thousand', async () => {
    const harness = new Harness('at once');
    const controller = new AbortController();
    await harness.acquireMany(240);
    await harness.acquireMany(1_000, { signal: controller.signal });
    expect(harness.clock.pending).toBe(1);
    controller.abort();
    await settled();
    expect(harness.clock.pending).toBe(0);
    await harness.clock.advance(MINUTE + 1);
    await harness.acquireMany(240);
    expect(harness.count).toBe(480);
  });

  it('does not block a call and a poll that still wait', async () => {
    const harness = new Harness('at once');
    const limits: Limits = { perMinute: 1, perHour: 100 };
    const controller = new AbortController();
    await harness.acquire('first', { limits });
    void harness.acquire('call', { limits });
    void harness.acquire('poll', { limits, poll: true });
    const aborted = harness.acquire('aborted', { limits, signal: controller.signal });
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await harness.clock.advance(2 * (MINUTE + 1));
    expect(harness.sent.map(([name]) => name)).toEqual(['first', 'call', 'poll']);
  });

  it('leaves the limiter idle an hour after the last permit', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond();
    expect(harness.limiter.isIdle).toBe(false);
    await harness.clock.advance(HOUR + 1);
    expect(harness.limiter.isIdle).toBe(true);
  });
});

describe('after a 429', () => {
  it('no permit is granted for as long as the server requests', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, null, 29_000);
    await harness.acquireMany(3);
    await harness.clock.advance(28_999);
    expect(harness.count).toBe(1);
    await harness.clock.advance(1);
    expect(harness.count).toBe(2);
  });

  it('permits are granted one by one: each after the response to the last, and with a spacing', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, null, 1_000);
    await harness.acquireMany(3);
    await harness.clock.advance(1_000);
    expect(harness.count).toBe(2);
    await harness.clock.advance(99);
    await harness.respond();
    expect(harness.count).toBe(2);
    await harness.clock.advance(1);
    expect(harness.count).toBe(3);
  });

  it('a request without a response delays the next for a second', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, null, 0);
    await harness.clock.advance(100);
    await harness.acquireMany(3);
    expect(harness.count).toBe(2);
    await harness.clock.advance(999);
    expect(harness.count).toBe(2);
    await harness.clock.advance(1);
    expect(harness.count).toBe(3);
  });

  it('permits are granted together again a minute after the pause', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, null, 1_000);
    await harness.clock.advance(1_000 + MINUTE);
    await harness.acquireMany(200);
    expect(harness.count).toBe(201);
  });

  it('a shorter pause does not shorten a longer one', async () => {
    const harness = new Harness();
    await harness.acquireMany(2);
    await harness.respond(1, null, 20_000);
    await harness.respond(1, null, 1_000);
    await harness.acquireMany(1);
    await harness.clock.advance(19_999);
    expect(harness.count).toBe(2);
    await harness.clock.advance(1);
    expect(harness.count).toBe(3);
  });

  it.each([1e9, Infinity, Number.MAX_SAFE_INTEGER])('a pause of %d ms is cut to a minute', async (pause) => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, null, pause);
    await harness.acquireMany(5);
    await harness.clock.advance(MINUTE);
    expect(harness.count).toBe(2);
  });
});

describe('ratelimit-remaining', () => {
  it('bounds the permits until the reset', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(3, 20_000));
    await harness.acquireMany(10);
    expect(harness.count).toBe(4);
    await harness.clock.advance(19_999);
    expect(harness.count).toBe(4);
    await harness.clock.advance(1);
    expect(harness.count).toBe(5);
  });

  it('may not include the requests in flight', async () => {
    const harness = new Harness();
    await harness.acquireMany(8);
    await harness.respond(1, harness.headers(10));
    await harness.acquireMany(10);
    expect(harness.count).toBe(11);
  });

  it('is updated with every response', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(0));
    await harness.acquireMany(5);
    expect(harness.count).toBe(1);
    await harness.clock.advance(MINUTE);
    expect(harness.count).toBe(2);
    await harness.respond(1, harness.headers(100));
    expect(harness.count).toBe(6);
  });

  it('holds for a minute at most; then permits are granted one by one', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(0, 10 * HOUR));
    await harness.acquireMany(5);
    await harness.clock.advance(MINUTE);
    expect(harness.count).toBe(2);
    await harness.clock.advance(100);
    expect(harness.count).toBe(2);
    await harness.respond();
    expect(harness.count).toBe(3);
  });

  it('is ignored when the reset has passed', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(0, -25 * MINUTE));
    await harness.acquireMany(3);
    expect(harness.count).toBe(4);
  });

  it('expires without another response', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(0));
    await harness.clock.advance(3 * MINUTE);
    await harness.acquireMany(100);
    expect(harness.count).toBe(101);
  });

  it('leaves a share to other users of the token', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(4_999));
    await harness.clock.advance(5_000);
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(4_998 - 100));
    await harness.acquireMany(200);
    // Together at first; one by one near the limit.
    expect(harness.count).toBe(81);
    await harness.advanceResponding(20_000);
    expect(harness.count).toBe(140);
  });

  it('leaves a minimum share to this process, whatever it is', async () => {
    const harness = new Harness();
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(5_000));
    await harness.clock.advance(2_000);
    await harness.acquireMany(1);
    await harness.respond(1, harness.headers(1_000));
    await harness.acquireMany(50);
    await harness.advanceResponding(30_000);
    expect(harness.count).toBe(12);
  });
});

describe('rateLimiterFor', () => {
  const clock = new ManualClock();

  it('returns one limiter for a token at an endpoint', () => {
    const limiter = rateLimiterFor(clock, 'https://a.example', 'a');
    expect(rateLimiterFor(clock, 'https://a.example', 'a')).toBe(limiter);
    expect(rateLimiterFor(clock, 'https://b.example', 'a')).not.toBe(limiter);
    expect(rateLimiterFor(clock, 'https://a.example', 'b')).not.toBe(limiter);
    expect(rateLimiterFor(new ManualClock(), 'https://a.example', 'a')).not.toBe(limiter);
  });

  it('keeps a limiter while its last hour counts, and discards it afterwards', async () => {
    const limiter = rateLimiterFor(clock, 'https://c.example', 'c');
    void limiter.acquire(DEFAULT_RATE_LIMITS, false, NEVER);
    limiter.release(null, null);
    const idle = rateLimiterFor(clock, 'https://c.example', 'idle');
    rateLimiterFor(clock, 'https://c.example', 'new');
    expect(rateLimiterFor(clock, 'https://c.example', 'c')).toBe(limiter);
    expect(rateLimiterFor(clock, 'https://c.example', 'idle')).not.toBe(idle);
    await clock.advance(HOUR + 1);
    rateLimiterFor(clock, 'https://c.example', 'newer');
    expect(rateLimiterFor(clock, 'https://c.example', 'c')).not.toBe(limiter);
  });
});
