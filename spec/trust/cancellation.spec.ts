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
  it('are 396, of which 81 cannot occur', () => {
    expect(cells).toBe(396);
    expect(durations.length).toBe(315);
  });

  it('reject within 50 ms, 99 of 100', () => {
    const sorted = [...durations].sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(50);
  });
});

describe('a signal that outlives its managers', () => {
  it('has no listener after they are closed', async () => {
    const { signal } = new AbortController();
    const sandbox = new Sandbox();
    const managers = Array.from({ length: 20 }, () => sandbox.api({ signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(managers.map((api) => api.close()));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
