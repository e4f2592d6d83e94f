import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { onAbort } from '../../lib/util/abort';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('onAbort', () => {
  it("calls the listener with the signal's reason", () => {
    const controller = new AbortController();
    const reasons: unknown[] = [];
    onAbort(controller.signal, (reason) => reasons.push(reason));
    expect(reasons).toEqual([]);
    controller.abort('enough');
    expect(reasons).toEqual(['enough']);
  });

  it('calls it at once when the signal has aborted already', () => {
    const reasons: unknown[] = [];
    onAbort(AbortSignal.abort('before'), (reason) => reasons.push(reason))();
    expect(reasons).toEqual(['before']);
  });

  it('does nothing without a signal', () => {
    expect(() => onAbort(undefined, () => undefined)()).not.toThrow();
  });

  it('does not call a listener that was taken back', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const takeBack = onAbort(controller.signal, () => called.push('first'));
    onAbort(controller.signal, () => called.push('second'));
    takeBack();
    controller.abort();
    expect(called).toEqual(['second']);
  });

  it('does not call a listener that an earlier one takes back', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => {
      called.push('first');
      takeBack();
    });
    const takeBack = onAbort(controller.signal, () => called.push('second'));
    controller.abort();
    expect(called).toEqual(['first']);
  });

  it('keeps one listener on the signal for a thousand waiters, and none after the last', () => {
    const { signal } = new AbortController();
    const takeBack = Array.from({ length: 1_000 }, () => onAbort(signal, () => undefined));
    expect(listeners(signal)).toBe(1);
    for (const step of takeBack.slice(1)) step();
    expect(listeners(signal)).toBe(1);
    takeBack[0]?.();
    expect(listeners(signal)).toBe(0);
  });

  it('leaves no listener once the signal has aborted', () => {
    const controller = new AbortController();
    onAbort(controller.signal, () => undefined);
    controller.abort();
    expect(listeners(controller.signal)).toBe(0);
  });

  it('takes the same function twice as two listeners', () => {
    const controller = new AbortController();
    let calls = 0;
    const count = (): number => calls++;
    const takeBack = onAbort(controller.signal, count);
    onAbort(controller.signal, count);
    takeBack();
    controller.abort();
    expect(calls).toBe(1);
  });

  it("does not take somebody else's listener back when asked twice", () => {
    const controller = new AbortController();
    const takeBack = onAbort(controller.signal, () => undefined);
    takeBack();
    let called = false;
    onAbort(controller.signal, () => (called = true));
    takeBack();
    controller.abort();
    expect(called).toBe(true);
  });
});
