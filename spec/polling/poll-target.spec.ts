import { describe, expect, it } from '@jest/globals';
import { NotFoundError } from '../../lib/errors/errors';
import type { PollResult } from '../../lib/polling/poll-result';
import type { PollRound, RoundCost } from '../../lib/polling/poll-round';
import { PollTarget } from '../../lib/polling/poll-target';
import type { Waiter } from '../../lib/polling/waiter';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import { aWaiter } from '../support/waits';

const MINUTE = 60_000;
const UNSEEN: PollResult = { kind: 'unseen' };
const seen = (json: object): PollResult => ({ kind: 'seen', json: json as never });

/** An action of image 5, with a waiter. */
function anAction(id = 1, parent: string | null = 'images/5'): PollTarget {
  const target = new PollTarget({ kind: 'action', id, parent });
  target.add(aWaiter());
  return target;
}

/** A round that sends nothing. */
function aRound(cost: RoundCost = { at: 0, requests: 0 }): {
  round: PollRound<PollTarget>;
  released: PollTarget[];
} {
  const released: PollTarget[] = [];
  const round = { cost, release: (target: PollTarget) => released.push(target) };
  return { round: round as unknown as PollRound<PollTarget>, released };
}

describe('a target', () => {
  it('learns its resource from a state seen since', () => {
    const target = new PollTarget({ kind: 'action', id: 1, parent: null });
    target.add(
      aWaiter({
        ref: ({ resource_id }) => ({
          kind: 'action',
          id: 1,
          parent: resource_id === undefined ? null : `images/${resource_id as number}`,
        }),
      }),
    );
    target.update(seen({ id: 1, status: 'paused', resource_id: 5 }), 0);
    expect(target.positions.expectedPages(new Set(), 0)).toMatchObject({ parent: null });
    target.start(aRound().round);
    expect(target.positions.expectedPages(new Set(), 0)).toMatchObject({
      parent: { list: 'images/5/actions' },
    });
  });

  it('is released by its round when it is updated or has no waiter left, once', () => {
    const target = anAction();
    const { round, released } = aRound();
    target.start(round);
    target.update(UNSEEN, 0);
    target.release();
    expect(released).toEqual([target]);
    target.start(round);
    target.release();
    expect(released).toEqual([target, target]);
  });
});

describe('the waiters for one target', () => {
  /** The last one knows only the id. */
  function three(): { target: PollTarget; waiters: Waiter<unknown>[] } {
    const target = new PollTarget({ kind: 'action', id: 1, parent: 'images/5' });
    const waiters = [aWaiter(), aWaiter(), aWaiter({ receivedAt: null })];
    for (const waiter of waiters) target.add(waiter);
    return { target, waiters };
  }

  it('are updated together', async () => {
    const { target, waiters } = three();
    target.update(seen({ id: 1, status: 'completed' }), 0);
    expect(await Promise.all(waiters.map(({ result }) => result))).toEqual(
      waiters.map(() => ({ id: 1, status: 'completed' })),
    );
  });

  it('are due again with the same jitter', () => {
    const { target, waiters } = three();
    target.update(UNSEEN, 0.5);
    expect(new Set(waiters.map(({ dueAt }) => dueAt)).size).toBe(1);
  });

  it('fail or continue, each for itself', async () => {
    const { target, waiters } = three();
    const error = new NotFoundError({
      ...{ method: 'GET', url: '', attempts: 1, status: 404, id: 'not_found', detail: '' },
      ...{ requestId: null, rateLimit: null, retryAfter: null },
    });
    target.update({ kind: 'failed', error }, 0);
    expect(waiters.map(({ isSettled }) => isSettled)).toEqual([false, false, true]);
    await expect(waiters[2]?.result).rejects.toBe(error);
  });

  it('make it new only if each of them knows it as new', () => {
    const { target, waiters } = three();
    expect(target.isNew).toBe(false);
    for (const waiter of waiters.slice(2)) expect(target.remove(waiter)).toBe(2);
    expect(target.isNew).toBe(true);
  });

  it('leave one by one', () => {
    const { target, waiters } = three();
    expect(waiters.map((waiter) => target.remove(waiter))).toEqual([2, 1, 0]);
  });
});

describe('the time of the next poll', () => {
  const clock = new VirtualClock({ auto: false });

  it('is when the first of the waiters is due, but not within an interval of the last round', () => {
    const target = new PollTarget({ kind: 'action', id: 1 });
    target.add(aWaiter({}, { interval: 20_000 }, clock));
    target.add(aWaiter({}, { interval: 5_000 }, clock));
    expect(target.pollTime(-Infinity)).toBe(5_000);
    expect(target.pollTime(3_000)).toBe(8_000);
  });

  it('is now for a target of which only the id is known, whenever the last round was', () => {
    const target = new PollTarget({ kind: 'action', id: 1 });
    target.add(aWaiter({ receivedAt: null }, {}, clock));
    expect(target.pollTime(-1)).toBe(0);
    expect(target.isDue(0)).toBe(true);
  });

  it('is never during a poll', () => {
    const target = anAction();
    target.start(aRound({ at: 0, requests: 1 }).round);
    expect(target.pollTime(-Infinity)).toBe(Infinity);
    expect(target.isDue(MINUTE)).toBe(false);
    target.update(UNSEEN, 0);
    expect(target.pollTime(-Infinity)).toBe(5_000);
  });

  it('may be half an interval earlier, to share a round', () => {
    const target = anAction();
    expect([2_499, 2_500, 5_000].map((now) => target.isDue(now))).toEqual([false, true, true]);
  });

  it.each([
    [1, 5_000],
    [5, 5_000],
    [50, 50_000],
  ])('comes after a pause that is long enough for %i requests: %i ms', (requests, time) => {
    const target = anAction();
    target.start(aRound({ at: 0, requests }).round);
    target.update(UNSEEN, 0);
    expect(target.pollTime(0)).toBe(time);
    expect(target.isDue(time - 2_501)).toBe(false);
    expect(target.isDue(time)).toBe(true);
  });

  it('is not postponed past the final moment before a deadline', () => {
    const target = new PollTarget({ kind: 'action', id: 1 });
    target.add(aWaiter({}, { timeout: 9_000 }, new VirtualClock({ auto: false })));
    expect(target.pollTime(4_500)).toBe(8_500);
    target.start(aRound({ at: 0, requests: 500 }).round);
    target.update(UNSEEN, 0);
    expect(target.pollTime(0)).toBe(8_500);
    expect([5_000, 8_000, 8_500].map((now) => target.isDue(now))).toEqual([false, false, true]);
    expect(target.nextTime(0)).toBe(8_500);
  });

  it('is never after the final poll; then the deadline comes next', async () => {
    const target = new PollTarget({ kind: 'action', id: 1 });
    const clock = new VirtualClock({ auto: false });
    target.add(aWaiter({}, { timeout: 9_000 }, clock));
    await clock.advance(8_500);
    target.update(UNSEEN, 0);
    expect(target.pollTime(8_500)).toBe(Infinity);
    expect(target.nextTime(8_500)).toBe(9_000);
  });
});
