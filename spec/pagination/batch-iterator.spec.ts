import { describe, expect, it } from '@jest/globals';
import { BatchIterator } from '../../lib/pagination/batch-iterator';
import { settled } from '../support/manual-clock';
import { rejection } from '../support/rejection';

/** An iterator over these batches, and the signal that its source sees. */
function over(
  batches: number[][],
  itemsOf: (batch: number[]) => Iterable<number> = (batch) => batch,
): { items: BatchIterator<number, number[]>; source: { signal?: AbortSignal } } {
  const source: { signal?: AbortSignal } = {};
  const start = async function* (controller: AbortController): AsyncGenerator<number[], void> {
    source.signal = controller.signal;
    for (const batch of batches) yield await Promise.resolve(batch);
  };
  return { items: new BatchIterator({ signals: [], start, itemsOf }), source };
}

describe('a batch iterator', () => {
  it('yields the items of all batches in order, also those of empty ones, to calls made at once', async () => {
    const { items } = over([[1, 2], [], [3]]);
    const results = await Promise.all([1, 2, 3, 4, 5].map(() => items.next()));
    expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined, undefined]);
    expect(results.map(({ done }) => done)).toEqual([false, false, false, true, true]);
  });

  it('starts its source with the first next(), and aborts its controller at the end', async () => {
    const { items, source } = over([[1]]);
    await settled();
    expect(source.signal).toBeUndefined();
    await items.next();
    expect(source.signal?.aborted).toBe(false);
    await items.next();
    expect(source.signal?.aborted).toBe(true);
  });

  it.each(['at once', 'later'])('ends with what its items throw %s', async (when) => {
    const reason = new Error('unreadable');
    const { items } = over([[1]], function* () {
      if (when === 'later') yield 1;
      throw reason;
    });
    if (when === 'later') await items.next();
    expect(await rejection(items.next())).toBe(reason);
    expect(await items.next()).toEqual({ done: true, value: undefined });
  });

  it('return() gives its value, which may be a promise, and never starts a source', async () => {
    const { items, source } = over([[1]]);
    expect(await items.return(Promise.resolve())).toEqual({ done: true, value: undefined });
    expect(await items.next()).toEqual({ done: true, value: undefined });
    expect(source.signal).toBeUndefined();
  });
});
