import { describe, expect, it } from '@jest/globals';
import { RetryBudget } from '../../lib/http/retry-budget';
import * as behave from '../support/behaviours';
import { aClient, OPERATIONS } from '../support/calls';
import { rejection } from '../support/rejection';
import { testServers } from '../support/server';

const { serve } = testServers();

/** How many retries in a row the budget affords. */
function affordable(budget: RetryBudget): number {
  let count = 0;
  while (budget.spend()) count += 1;
  return count;
}

describe('the retry budget', () => {
  it('affords a hundred retries, and no more', () => {
    const budget = new RetryBudget();
    expect(affordable(budget)).toBe(100);
    expect(budget.spend()).toBe(false);
  });

  it('earns a retry with every five successes', () => {
    const budget = new RetryBudget();
    affordable(budget);
    for (let i = 0; i < 4; i++) budget.earn();
    expect(affordable(budget)).toBe(0);
    budget.earn();
    expect(affordable(budget)).toBe(1);
  });

  it('earns no more than its capacity', () => {
    const budget = new RetryBudget();
    for (let i = 0; i < 10_000; i++) budget.earn();
    expect(affordable(budget)).toBe(100);
  });

  it('bounds the load during an outage: 500 requests for 400 calls, each with its own error', async () => {
    const server = await serve(behave.refusal(503, 'service_unavailable', 'Busy.'));
    const { http } = aClient();
    for (let i = 0; i < 400; i++) {
      expect(await rejection(http.send(server.url, OPERATIONS.GET))).toHaveProperty('name', 'ServerError');
    }
    expect(server.calls).toBe(500);
  });

  it('recovers when the server does', async () => {
    const server = await serve(behave.reset);
    const { http } = aClient();
    for (let i = 0; i < 40; i++) await rejection(http.send(server.url, OPERATIONS.GET));
    server.play(behave.respond(200, {}));
    for (let i = 0; i < 15; i++) await http.send(server.url, OPERATIONS.GET);
    const before = server.calls;
    server.play(behave.reset);
    await rejection(http.send(server.url, OPERATIONS.GET));
    expect(server.calls - before).toBe(4);
  });
});
