import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import * as errors from '../../lib/errors/errors';
import * as behave from '../support/behaviours';
import { rejection } from '../support/rejection';
import { aCall, aClient, OPERATIONS, settled, until } from '../support/calls';
import { testServers } from '../support/server';
import { DEADLINE, TestClock, TIMEOUT } from '../support/test-clock';

const { serve } = testServers();

const IMAGE = { image: { id: 5, name: 'golden' } };
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const tooManyRequests = (headers: Record<string, string>, status = 429): behave.Behaviour =>
  behave.refusal(status, 'too_many_requests', 'Later.', headers);

describe('a server that requests a delay', () => {
  const clockAfter = async (...script: behave.Behaviour[]): Promise<TestClock> => {
    const server = await serve(...script, behave.respond(200, IMAGE));
    const { http, clock } = aClient({ random: () => 0 });
    await http.send(server.url, OPERATIONS.GET);
    expect(server.calls).toBe(script.length + 1);
    return clock;
  };

  it.each([429, 500, 503])('in seconds receives no earlier retry: %d', async (status) => {
    const { delays } = await clockAfter(
      tooManyRequests({ 'retry-after': '7' }, status),
      tooManyRequests({ 'retry-after': '60' }, status),
    );
    expect(delays).toEqual([7_000, 60_000]);
  });

  it('until a date receives no earlier retry, whatever its clock shows', async () => {
    for (const skew of [-3_600_000, 0, 3_600_000]) {
      const date = Date.UTC(2026, 0, 1) + skew;
      const { delays } = await clockAfter(
        tooManyRequests({
          date: new Date(date).toUTCString(),
          'retry-after': new Date(date + 30_000).toUTCString(),
        }),
      );
      expect(delays).toEqual([30_000]);
    }
  });

  it.each([
    [503, '61'],
    [429, '61'],
    [429, '99999999'],
    [429, '9'.repeat(300)],
    [429, 'Fri, 01 Jan 2100 00:00:00 GMT'],
  ])(
    'of more than a minute makes the call fail at once, with the delay: %d %s',
    async (status, retryAfter) => {
      const server = await serve(tooManyRequests({ 'retry-after': retryAfter }, status));
      const { http, clock } = aClient();
      const error = await rejection(http.send(server.url, OPERATIONS.GET));
      expect(error).toBeInstanceOf(status === 429 ? errors.RateLimitError : errors.ServerError);
      expect((error as errors.ResponseError).retryAfter).toBeGreaterThan(60_000);
      expect([server.calls, clock.delays]).toEqual([1, []]);
    },
  );

  it('past the deadline makes the call fail at once, with the delay', async () => {
    const server = await serve(tooManyRequests({ 'retry-after': '50' }));
    const { http, clock } = aClient({ random: () => 0 });
    const error = await rejection(http.send(server.url, OPERATIONS.POST));
    expect(error).toMatchObject({ name: 'RateLimitError', retryAfter: 50_000, attempts: 3 });
    expect(String(error)).toContain('try again in 50 s');
    expect([server.calls, clock.delays]).toEqual([3, [50_000, 50_000]]);
    expect(clock.pending).toBe(0);
  });

  it.each(['-5', '0x10', 'Infinity', 'abc', '0'])(
    'with an invalid value receives a retry after the usual backoff: %s',
    async (value) => {
      const server = await serve(tooManyRequests({ 'retry-after': value }), behave.respond(200, IMAGE));
      const { http, clock } = aClient({ random: () => 0.5 });
      await http.send(server.url, OPERATIONS.GET);
      expect(clock.delays).toEqual([500]);
    },
  );

  it('until a reset in the past or the far future receives a retry after the usual backoff', async () => {
    for (const reset of [-1_500, 0, 3_600]) {
      const seconds = Math.round(Date.UTC(2026, 0, 1) / 1_000) + reset;
      const limits = {
        'ratelimit-limit': '5000',
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(seconds),
      };
      const server = await serve(tooManyRequests(limits), behave.respond(200, IMAGE));
      const { http, clock } = aClient({ random: () => 0.5 });
      await http.send(server.url, OPERATIONS.GET);
      expect([reset, clock.delays]).toEqual([reset, [500]]);
    }
  });
});

describe('the delays between attempts', () => {
  it('double, with full jitter', async () => {
    const server = await serve(behave.reset);
    for (const [random, delays] of [
      [1, [500, 1_000, 2_000]],
      [0.5, [250, 500, 1_000]],
      [0, [0, 0, 0]],
    ] as const) {
      const { http, clock } = aClient({ random: () => random });
      await rejection(http.send(server.url, OPERATIONS.GET));
      expect(clock.delays).toEqual(delays);
    }
  });

  it('are random by default, and bounded', async () => {
    const server = await serve(behave.reset);
    const { http, clock } = aClient({ retries: 10 });
    await rejection(http.send(server.url, OPERATIONS.GET));
    expect(new Set(clock.delays).size).toBe(10);
    for (const [n, delay] of clock.delays.entries()) {
      expect(delay).toBeLessThanOrEqual(Math.min(20_000, 500 * 2 ** n));
    }
  });

  it('end as soon as the signal aborts, with its reason', async () => {
    const server = await serve(tooManyRequests({ 'retry-after': '30' }));
    const clock = new TestClock([TIMEOUT, DEADLINE, 30_000]);
    const controller = new AbortController();
    const { http } = aClient({ clock, random: () => 0 });
    const call = http.send(server.url, aCall({ signal: controller.signal }));
    await until(() => clock.isSetTo(30_000));
    const reason = new Error('enough');
    const { stack } = reason;
    controller.abort(reason);
    expect(await rejection(call)).toBe(reason);
    await settled();
    expect(reason.stack).toBe(stack);
    expect([server.calls, clock.pending, listeners(controller.signal)]).toEqual([1, 0, 0]);
  });
});
