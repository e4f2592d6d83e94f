import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mostIn } from '../../bench/simulate/watching';
import { DEFAULT_RATE_LIMITS, type Limits } from '../../lib/rate-limit/limits';
import { PollShare } from '../../lib/rate-limit/poll-share';
import { RateLimiter } from '../../lib/rate-limit/rate-limiter';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import { sleep } from '../../lib/util/clock';
import { scaled } from '../support/scale';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NEVER = new AbortController().signal;

/** A limiter behind which calls wait all the time. */
class Crowd {
  readonly clock = new VirtualClock();
  readonly limiter = new RateLimiter(this.clock);
  readonly calls: number[] = [];
  readonly polls: number[] = [];
  private isOver = false;

  constructor(
    private readonly limits: Limits,
    private readonly latency: number,
  ) {}

  async request(background: boolean): Promise<void> {
    await this.limiter.acquire(this.limits, background, NEVER);
    (background ? this.polls : this.calls).push(this.clock.now());
    await sleep(this.clock, this.latency);
    this.limiter.release(null, null);
  }

  async queue(workers: number): Promise<void> {
    const work = async (): Promise<void> => {
      while (!this.isOver) await this.request(false);
    };
    await Promise.all(Array.from({ length: workers }, work));
  }

  /** Polls one after the other, with this pause. @returns how long each waited for its permit */
  async poll(until: number, pause: number): Promise<number[]> {
    const waits: number[] = [];
    while (this.clock.now() < until) {
      const askedAt = this.clock.now();
      await this.request(true);
      waits.push((this.polls.at(-1) ?? Infinity) - askedAt);
      await sleep(this.clock, pause);
    }
    this.isOver = true;
    return waits;
  }
}

/** Calls wait from the start. @returns the crowd, and how long each poll waited */
async function standing(
  limits: Limits,
  { latency = 100, pause = 5_000, until = 2 * HOUR } = {},
): Promise<{ crowd: Crowd; waits: number[] }> {
  const crowd = new Crowd(limits, latency);
  crowd.limiter.expectPolls();
  const done = crowd.queue(limits.perMinute + 100);
  const waits = await crowd.poll(until, pause);
  await done;
  return { crowd, waits };
}

describe('the share of polls', () => {
  it('has a permit for a poll every ten seconds, however many calls wait', async () => {
    const { crowd, waits } = await standing(DEFAULT_RATE_LIMITS);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
    const sent = [...crowd.calls, ...crowd.polls].sort((a, b) => a - b);
    expect(mostIn(MINUTE, sent)).toBe(240);
    expect(mostIn(HOUR, sent)).toBeLessThanOrEqual(4_900);
  });

  // Four tests, since one could exceed its time on a busy machine.
  it.each(scaled([1, 2, 3, 4], [1]))(
    'has it for any pause and any latency, and the limits hold (part %i)',
    async () => {
      const run = fc.record({
        latency: fc.integer({ min: 0, max: 5_000 }),
        pause: fc.integer({ min: 0, max: 40_000 }),
        perMinute: fc.integer({ min: 70, max: 300 }),
        perHour: fc.integer({ min: 3_610, max: 6_000 }),
      });
      await fc.assert(
        fc.asyncProperty(run, async ({ latency, pause, perMinute, perHour }) => {
          const { crowd, waits } = await standing(
            { perMinute, perHour },
            { latency, pause, until: HOUR + MINUTE },
          );
          expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
          const sent = [...crowd.calls, ...crowd.polls].sort((a, b) => a - b);
          expect(mostIn(MINUTE, sent)).toBeLessThanOrEqual(perMinute);
          expect(mostIn(HOUR, sent)).toBeLessThanOrEqual(perHour);
        }),
        { numRuns: scaled(25, 5) },
      );
    },
    60_000,
  );

  it('is at most one permit in ten of a small budget', async () => {
    const { waits } = await standing({ perMinute: 20, perHour: 100_000 });
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    const share = new PollShare();
    share.expectPolls(0);
    expect(share.rest({ perMinute: 20, perHour: 100_000 }, 0)).toMatchObject({ perMinute: 18 });
    expect(share.rest({ perMinute: 9, perHour: 4_900 }, 0)).toEqual({ perMinute: 9, perHour: 4_900 });
    expect(share.delayFor({ perMinute: 9, perHour: 4_900 }, 0)).toBe(Infinity);
  });

  it('is 7 of 240 permits in a minute, and 361 of 4,900 in an hour', () => {
    const share = new PollShare();
    share.expectPolls(0);
    expect(share.rest(DEFAULT_RATE_LIMITS, 0)).toEqual({ perMinute: 233, perHour: 4_539 });
    share.count(DEFAULT_RATE_LIMITS, 0);
    // What a poll has used, calls need not leave free.
    expect(share.rest(DEFAULT_RATE_LIMITS, 0)).toEqual({ perMinute: 234, perHour: 4_540 });
  });

  it('belongs to calls before the first wait, and again ten minutes after the last poll', () => {
    const share = new PollShare();
    expect(share.rest(DEFAULT_RATE_LIMITS, 0)).toBe(DEFAULT_RATE_LIMITS);
    share.expectPolls(0);
    expect(share.rest(DEFAULT_RATE_LIMITS, 10 * MINUTE - 1)).not.toEqual(DEFAULT_RATE_LIMITS);
    expect(share.rest(DEFAULT_RATE_LIMITS, 10 * MINUTE)).toBe(DEFAULT_RATE_LIMITS);
  });

  it('is used up by a burst of polls no faster than by single ones', () => {
    const share = new PollShare();
    share.expectPolls(0);
    for (let poll = 0; poll < 50; poll++) share.count(DEFAULT_RATE_LIMITS, 0);
    expect(share.rest(DEFAULT_RATE_LIMITS, 0)).toEqual({ perMinute: 234, perHour: 4_540 });
    expect(share.delayFor(DEFAULT_RATE_LIMITS, 1)).toBe(9_999);
  });
});
