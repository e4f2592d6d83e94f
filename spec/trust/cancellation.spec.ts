import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { Sandbox } from '../../lib/sandbox';
import { end } from './cancellation/ending';
import { STATES, TRIGGERS } from './cancellation/states';
import { OPERATIONS } from '../../tools/fault-matrix/operations';

const took: number[] = [];
let cells = 0;

describe.each(STATES)('a call that is ended $name', (state) => {
  describe.each(TRIGGERS)('by %s', (trigger) => {
    const possible = OPERATIONS.filter((operation) => !state.cannot?.(operation, trigger));
    cells += OPERATIONS.length;
    if (possible.length === 0) return;

    it.each(possible)('$name', async (operation) => {
      const ended = await end(state, operation, trigger);
      expect(ended.problems).toEqual([]);
      took.push(ended.took);
    });
  });
});

describe('all of them', () => {
  it('are 396, of which those that cannot occur are named with the reason', () => {
    expect(cells).toBe(396);
    expect(took.length).toBe(315);
  });

  it('are over in 50 ms, 99 of 100', () => {
    const sorted = [...took].sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(50);
  });
});

describe('a signal that outlives its managers', () => {
  it('keeps nothing of those that are closed', async () => {
    const { signal } = new AbortController();
    const sandbox = new Sandbox();
    const managers = Array.from({ length: 20 }, () => sandbox.api({ signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(managers.map((api) => api.close()));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
