import { describe, expect, it } from '@jest/globals';
import { forEachConcurrently } from '../../lib/util/concurrency';
import { settled } from '../support/manual-clock';

/** Work that ends on request. */
function controlledWork(): {
  started: number[];
  work: (item: number) => Promise<void>;
  end: (item: number, error?: Error) => Promise<void>;
} {
  const started: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  return {
    started,
    work: (item) =>
      new Promise((resolve, reject) => {
        started.push(item);
        ends.set(item, (error) => (error ? reject(error) : resolve()));
      }),
    end: (item, error) => {
      ends.get(item)?.(error);
      return settled();
    },
  };
}

describe('forEachConcurrently', () => {
  it('starts the work in order, up to the limit', async () => {
    const { started, work, end } = controlledWork();
    const all = forEachConcurrently([1, 2, 3, 4, 5], 2, work);
    expect(started).toEqual([1, 2]);
    await end(2);
    expect(started).toEqual([1, 2, 3]);
    await end(3);
    await end(1);
    expect(started).toEqual([1, 2, 3, 4, 5]);
    await end(5);
    await end(4);
    await all;
  });

  it('resolves at once without items', async () => {
    await expect(
      forEachConcurrently([], 3, () => Promise.reject(new Error('never'))),
    ).resolves.toBeUndefined();
  });

  it('takes each item from the iterable when it starts its work', async () => {
    const taken: number[] = [];
    const { work, end, started } = controlledWork();
    const numbers = function* (): Generator<number> {
      for (const number of [1, 2, 3]) {
        taken.push(number);
        yield number;
      }
    };
    const all = forEachConcurrently(numbers(), 1, work);
    expect(taken).toEqual([1]);
    for (const number of [1, 2, 3]) await end(number);
    await all;
    expect(started).toEqual(taken);
  });

  it('rejects with the first failure at once, and starts nothing after it', async () => {
    const { started, work, end } = controlledWork();
    const all = forEachConcurrently([1, 2, 3, 4], 2, work);
    const failure = expect(all).rejects.toThrow('first');
    await end(1, new Error('first'));
    await failure;
    await end(2, new Error('second'));
    expect(started).toEqual([1, 2]);
  });

  it('starts nothing after a failure when other work succeeds', async () => {
    const { started, work, end } = controlledWork();
    const failure = expect(forEachConcurrently([1, 2, 3, 4], 2, work)).rejects.toThrow('first');
    await end(1, new Error('first'));
    await failure;
    await end(2);
    expect(started).toEqual([1, 2]);
  });
});
