import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  AbortScope,
  isSignal,
  onAbort,
  SharedAbort,
  throwIfAborted,
  toAbortSignal,
} from '../../lib/util/abort';
import { sleep } from '../../lib/util/clock';
import { withLimits } from '../../lib/util/with-limits';
import { ManualClock } from '../support/manual-clock';
import { rejection } from '../support/rejection';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('an AbortScope with a parent', () => {
  it('is on the parent only while it has listeners', () => {
    const { signal } = new AbortController();
    const scope = new AbortScope(signal);
    expect(listeners(signal)).toBe(0);
    const unsubscribes = [scope.subscribe(() => undefined), scope.subscribe(() => undefined)];
    expect(listeners(signal)).toBe(1);
    for (const unsubscribe of unsubscribes) unsubscribe();
    expect(listeners(signal)).toBe(0);
  });

  it('aborts with the reason of the parent, with listeners and without', () => {
    const controller = new AbortController();
    const [idle, busy] = [new AbortScope(controller.signal), new AbortScope(controller.signal)];
    const calls: unknown[] = [];
    busy.subscribe((reason) => calls.push(reason));
    const { signal } = busy;
    controller.abort('over');
    expect(calls).toEqual(['over']);
    expect([signal.aborted, signal.reason]).toEqual([true, 'over']);
    for (const scope of [idle, busy]) expect(scope).toMatchObject({ aborted: true, reason: 'over' });
    expect(listeners(controller.signal)).toBe(0);
  });

  it('keeps its own reason when it aborts first, and leaves the parent', () => {
    const controller = new AbortController();
    const scope = new AbortScope(controller.signal);
    scope.subscribe(() => undefined);
    scope.abort('mine');
    expect(listeners(controller.signal)).toBe(0);
    controller.abort('yours');
    expect(scope.reason).toBe('mine');
  });
});

describe('AbortScope', () => {
  it('calls all listeners once, with its reason', () => {
    const scope = new AbortScope();
    const calls: unknown[] = [];
    scope.subscribe((reason) => calls.push(['a', reason]));
    onAbort(scope, (reason) => calls.push(['b', reason]));
    scope.abort('first');
    scope.abort('second');
    expect(calls).toEqual([
      ['a', 'first'],
      ['b', 'first'],
    ]);
    expect(scope).toMatchObject({ aborted: true, reason: 'first' });
    expect(() => scope.throwIfAborted()).toThrow('first');
  });

  it('does not call a listener that has unsubscribed', () => {
    const scope = new AbortScope();
    const calls: unknown[] = [];
    scope.subscribe((reason) => calls.push(reason))();
    scope.abort('over');
    expect(calls).toEqual([]);
  });

  it('calls the others in the order of their subscription, whichever have unsubscribed, once or twice', () => {
    for (const leaving of ['abc', 'a', 'b', 'c', 'ab', 'ba', 'bc', 'ca', '']) {
      const scope = new AbortScope();
      const calls: string[] = [];
      const unsubscribe = new Map(
        ['a', 'b', 'c', 'd'].map((name) => [name, scope.subscribe(() => calls.push(name))]),
      );
      for (const name of leaving + leaving) unsubscribe.get(name)?.();
      scope.subscribe(() => calls.push('e'));
      scope.abort('over');
      expect([leaving, calls.join('')]).toEqual([
        leaving,
        ['a', 'b', 'c', 'd', 'e'].filter((name) => !leaving.includes(name)).join(''),
      ]);
    }
  });

  it('does not call a listener that an earlier one unsubscribes', () => {
    const scope = new AbortScope();
    const calls: string[] = [];
    scope.subscribe(() => unsubscribe());
    const unsubscribe = scope.subscribe(() => calls.push('unsubscribed'));
    scope.subscribe(() => calls.push('subscribed'));
    scope.abort('over');
    expect(calls).toEqual(['subscribed']);
  });

  it('gives the same as an AbortSignal: created before the abort and after it', () => {
    const early = new AbortScope();
    const { signal } = early;
    expect([signal.aborted, early.signal === signal]).toEqual([false, true]);
    early.abort('over');
    expect([signal.aborted, signal.reason]).toEqual([true, 'over']);
    const late = new AbortScope();
    late.abort('over');
    expect([late.signal.aborted, late.signal.reason]).toEqual([true, 'over']);
  });

  it('throws nothing before the abort', () => {
    expect(() => new AbortScope().throwIfAborted()).not.toThrow();
  });
});

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

  it('calls it at once when the scope has aborted already', () => {
    const scope = new AbortScope();
    scope.abort('over');
    const reasons: unknown[] = [];
    onAbort(scope, (reason) => reasons.push(reason))();
    expect(reasons).toEqual(['over']);
  });

  it('does nothing without a signal', () => {
    expect(() => onAbort(undefined, () => undefined)()).not.toThrow();
  });

  it('does not call a listener that has unsubscribed', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const unsubscribe = onAbort(controller.signal, () => called.push('first'));
    onAbort(controller.signal, () => called.push('second'));
    unsubscribe();
    controller.abort();
    expect(called).toEqual(['second']);
  });

  it('does not call a listener that an earlier one unsubscribes', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => {
      called.push('first');
      unsubscribe();
    });
    const unsubscribe = onAbort(controller.signal, () => called.push('second'));
    controller.abort();
    expect(called).toEqual(['first']);
  });

  it('keeps one listener on the signal for a thousand subscriptions, and none after the last', () => {
    const { signal } = new AbortController();
    const unsubscribe = Array.from({ length: 1_000 }, () => onAbort(signal, () => undefined));
    expect(listeners(signal)).toBe(1);
    for (const step of unsubscribe.slice(1)) step();
    expect(listeners(signal)).toBe(1);
    unsubscribe[0]?.();
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
    const unsubscribe = onAbort(controller.signal, count);
    onAbort(controller.signal, count);
    unsubscribe();
    controller.abort();
    expect(calls).toBe(1);
  });

  it('leaves later listeners subscribed when it unsubscribes twice', () => {
    const controller = new AbortController();
    const unsubscribe = onAbort(controller.signal, () => undefined);
    unsubscribe();
    let called = 0;
    onAbort(controller.signal, () => (called += 1));
    unsubscribe();
    onAbort(controller.signal, () => (called += 1));
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    expect(called).toBe(2);
  });
});

