import { describe, expect, it } from '@jest/globals';
import { Action, type DOApi, type DOApiOptions, type WaitOptions, WaitTimeoutError } from '../../lib';
import { ConnectionError } from '../../lib/errors/errors';
import { isTransient } from '../../lib/polling/wait-options';
import {
  eachWrong,
  outOfBounds,
  rejectsWrongInput,
  throwsWrongInput,
  type WrongInput,
  wrongTypes,
} from '../support/behaves-like-strict-input';
import { accountOf, actionJson, MemoryServer, rejection, stamp } from '../support/builders';

/** An action that never ends. @param age milliseconds from its start to the start of the server's clock */
function endless(age = 0): MemoryServer {
  return new MemoryServer(accountOf({ actions: () => [actionJson({ started_at: stamp(-age) })] }));
}

/** The times of the polls of a wait, in milliseconds since it began. */
async function pollsOf(action: Action, options: WaitOptions<Action>): Promise<number[]> {
  const polls: number[] = [];
  const wait = action.wait({ ...options, onProgress: ({ elapsed }) => polls.push(elapsed) });
  expect(await rejection(wait)).toBeInstanceOf(WaitTimeoutError);
  return polls;
}

/** The action, received just now. */
const received = (server: MemoryServer, options: DOApiOptions = {}): Promise<Action> =>
  server.api(options).fetchAction(36805527);

describe('the pauses of a wait', () => {
  it('begin with a poll at once, when only the id is known or the state was not received by this manager', async () => {
    const json = actionJson({ started_at: stamp() });
    for (const known of [36805527, json]) {
      const polls = await pollsOf(endless().api().action(known), { timeout: 60_000 });
      expect(polls[0]).toBe(0);
    }
  });

  it.each([
    ['by default', {}, {}, 5_000],
    ['of the manager', { waitInterval: 9_000 }, {}, 9_000],
    ['of the wait', { waitInterval: 9_000 }, { interval: 7_000 }, 7_000],
  ])(
    'begin with one interval, when the state was received just now: %s',
    async (_what, options, wait, first) => {
      const polls = await pollsOf(await received(endless(), options), { ...wait, timeout: 60_000 });
      expect(polls[0]).toBe(first);
    },
  );

  it.each([
    [3_000, 2_000],
    [5_000, 0],
    [100_000, 0],
  ])(
    'begin with what is left of an interval since the state was received: %i ms ago',
    async (since, first) => {
      const server = endless();
      const action = await received(server);
      await server.clock.advance(since);
      expect((await pollsOf(action, { timeout: 30_000 }))[0]).toBe(first);
    },
  );

  it.each([
    ['young', 0, 1_000, 60_000],
    ['an hour old', 3_600_000, 5_000, 600_000],
    ['an hour old, and an interval that is short', 3_600_000, 1_000, 60_000],
    ['ten years old, and an interval that is very short', 315_360_000_000, 20, 5_000],
    ['older than that, and an interval that is longer', 7_200_000, 45_000, 600_000],
  ])(
    'are the longer of the interval and a tenth of the age, up to half a minute and to six intervals: %s',
    async (_what, age, interval, timeout) => {
      const polls = await pollsOf(await received(endless(age)), { interval, timeout });
      expect(polls.length).toBeGreaterThan(3);
      // The final poll comes earlier, before the deadline.
      for (let i = 1; i < polls.length - 1; i++) {
        const [before = 0, now = 0] = polls.slice(i - 1);
        const longest = Math.max(interval, Math.min(30_000, 6 * interval, (age + before) / 10));
        expect(now - before).toBeLessThanOrEqual(longest);
        expect(now - before).toBeGreaterThanOrEqual(Math.max(interval, longest * 0.9));
      }
    },
  );

  it('end with a poll before the deadline', async () => {
    for (const timeout of [4_000, 60_000, 299_000]) {
      const polls = await pollsOf(await received(endless()), { timeout });
      expect(polls.length).toBeGreaterThan(0);
      const last = polls.at(-1) ?? 0;
      expect(last).toBeLessThanOrEqual(timeout);
      expect(last).toBeGreaterThanOrEqual(timeout - 5_000);
    }
  });
});

