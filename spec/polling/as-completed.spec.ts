import { describe, expect, it } from '@jest/globals';
import { AuthenticationError } from '../../lib/errors/errors';
import { WaitActionsError } from '../../lib/errors/wait-actions';
import { WaitTimeoutError } from '../../lib/errors/wait-timeout';
import type { Requester } from '../../lib/model/requester';
import type { WaitPolicy, WaitTarget } from '../../lib/model/wait-target';
import { asCompleted } from '../../lib/polling/as-completed';
import { AbortScope } from '../../lib/util/abort';
import { ManualClock, settled } from '../support/manual-clock';
import { rejection } from '../support/rejection';

const RESPONSE = {
  ...{ method: 'GET', url: 'https://api.digitalocean.com/v2/actions/1', attempts: 1, status: 401 },
  ...{ id: null, detail: '', requestId: null, rateLimit: null, retryAfter: null },
};

/** A poller whose waits end as the spec says. */
class StubPoller {
  readonly clock = new ManualClock();
  /** That of the manager. */
  readonly signal = new AbortScope();
  readonly waiting = new Map<
    string,
    { end: (state: string) => void; fail: (reason: unknown) => void; policy: WaitPolicy<string> }
  >();

  wait({ name }: WaitTarget<string>, policy: WaitPolicy<string>): Promise<string> {
    return new Promise((end, fail) => this.waiting.set(name, { end, fail, policy }));
  }

  /** Ids are 1 for the first, and so on. */
  waitForAll(
    states: Record<string, string>,
    policy: Partial<WaitPolicy<string>> = {},
  ): AsyncGenerator<string, void, undefined> {
    const targets = Object.entries(states).map(([name, state], index) => {
      const isDone = (now: string): boolean => now === 'done before';
      const ref = (): object => ({ kind: 'action', id: index + 1 });
      return { name, state, isDone, ref } as unknown as WaitTarget<string>;
    });
    const api = { clock: this.clock, signal: this.signal, poller: this as unknown as Requester['poller'] };
    return asCompleted(api, targets, policy as WaitPolicy<string>);
  }

  /** Reads to the end. @returns what was yielded, and the error it ended with */
  async read(waits: AsyncGenerator<string, void, undefined>): Promise<{ yielded: string[]; error: unknown }> {
    const yielded: string[] = [];
    try {
      for await (const state of waits) yielded.push(state);
      return { yielded, error: null };
    } catch (error) {
      return { yielded, error };
    }
  }

  timeOut(name: string, polls: number): void {
    this.waiting.get(name)?.fail(new WaitTimeoutError(name, [name], 5, polls));
  }
}

