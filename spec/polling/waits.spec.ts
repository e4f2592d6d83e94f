import { describe, expect, it } from '@jest/globals';
import { ActionError, NotFoundError, WaitActionsError, WaitTimeoutError } from '../../lib';
import errors from '../fixtures/error/documented.json';
import {
  account,
  behavesLikeAWait,
  MINUTE,
  slow,
  failRequests,
  type StartWait,
} from '../support/behaves-like-a-wait';
import { accountOf, type SentRequest, actionJson, rejection, stamp } from '../support/builders';

const WAITS: [name: string, wait: StartWait, options?: { before: number }][] = [
  ['action.wait()', (api, options) => api.action(1).wait(options)],
  ['image.waitForAction()', (api, options) => api.image(7938269).waitForAction(options), { before: 1 }],
  [
    'image.transfer(), waiting',
    (api, wait) => api.image(7938269).transfer('nyc3', { wait: { ...wait } }),
    { before: 1 },
  ],
  [
    'api.waitActions()',
    async (api, options) => {
      try {
        return (await api.waitActions([1], options).next()).value;
      } catch (error) {
        // It collects what a single wait throws.
        throw error instanceof WaitActionsError ? error.failures[0]?.error : error;
      }
    },
  ],
  ['image.waitUntilAvailable()', (api, options) => api.image(5).waitUntilAvailable(options)],
];

for (const [name, wait, options] of WAITS) behavesLikeAWait(name, wait, options);

describe('action.wait()', () => {
  it('returns the action in its last state, soon after it ended', async () => {
    const { server, api, of } = account(slow);
    const action = api.action(of(slow));
    const ended = await action.wait();
    expect(ended).toMatchObject({ id: 1, status: 'completed' });
    expect(ended).not.toBe(action);
    expect(action.status).toBe('in-progress');
    expect(server.clock.now()).toBeGreaterThanOrEqual(slow.ends);
    expect(server.clock.now()).toBeLessThan(slow.ends * 1.1 + 5_000);
  });

  it.each(['completed', 'errored'])('sends nothing for an action that is done: %s', async (status) => {
    const { server, api } = account();
    const action = api.action(actionJson({ status }));
    expect(await action.wait({ throwOnError: false, timeout: 0 })).toBe(action);
    expect(server.requests).toEqual([]);
  });

  it.each([null, 'paused'])('continues while the status is %s', async (status) => {
    const { server, api } = account(slow);
    const { respond: answer } = server;
    const odd = accountOf({ actions: () => [actionJson({ id: 1, status })] });
    server.respond = (request, nth) => (server.clock.now() < MINUTE ? odd : answer)(request, nth);
    expect((await api.action(1).wait()).completed).toBe(true);
  });

  it('throws an ActionError for an action that ended as errored', async () => {
    const { api } = account({ ...slow, status: 'errored' });
    const error = await rejection(api.action(1).wait());
    expect(error).toBeInstanceOf(ActionError);
    expect((error as ActionError).action).toMatchObject({ id: 1, status: 'errored' });
    expect(await rejection(api.action(actionJson({ status: 'errored' })).wait())).toBeInstanceOf(ActionError);
  });

  it('returns such an action with throwOnError: false', async () => {
    const { api } = account({ ...slow, status: 'errored' });
    expect((await api.action(1).wait({ throwOnError: false })).errored).toBe(true);
  });

  it('serves every wait for the same action', async () => {
    const { api, of } = account(slow);
    const waits = [
      api.action(1).wait(),
      api.action(of(slow)).wait(),
      api.action(1).wait({ interval: 20_000 }),
    ];
    expect((await Promise.all(waits)).map(({ status }) => status)).toEqual([
      'completed',
      'completed',
      'completed',
    ]);
  });
});

describe('action.wait() with polls that fail', () => {
  it('continues until the time is up; the last failure is the cause', async () => {
    const { server, api } = account(slow);
    failRequests(server, Infinity, { status: 500, body: errors[500] });
    const error = (await rejection(api.action(1).wait({ timeout: MINUTE }))) as WaitTimeoutError;
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error.cause).toMatchObject({ name: 'ServerError', status: 500 });
    expect(error.inProgress).toMatchObject([{ id: 1, status: null }]);
    expect(server.clock.now()).toBe(MINUTE);
  });

  it("polls the image's own URLs when the token lacks actions:read", async () => {
    const { server, api, of } = account(slow, { id: 2, ends: 4 * MINUTE });
    const { respond: answer } = server;
    const isFlat = ({ path }: SentRequest): boolean => path.startsWith('/v2/actions');
    server.respond = (request, nth) =>
      isFlat(request) ? { status: 403, body: errors[403] } : answer(request, nth);
    expect((await api.action(of(slow)).wait()).completed).toBe(true);
    expect((await api.action(of({ id: 2, ends: 4 * MINUTE })).wait()).completed).toBe(true);
    expect(server.requests.filter(isFlat).length).toBeLessThanOrEqual(1);
  });

  it('continues after a 404 of an action that was just made', async () => {
    const { server, api, of } = account(slow);
    const { respond: answer } = server;
    const action = api.action(of(slow));
    const empty = accountOf({});
    server.respond = (request, nth) => (server.clock.now() < 40_000 ? empty : answer)(request, nth);
    expect((await action.wait()).completed).toBe(true);
  });

  it('ends with a 404 of an action that was made a while ago', async () => {
    const { server, api } = account();
    const action = api.action(actionJson({ started_at: stamp(-10 * MINUTE) }));
    await server.clock.advance(2 * MINUTE);
    expect(await rejection(action.wait())).toBeInstanceOf(NotFoundError);
    expect(server.clock.now()).toBe(2 * MINUTE);
  });

  it('ends with a 404 when only the id is known', async () => {
    const { server, api } = account();
    expect(await rejection(api.action(404).wait())).toBeInstanceOf(NotFoundError);
    expect(server.clock.now()).toBe(0);
  });
});
