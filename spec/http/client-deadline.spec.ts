import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { UnknownOutcomeError } from '../../lib/errors/unknown-outcome';
import * as behave from '../support/behaviours';
import { rejection } from '../support/rejection';
import { aCall, aClient, OPERATIONS, settled, until } from '../support/calls';
import { testServers } from '../support/server';
import { DEADLINE, TestClock, TIMEOUT } from '../support/test-clock';

const { serve } = testServers();

const IMAGE = { image: { id: 5, name: 'golden' } };
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the deadline', () => {
  it('ends a GET in flight with a TimeoutError', async () => {
    const server = await serve(behave.stall());
    const { http, clock } = aClient({ timeout: Infinity });
    const call = http.send(server.url, OPERATIONS.GET);
    await server.called(1);
    clock.pass(DEADLINE - 1);
    await settled();
    clock.pass(1);
    const error = await rejection(call);
    expect(error).toMatchObject({ name: 'TimeoutError', kind: 'deadline', limit: DEADLINE, attempts: 1 });
    expect(clock.pending).toBe(0);
  });

  it('ends a POST that was sent with an UnknownOutcomeError', async () => {
    const server = await serve(behave.stall());
    const { http, clock } = aClient({ timeout: Infinity });
    const call = http.send(server.url, OPERATIONS.POST);
    await server.called(1);
    clock.pass(DEADLINE);
    const error = await rejection(call);
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(String(error)).toContain(`no response within ${DEADLINE} ms`);
    expect(error).toMatchObject({ status: null, id: null, requestId: null });
  });

  it('ends a POST that was not sent yet with a TimeoutError', async () => {
    const { http, clock } = aClient({ token: () => new Promise(() => undefined), timeout: Infinity });
    const call = http.send('http://127.0.0.1:9', OPERATIONS.POST);
    await settled();
    clock.pass(DEADLINE);
    expect(await rejection(call)).toMatchObject({ name: 'TimeoutError', kind: 'deadline' });
  });

  it('ends a POST that was refused and not yet retried with a TimeoutError', async () => {
    const server = await serve(behave.refusal(429, 'too_many_requests', 'Later.'));
    const tokens = [Promise.resolve('a-token'), new Promise<string>(() => undefined)];
    const token = (): Promise<string> => tokens.shift() ?? Promise.reject(new Error('no token left'));
    const { http, clock } = aClient({ token, timeout: Infinity });
    const call = http.send(server.url, OPERATIONS.POST);
    await until(() => tokens.length === 0);
    clock.pass(DEADLINE);
    expect(await rejection(call)).toMatchObject({ name: 'TimeoutError', kind: 'deadline', attempts: 2 });
  });

  it('applies to all attempts together', async () => {
    const clock = new TestClock([50_000, DEADLINE]);
    const server = await serve(behave.stall(() => clock.pass(50_000)));
    const { http } = aClient({ clock, timeout: 50_000, random: () => 1 });
    const call = http.send(server.url, OPERATIONS.GET);
    expect(await rejection(call)).toMatchObject({ name: 'TimeoutError', kind: 'deadline', attempts: 3 });
    expect(server.calls).toBe(3);
  });

  it('ends the call at once when no retry could start before it', async () => {
    const clock = new TestClock([TIMEOUT, TIMEOUT + 499]);
    const server = await serve(behave.stall(() => clock.pass(TIMEOUT)));
    const { http } = aClient({ clock, deadline: TIMEOUT + 499, random: () => 1 });
    const error = await rejection(http.send(server.url, OPERATIONS.GET));
    expect(error).toMatchObject({ name: 'TimeoutError', kind: 'deadline', attempts: 1 });
    expect(server.calls).toBe(1);
  });

  it('is not affected by a change of the system date', async () => {
    const server = await serve(behave.stall());
    const { http, clock } = aClient({ timeout: Infinity });
    const call = http.send(server.url, OPERATIONS.GET);
    await server.called(1);
    clock.setDate(Date.UTC(2030, 0, 1));
    clock.pass(DEADLINE - 1);
    clock.setDate(Date.UTC(2020, 0, 1));
    await settled();
    clock.pass(1);
    expect(await rejection(call)).toHaveProperty('kind', 'deadline');
  });
});

describe('an abort', () => {
  const reason = { my: 'own reason' };
  const stages: [when: string, behaviour: behave.Behaviour][] = [
    ['before the response', behave.stall()],
    ['in the middle of the body', behave.stallInBody('{"a": "b"}')],
  ];

  it.each(stages)('ends a call at once, %s, and closes its connection', async (_when, behaviour) => {
    for (const method of ['GET', 'POST'] as const) {
      const server = await serve(behaviour);
      const controller = new AbortController();
      const { http, clock } = aClient();
      const call = http.send(server.url, aCall({ method, signal: controller.signal }));
      await server.called(1);
      const start = performance.now();
      controller.abort(reason);
      expect(await rejection(call)).toBe(reason);
      expect(performance.now() - start).toBeLessThan(50);
      await until(() => server.open === 0);
      expect([server.connections, clock.pending, listeners(controller.signal)]).toEqual([1, 0, 0]);
    }
  });

  it('of the client ends all its calls', async () => {
    const server = await serve(behave.stall());
    const controller = new AbortController();
    const { http } = aClient({ signal: controller.signal });
    const calls = Object.values(OPERATIONS).map((call) => rejection(http.send(server.url, call)));
    await server.called(5);
    expect(listeners(controller.signal)).toBe(1);
    controller.abort(reason);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([reason]));
    expect(listeners(controller.signal)).toBe(0);
  });

  it('before the call prevents the request', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    const call = aCall({ signal: AbortSignal.abort(reason) });
    expect(await rejection(aClient().http.send(server.url, call))).toBe(reason);
    expect(server.connections).toBe(0);
  });

  it('that never happens leaves no listener and no timer behind', async () => {
    const server = await serve(behave.reset, behave.respond(200, IMAGE));
    const { signal } = new AbortController();
    const { http, clock } = aClient();
    await http.send(server.url, aCall({ signal }));
    expect([listeners(signal), clock.pending]).toEqual([0, 0]);
  });

  it('may have any reason, even one without properties', async () => {
    const server = await serve(behave.stall());
    for (const odd of [null, 'text', 5, Object.freeze({ config: {} })]) {
      const controller = new AbortController();
      const calls = server.calls;
      const call = aClient().http.send(server.url, aCall({ signal: controller.signal }));
      await server.called(calls + 1);
      controller.abort(odd);
      expect(await rejection(call)).toBe(odd);
    }
    await settled();
  });

  it('leaves the stack of the reason alone', async () => {
    const server = await serve(behave.stall());
    const controller = new AbortController();
    const mine = new Error('mine');
    const { stack } = mine;
    const call = aClient().http.send(server.url, aCall({ signal: controller.signal }));
    await server.called(1);
    controller.abort(mine);
    await rejection(call);
    await settled();
    expect(mine.stack).toBe(stack);
  });
});