describe('asCompleted()', () => {
  it('yields what was done before at once, in order, without a wait', async () => {
    const poller = new StubPoller();
    const waits = poller.waitForAll({ a: 'in progress', b: 'done before', c: 'done before' });
    await expect(waits.next()).resolves.toEqual({ done: false, value: 'done before' });
    expect([...poller.waiting.keys()]).toEqual(['a']);
    const reading = poller.read(waits);
    poller.waiting.get('a')?.end('ended now');
    expect(await reading).toEqual({ yielded: ['done before', 'ended now'], error: null });
  });

  it('yields each as it ends', async () => {
    const poller = new StubPoller();
    const reading = poller.read(poller.waitForAll({ a: '', b: '', c: '' }));
    for (const name of ['c', 'a', 'b']) {
      await settled();
      poller.waiting.get(name)?.end(name);
    }
    expect(await reading).toEqual({ yielded: ['c', 'a', 'b'], error: null });
  });

  it('throws a WaitTimeoutError at the end: what is in progress, after how long, and after how many polls at most', async () => {
    const poller = new StubPoller();
    await poller.clock.advance(7_000);
    const reading = poller.read(poller.waitForAll({ a: '', b: '', c: '', d: '' }));
    await poller.clock.advance(60_000);
    poller.timeOut('a', 3);
    poller.timeOut('b', 8);
    poller.timeOut('d', 5);
    poller.waiting.get('c')?.end('c');
    const { yielded, error } = await reading;
    expect(yielded).toEqual(['c']);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ inProgress: ['a', 'b', 'd'], elapsed: 60_000, polls: 8 });
    expect(String(error)).toContain(
      '3 of 4 actions are still in progress after 60 s and 8 polls; they continue at DigitalOcean',
    );
  });

  it('yields the others after a failure, and throws a WaitActionsError at the end', async () => {
    const poller = new StubPoller();
    const reading = poller.read(poller.waitForAll({ a: '', b: '', c: '', d: '' }));
    await settled();
    const failure = new Error('gone');
    poller.waiting.get('b')?.fail(failure);
    poller.waiting.get('a')?.end('a');
    poller.waiting.get('d')?.fail('no error at all');
    poller.waiting.get('c')?.end('c');
    const { yielded, error } = await reading;
    expect(yielded).toEqual(['a', 'c']);
    expect(error).toBeInstanceOf(WaitActionsError);
    expect(error).toMatchObject({
      name: 'WaitActionsError',
      message: '2 of 4 actions could not be waited for: action 2: gone; the others are in failures',
      failures: [
        { id: 2, error: failure },
        { id: 4, error: 'no error at all' },
      ],
    });
  });

  it('throws a WaitTimeoutError that has the failures, when both happen', async () => {
    const poller = new StubPoller();
    const reading = poller.read(poller.waitForAll({ a: '', b: '' }));
    await settled();
    const failure = new Error('gone');
    poller.waiting.get('b')?.fail(failure);
    poller.timeOut('a', 3);
    const { error } = await reading;
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ inProgress: ['a'], failures: [{ id: 2, error: failure }] });
  });

  it.each<[what: string, error: Error, close: boolean, yielded: string[]]>([
    [
      'a 401, which the others would meet, too, after what ended before it',
      new AuthenticationError(RESPONSE),
      false,
      ['b'],
    ],
    ['the end of the manager, at once', new Error('closed'), true, []],
  ])('throws %s, and ends the other waits', async (_what, error, close, yielded) => {
    const poller = new StubPoller();
    const reading = poller.read(poller.waitForAll({ a: '', b: '', c: '' }));
    await settled();
    poller.waiting.get('b')?.end('b');
    if (close) poller.signal.abort(error);
    poller.waiting.get('a')?.fail(error);
    expect(await reading).toEqual({ yielded, error });
    expect(poller.waiting.get('c')?.policy.signal?.aborted).toBe(true);
  });

  it.each([
    [
      'throws',
      (reason: Error) => {
        throw reason;
      },
    ],
    ['rejects', (reason: Error) => Promise.reject(reason)],
  ])('throws what an onProgress that %s fails with, and ends the other waits', async (_how, fail) => {
    const poller = new StubPoller();
    const reason = new Error('mine');
    const reading = poller.read(poller.waitForAll({ a: '', b: '' }, { onProgress: () => fail(reason) }));
    await settled();
    const { policy, fail: failWait } = poller.waiting.get('a') ?? {};
    // As a waiter does.
    await Promise.resolve()
      .then(() => policy?.onProgress?.({ state: '', elapsed: 0, polls: 1 }))
      .catch(failWait);
    expect(await reading).toEqual({ yielded: [], error: reason });
    expect(poller.waiting.get('b')?.policy.signal?.aborted).toBe(true);
  });

  it('passes on the reason of a signal, whatever it is', async () => {
    const reason = new WaitTimeoutError('Something else', [], 5, 1);
    const poller = new StubPoller();
    const controller = new AbortController();
    const reading = poller.read(poller.waitForAll({ a: '' }, { signal: controller.signal }));
    await settled();
    controller.abort(reason);
    poller.waiting.get('a')?.fail(reason);
    expect((await reading).error).toBe(reason);
  });

  it('counts the polls of any number of waits', async () => {
    const poller = new StubPoller();
    const names = Array.from({ length: 150_000 }, (_, index) => [`a${index}`, ''] as const);
    const reading = poller.read(poller.waitForAll(Object.fromEntries(names)));
    await settled();
    for (const [name] of names) poller.timeOut(name, 2);
    expect((await reading).error).toMatchObject({ polls: 2 });
  });

  it('ends the waits when the loop is left', async () => {
    const poller = new StubPoller();
    const waits = poller.waitForAll({ a: 'done before', b: '' });
    await waits.next();
    expect(poller.waiting.get('b')?.policy.signal?.aborted).toBe(false);
    await waits.return();
    expect(poller.waiting.get('b')?.policy.signal?.aborted).toBe(true);
  });

  it('aborts the waits with the reason of its signal', async () => {
    const poller = new StubPoller();
    const controller = new AbortController();
    const next = poller.waitForAll({ a: '' }, { signal: controller.signal }).next();
    await settled();
    controller.abort('enough');
    const { policy, fail } = poller.waiting.get('a') ?? {};
    const signal = policy?.signal;
    expect(signal?.reason).toBe('enough');
    fail?.(signal?.reason);
    expect(await rejection(next)).toBe('enough');
  });
});

describe('a hundred and fifty thousand waits', () => {
  const MANY = 150_000;
  const target = (id: number, state: string): WaitTarget<string> =>
    ({ state, isDone: (now: string) => now === 'done', ref: () => ({ kind: 'action', id }) }) as never;
  const policy = {} as WaitPolicy<string>;

  it('that time out together end with one error', async () => {
    const error = new WaitTimeoutError('one', ['open'], 5, 7);
    const poller = { wait: () => Promise.reject(error) };
    const api = { clock: new ManualClock(), signal: new AbortScope(), poller };
    const targets = Array.from({ length: MANY }, (_, id) => target(id, 'open'));
    const last = (await rejection(asCompleted(api, targets, policy).next())) as WaitTimeoutError;
    expect(last).toBeInstanceOf(WaitTimeoutError);
    expect([last.inProgress.length, last.polls]).toEqual([MANY, 7]);
  }, 30_000);

  it('that are done already are yielded in linear time', async () => {
    const api = {
      clock: new ManualClock(),
      signal: new AbortScope(),
      poller: { wait: () => new Promise<never>(() => undefined) },
    };
    const timeOf = async (count: number): Promise<number> => {
      const targets = Array.from({ length: count }, (_, id) => target(id, 'done'));
      const start = process.cpuUsage();
      let yielded = 0;
      for await (const state of asCompleted(api, targets, policy)) yielded += state === 'done' ? 1 : 0;
      expect(yielded).toBe(count);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1_000;
    };
    await timeOf(1_000);
    // 0.3 s; with an array in place of the queue, 28 s.
    expect(await timeOf(MANY)).toBeLessThan(7_000);
  }, 60_000);
});
