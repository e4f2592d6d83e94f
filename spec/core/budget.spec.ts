import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Budget, DEFAULT_LIMITS, type Limits } from '../../lib/core/budget';
import type { RateLimit } from '../../lib/core/errors';
import { settled } from '../support/calls';
import { rejection } from '../support/rejection';
import { TestClock } from '../support/test-clock';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const { signal } = new AbortController();

/** A budget, and everybody who was let through, by name. */
class Door {
  readonly clock = new TestClock('all');
  readonly budget = new Budget(this.clock);
  readonly through: string[] = [];
  /** When each was let through. */
  readonly times: number[] = [];

  /** Somebody comes and wants to send; who is let through is answered at once, unless `slow`. */
  async come(
    name: string,
    { limits = DEFAULT_LIMITS, background = false, stop = signal, slow = false } = {},
  ): Promise<void> {
    await this.budget.take(limits, background, stop);
    this.through.push(name);
    this.times.push(this.clock.now());
    if (!slow) this.budget.answered(null, null);
  }

  /** Lets time pass, and everybody have their say at the very moment that something happens. */
  async pass(ms: number): Promise<void> {
    await settled();
    let left = ms;
    for (let next = this.clock.untilNext; next <= left; next = this.clock.untilNext) {
      this.clock.pass(next);
      left -= next;
      await settled();
    }
    this.clock.pass(left);
  }
}

const few = (perMinute: number, perHour = 1_000): Limits => ({ perMinute, perHour });
const said = (clock: TestClock, remaining: number, resetIn: number): RateLimit => ({
  limit: 5_000,
  remaining,
  resetAt: new Date(clock.date() + resetIn),
});

