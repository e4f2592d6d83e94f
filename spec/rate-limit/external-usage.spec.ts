import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RateLimit } from '../../lib/errors/errors';
import { ExternalUsage } from '../../lib/rate-limit/external-usage';

const SECOND = 1_000;
const MINUTE = 60_000;
const resetAt = new Date(0);

/** A token with own and foreign requests; every response arrives at once. */
class Token {
  readonly usage = new ExternalUsage();
  readonly #own: number[] = [];
  readonly #used: number[] = [];

  foreign(count: number, now: number): void {
    for (let request = 0; request < count; request++) this.#used.push(now);
  }

  /** An own request and its response. */
  own(now: number): void {
    this.#own.push(now);
    this.#used.push(now);
    this.update(now);
  }

  /** A response arrives while `inFlight` own requests have none. */
  update(now: number, inFlight = 0): void {
    const recent = (times: number[]): number => times.filter((time) => now - time <= 60 * MINUTE).length;
    const remaining = 5_000 - recent(this.#used);
    const sent = this.#own.length + inFlight;
    this.usage.update(
      { limit: 5_000, remaining, resetAt },
      { sent, inFlight, inLastHour: recent(this.#own) + inFlight },
      now,
    );
  }
}

describe('ExternalUsage', () => {
  it('estimates nothing while the remaining requests fall by own requests only', () => {
    const token = new Token();
    for (let second = 0; second < 300; second++) {
      token.own(second * SECOND);
      expect(token.usage.inLastMinute(second * SECOND)).toBe(0);
    }
    expect(token.usage.isActive(300 * SECOND)).toBe(false);
    expect(token.usage.isUncertain(900 * SECOND)).toBe(false);
  });

  it('estimates nothing while own responses overtake each other', () => {
    const choices = fc.array(fc.nat(63), { minLength: 200, maxLength: 400 });
    fc.assert(
      fc.property(choices, fc.integer({ min: 2, max: 11 }), (order, atOnce) => {
        const usage = new ExternalUsage();
        const underWay: { used: number; at: number }[] = [];
        let [sent, now] = [0, 0];
        const send = (): number => underWay.push({ used: (sent += 1), at: now });
        while (underWay.length < atOnce) send();
        for (const choice of order) {
          // The count is from when the server responded; the responses arrive in any order.
          const isOverdue = now - (underWay[0]?.at ?? 0) > 40 * SECOND;
          const [{ used } = { used: 0 }] = underWay.splice(isOverdue ? 0 : choice % underWay.length, 1);
          now += 500;
          const own = { sent, inFlight: underWay.length, inLastHour: sent };
          usage.update({ limit: 5_000, remaining: 5_000 - used, resetAt }, own, now);
          expect([usage.inLastMinute(now), usage.isActive(now)]).toEqual([0, false]);
          send();
        }
      }),
      { numRuns: 200 },
    );
  });

  it('counts what the remaining requests fall by besides', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, 5 * SECOND);
    token.own(10 * SECOND);
    expect(token.usage.inLastMinute(10 * SECOND)).toBe(40);
    expect(token.usage.isActive(10 * SECOND)).toBe(true);
  });

  it('counts the last minute only', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, 5 * SECOND);
    for (let second = 10; second <= 130; second += 10) token.own(second * SECOND);
    expect(token.usage.inLastMinute(130 * SECOND)).toBe(0);
    expect(token.usage.isActive(130 * SECOND)).toBe(true);
  });

  it('estimates by the average of an hour when nothing else is known', () => {
    const token = new Token();
    token.foreign(1_200, 0);
    token.own(SECOND);
    expect(token.usage.inLastMinute(SECOND)).toBe(20);
    // It may have been an earlier run of this program.
    expect(token.usage.isActive(SECOND)).toBe(false);
  });

