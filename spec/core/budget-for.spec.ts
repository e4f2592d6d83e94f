import { describe, expect, it } from '@jest/globals';
import { budgetFor } from '../../lib/core/budget';
import { DEFAULT_LIMITS } from '../../lib/core/rate-limits';
import { TestClock } from '../support/test-clock';

const HOUR = 3_600_000;
const { signal } = new AbortController();

describe('the budgets of a process', () => {
  it('are one for each token at an endpoint, whoever uses it', () => {
    const clock = new TestClock('all');
    const budget = budgetFor(clock, 'https://a', 'digest');
    expect(budgetFor(clock, 'https://a', 'digest')).toBe(budget);
    expect(budgetFor(clock, 'https://b', 'digest')).not.toBe(budget);
    expect(budgetFor(new TestClock('all'), 'https://a', 'digest')).not.toBe(budget);
  });

  it('forget a token that was not used for an hour when another one comes', async () => {
    const clock = new TestClock('all');
    const used = budgetFor(clock, 'https://a', 'used');
    await used.take(DEFAULT_LIMITS, false, signal);
    clock.pass(HOUR + 1);
    expect(used.isIdle).toBe(false);
    await used.take(DEFAULT_LIMITS, false, signal);
    used.answered(null, null);
    used.answered(null, null);
    const idle = budgetFor(clock, 'https://a', 'idle');
    expect([used.isIdle, idle.isIdle]).toEqual([false, true]);
    budgetFor(clock, 'https://a', 'another');
    expect(budgetFor(clock, 'https://a', 'used')).toBe(used);
    expect(budgetFor(clock, 'https://a', 'idle')).not.toBe(idle);
    clock.pass(HOUR + 1);
    expect(used.isIdle).toBe(true);
    // Whatever the endpoint of the other one.
    budgetFor(clock, 'https://b', 'another');
    expect(budgetFor(clock, 'https://a', 'used')).not.toBe(used);
  });
});
