import { describe, expect, it } from '@jest/globals';
import { RateLimiter, rateLimiterFor } from '../../lib/rate-limit/rate-limiter';
import { DEFAULT_RATE_LIMITS, type RateLimitBudget } from '../../lib/rate-limit/limits';
import type { RateLimit } from '../../lib/errors/errors';
import { ManualClock, settled } from '../support/manual-clock';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** A budget with somebody who sends requests: `sent` lists, by name, when each of them went. */
class Office {
  readonly clock = new ManualClock();
  readonly budget = new RateLimiter(this.clock);
  readonly sent: [name: string, at: number][] = [];
  #answered = 0;

  /** @returns the end of its waiting */
  async ask(
    name: string,
    { limits = DEFAULT_RATE_LIMITS, poll = false, signal = NEVER } = {},
  ): Promise<void> {
    await this.budget.acquire(limits, poll, signal);
    this.sent.push([name, this.clock.now()]);
  }

  /** So many at once, none of which is answered yet. */
  async askMany(count: number, how: Parameters<Office['ask']>[1] = {}): Promise<void> {
    for (let request = 0; request < count; request++) void this.ask('', how).catch(() => undefined);
    await settled();
  }

  async answer(count = 1, rateLimit: RateLimit | null = null, pause: number | null = null): Promise<void> {
    for (let request = 0; request < count; request++) this.budget.release(rateLimit, pause);
    this.#answered += count;
    await settled();
  }

  /** Lets time pass in which every request is answered at once. */
  async passAnswering(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      await this.answer(this.gone - this.#answered);
      await this.clock.advance(50);
    }
  }

  /** How many have gone by now. */
  get gone(): number {
    return this.sent.length;
  }

  /** What the headers say: so many left, until so many milliseconds from now. */
  left(remaining: number, resetIn = HOUR): RateLimit {
    return { limit: 5_000, remaining, resetAt: new Date(this.clock.date() + resetIn) };
  }
}

const NEVER = new AbortController().signal;

describe('a budget', () => {
  it('lets 240 go at once, and the next when a minute has passed', async () => {
    const office = new Office();
    await office.askMany(241);
    expect(office.gone).toBe(240);
    await office.answer(240);
    await office.clock.advance(MINUTE);
    expect(office.gone).toBe(240);
    await office.clock.advance(1);
    expect(office.gone).toBe(241);
  });

  it('lets 4,900 go in an hour', async () => {
    const office = new Office();
    for (let minute = 0; minute < 25; minute++) {
      await office.askMany(200);
      await office.answer(Math.min(200, 4_900 - minute * 200));
      await office.clock.advance(MINUTE + 1);
    }
    expect(office.gone).toBe(4_900);
    await office.clock.advance(HOUR - 25 * (MINUTE + 1));
    expect(office.gone).toBe(4_900);
    await office.clock.advance(1);
    expect(office.gone).toBe(5_000);
  });

  it('says at once, without a promise, that there is room', () => {
    const { budget } = new Office();
    expect(budget.acquire(DEFAULT_RATE_LIMITS, false, NEVER)).toBeUndefined();
  });

  it('serves in order, calls before the polls of waits', async () => {
    const office = new Office();
    const limits: Required<RateLimitBudget> = { perMinute: 1, perHour: 100 };
    for (const [name, poll] of [
      ['first', true],
      ['poll 1', true],
      ['call 1', false],
      ['poll 2', true],
      ['call 2', false],
    ] as const)
      void office.ask(name, { limits, poll });
    for (let minute = 0; minute < 5; minute++) await office.clock.advance(MINUTE + 1);
    expect(office.sent.map(([name]) => name)).toEqual(['first', 'call 1', 'call 2', 'poll 1', 'poll 2']);
  });

  it('keeps to the limits of each manager, of which none holds up another', async () => {
    const office = new Office();
    const [small, large]: Required<RateLimitBudget>[] = [
      { perMinute: 2, perHour: 100 },
      { perMinute: 5, perHour: 100 },
    ];
    for (const name of ['a', 'b', 'c', 'd']) void office.ask(`small ${name}`, { limits: small });
    for (const name of ['a', 'b', 'c', 'd']) void office.ask(`large ${name}`, { limits: large });
    await settled();
    expect(office.sent.map(([name]) => name)).toEqual([
      'small a',
      'small b',
      'large a',
      'large b',
      'large c',
    ]);
    await office.clock.advance(MINUTE + 1);
    expect(office.sent.slice(5).map(([name]) => name)).toEqual(['small c', 'small d', 'large d']);
  });

  it.each([
    ['before', ['hour', 'minute']],
    ['after', ['minute', 'hour']],
  ] as const)(
    'lets whoever waits for a minute go then, though somebody who came %s waits for an hour',
    async (_when, order) => {
      const office = new Office();
      const limits = { minute: { perMinute: 1, perHour: 100 }, hour: { perMinute: 5, perHour: 1 } };
      await office.ask('first', { limits: limits.hour });
      await office.answer();
      for (const name of order) void office.ask(name, { limits: limits[name] });
      await office.clock.advance(MINUTE + 1);
      expect(office.sent.map(([name]) => name)).toEqual(['first', 'minute']);
    },
  );

  it('is not used up by who is allowed more than the default', async () => {
    const office = new Office();
    await office.askMany(500, { limits: { perMinute: 400, perHour: 4_000 } });
    expect(office.gone).toBe(400);
  });
});