  it('is not updated while many own requests are in flight: the server may not have counted them', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, SECOND);
    token.update(2 * SECOND, 50);
    expect(token.usage.inLastMinute(2 * SECOND)).toBe(0);
    token.update(3 * SECOND, 5);
    expect(token.usage.inLastMinute(3 * SECOND)).toBe(35);
  });

  it('is updated with ten own requests in flight, and not with eleven', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, SECOND);
    token.update(2 * SECOND, 11);
    expect(token.usage.inLastMinute(2 * SECOND)).toBe(0);
    token.update(3 * SECOND, 10);
    expect(token.usage.inLastMinute(3 * SECOND)).toBe(30);
  });

  it('does not count own requests that were in flight before', () => {
    const usage = new ExternalUsage();
    const remaining = (used: number): RateLimit => ({ limit: 5_000, remaining: 5_000 - used, resetAt });
    usage.update(remaining(5), { sent: 10, inFlight: 5, inLastHour: 10 }, 0);
    usage.update(remaining(13), { sent: 10, inFlight: 0, inLastHour: 10 }, 2 * SECOND);
    expect(usage.inLastMinute(2 * SECOND)).toBe(3);
  });

  it('counts since the youngest response that is a minute old, to the millisecond', () => {
    const token = new Token();
    token.own(100 * SECOND);
    token.foreign(40, 105 * SECOND);
    for (const second of [110, 111, 169]) token.own(second * SECOND);
    expect(token.usage.inLastMinute(169 * SECOND)).toBe(40);
    token.own(170 * SECOND);
    expect(token.usage.inLastMinute(170 * SECOND)).toBe(0);
  });

  it('keeps one sample a second, and no more', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, 500);
    token.own(SECOND);
    token.own(61 * SECOND);
    expect(token.usage.inLastMinute(61 * SECOND)).toBe(0);

    for (let now = 62 * SECOND; now < 121 * SECOND; now += 50) token.update(now);
    // The two samples above and 59 more.
    expect(JSON.stringify(token.usage).match(/"own"/g)).toHaveLength(61);
  });

  it('holds its estimate for a minute after the last response, and considers others active for an hour', () => {
    const token = new Token();
    token.own(200 * SECOND);
    token.foreign(40, 201 * SECOND);
    token.own(202 * SECOND);
    expect(token.usage.inLastMinute(262 * SECOND - 1)).toBe(40);
    expect(token.usage.inLastMinute(262 * SECOND)).toBe(0);
    expect(token.usage.isActive(202 * SECOND + 60 * MINUTE - 1)).toBe(true);
    expect(token.usage.isActive(202 * SECOND + 60 * MINUTE)).toBe(false);
  });

  it('becomes uncertain some time after the last response, once others were active', () => {
    const token = new Token();
    token.own(0);
    token.foreign(40, SECOND);
    token.own(2 * SECOND);
    expect(token.usage.isUncertain(4 * SECOND)).toBe(false);
    expect(token.usage.isUncertain(4 * SECOND + 1)).toBe(true);
    expect(token.usage.inLastMinute(63 * SECOND)).toBe(0);
    expect(token.usage.isActive(62 * MINUTE)).toBe(false);
  });

  it('never overestimates, whatever is sent and when', () => {
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
          // Samples are a second apart: requests between two of them may count for the minute.
          const inTwoMinutes = foreign.filter((time) => now - time <= 2 * MINUTE).length;
          expect(token.usage.inLastMinute(now)).toBeLessThanOrEqual(
            Math.max(inTwoMinutes, foreign.length / 60),
          );
        }
      }),
    );
  });

  it('is not negative when the headers make no sense', () => {
    const usage = new ExternalUsage();
    const own = { sent: 3, inFlight: 0, inLastHour: 3 };
    for (const [limit, remaining] of [
      [0, 5_000],
      [5_000, 0],
      [5_000, 5_000],
      [1, 999_999],
    ] as const) {
      usage.update({ limit, remaining, resetAt }, own, 0);
      expect(usage.inLastMinute(0)).toBeGreaterThanOrEqual(0);
    }
  });
});
