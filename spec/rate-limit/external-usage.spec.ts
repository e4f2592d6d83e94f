import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RateLimit } from '../../lib/errors/errors';
import { ExternalUsage } from '../../lib/rate-limit/external-usage';

const SECOND = 1_000;
const MINUTE = 60_000;
const resetAt = new Date(0);

/** A token of which we and others make requests, each answered at once. */
class Token {
  readonly others = new ExternalUsage();
  readonly #own: number[] = [];
  readonly #used: number[] = [];

  foreign(count: number, now: number): void {
    for (let request = 0; request < count; request++) this.#used.push(now);
  }

  /** One of ours, and what its answer says. */
  own(now: number): void {
    this.#own.push(now);
    this.#used.push(now);
    this.hear(now);
  }

  hear(now: number, underWay = 0): void {
    const recent = (times: number[]): number => times.filter((time) => now - time <= 60 * MINUTE).length;
    const remaining = 5_000 - recent(this.#used);
    const sent = this.#own.length + underWay;
    this.others.update(
      { limit: 5_000, remaining, resetAt },
      { sent, inFlight: underWay, inLastHour: recent(this.#own) + underWay },
      now,
    );
  }
}

describe('what others use of a token', () => {
  it('is nothing, as long as it falls by our own requests only', () => {
    const token = new Token();
    for (let second = 0; second < 300; second++) {
      token.own(second * SECOND);
      expect(token.others.inLastMinute(second * SECOND)).toBe(0);
    }
    expect(token.others.isActive(300 * SECOND)).toBe(false);
    expect(token.others.isUncertain(900 * SECOND)).toBe(false);
  });

  it('is nothing either while our own answers overtake each other', () => {
    const choices = fc.array(fc.nat(63), { minLength: 200, maxLength: 400 });
    fc.assert(
      fc.property(choices, fc.integer({ min: 2, max: 11 }), (order, atOnce) => {
        const others = new ExternalUsage();
        const underWay: { used: number; at: number }[] = [];
        let [sent, now] = [0, 0];
        const send = (): number => underWay.push({ used: (sent += 1), at: now });
        while (underWay.length < atOnce) send();
        for (const choice of order) {
          // What the server had counted when it answered: it comes when it comes.
          const isOverdue = now - (underWay[0]?.at ?? 0) > 40 * SECOND;
          const [{ used } = { used: 0 }] = underWay.splice(isOverdue ? 0 : choice % underWay.length, 1);
          now += 500;
          const own = { sent, inFlight: underWay.length, inLastHour: sent };
          others.update({ limit: 5_000, remaining: 5_000 - used, resetAt }, own, now);
          expect([others.inLastMinute(now), others.isActive(now)]).toEqual([0, false]);
          send();
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is what it falls by besides', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, 5 * SECOND);
    token.own(10 * SECOND);
    expect(token.others.inLastMinute(10 * SECOND)).toBe(40);
    expect(token.others.isActive(10 * SECOND)).toBe(true);
  });

  it('is that of the last minute', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, 5 * SECOND);
    for (let second = 10; second <= 130; second += 10) token.own(second * SECOND);
    expect(token.others.inLastMinute(130 * SECOND)).toBe(0);
    expect(token.others.isActive(130 * SECOND)).toBe(true);
  });

  it('is an average of the hour, when nothing more is known', () => {
    const token = new Token();
    token.foreign(1_200, 0);
    token.own(SECOND);
    expect(token.others.inLastMinute(SECOND)).toBe(20);
    // That may have been ourselves, before this program began.
    expect(token.others.isActive(SECOND)).toBe(false);
  });

  it('is not told while many of ours are under way, of which nobody knows whether they count', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, SECOND);
    token.hear(2 * SECOND, 50);
    expect(token.others.inLastMinute(2 * SECOND)).toBe(0);
    token.hear(3 * SECOND, 5);
    expect(token.others.inLastMinute(3 * SECOND)).toBe(35);
  });

  it('is told with ten of ours under way, and with eleven no more', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, SECOND);
    token.hear(2 * SECOND, 11);
    expect(token.others.inLastMinute(2 * SECOND)).toBe(0);
    token.hear(3 * SECOND, 10);
    expect(token.others.inLastMinute(3 * SECOND)).toBe(30);
  });

  it('does not take for theirs what was ours and under way before', () => {
    const others = new ExternalUsage();
    const remaining = (used: number): RateLimit => ({ limit: 5_000, remaining: 5_000 - used, resetAt });
    others.update(remaining(5), { sent: 10, inFlight: 5, inLastHour: 10 }, 0);
    others.update(remaining(13), { sent: 10, inFlight: 0, inLastHour: 10 }, 2 * SECOND);
    expect(others.inLastMinute(2 * SECOND)).toBe(3);
  });

  it('is what came since the youngest answer that is a minute old, to the millisecond', () => {
    const token = new Token();
    token.own(100 * SECOND);
    token.foreign(40, 105 * SECOND);
    for (const second of [110, 111, 169]) token.own(second * SECOND);
    expect(token.others.inLastMinute(169 * SECOND)).toBe(40);
    token.own(170 * SECOND);
    expect(token.others.inLastMinute(170 * SECOND)).toBe(0);
  });

  it('remembers one answer a second, and no more', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, 500);
    token.own(SECOND);
    token.own(61 * SECOND);
    expect(token.others.inLastMinute(61 * SECOND)).toBe(0);

    for (let now = 62 * SECOND; now < 121 * SECOND; now += 50) token.hear(now);
    // Those two and 59 more.
    expect(JSON.stringify(token.others).match(/"own"/g)).toHaveLength(61);
  });

