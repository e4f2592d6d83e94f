import { describe, expect, it } from '@jest/globals';
import {
  type Action,
  AuthenticationError,
  NotFoundError,
  WaitActionsError,
  WaitTimeoutError,
} from '../../lib';
import errors from '../fixtures/error/documented.json';
import { account, MINUTE } from '../support/behaves-like-a-wait';
import { actionJson, rejection } from '../support/builders';

describe('api.waitActions()', () => {
  const [a, b, c] = [
    { id: 1, ends: 3 * MINUTE, image: 11 },
    { id: 2, ends: MINUTE, image: 22, status: 'errored' },
    { id: 3, ends: 2 * MINUTE, image: 33 },
  ];

  it('yields each as it ends, completed or errored', async () => {
    const { server, api, of } = account(a, b, c);
    const seen: unknown[] = [];
    for await (const { id, status } of api.waitActions([api.action(of(a)), 2, api.action(of(c))]))
      seen.push([id, status, Math.floor(server.clock.now() / MINUTE)]);
    expect(seen).toEqual([
      [2, 'errored', 1],
      [3, 'completed', 2],
      [1, 'completed', 3],
    ]);
  });

  it('yields those that are done first, in the order given, without a request', async () => {
    const { server, api, of } = account(a);
    const done = [9, 7, 8].map((id) =>
      api.action(actionJson({ id, status: id === 7 ? 'errored' : 'completed' })),
    );
    const seen: Action[] = [];
    for await (const action of api.waitActions([api.action(of(a)), ...done])) {
      seen.push(action);
      if (seen.length <= 3) expect(server.requests).toEqual([]);
    }
    expect(seen.slice(0, 3)).toEqual(done);
    expect(seen.map(({ id }) => id)).toEqual([9, 7, 8, 1]);
  });

  it('of no actions ends at once', async () => {
    const { server, api } = account();
    expect((await api.waitActions([]).next()).done).toBe(true);
    expect(server.requests).toEqual([]);
  });

  it('sends nothing before it is read', async () => {
    const { server, api } = account(a);
    api.waitActions([1]);
    await server.clock.advance(MINUTE);
    expect(server.requests).toEqual([]);
  });

  it('throws a WaitTimeoutError with those in progress, after those that ended', async () => {
    const { server, api } = account(a, b, c);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { id } of api.waitActions([1, 2, 3], { timeout: 90_000 })) seen.push(id);
    })();
    const error = (await rejection(reading)) as WaitTimeoutError<Action>;
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error.message).toMatch(/^2 of 3 actions are still in progress after 90 s/);
    expect(error.inProgress.map(({ id }) => id).sort()).toEqual([1, 3]);
    expect(error).toMatchObject({ elapsed: 90_000 });
    expect(seen).toEqual([2]);
    expect(server.clock.now()).toBe(90_000);
  });

  it('yields the others when one cannot be found, and throws a WaitActionsError at the end', async () => {
    const { api } = account(a, b);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { id } of api.waitActions([1, 404, 2])) seen.push(id);
    })();
    const error = (await rejection(reading)) as WaitActionsError;
    expect(seen).toEqual([2, 1]);
    expect(error).toBeInstanceOf(WaitActionsError);
    expect(error.failures).toEqual([{ id: 404, error: expect.any(NotFoundError) }]);
    expect(error.message).toMatch(/^1 of 3 actions could not be waited for: action 404: GET .*404 not_found/);
  });

  it('has them in the WaitTimeoutError, too', async () => {
    const { api } = account(a, b);
    const error = await rejection(
      (async () => {
        for await (const { id } of api.waitActions([1, 404, 2], { timeout: 90_000 })) expect(id).toBe(2);
      })(),
    );
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({
      inProgress: [{ id: 1 }],
      failures: [{ id: 404, error: { name: 'NotFoundError' } }],
    });
  });

  it('ends all at once on a 401, which concerns them all', async () => {
    const { server, api, of } = account(a, b, c);
    server.respond = () => ({ status: 401, body: errors[401] });
    const waits = api.waitActions([api.action(of(a)), 2, 3]);
    expect(await rejection(waits.next())).toBeInstanceOf(AuthenticationError);
    expect(server.clock.now()).toBe(0);
  });

  it('sends nothing more after the loop is left', async () => {
    const { server, api } = account(a, b, c);
    for await (const { id } of api.waitActions([1, 2, 3])) if (id === 2) break;
    const sent = server.requests.length;
    await server.clock.advance(10 * MINUTE);
    expect(server.requests).toHaveLength(sent);
  });

  it("is ended by an abort, with the signal's own reason", async () => {
    const { server, api } = account(a, b, c);
    const controller = new AbortController();
    server.clock.after(90_000, () => controller.abort('enough'));
    const waits = api.waitActions([1, 2, 3], { signal: controller.signal });
    expect((await waits.next()).value).toMatchObject({ id: 2 });
    expect(await rejection(waits.next())).toBe('enough');
    expect(server.clock.now()).toBe(90_000);
  });

  it('yields the same action as often as it was given', async () => {
    const { api } = account(b);
    const seen: number[] = [];
    for await (const { id } of api.waitActions([2, 2])) seen.push(id);
    expect(seen).toEqual([2, 2]);
  });
});
