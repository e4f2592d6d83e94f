import { describe, expect, it } from '@jest/globals';
import { Others } from '../../lib/core/others';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** The server's view of a token: what others and we have sent, none of it older than an hour. */
class Account {
  readonly others = new Others();
  private used = 0;
  private own = 0;

  /** Others send so many, we send one, and are told how many are left. */
  ask(now: number, foreign: number, underWay = 0): void {
    this.own += 1;
    this.used += foreign + 1;
    const rateLimit = { limit: 5_000, remaining: 5_000 - this.used, resetAt: new Date(0) };
    this.others.learn(rateLimit, { sent: this.own, underWay, inLastHour: this.own }, now);
  }
}

describe('others who use the same token', () => {
  it('are nobody as long as only our own requests are counted', () => {
    const account = new Account();
    expect([account.others.inLastMinute(0), account.others.areActive(0)]).toEqual([0, false]);
    for (let now = 0; now < 3 * MINUTE; now += 1_500) account.ask(now, 0);
    expect(account.others.inLastMinute(3 * MINUTE)).toBe(0);
    expect([account.others.areActive(3 * MINUTE), account.others.isUncertain(HOUR)]).toEqual([false, false]);
  });

  it('are told by what is left falling faster than by our own requests', () => {
    const account = new Account();
    for (let now = 0; now <= 50_000; now += 10_000) account.ask(now, now === 0 ? 0 : 7);
    expect(account.others.inLastMinute(50_000)).toBe(35);
    expect(account.others.areActive(50_000)).toBe(true);
  });

  it('are counted for a minute, not for ever', () => {
    const account = new Account();
    for (let now = 0; now <= 10_000; now += 1_000) account.ask(now, now === 0 ? 0 : 10);
    expect(account.others.inLastMinute(10_000)).toBe(100);
    for (let now = 11_000; now <= 3 * MINUTE; now += 1_000) account.ask(now, 0);
    expect(account.others.inLastMinute(3 * MINUTE)).toBeLessThan(10);
    expect(account.others.areActive(3 * MINUTE)).toBe(true);
    expect(account.others.areActive(2 * HOUR)).toBe(false);
  });

  it('may have done anything since something was heard', () => {
    const account = new Account();
    account.ask(0, 0);
    account.ask(1_000, 5);
    expect(account.others.isUncertain(2_000)).toBe(false);
    expect(account.others.isUncertain(3_001)).toBe(true);
    expect(account.others.inLastMinute(1_000 + MINUTE)).toBe(0);
  });

  it('are not told from answers that came while many of ours were under way', () => {
    const account = new Account();
    account.ask(0, 0);
    account.ask(5_000, 50, 11);
    expect([account.others.inLastMinute(5_000), account.others.areActive(5_000)]).toEqual([0, false]);
    expect(account.others.isUncertain(9_000)).toBe(false);
  });
});