  it('is held to be so for a minute after the last answer, and that there are others for an hour', () => {
    const token = new Token();
    token.own(200 * SECOND);
    token.foreign(40, 201 * SECOND);
    token.own(202 * SECOND);
    expect(token.others.inLastMinute(262 * SECOND - 1)).toBe(40);
    expect(token.others.inLastMinute(262 * SECOND)).toBe(0);
    expect(token.others.isActive(202 * SECOND + 60 * MINUTE - 1)).toBe(true);
    expect(token.others.isActive(202 * SECOND + 60 * MINUTE)).toBe(false);
  });

  it('is uncertain some time after the last answer, once they were seen', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, SECOND);
    token.own(2 * SECOND);
    expect(token.others.isUncertain(4 * SECOND)).toBe(false);
    expect(token.others.isUncertain(4 * SECOND + 1)).toBe(true);
    expect(token.others.inLastMinute(63 * SECOND)).toBe(0);
    expect(token.others.isActive(62 * MINUTE)).toBe(false);
  });

  it('is never more than it is, whoever sends what and when', () => {
    const anyTraffic = fc.array(
      fc.record({
        pause: fc.integer({ min: 0, max: 20_000 }),
        foreign: fc.integer({ min: 0, max: 9 }),
        own: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(anyTraffic, (traffic) => {
        const token = new Token();
        const foreign: number[] = [];
        let now = 0;
        for (const step of traffic) {
          now += step.pause;
          token.foreign(step.foreign, now);
          foreign.push(...Array<number>(step.foreign).fill(now));
          if (step.own) token.own(now);
          // Samples are a second apart: what was sent meanwhile may count as of the minute.
          const inTwoMinutes = foreign.filter((time) => now - time <= 2 * MINUTE).length;
          expect(token.others.inLastMinute(now)).toBeLessThanOrEqual(
            Math.max(inTwoMinutes, foreign.length / 60),
          );
        }
      }),
    );
  });

  it('is nothing when the numbers make no sense', () => {
    const others = new ExternalUsage();
    const own = { sent: 3, inFlight: 0, inLastHour: 3 };
    for (const [limit, remaining] of [
      [0, 5_000],
      [5_000, 0],
      [5_000, 5_000],
      [1, 999_999],
    ] as const) {
      others.update({ limit, remaining, resetAt }, own, 0);
      expect(others.inLastMinute(0)).toBeGreaterThanOrEqual(0);
    }
  });
});
