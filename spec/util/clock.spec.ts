import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createClock } from '@sinonjs/fake-timers';
import type * as ClockModule from '../../lib/util/clock';
import { type Clock, sleep } from '../../lib/util/clock';
import { rejection } from '../support/rejection';
import { TestClock } from '../support/test-clock';

type SimulatedMachine = ReturnType<typeof createClock>;

const DAY = 24 * 3_600_000;

/**
 * The system clock of a machine whose time the spec moves. It is bound to the machine's timers when it is loaded, so that
 * fake timers that are installed later do not reach it.
 */
function aMachine(): { machine: SimulatedMachine; systemClock: Clock } {
  const machine = createClock(Date.UTC(2026, 0, 1));
  jest.doMock('../../lib/util/machine-timers', () => ({
    setTimeout: machine.setTimeout,
    clearTimeout: machine.clearTimeout,
    // The simulated machine has no I/O to read in between.
    setImmediate: (callback: () => void) => callback(),
    clearImmediate: () => undefined,
    monotonicNow: () => (machine.performance as typeof performance).now(),
    dateNow: (): number => machine.now,
  }));
  let systemClock: Clock | undefined;
  jest.isolateModules(() => {
    ({ systemClock } = jest.requireActual<typeof ClockModule>('../../lib/util/clock'));
  });
  if (!systemClock) throw new Error('The module was not loaded');
  return { machine, systemClock };
}

describe('systemClock', () => {
  let machine: SimulatedMachine;
  let systemClock: Clock;

  beforeEach(() => {
    ({ machine, systemClock } = aMachine());
  });
  afterEach(() => {
    jest.dontMock('../../lib/util/machine-timers');
  });

  it('is monotonic when the date changes', () => {
    const [before, date] = [systemClock.now(), systemClock.date()];
    machine.setSystemTime(Date.UTC(2020, 0, 1));
    machine.tick(250);
    expect(systemClock.now() - before).toBeCloseTo(250);
    expect(systemClock.date()).toBeLessThan(date);
  });

  it('calls back once after the delay', () => {
    let calls = 0;
    systemClock.after(250, () => calls++);
    machine.tick(249);
    expect(calls).toBe(0);
    machine.tick(10_000);
    expect(calls).toBe(1);
  });

  it('does not call back after it was cancelled, once or twice', () => {
    let calls = 0;
    const cancel = systemClock.after(250, () => calls++);
    cancel();
    cancel();
    machine.tick(1_000);
    expect([calls, machine.countTimers()]).toEqual([0, 0]);
  });

  it('supports delays of months, with which setTimeout fires at once', () => {
    let calls = 0;
    systemClock.after(60 * DAY, () => calls++);
    machine.tick(60 * DAY - 1);
    expect(calls).toBe(0);
    machine.tick(1);
    expect(calls).toBe(1);
  });

  it('can be cancelled during a delay of months', () => {
    let calls = 0;
    const cancel = systemClock.after(60 * DAY, () => calls++);
    machine.tick(30 * DAY);
    cancel();
    machine.tick(60 * DAY);
    expect([calls, machine.countTimers()]).toEqual([0, 0]);
  });

  it('supports an infinite delay', () => {
    let calls = 0;
    const cancel = systemClock.after(Infinity, () => calls++);
    machine.tick(400 * DAY);
    expect(calls).toBe(0);
    cancel();
    expect(machine.countTimers()).toBe(0);
  });
});

describe('sleep', () => {
  const aSleep = (signal?: AbortSignal): { clock: TestClock; slept: Promise<void> } => {
    const clock = new TestClock([250]);
    return { clock, slept: sleep(clock, 250, signal) };
  };

  it('resolves after its delay, and removes its timer and listener', async () => {
    const { signal } = new AbortController();
    const { clock, slept } = aSleep(signal);
    clock.pass(250);
    await expect(slept).resolves.toBeUndefined();
    expect([clock.pending, getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
  });

  it('needs no signal', async () => {
    const { clock, slept } = aSleep();
    clock.pass(250);
    await expect(slept).resolves.toBeUndefined();
  });

  it("rejects with the signal's reason as soon as it aborts, and removes its timer and listener", async () => {
    const controller = new AbortController();
    const { clock, slept } = aSleep(controller.signal);
    controller.abort('up!');
    expect(await rejection(slept)).toBe('up!');
    expect([clock.pending, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0]);
  });

  it('sets no timer when the signal has aborted already', async () => {
    const { clock, slept } = aSleep(AbortSignal.abort('never'));
    expect(await rejection(slept)).toBe('never');
    expect(clock.pending).toBe(0);
  });

  it('shares one listener among a thousand calls', async () => {
    const controller = new AbortController();
    const clock = new TestClock([250]);
    const slept = Array.from({ length: 1_000 }, () => sleep(clock, 250, controller.signal));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    await Promise.allSettled(slept);
    expect([clock.pending, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0]);
  });
});
