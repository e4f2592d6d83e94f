import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { ClosedError } from '../../lib';
import { Cell, type End, ENDS, KINDS, LISTING, outcome, REASON, STATES } from './iteration/cells';

const DONE = { value: { done: true, value: undefined } };

/** Nothing is under way, now and later. */
async function expectNothingLeft({ server, clock, controller }: Cell): Promise<void> {
  const { requests } = server;
  expect(server.inFlight).toBe(0);
  expect(clock.pending).toBe(0);
  await clock.advance(600_000);
  expect(server.requests).toBe(requests);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
}

describe.each(Object.entries(KINDS))('an iteration over %s', (_kind, kind) => {
  describe.each(Object.entries(STATES))('%s', (_state, state) => {
    const { reach, isReached = () => true, queue = false, isOver = false, hasNext } = state;
    const possible = Object.entries<End>(ENDS).filter(
      ([, { needsItem = false }]) => !needsItem || isOver || hasNext?.(kind),
    );

    it.each(possible)('ends at once with %s', async (_end, { fire, rejects }) => {
      const cell = new Cell(kind, { queue });
      await reach(cell);
      expect(isReached(cell)).toBe(true);
      const before = cell.server.requests;
      expect(await outcome(fire(cell))).not.toBe('pending');
      const results = [];
      // Those that are pending, and two more.
      for (const next of [...cell.pending, cell.items.next(), cell.items.next()])
        results.push(await outcome(next));
      const [first, ...others] = results;
      if (rejects && !isOver) expect(rejects((first as { error: unknown }).error)).toBe(true);
      else expect(first).toEqual(DONE);
      expect(others).toEqual(others.map(() => DONE));
      expect(cell.server.requests).toBe(before);
      await expectNothingLeft(cell);
    });
  });
});

describe.each(['toArray', 'find', 'first'] as const)('%s()', (method) => {
  const read = ({ api, controller: { signal } }: Cell): Promise<unknown> =>
    method === 'find'
      ? api.fetchAllImages({ signal }).find(() => false)
      : api.fetchAllImages({ signal })[method]();

  describe.each(['a request', 'the rate limiter', 'a later page'] as const)('that waits for %s', (what) => {
    it.each(['an abort', 'close()'] as const)('rejects at once after %s', async (end) => {
      if (method === 'first' && what === 'a later page') return;
      const cell = new Cell(LISTING, { queue: what === 'the rate limiter' });
      if (what === 'the rate limiter') await cell.api.request('/v2/images');
      cell.server.isHolding = what === 'a request';
      const result = read(cell);
      if (what === 'a later page') {
        while (cell.server.requests < 1) await Promise.resolve();
        cell.server.isHolding = true;
      }
      expect(await outcome(result)).toBe('pending');
      await ENDS[end].fire(cell);
      const { error } = (await outcome(result)) as { error: unknown };
      if (end === 'close()') expect(error).toBeInstanceOf(ClosedError);
      else expect(error).toBe(REASON);
      await expectNothingLeft(cell);
    });
  });
});
