import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RateLimiter } from '../../lib/rate-limit/rate-limiter';
import { DEFAULT_RATE_LIMITS, type RateLimitBudget } from '../../lib/rate-limit/limits';
import { ManualClock, settled } from '../support/manual-clock';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Two clients with the same token, with limits so low that all of them are reached. */
const CLIENTS: readonly Required<RateLimitBudget>[] = [
  { perMinute: 3, perHour: 8 },
  { perMinute: 5, perHour: 12 },
];

type Step =
  | { does: 'acquire'; client: number; poll: boolean }
  | { does: 'wait'; ms: number }
  | { does: 'abort'; nth: number }
  | { does: 'respond' }
  | { does: 'refuse'; pause: number };

/** A request and its events, numbered in their order. */
interface Request {
  limits: Required<RateLimitBudget>;
  poll: boolean;
  controller: AbortController;
  queued: number;
  granted: number | null;
  /** When it was granted, in milliseconds. */
  at: number;
  /** When its response arrived. */
  endedAt: number;
  aborted: number | null;
}

/** A rate limiter, and what has happened to it. */
class Scenario {
  readonly clock = new ManualClock();
  readonly requests: Request[] = [];
  /** In the order of their permits. */
  readonly granted: Request[] = [];
  readonly pauses: { from: number; to: number }[] = [];
  readonly responses: number[] = [];
  private readonly limiter = new RateLimiter(this.clock);
  private moment = 0;
  private inFlight = 0;

  async play(step: Step): Promise<void> {
    const now = this.clock.now();
    if (step.does === 'acquire') this.acquire(CLIENTS[step.client] ?? DEFAULT_RATE_LIMITS, step.poll);
    else if (step.does === 'wait') await this.clock.advance(step.ms);
    else if (step.does === 'abort') this.abort(step.nth);
    else if (this.inFlight > 0) {
      this.inFlight -= 1;
      this.responses.push(now);
      const request = this.granted.find(({ endedAt }) => endedAt === Infinity);
      if (request) request.endedAt = now;
      const pause = step.does === 'refuse' ? step.pause : null;
      if (pause !== null) this.pauses.push({ from: now, to: now + Math.min(pause, MINUTE) });
      this.limiter.release(null, pause);
    }
    await settled();
  }

  /** Requests that wait now. */
  get waiting(): Request[] {
    return this.requests.filter(({ granted, aborted }) => granted === null && aborted === null);
  }

  /** How many permits were held in the `length` milliseconds up to `at`, both ends included. */
  countIn(length: number, at: number): number {
    return this.granted.filter((request) => request.at <= at && at - request.endedAt <= length).length;
  }

  private acquire(limits: Required<RateLimitBudget>, poll: boolean): void {
    const request: Request = {
      limits,
      poll,
      controller: new AbortController(),
      queued: ++this.moment,
      granted: null,
      at: Infinity,
      endedAt: Infinity,
      aborted: null,
    };
    this.requests.push(request);
    const send = async (): Promise<void> => {
      await this.limiter.acquire(limits, poll, request.controller.signal);
      Object.assign(request, { granted: ++this.moment, at: this.clock.now() });
      this.granted.push(request);
      this.inFlight += 1;
    };
    send().catch((reason: unknown) => expect(reason).toBe('off'));
  }

  private abort(nth: number): void {
    const { waiting } = this;
    const request = waiting[nth % Math.max(1, waiting.length)];
    if (!request) return;
    request.aborted = ++this.moment;
    request.controller.abort('off');
  }
}

const acquire = fc.record({
  does: fc.constant('acquire' as const),
  client: fc.nat({ max: 1 }),
  poll: fc.boolean(),
});
const wait = fc.record({
  does: fc.constant('wait' as const),
  ms: fc.oneof(
    fc.integer({ min: 0, max: 30_000 }),
    fc.constantFrom(1, MINUTE - 1, MINUTE, MINUTE + 1, HOUR - MINUTE, HOUR),
  ),
});
const abort = fc.record({ does: fc.constant('abort' as const), nth: fc.nat({ max: 9 }) });
const respond = fc.constant<Step>({ does: 'respond' });
const refuse = fc.record({
  does: fc.constant('refuse' as const),
  pause: fc.constantFrom(0, 1, 500, 29_000, 100_000),
});

const anyScenario = (...kinds: fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(...kinds), { maxLength: 60, size: 'max' });

/** Whether the request waits at the moment with that number. */
const isWaitingAt = (moment: number, { queued, granted, aborted }: Request): boolean =>
  queued < moment && (granted ?? aborted ?? Infinity) > moment;