describe('the timeout of a wait', () => {
  it.each([
    ['of the wait', {}, { timeout: 90_000 }, 90_000],
    ['of the manager', { waitTime: 77_000 }, {}, 77_000],
    ['of an hour, by default', {}, {}, 3_600_000],
  ])('is that %s', async (_what, options, wait, timeout) => {
    const server = endless();
    const error = await rejection(server.api(options).action(36805527).wait(wait));
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect((error as WaitTimeoutError).elapsed).toBe(timeout);
    expect(server.clock.now()).toBe(timeout);
  });

  it('can be infinite', async () => {
    const server: MemoryServer = new MemoryServer(
      accountOf({
        actions: () => [
          actionJson({ status: server.clock.now() < 30 * 86_400_000 ? 'in-progress' : 'completed' }),
        ],
      }),
    );
    const wait = server.api({ waitTime: Infinity }).action(36805527).wait({ interval: 3_600_000 });
    expect((await wait).completed).toBe(true);
  });

  it('is reported with what is in progress, the time, the number of polls and the last state', async () => {
    const error = (await rejection(
      endless().api().action(36805527).wait({ timeout: 10_000 }),
    )) as WaitTimeoutError<Action>;
    expect(error.name).toBe('WaitTimeoutError');
    expect(error.message).toMatch(
      /^Action 36805527 is still in progress after 10 s and \d+ polls; it continues at DigitalOcean: wait again, or with a longer timeout$/,
    );
    expect(error.inProgress).toHaveLength(1);
    expect(error.inProgress[0]).toBeInstanceOf(Action);
    expect(error.inProgress[0]).toMatchObject({ id: 36805527, status: 'in-progress', type: 'transfer' });
    expect(error.polls).toBeGreaterThan(1);
    // No poll failed.
    expect(error).not.toHaveProperty('cause');
  });

  it('of 0 allows one poll, at once', async () => {
    const server = endless();
    const api = server.api();
    for (const action of [api.action(36805527), api.action(actionJson({ started_at: stamp() }))]) {
      const error = (await rejection(action.wait({ timeout: 0 }))) as WaitTimeoutError;
      expect(error).toBeInstanceOf(WaitTimeoutError);
      expect(error).toMatchObject({ elapsed: 0, polls: 1 });
      expect(error.message).toContain('0 s and 1 poll;');
    }
    expect(server.requests).toHaveLength(2);
    expect(server.clock.now()).toBe(0);
  });

  it('of 0 is enough when that poll shows the end', async () => {
    const server = new MemoryServer(accountOf({ actions: () => [actionJson({ status: 'completed' })] }));
    expect((await server.api().action(36805527).wait({ timeout: 0 })).completed).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  it('is not extended by a slow response', async () => {
    const server = endless();
    server.latency = 40_000;
    const api = server.api({ timeout: Infinity, deadline: Infinity });
    const error = (await rejection(api.action(36805527).wait({ timeout: 10_000 }))) as WaitTimeoutError;
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(server.clock.now()).toBe(10_000);
    expect(error.inProgress).toMatchObject([{ id: 36805527, status: null }]);
  });
});

describe('isTransient()', () => {
  const request = { method: 'GET', url: 'https://api.digitalocean.com/v2/actions/5', attempts: 4 };
  const unconnected = (code: string): ConnectionError =>
    new ConnectionError(request, { message: code, code, syscall: null });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND'])('is true without a connection: %s', (code) => {
    expect(isTransient(unconnected(code), false)).toBe(true);
  });

  it.each(['CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN'])(
    'is false for a rejected certificate: %s',
    (code) => {
      expect(isTransient(unconnected(code), true)).toBe(false);
    },
  );

  it('is false for anything but the error of a request', () => {
    expect(isTransient(new TypeError('a bug'), true)).toBe(false);
    expect(isTransient(undefined, true)).toBe(false);
  });
});

describe('wrong options of a wait are rejected before anything is sent', () => {
  const wrong = (what: string, wait: (api: DOApi, options: WaitOptions) => unknown): WrongInput[] => [
    ...eachWrong(what, 'interval', [...outOfBounds(0, -1, NaN), ...wrongTypes('5', null)], (api, bad) =>
      wait(api, { interval: bad }),
    ),
    ...eachWrong(what, 'timeout', [...outOfBounds(-1, NaN), ...wrongTypes('5', null)], (api, bad) =>
      wait(api, { timeout: bad }),
    ),
    ...eachWrong(what, 'signal', wrongTypes('stop', {}, null), (api, bad) => wait(api, { signal: bad })),
    ...eachWrong(what, 'onProgress', wrongTypes('log', {}, null), (api, bad) =>
      wait(api, { onProgress: bad }),
    ),
    ...eachWrong(what, 'options', wrongTypes(null, 5_000, 'long', []), (api, bad) => wait(api, bad)),
  ];
  const wrongOfOne = (what: string, wait: (api: DOApi, options: WaitOptions) => unknown): WrongInput[] => [
    ...wrong(what, wait),
    ...eachWrong(what, 'throwOnError', wrongTypes('no', 0, null), (api, bad) =>
      wait(api, { throwOnError: bad }),
    ),
  ];
  rejectsWrongInput([
    ...wrongOfOne('action.wait()', (api, options) => api.action(5).wait(options)),
    ...wrongOfOne('action.wait(), done', (api, o) => api.action(actionJson({ status: 'completed' })).wait(o)),
    ...wrongOfOne('image.waitForAction()', (api, options) => api.image(5).waitForAction(options)),
    ...wrongOfOne('image.waitUntilAvailable()', (api, options) => api.image(5).waitUntilAvailable(options)),
  ]);
  throwsWrongInput(wrong('api.waitActions()', (api, options) => api.waitActions([5], options)));
});
