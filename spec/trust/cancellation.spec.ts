import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { Sandbox } from '../../lib/sandbox';
import { OPERATIONS } from '../../tools/fault-matrix/operations';
import { cancel } from './cancellation/cancel';
import { STATES, TRIGGERS } from './cancellation/states';

const durations: number[] = [];
let cells = 0;

describe.each(STATES)('a call that is cancelled $name', (state) => {
  describe.each(TRIGGERS)('by %s', (trigger) => {
    const possible = OPERATIONS.filter((operation) => !state.cannot?.(operation, trigger));
    cells += OPERATIONS.length;
    if (possible.length === 0) return;

    it.each(possible)('$name', async (operation) => {
      const { problems, duration } = await cancel(state, operation, trigger);
      expect(problems).toEqual([]);
      durations.push(duration);
    });
  });
});

describe('all cancellations', () => {
  it('are 594, of which 125 cannot occur', () => {
    expect(cells).toBe(594);
    expect(durations.length).toBe(469);
  });

  it('reject within 50 ms, 99 of 100', () => {
    const sorted = [...durations].sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(50);
  });
});

describe('a signal that outlives its managers', () => {
  it('has one listener while something is under way, and none before and after', async () => {
    const { signal } = new AbortController();
    const sandbox = new Sandbox({ images: [{ id: 5 }] });
    const managers = Array.from({ length: 20 }, () => sandbox.api({ signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await Promise.all(managers.map((api) => api.fetchImage(5)));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const waits = managers.map((api) => api.action(9).wait());
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(managers.map((api) => api.close()));
    expect((await Promise.allSettled(waits)).map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
