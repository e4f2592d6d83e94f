import timers from 'node:timers';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { sleep } from '../../../lib/util/clock';
import { EventQueue } from '../../../lib/sandbox/clock/event-queue';
import { VIRTUAL_START, VirtualClock } from '../../../lib/sandbox/clock/virtual-clock';
import { turns } from '../support';

describe('The virtual clock', () => {
  it('starts at 0 and at a fixed date', () => {
    const clock = new VirtualClock();
    expect(clock.now()).toBe(0);
    expect(clock.date()).toBe(VIRTUAL_START);
    expect(clock.nextTimer).toBeNull();
  });

  it('stands still without timers', async () => {
    const clock = new VirtualClock();
    await turns();
    expect(clock.now()).toBe(0);
  });

  it('jumps to the next timer when the process is idle', async () => {
    const clock = new VirtualClock();
    await sleep(clock, 3_600_000);
    expect(clock.now()).toBe(3_600_000);
    expect(clock.date()).toBe(VIRTUAL_START + 3_600_000);
  });

  it('lets everything that a timer starts settle before the next timer', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const walk = async (name: string, ...steps: number[]): Promise<void> => {
      for (const step of steps) {
        await sleep(clock, step);
        await turns(1);
        seen.push(`${name}@${clock.now()}`);
      }
    };
    await Promise.all([walk('a', 10, 10, 10), walk('b', 15, 15)]);
    expect(seen).toEqual(['a@10', 'b@15', 'a@20', 'b@30', 'a@30']);
  });

  it('does not move for a cancelled timer', async () => {
    const clock = new VirtualClock();
    const fired = jest.fn();
    const cancel = clock.after(1_000, fired);
    cancel();
    cancel();
    await turns();
    expect(fired).not.toHaveBeenCalled();
    expect(clock.now()).toBe(0);
  });

  it('treats a negative time as 0', async () => {
    const clock = new VirtualClock();
    await sleep(clock, -5);
    expect(clock.now()).toBe(0);
  });

  it('works while a test runner fakes the timers', async () => {
    jest.useFakeTimers();
    const immediates = jest.spyOn(timers, 'setImmediate').mockImplementation(() => ({}) as NodeJS.Immediate);
    const clock = new VirtualClock();
    await sleep(clock, 1_000);
    expect(clock.now()).toBe(1_000);
    expect(immediates).not.toHaveBeenCalled();
  });

  afterEach(() => {
    jest.useRealTimers();
  });
});

describe('advance', () => {
  it('fires each timer that becomes due at its own moment, and stops at the given time', async () => {
    const clock = new VirtualClock({ auto: false });
    const moments: number[] = [];
    for (const ms of [50, 10, 100, 101]) clock.after(ms, () => moments.push(clock.now()));
    await clock.advance(100);
    expect(moments).toEqual([10, 50, 100]);
    expect(clock.now()).toBe(100);
    expect(clock.nextTimer).toBe(101);
  });

  it('fires timers that are set meanwhile, and waits for promises between two timers', async () => {
    const clock = new VirtualClock({ auto: false });
    let woken = 0;
    const sleeper = (async () => {
      for (; woken < 10; woken++) await sleep(clock, 10);
    })();
    await clock.advance(95);
    expect(woken).toBe(9);
    await clock.advance(5);
    await sleeper;
    expect(woken).toBe(10);
  });

  it('can advance to a moment; a moment in the past does not move it back', async () => {
    const clock = new VirtualClock({ auto: false });
    await clock.advanceTo(0.1 + 0.2);
    expect(clock.now()).toBe(0.1 + 0.2);
    await clock.advanceTo(0.1);
    expect(clock.now()).toBe(0.1 + 0.2);
  });

  it('runs one call after the other', async () => {
    const clock = new VirtualClock();
    await Promise.all([clock.advance(10), clock.advance(20)]);
    expect(clock.now()).toBe(30);
  });

  it('keeps an automatic clock from moving until it is done', async () => {
    const clock = new VirtualClock();
    const moments: number[] = [];
    clock.after(1_000, () => moments.push(clock.now()));
    await clock.advance(999);
    expect(moments).toEqual([]);
    expect(clock.now()).toBe(999);
    await sleep(clock, 10);
    expect(moments).toEqual([1_000]);
  });

  it('leaves a manual clock where it is', async () => {
    const clock = new VirtualClock({ auto: false });
    const fired = jest.fn();
    clock.after(1, fired);
    await turns();
    expect(fired).not.toHaveBeenCalled();
  });

  it('fires timers in the order in which they are due, then in that in which they were set', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }), async (delays) => {
        const clock = new VirtualClock({ auto: false });
        const fired: [number, number][] = [];
        delays.forEach((ms, index) => clock.after(ms, () => fired.push([ms, index])));
        await clock.advance(9);
        const expected = delays.map((ms, index): [number, number] => [ms, index]);
        expected.sort(([oneDue, oneIndex], [due, index]) => oneDue - due || oneIndex - index);
        expect(fired).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('The event queue', () => {
  it('returns in order the events that were added and not removed', () => {
    const commands = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(commands, (all) => {
        const queue = new EventQueue<number>();
        const entries = all.map(([due], index) => queue.add(due, index));
        const kept = entries.filter((entry, index) => {
          if (all[index]?.[1]) queue.remove(entry);
          queue.remove({ ...entry });
          return !all[index]?.[1];
        });
        const expected = kept.sort((one, other) => one.due - other.due || one.order - other.order);
        expect([...queue]).toEqual(expected);
        expect(queue.size).toBe(expected.length);
        expect(queue.take(-1)).toBeUndefined();
        const taken = [];
        for (let entry = queue.take(20); entry; entry = queue.take(20)) taken.push(entry);
        expect(taken).toEqual(expected);
      }),
    );
  });
});
