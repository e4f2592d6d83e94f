import { describe, expect, it } from '@jest/globals';
import { inParallel } from '../../lib/core/parallel';
import { rejection } from '../support/rejection';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('work in parallel', () => {
  it.each([1, 3, 100])('is begun in order, %d at a time', async (limit) => {
    const begun: number[] = [];
    let busy = 0;
    let busiest = 0;
    await inParallel([1, 2, 3, 4, 5, 6, 7], limit, async (item) => {
      begun.push(item);
      busiest = Math.max(busiest, ++busy);
      await turn();
      busy -= 1;
    });
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(busiest).toBe(Math.min(7, limit));
  });

  it('is done when there is nothing to do', async () => {
    await expect(inParallel([], 3, () => Promise.reject(new Error('what?')))).resolves.toBeUndefined();
  });

  it('rejects with the first failure', async () => {
    const work = inParallel([1, 2, 3], 2, async (item) => {
      await turn();
      if (item > 1) throw new Error(`item ${item}`);
    });
    expect(await rejection(work)).toEqual(new Error('item 2'));
  });

  it('begins nothing after a failure', async () => {
    const begun: number[] = [];
    const work = inParallel([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun.push(item);
      await turn();
      if (item === 1) throw new Error('no');
    });
    await rejection(work);
    await turn();
    await turn();
    expect(begun).toEqual([1, 2]);
  });
});
