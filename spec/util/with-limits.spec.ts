import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { type AbortScope, onAbort } from '../../lib/util/abort';
import { sleep } from '../../lib/util/clock';
import { type WorkLimits, withLimits } from '../../lib/util/with-limits';
import { rejection } from '../support/rejection';
import { TestClock } from '../support/test-clock';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

const forever = (): Promise<never> => new Promise(() => undefined);

describe('withLimits', () => {
  const limits = (clock: TestClock, more: Partial<WorkLimits> = {}): WorkLimits => ({
    clock,
    signals: [],
    timeout: Infinity,
    onTimeout: () => new Error('too late'),
    ...more,
  });

  it('resolves with the result of the work', async () => {
    await expect(withLimits(limits(new TestClock()), () => Promise.resolve(5))).resolves.toBe(5);
  });

  it.each([0, -5])('does not start the work with a timeout of %s ms', async (timeout) => {
    const clock = new TestClock();
    const { signal } = new AbortController();
    let started = false;
    const work = withLimits(limits(clock, { signals: [signal], timeout }), async () => {
      started = true;
      return Promise.resolve();
    });
    expect(String(await rejection(work))).toBe('Error: too late');
    expect([started, clock.pending, listeners(signal)]).toEqual([false, 0, 0]);
  });

  it('rejects with the error of the work', async () => {
    const error = new Error('mine');
    expect(await rejection(withLimits(limits(new TestClock()), () => Promise.reject(error)))).toBe(error);
  });

  it('rejects with an error that the work throws synchronously', async () => {
    const clock = new TestClock([10]);
    const { signal } = new AbortController();
    const work = withLimits(limits(clock, { signals: [signal], timeout: 10 }), () => {
      throw new RangeError('at once');
    });
    expect(await rejection(work)).toBeInstanceOf(RangeError);
    expect([clock.pending, listeners(signal)]).toEqual([0, 0]);
  });

  it.each([
    ['an Error', new Error('mine')],
    ['a string', 'mine'],
    ['an object', { mine: true }],
    ['null', null],
    ['a DOMException by default', undefined],
  ])('keeps the reason of an abort: %s', async (_name, reason) => {
    const controller = new AbortController();
    const work = withLimits(limits(new TestClock(), { signals: [undefined, controller.signal] }), forever);
    controller.abort(reason);
    expect(await rejection(work)).toBe(controller.signal.reason);
  });

  it('rejects as soon as the first of several signals aborts, and aborts the work with its reason', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    let seen: AbortScope | undefined;
    const work = withLimits(limits(new TestClock(), { signals: [first.signal, second.signal] }), (signal) => {
      seen = signal;
      return forever();
    });
    second.abort('second');
    first.abort('first');
    expect(await rejection(work)).toBe('second');
    expect(seen?.reason).toBe('second');
  });

  it('does not start the work when a signal has aborted already', async () => {
    let started = false;
    const work = withLimits(limits(new TestClock(), { signals: [AbortSignal.abort('no')] }), () => {
      started = true;
      return forever();
    });
    expect(await rejection(work)).toBe('no');
    expect(started).toBe(false);
  });

  it('rejects after the timeout, even when the work does not react', async () => {
    const clock = new TestClock([50]);
    let seen: AbortScope | undefined;
    const work = withLimits(limits(clock, { timeout: 50 }), (signal) => {
      seen = signal;
      return forever();
    });
    clock.pass(49);
    expect(seen?.aborted).toBe(false);
    clock.pass(1);
    expect(await rejection(work)).toEqual(new Error('too late'));
    expect(seen?.aborted).toBe(true);
  });

  it('sets no timer without a timeout', async () => {
    const clock = new TestClock([Infinity]);
    const work = withLimits(limits(clock), () => Promise.resolve(clock.pending));
    await expect(work).resolves.toBe(0);
  });

  it('removes its timer and listener, however the work ends', async () => {
    for (const how of ['result', 'failure', 'abort', 'timeout'] as const) {
      const clock = new TestClock([50]);
      const controller = new AbortController();
      const { signal } = controller;
      const work = withLimits(limits(clock, { signals: [signal], timeout: 50 }), () => {
        if (how === 'result') return Promise.resolve();
        if (how === 'failure') return Promise.reject(new Error('mine'));
        return forever();
      });
      expect([how, clock.pending, listeners(signal)]).toEqual([how, 1, 1]);
      if (how === 'abort') controller.abort();
      if (how === 'timeout') clock.pass(50);
      await work.catch(() => undefined);
      expect([how, clock.pending, listeners(signal)]).toEqual([how, 0, 0]);
    }
  });

  it('ignores an error of the work after an abort', async () => {
    const controller = new AbortController();
    const work = withLimits(limits(new TestClock(), { signals: [controller.signal] }), async (signal) => {
      await new Promise((resolve) => onAbort(signal, resolve));
      throw new Error('too late');
    });
    controller.abort('enough');
    expect(await rejection(work)).toBe('enough');
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('shares one listener among a thousand calls', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const clock = new TestClock([50]);
    const work = Array.from({ length: 1_000 }, () =>
      withLimits(limits(clock, { signals: [signal], timeout: 50 }), (ended) => sleep(clock, 50, ended)),
    );
    expect(listeners(signal)).toBe(1);
    controller.abort('all of you');
    const ends = await Promise.allSettled(work);
    expect(new Set(ends.map((end) => (end.status === 'rejected' ? (end.reason as unknown) : end)))).toEqual(
      new Set(['all of you']),
    );
    expect([clock.pending, listeners(signal)]).toEqual([0, 0]);
  });
});
