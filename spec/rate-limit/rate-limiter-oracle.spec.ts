import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RateLimiter } from '../../lib/rate-limit/rate-limiter';
import { DEFAULT_RATE_LIMITS, type RateLimitBudget } from '../../lib/rate-limit/limits';
import { ManualClock, settled } from '../support/manual-clock';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Two managers with the same token. So few that every limit is met. */
const MANAGERS: readonly Required<RateLimitBudget>[] = [
  { perMinute: 3, perHour: 8 },
  { perMinute: 5, perHour: 12 },
];

type Step =
  | { does: 'ask'; manager: number; poll: boolean }
  | { does: 'pass'; ms: number }
  | { does: 'abort'; nth: number }
  | { does: 'answer' }
  | { does: 'refuse'; pause: number };

/** A request and what became of it, in the order in which things happened. */
interface Request {
  limits: Required<RateLimitBudget>;
  poll: boolean;
  controller: AbortController;
  asked: number;
  went: number | null;
  at: number;
  aborted: number | null;
}

/** Anything that may happen to a budget, and what has. */
class Story {
  readonly clock = new ManualClock();
  readonly requests: Request[] = [];
  /** In the order in which they went. */
  readonly gone: Request[] = [];
  readonly pauses: { from: number; to: number }[] = [];
  readonly answers: number[] = [];
  private readonly budget = new RateLimiter(this.clock);
  private moment = 0;
  private underWay = 0;

  async take(step: Step): Promise<void> {
    const now = this.clock.now();
    if (step.does === 'ask') this.ask(MANAGERS[step.manager] ?? DEFAULT_RATE_LIMITS, step.poll);
    else if (step.does === 'pass') await this.clock.advance(step.ms);
    else if (step.does === 'abort') this.abort(step.nth);
    else if (this.underWay > 0) {
      this.underWay -= 1;
      this.answers.push(now);
      const pause = step.does === 'refuse' ? step.pause : null;
      if (pause !== null) this.pauses.push({ from: now, to: now + Math.min(pause, MINUTE) });
      this.budget.release(null, pause);
    }
    await settled();
  }

  /** Requests that wait at this moment. */
  get waiting(): Request[] {
    return this.requests.filter(({ went, aborted }) => went === null && aborted === null);
  }

  /** How many went in so many milliseconds up to `at`, both ends included. */
  countIn(length: number, at: number): number {
    return this.gone.filter((request) => request.at <= at && at - request.at <= length).length;
  }

  private ask(limits: Required<RateLimitBudget>, poll: boolean): void {
    const request: Request = {
      limits,
      poll,
      controller: new AbortController(),
      asked: ++this.moment,
      went: null,
      at: Infinity,
      aborted: null,
    };
    this.requests.push(request);
    const go = async (): Promise<void> => {
      await this.budget.acquire(limits, poll, request.controller.signal);
      Object.assign(request, { went: ++this.moment, at: this.clock.now() });
      this.gone.push(request);
      this.underWay += 1;
    };
    go().catch((reason: unknown) => expect(reason).toBe('off'));
  }

  private abort(nth: number): void {
    const { waiting } = this;
    const request = waiting[nth % Math.max(1, waiting.length)];
    if (!request) return;
    request.aborted = ++this.moment;
    request.controller.abort('off');
  }
}

const ask = fc.record({ does: fc.constant('ask' as const), manager: fc.nat({ max: 1 }), poll: fc.boolean() });
const pass = fc.record({
  does: fc.constant('pass' as const),
  ms: fc.oneof(
    fc.integer({ min: 0, max: 30_000 }),
    fc.constantFrom(1, MINUTE - 1, MINUTE, MINUTE + 1, HOUR - MINUTE, HOUR),
  ),
});
const abort = fc.record({ does: fc.constant('abort' as const), nth: fc.nat({ max: 9 }) });
const answer = fc.constant<Step>({ does: 'answer' });
const refuse = fc.record({
  does: fc.constant('refuse' as const),
  pause: fc.constantFrom(0, 1, 500, 29_000, 100_000),
});

const anyStory = (...kinds: fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(...kinds), { maxLength: 60, size: 'max' });

/** Tells a story, and looks at it after every step and at its end. */
function always(steps: fc.Arbitrary<Step[]>, check: (story: Story) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const story = new Story();
      for (const step of all) {
        await story.take(step);
        check(story);
      }
    }),
    { numRuns: 150 },
  );
}

describe('whatever is asked, aborted, answered and refused, a budget', () => {
  const anything = anyStory(ask, ask, ask, pass, abort, answer, answer, refuse);
  const withoutRefusals = anyStory(ask, ask, ask, pass, abort, answer);

  it('never lets more go than a manager may send in any minute, or in any hour', async () => {
    await always(anything, (story) => {
      const last = story.gone.at(-1);
      if (!last) return;
      expect(story.countIn(MINUTE, last.at)).toBeLessThanOrEqual(5);
      const { perMinute, perHour } = last.limits;
      expect(story.countIn(MINUTE, last.at)).toBeLessThanOrEqual(perMinute);
      expect(story.countIn(HOUR, last.at)).toBeLessThanOrEqual(perHour);
    });
  });

  it('lets nobody wait while there is room', async () => {
    await always(withoutRefusals, (story) => {
      const now = story.clock.now();
      for (const { limits } of story.waiting) {
        const isFull =
          story.countIn(MINUTE, now) >= limits.perMinute || story.countIn(HOUR, now) >= limits.perHour;
        expect(isFull).toBe(true);
      }
    });
  });

  it('serves the requests of a manager in order, its calls before its polls', async () => {
    await always(anything, ({ requests }) => {
      for (const served of requests) {
        if (served.went === null) continue;
        const passedOver = requests.filter(
          (other) =>
            other.limits === served.limits &&
            (other.poll === served.poll
              ? other.asked < served.asked
              : served.poll && other.asked < (served.went ?? 0)) &&
            (other.went ?? other.aborted ?? Infinity) > (served.went ?? 0),
        );
        expect(passedOver).toEqual([]);
      }
    });
    // A second of computing, which a busy machine may stretch.
  }, 20_000);

  it('lets nobody go while the server has asked everybody to wait', async () => {
    await always(anything, ({ pauses, gone }) => {
      for (const { from, to } of pauses) expect(gone.filter(({ at }) => at > from && at < to)).toEqual([]);
    });
  });

  it('lets them go one by one for a minute after that', async () => {
    await always(anything, ({ pauses, gone, answers }) => {
      const { from, to } = pauses.at(-1) ?? { from: Infinity, to: Infinity };
      const after = gone.filter(({ at }) => at > from && at < to + MINUTE).map(({ at }) => at);
      for (const [index, at] of after.slice(1).entries()) {
        const before = after[index] ?? 0;
        const isAnswered = answers.some((time) => time >= before && time <= at);
        expect(at - before).toBeGreaterThanOrEqual(isAnswered ? 100 : 1_000);
      }
    });
  });

  it('has no timer when nobody waits', async () => {
    await always(anything, ({ clock, waiting }) => {
      if (waiting.length === 0) expect(clock.pending).toBe(0);
      else expect(clock.pending).toBe(1);
    });
  });
});
