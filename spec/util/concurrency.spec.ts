import { describe, expect, it } from '@jest/globals';
import { forEachConcurrently } from '../../lib/util/concurrency';
import { settled } from '../support/manual-clock';

/** Work that ends when it is told to. */
function workshop(): {
  begun: number[];
  work: (item: number) => Promise<void>;
  end: (item: number, error?: Error) => Promise<void>;
} {
  const begun: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  return {
    begun,
    work: (item) =>
      new Promise((resolve, reject) => {
        begun.push(item);
        ends.set(item, (error) => (error ? reject(error) : resolve()));
      }),
    end: (item, error) => {
      ends.get(item)?.(error);
      return settled();
    },
  };
}

describe('work in parallel', () => {
  it('is begun in order, so many at a time', async () => {
    const { begun, work, end } = workshop();
    const all = forEachConcurrently([1, 2, 3, 4, 5], 2, work);
    expect(begun).toEqual([1, 2]);
    await end(2);
    expect(begun).toEqual([1, 2, 3]);
    await end(3);
    await end(1);
    expect(begun).toEqual([1, 2, 3, 4, 5]);
    await end(5);
    await end(4);
    await all;
  });

  it('of nothing is done at once', async () => {
    await expect(
      forEachConcurrently([], 3, () => Promise.reject(new Error('never'))),
    ).resolves.toBeUndefined();
  });

  it('takes what comes, as it comes', async () => {
    const taken: number[] = [];
    const { work, end, begun } = workshop();
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
    expect(begun).toEqual(taken);
  });

  it('rejects with the first failure, at once, and begins nothing after it', async () => {
    const { begun, work, end } = workshop();
    const all = forEachConcurrently([1, 2, 3, 4], 2, work);
    const failure = expect(all).rejects.toThrow('first');
    await end(1, new Error('first'));
    await failure;
    await end(2, new Error('second'));
    expect(begun).toEqual([1, 2]);
  });

  it('begins nothing after a failure for work that ends well, either', async () => {
    const { begun, work, end } = workshop();
    const failure = expect(forEachConcurrently([1, 2, 3, 4], 2, work)).rejects.toThrow('first');
    await end(1, new Error('first'));
    await failure;
    await end(2);
    expect(begun).toEqual([1, 2]);
  });
});