describe('a call that is called off', () => {
  it('rejects at once, with the reason, and leaves its place to the next', async () => {
    const office = new Office();
    const limits: Required<RateLimitBudget> = { perMinute: 1, perHour: 100 };
    const controller = new AbortController();
    await office.ask('first', { limits });
    const second = office.ask('second', { limits, signal: controller.signal });
    void office.ask('third', { limits });
    controller.abort('enough');
    await expect(second).rejects.toBe('enough');
    await office.clock.advance(MINUTE + 1);
    expect(office.sent.map(([name]) => name)).toEqual(['first', 'third']);
  });

  it('takes no place when its signal had aborted before', async () => {
    const office = new Office();
    const limits: Required<RateLimitBudget> = { perMinute: 1, perHour: 100 };
    await expect(office.ask('', { limits, signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(office.budget.isIdle).toBe(true);
    await office.ask('first', { limits });
    void office.ask('second', { limits });
    await expect(office.ask('', { limits, signal: AbortSignal.abort('before') })).rejects.toBe('before');
    await office.clock.advance(MINUTE + 1);
    expect(office.sent.map(([name]) => name)).toEqual(['first', 'second']);
  });

  it('leaves nothing behind, even when a thousand are', async () => {
    const office = new Office();
    const controller = new AbortController();
    await office.askMany(240);
    await office.askMany(1_000, { signal: controller.signal });
    expect(office.clock.pending).toBe(1);
    controller.abort();
    await settled();
    expect(office.clock.pending).toBe(0);
    await office.clock.advance(MINUTE + 1);
    await office.askMany(240);
    expect(office.gone).toBe(480);
  });

  it('does not hold up a call and a poll that go on waiting', async () => {
    const office = new Office();
    const limits: Required<RateLimitBudget> = { perMinute: 1, perHour: 100 };
    const controller = new AbortController();
    await office.ask('first', { limits });
    void office.ask('call', { limits });
    void office.ask('poll', { limits, poll: true });
    const gone = office.ask('gone', { limits, signal: controller.signal });
    controller.abort('enough');
    await expect(gone).rejects.toBe('enough');
    await office.clock.advance(2 * (MINUTE + 1));
    expect(office.sent.map(([name]) => name)).toEqual(['first', 'call', 'poll']);
  });

  it('is idle an hour after the last request', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer();
    expect(office.budget.isIdle).toBe(false);
    await office.clock.advance(HOUR + 1);
    expect(office.budget.isIdle).toBe(true);
  });
});

describe('after a 429', () => {
  it('nobody sends anything for as long as the server asks', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, null, 29_000);
    await office.askMany(3);
    await office.clock.advance(28_999);
    expect(office.gone).toBe(1);
    await office.clock.advance(1);
    expect(office.gone).toBe(2);
  });

  it('they go one by one: each after the answer of the one before, and not at once', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, null, 1_000);
    await office.askMany(3);
    await office.clock.advance(1_000);
    expect(office.gone).toBe(2);
    await office.clock.advance(99);
    await office.answer();
    expect(office.gone).toBe(2);
    await office.clock.advance(1);
    expect(office.gone).toBe(3);
  });

  it('one that is not answered holds up the next for a second', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, null, 0);
    await office.clock.advance(100);
    await office.askMany(3);
    expect(office.gone).toBe(2);
    await office.clock.advance(999);
    expect(office.gone).toBe(2);
    await office.clock.advance(1);
    expect(office.gone).toBe(3);
  });

  it('they go together again a minute after the pause', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, null, 1_000);
    await office.clock.advance(1_000 + MINUTE);
    await office.askMany(200);
    expect(office.gone).toBe(201);
  });

  it('the pause of one is not cut short by another', async () => {
    const office = new Office();
    await office.askMany(2);
    await office.answer(1, null, 20_000);
    await office.answer(1, null, 1_000);
    await office.askMany(1);
    await office.clock.advance(19_999);
    expect(office.gone).toBe(2);
    await office.clock.advance(1);
    expect(office.gone).toBe(3);
  });

  it.each([1e9, Infinity, Number.MAX_SAFE_INTEGER])(
    'nobody is kept for %d ms: a minute, and one asks',
    async (pause) => {
      const office = new Office();
      await office.askMany(1);
      await office.answer(1, null, pause);
      await office.askMany(5);
      await office.clock.advance(MINUTE);
      expect(office.gone).toBe(2);
    },
  );
});