describe('the budget of a token', () => {
  it('lets a burst of 240 through at once, and without a promise', () => {
    const { budget } = new Door();
    for (let i = 0; i < 240; i++) expect(budget.take(DEFAULT_LIMITS, false, signal)).toBeUndefined();
    expect(budget.take(DEFAULT_LIMITS, false, signal)).toBeInstanceOf(Promise);
  });

  it('makes the next one wait until a minute is over', async () => {
    const door = new Door();
    for (const name of ['a', 'b', 'c']) void door.come(name, { limits: few(2) });
    await door.pass(MINUTE);
    expect(door.through).toEqual(['a', 'b']);
    await door.pass(1);
    expect(door.through).toEqual(['a', 'b', 'c']);
    expect(door.clock.pending).toBe(0);
  });

  it('makes the next one wait until an hour is over', async () => {
    const door = new Door();
    for (const name of ['a', 'b', 'c']) void door.come(name, { limits: few(100, 2) });
    await door.pass(HOUR);
    expect(door.through).toEqual(['a', 'b']);
    await door.pass(1);
    expect(door.through).toEqual(['a', 'b', 'c']);
  });

  it('never lets more through than it may, in any minute and any hour', async () => {
    const arrivals = fc.array(fc.record({ pause: fc.nat(20_000), background: fc.boolean() }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(arrivals, async (all) => {
        const door = new Door();
        const limits = few(3, 8);
        for (const [index, { pause, background }] of all.entries()) {
          void door.come(String(index), { limits, background });
          await door.pass(pause);
        }
        await door.pass(10 * HOUR);
        expect(door.through).toHaveLength(all.length);
        for (const time of door.times) {
          const within = (length: number): number =>
            door.times.filter((t) => t <= time && time - t <= length).length;
          expect(within(MINUTE)).toBeLessThanOrEqual(3);
          expect(within(HOUR)).toBeLessThanOrEqual(8);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('serves in order, calls before the polls of waits', async () => {
    const door = new Door();
    const limits = few(1);
    void door.come('first', { limits });
    void door.come('poll 1', { limits, background: true });
    void door.come('call 1', { limits });
    void door.come('poll 2', { limits, background: true });
    void door.come('call 2', { limits });
    for (let i = 0; i < 5; i++) await door.pass(MINUTE + 1);
    expect(door.through).toEqual(['first', 'call 1', 'call 2', 'poll 1', 'poll 2']);
  });

  it('does not hold up a manager because another one has lower limits', async () => {
    const door = new Door();
    void door.come('a', { limits: few(1) });
    void door.come('b', { limits: few(1) });
    void door.come('c', { limits: few(5) });
    await settled();
    expect(door.through).toEqual(['a', 'c']);
  });

  it('gives the place of somebody who leaves to the next, and keeps nothing of theirs', async () => {
    const door = new Door();
    const stop = new AbortController();
    void door.come('a', { limits: few(1) });
    const left = rejection(door.come('b', { limits: few(1), stop: stop.signal }));
    void door.come('c', { limits: few(1) });
    stop.abort('enough');
    expect(await left).toBe('enough');
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    await door.pass(MINUTE + 1);
    expect(door.through).toEqual(['a', 'c']);
  });

  it('keeps no timer once nobody waits', async () => {
    const door = new Door();
    const stop = new AbortController();
    void door.come('a', { limits: few(1) });
    const left = rejection(door.come('b', { limits: few(1), stop: stop.signal }));
    expect(door.clock.pending).toBe(1);
    stop.abort('enough');
    await left;
    expect(door.clock.pending).toBe(0);
  });

  it('lets nobody in who has been called off already', () => {
    const { budget } = new Door();
    expect(() => budget.take(DEFAULT_LIMITS, false, AbortSignal.abort('before'))).toThrow('before');
  });
});

describe('a 429', () => {
  it('makes everybody wait for as long as it says, then they go one by one', async () => {
    const door = new Door();
    void door.come('a', { slow: true });
    await settled();
    door.budget.answered(null, 7_000);
    for (const name of ['b', 'c', 'd']) void door.come(name);
    await door.pass(6_999);
    expect(door.through).toEqual(['a']);
    await door.pass(1);
    expect(door.through).toEqual(['a', 'b']);
    await door.pass(99);
    expect(door.through).toEqual(['a', 'b']);
    await door.pass(1);
    expect(door.through).toEqual(['a', 'b', 'c']);
  });

  it('keeps nobody longer than a minute by one word', async () => {
    const door = new Door();
    void door.come('a', { slow: true });
    await settled();
    door.budget.answered(null, 10 * HOUR);
    void door.come('b');
    await door.pass(MINUTE);
    expect(door.through).toEqual(['a', 'b']);
  });

  it('does not shorten the pause that another one asked for', async () => {
    const door = new Door();
    void door.come('a', { slow: true });
    void door.come('b', { slow: true });
    await settled();
    door.budget.answered(null, 20_000);
    door.budget.answered(null, 1_000);
    void door.come('c');
    await door.pass(19_999);
    expect(door.through).toEqual(['a', 'b']);
    await door.pass(1);
    expect(door.through).toEqual(['a', 'b', 'c']);
  });
});

describe('what the server says is left', () => {
  it('is believed when it is nothing: until the reset, but not for more than a minute', async () => {
    for (const [resetIn, waited] of [
      [5_000, 5_000],
      [HOUR, MINUTE],
    ] as const) {
      const door = new Door();
      void door.come('a', { slow: true });
      await settled();
      door.budget.answered(said(door.clock, 0, resetIn), null);
      void door.come('b');
      await door.pass(waited - 1);
      expect(door.through).toEqual(['a']);
      await door.pass(1);
      expect(door.through).toEqual(['a', 'b']);
    }
  });

  it('is not believed when its reset lies in the past', async () => {
    const door = new Door();
    void door.come('a', { slow: true });
    await settled();
    door.budget.answered(said(door.clock, 0, -HOUR), null);
    void door.come('b');
    await door.pass(CAREFULLY);
    expect(door.through).toEqual(['a', 'b']);
  });

  it('is counted down by our own requests', async () => {
    const door = new Door();
    void door.come('a', { slow: true });
    await settled();
    door.budget.answered(said(door.clock, 2, 10_000), null);
    for (const name of ['b', 'c', 'd']) void door.come(name);
    await settled();
    expect(door.through).toEqual(['a', 'b', 'c']);
    await door.pass(10_000);
    expect(door.through).toEqual(['a', 'b', 'c', 'd']);
  });
});

/** With little left requests go one after another. */
const CAREFULLY = 1_000;