/** A signal of another realm, or of a polyfill without `throwIfAborted`. */
class ForeignSignal extends EventTarget {
  aborted = false;
  reason: unknown = undefined;

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event('abort'));
  }
}

const asSignal = (signal: object): AbortSignal => signal as AbortSignal;

describe('a signal of another realm', () => {
  it('is one by its shape', () => {
    expect(isSignal(new ForeignSignal())).toBe(true);
    expect(isSignal(new AbortController().signal)).toBe(true);
    for (const value of [
      undefined,
      null,
      5,
      'signal',
      {},
      new AbortController(),
      new EventTarget(),
      { aborted: false },
    ])
      expect(isSignal(value)).toBe(false);
    expect(isSignal({ addEventListener: () => undefined })).toBe(false);
  });

  it('calls the listeners with its own reason, untouched', () => {
    for (const reason of [new Error('enough'), 'text', 0, null, false]) {
      const foreign = new ForeignSignal();
      const reasons: unknown[] = [];
      onAbort(asSignal(foreign), (given) => reasons.push(given));
      foreign.abort(reason);
      onAbort(asSignal(foreign), (given) => reasons.push(given));
      expect(reasons).toEqual([reason, reason]);
      expect(thrownBy(() => throwIfAborted(asSignal(foreign)))).toBe(reason);
    }
  });

  it('without a reason gets the one of an AbortSignal', () => {
    const foreign = new ForeignSignal();
    expect(() => throwIfAborted(asSignal(foreign))).not.toThrow();
    foreign.abort(undefined);
    expect(thrownBy(() => throwIfAborted(asSignal(foreign)))).toMatchObject({ name: 'AbortError' });
  });

  it('ends a sleep and a limited operation', async () => {
    const foreign = new ForeignSignal();
    const signal = asSignal(foreign);
    const clock = new ManualClock();
    const limits = { clock, signals: [signal], timeout: Infinity, onTimeout: () => undefined };
    const [sleeping, working] = [
      rejection(sleep(clock, 1_000, signal)),
      rejection(withLimits(limits, () => new Promise(() => undefined))),
    ];
    const reason = new Error('enough');
    foreign.abort(reason);
    expect([await sleeping, await working]).toEqual([reason, reason]);
    expect(await rejection(sleep(clock, 1_000, signal))).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('has a counterpart that AbortSignal.any accepts, always the same', () => {
    const foreign = new ForeignSignal();
    const any = AbortSignal.any([toAbortSignal(asSignal(foreign)), new AbortController().signal]);
    expect(toAbortSignal(asSignal(foreign))).toBe(toAbortSignal(asSignal(foreign)));
    foreign.abort('enough');
    expect([any.aborted, any.reason]).toEqual([true, 'enough']);
    const { signal } = new AbortController();
    expect(toAbortSignal(signal)).toBe(signal);
  });

  it.each([
    ['fires', true],
    ['does not fire', false],
  ])('may abort while it is subscribed to, and %s', async (_, fires) => {
    const aborting = (): AbortSignal => {
      const signal = {
        aborted: false,
        reason: 'enough',
        addEventListener: (_type: string, listener: () => void) => {
          signal.aborted = true;
          if (fires) listener();
        },
      };
      return asSignal(signal);
    };
    const reasons: unknown[] = [];
    onAbort(aborting(), (reason) => reasons.push(reason))();
    expect(reasons).toEqual(['enough']);
    const clock = new ManualClock();
    const limits = { clock, signals: [aborting()], timeout: Infinity, onTimeout: () => undefined };
    expect(await rejection(withLimits(limits, () => Promise.resolve('done')))).toBe('enough');
    expect(await rejection(sleep(clock, 1_000, aborting()))).toBe('enough');
    expect(new AbortScope(aborting()).signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('need not be able to remove listeners', () => {
    const foreign = new ForeignSignal();
    const bare = {
      aborted: false,
      addEventListener: (type: string, listener: () => void) => foreign.addEventListener(type, listener),
    };
    let called = 0;
    onAbort(asSignal(bare), () => (called += 1))();
    onAbort(asSignal(bare), () => (called += 1));
    foreign.abort('enough');
    expect(called).toBe(1);
  });
});

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('SharedAbort', () => {
  it('aborts when all users have released it, and not before', () => {
    const shared = new SharedAbort(3);
    const { signal } = shared;
    shared.release();
    shared.release();
    expect(signal.aborted).toBe(false);
    shared.release();
    expect(signal.aborted).toBe(true);
  });
});
