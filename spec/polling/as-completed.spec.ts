import { describe, expect, it } from '@jest/globals';
import { WaitTimeoutError } from '../../lib/errors/wait-timeout';
import type { Requester } from '../../lib/model/requester';
import type { WaitPolicy, WaitTarget } from '../../lib/model/wait-target';
import { asCompleted } from '../../lib/polling/as-completed';
import { ManualClock, settled } from '../support/manual-clock';
import { rejection } from '../support/rejection';

/** A poller whose waits end as the spec says. */
class StubPoller {
  readonly clock = new ManualClock();
  readonly waiting = new Map<
    string,
    { end: (state: string) => void; fail: (reason: unknown) => void; signal: WaitPolicy<string>['signal'] }
  >();

  wait({ name }: WaitTarget<string>, { signal }: WaitPolicy<string>): Promise<string> {
    return new Promise((end, fail) => this.waiting.set(name, { end, fail, signal }));
  }

  waitForAll(states: Record<string, string>, signal?: AbortSignal): AsyncGenerator<string, void, undefined> {
    const targets = Object.entries(states).map(([name, state]) => {
      const isDone = (now: string): boolean => now === 'done before';
      return { name, state, isDone } as unknown as WaitTarget<string>;
    });
    const api = { clock: this.clock, poller: this as unknown as Requester['poller'] };
    const policy = { signal } as unknown as WaitPolicy<string>;
    return asCompleted(api, targets, policy, (late) => `${late} of these`);
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
      '3 of these are still in progress after 60 s and 8 polls; they continue at DigitalOcean',
    );
  });

  it('throws the first failure, after what ended before it, and ends the other waits', async () => {
    const poller = new StubPoller();
    const reading = poller.read(poller.waitForAll({ a: '', b: '', c: '' }));
    await settled();
    const failure = new Error('gone');
    poller.waiting.get('b')?.end('b');
    poller.waiting.get('a')?.fail(failure);
    expect(await reading).toEqual({ yielded: ['b'], error: failure });
    expect(poller.waiting.get('c')?.signal?.aborted).toBe(true);
  });

  it('ends the waits when the loop is left', async () => {
    const poller = new StubPoller();
    const waits = poller.waitForAll({ a: 'done before', b: '' });
    await waits.next();
    expect(poller.waiting.get('b')?.signal?.aborted).toBe(false);
    await waits.return();
    expect(poller.waiting.get('b')?.signal?.aborted).toBe(true);
  });

  it('aborts the waits with the reason of its signal', async () => {
    const poller = new StubPoller();
    const controller = new AbortController();
    const next = poller.waitForAll({ a: '' }, controller.signal).next();
    await settled();
    controller.abort('enough');
    const { signal, fail } = poller.waiting.get('a') ?? {};
    expect(signal?.reason).toBe('enough');
    fail?.(signal?.reason);
    expect(await rejection(next)).toBe('enough');
  });
});