/** Plays a scenario and checks it after every step. */
function always(steps: fc.Arbitrary<Step[]>, check: (scenario: Scenario) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const scenario = new Scenario();
      for (const step of all) {
        await scenario.play(step);
        check(scenario);
      }
    }),
    { numRuns: 150 },
  );
}

describe('in any scenario, a rate limiter', () => {
  const anything = anyScenario(acquire, acquire, acquire, wait, abort, respond, respond, refuse);
  const withoutRefusals = anyScenario(acquire, acquire, acquire, wait, abort, respond);

  it('never grants more than the limits of a client in any minute or hour', async () => {
    await always(anything, (scenario) => {
      const last = scenario.granted.at(-1);
      if (!last) return;
      expect(scenario.countIn(MINUTE, last.at)).toBeLessThanOrEqual(5);
      const { perMinute, perHour } = last.limits;
      expect(scenario.countIn(MINUTE, last.at)).toBeLessThanOrEqual(perMinute);
      expect(scenario.countIn(HOUR, last.at)).toBeLessThanOrEqual(perHour);
    });
  });

  it('lets no request wait while a permit is free', async () => {
    await always(withoutRefusals, (scenario) => {
      const now = scenario.clock.now();
      for (const { limits } of scenario.waiting) {
        const isFull =
          scenario.countIn(MINUTE, now) >= limits.perMinute || scenario.countIn(HOUR, now) >= limits.perHour;
        expect(isFull).toBe(true);
      }
    });
  });

  it('serves the calls of a client in order, and the polls of a client in order', async () => {
    await always(anything, ({ requests }) => {
      for (const served of requests) {
        if (served.granted === null) continue;
        const overtaken = requests.filter(
          (other) =>
            other.limits === served.limits &&
            other.poll === served.poll &&
            other.queued < served.queued &&
            isWaitingAt(served.granted ?? 0, other),
        );
        expect(overtaken).toEqual([]);
      }
    });
    // It computes for a second, or longer on a busy machine.
  }, 20_000);

  it('serves calls before polls, but one poll after nine calls', async () => {
    const anyCrowd = fc.array(fc.constantFrom(false, false, false, true), { minLength: 15, maxLength: 40 });
    const property = fc.asyncProperty(anyCrowd, async (polls) => {
      const scenario = new Scenario();
      for (const poll of polls) await scenario.play({ does: 'acquire', client: 0, poll });
      // Permits become free one at a time.
      while (scenario.responses.length < polls.length) {
        await scenario.play({ does: 'respond' });
        await scenario.play({ does: 'wait', ms: HOUR + 1 });
      }
      const kinds = (some: boolean[]): string => some.map((poll) => (poll ? 'p' : 'c')).join('');
      // Three permits are free at first; the others wait.
      const rest = kinds(polls.slice(3));
      const calls = rest.replaceAll('p', '').match(/c{1,9}/g) ?? [];
      let waitingPolls = rest.replaceAll('c', '');
      let expected = kinds(polls.slice(0, 3));
      for (const some of calls) {
        expected += some;
        if (some.length < 9) break;
        expected += waitingPolls.slice(0, 1);
        waitingPolls = waitingPolls.slice(1);
      }
      expect(kinds(scenario.granted.map(({ poll }) => poll))).toBe(expected + waitingPolls);
    });
    await fc.assert(property, { numRuns: 30 });
  }, 20_000);

  it('grants nothing during the pause after a 429', async () => {
    await always(anything, ({ pauses, granted }) => {
      for (const { from, to } of pauses) expect(granted.filter(({ at }) => at > from && at < to)).toEqual([]);
    });
  });

  it('grants one by one for a minute after the pause', async () => {
    await always(anything, ({ pauses, granted, responses }) => {
      const { from, to } = pauses.at(-1) ?? { from: Infinity, to: Infinity };
      const after = granted.filter(({ at }) => at > from && at < to + MINUTE).map(({ at }) => at);
      for (const [index, at] of after.slice(1).entries()) {
        const before = after[index] ?? 0;
        const hasResponse = responses.some((time) => time >= before && time <= at);
        expect(at - before).toBeGreaterThanOrEqual(hasResponse ? 100 : 1_000);
      }
    });
  });

  it('has no timer when no request waits', async () => {
    await always(anything, ({ clock, waiting, granted }) => {
      const inFlight = granted.filter(({ endedAt }) => endedAt === Infinity);
      // A permit that only the end of a request can free needs no timer.
      const needsTimer = ({ limits }: Request): boolean =>
        inFlight.length < Math.min(limits.perMinute, limits.perHour);
      if (waiting.some(needsTimer)) expect(clock.pending).toBe(1);
      else expect(clock.pending).toBeLessThanOrEqual(waiting.length === 0 ? 0 : 1);
    });
  });
});