describe('what the server says is left', () => {
  it('is not used up twice: so many go, and no more before the reset', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, office.left(3, 20_000));
    await office.askMany(10);
    expect(office.gone).toBe(4);
    await office.clock.advance(19_999);
    expect(office.gone).toBe(4);
    await office.clock.advance(1);
    expect(office.gone).toBe(5);
  });

  it('may not have counted those under way', async () => {
    const office = new Office();
    await office.askMany(8);
    await office.answer(1, office.left(10));
    await office.askMany(10);
    expect(office.gone).toBe(11);
  });

  it('is heard anew with every answer', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, office.left(0));
    await office.askMany(5);
    expect(office.gone).toBe(1);
    await office.clock.advance(MINUTE);
    expect(office.gone).toBe(2);
    await office.answer(1, office.left(100));
    expect(office.gone).toBe(6);
  });

  it('is believed for a minute, whenever the reset is; then one asks after the other', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, office.left(0, 10 * HOUR));
    await office.askMany(5);
    await office.clock.advance(MINUTE);
    expect(office.gone).toBe(2);
    await office.clock.advance(100);
    expect(office.gone).toBe(2);
    await office.answer();
    expect(office.gone).toBe(3);
  });

  it('is not believed when the reset has passed', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, office.left(0, -25 * MINUTE));
    await office.askMany(3);
    expect(office.gone).toBe(4);
  });

  it('is forgotten when nothing more is heard', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, office.left(0));
    await office.clock.advance(3 * MINUTE);
    await office.askMany(100);
    expect(office.gone).toBe(101);
  });

  it('leaves room to others who use the token: fewer of ours go in a minute', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, office.left(4_999));
    await office.clock.advance(5_000);
    await office.askMany(1);
    await office.answer(1, office.left(4_998 - 100));
    await office.askMany(200);
    // At first together; one by one when it gets tight.
    expect(office.gone).toBe(81);
    await office.passAnswering(20_000);
    expect(office.gone).toBe(140);
  });

  it('never keeps more than a few a minute from us, whatever it says', async () => {
    const office = new Office();
    await office.askMany(1);
    await office.answer(1, office.left(5_000));
    await office.clock.advance(2_000);
    await office.askMany(1);
    await office.answer(1, office.left(1_000));
    await office.askMany(50);
    await office.passAnswering(30_000);
    expect(office.gone).toBe(12);
  });
});

describe('the budget of a token', () => {
  const clock = new ManualClock();

  it('is one for all who use it at an endpoint', () => {
    const budget = rateLimiterFor(clock, 'https://a.example', 'a');
    expect(rateLimiterFor(clock, 'https://a.example', 'a')).toBe(budget);
    expect(rateLimiterFor(clock, 'https://b.example', 'a')).not.toBe(budget);
    expect(rateLimiterFor(clock, 'https://a.example', 'b')).not.toBe(budget);
    expect(rateLimiterFor(new ManualClock(), 'https://a.example', 'a')).not.toBe(budget);
  });

  it('is kept for as long as its last hour counts, and then forgotten', async () => {
    const budget = rateLimiterFor(clock, 'https://c.example', 'c');
    void budget.acquire(DEFAULT_RATE_LIMITS, false, NEVER);
    budget.release(null, null);
    const idle = rateLimiterFor(clock, 'https://c.example', 'idle');
    rateLimiterFor(clock, 'https://c.example', 'new');
    expect(rateLimiterFor(clock, 'https://c.example', 'c')).toBe(budget);
    expect(rateLimiterFor(clock, 'https://c.example', 'idle')).not.toBe(idle);
    await clock.advance(HOUR + 1);
    rateLimiterFor(clock, 'https://c.example', 'newer');
    expect(rateLimiterFor(clock, 'https://c.example', 'c')).not.toBe(budget);
  });
});
