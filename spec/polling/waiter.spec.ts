import { describe, expect, it } from '@jest/globals';
import { ConnectionError, DOApiError, NotFoundError, PermissionDeniedError } from '../../lib/errors/errors';
import type { WaitTimeoutError } from '../../lib/errors/wait-timeout';
import { type JsonObject, Mismatch } from '../../lib/model/fields';
import type { WaitPolicy, WaitTarget } from '../../lib/model/wait-target';
import type { PollResult } from '../../lib/polling/poll-result';
import { NOT_FOUND_GRACE } from '../../lib/polling/wait-options';
import { Waiter } from '../../lib/polling/waiter';
import { ManualClock } from '../support/manual-clock';
import { rejection } from '../support/rejection';
import { aPolicy, aWaitTarget } from '../support/waits';

const INTERVAL = 5_000;

interface Made {
  waiter: Waiter<JsonObject>;
  clock: ManualClock;
  /** What `onProgress` was called with. */
  progress: { state: JsonObject; elapsed: number; polls: number }[];
  ended: Waiter<JsonObject>[];
}

/** A waiter, and everything that can be observed of it. @param now when the wait begins */
async function aWaiter(
  target: Partial<WaitTarget<JsonObject>> = {},
  policy: Partial<WaitPolicy<JsonObject>> = {},
  now = 0,
): Promise<Made> {
  const clock = new ManualClock();
  await clock.advance(now);
  const progress: Made['progress'] = [];
  const ended: Made['ended'] = [];
  const waiter = new Waiter(
    aWaitTarget({ receivedAt: now, ...target }),
    aPolicy({ interval: INTERVAL, onProgress: (one) => progress.push(one), ...policy }),
    clock,
    (one) => ended.push(one),
  );
  waiter.result.catch(() => undefined);
  return { waiter, clock, progress, ended };
}

const UNSEEN: PollResult = { kind: 'unseen' };
const seen = (json: JsonObject): PollResult => ({ kind: 'seen', json });
const failed = (error: unknown): PollResult => ({ kind: 'failed', error });

/** The first millisecond at which it joins a poll. */
const dueFrom = (waiter: Waiter<JsonObject>, notBefore: number): number => {
  for (let now = -10_000; now < 100_000; now++) if (waiter.isDue(now, notBefore)) return now;
  return Infinity;
};

describe('a waiter', () => {
  it('is due at once, unless its state was just received', async () => {
    const [known, unknown] = [
      await aWaiter({ receivedAt: 7_000 }, {}, 8_000),
      await aWaiter({ receivedAt: null }, {}, 8_000),
    ];
    expect([known.waiter.dueAt, known.waiter.isUrgent]).toEqual([12_000, false]);
    expect([unknown.waiter.dueAt, unknown.waiter.isUrgent]).toEqual([8_000, true]);
  });

  it('joins a poll up to half an interval early, and can be postponed to the next poll of others', async () => {
    const { waiter } = await aWaiter();
    expect(dueFrom(waiter, -Infinity)).toBe(INTERVAL - INTERVAL / 2);
    expect(dueFrom(waiter, 20_000)).toBe(20_000 - INTERVAL / 2);
    expect([waiter.pollTime(-Infinity), waiter.pollTime(20_000)]).toEqual([INTERVAL, 20_000]);
  });

  it('is on time when it is urgent, and cannot be postponed', async () => {
    const { waiter } = await aWaiter({ receivedAt: null });
    expect(dueFrom(waiter, 20_000)).toBe(-250);
    waiter.update(UNSEEN);
    expect([waiter.isUrgent, waiter.pollTime(20_000)]).toEqual([false, 20_000]);
    const { waiter: quick } = await aWaiter({ receivedAt: null }, { interval: 100 });
    expect(dueFrom(quick, 20_000)).toBe(-50);
  });

  it('has its final poll half a second or half an interval before its deadline, and in the middle of a shorter timeout', async () => {
    const { waiter: long } = await aWaiter({}, { timeout: 60_000 });
    expect(long.pollTime(Infinity)).toBe(59_500);
    expect(dueFrom(long, Infinity)).toBe(59_250);
    const { waiter: short } = await aWaiter({}, { timeout: 600, interval: 100 });
    expect(short.pollTime(Infinity)).toBe(550);
    const { waiter: shorter } = await aWaiter({}, { timeout: 600 });
    expect(shorter.pollTime(Infinity)).toBe(300);
  });

  it('makes a poll urgent that would come too late', async () => {
    const { waiter: inTime } = await aWaiter({}, { timeout: INTERVAL + 500 });
    expect([inTime.dueAt, inTime.isUrgent]).toEqual([INTERVAL, false]);
    const { waiter: tooLate } = await aWaiter({}, { timeout: INTERVAL + 499 });
    expect([tooLate.dueAt, tooLate.isUrgent]).toEqual([INTERVAL - 1, true]);
  });

  it.each([
    [9_250, 9_500],
    [9_251, Infinity],
  ])('is polled once more before the deadline, unless it just was: at %i', async (now, dueAt) => {
    const { waiter, clock } = await aWaiter({}, { timeout: 10_000 });
    await clock.advance(now);
    waiter.update(UNSEEN);
    expect([waiter.dueAt, waiter.isUrgent]).toEqual([dueAt, true]);
  });

  it('is due up to a tenth of the pause earlier by jitter, but never before an interval', async () => {
    const startedAt = (): number => new ManualClock().date() - 200_000;
    const pauses = [0, 0.5, 1].map(async (jitter) => {
      const { waiter } = await aWaiter({ startedAt });
      waiter.update(UNSEEN, jitter);
      return waiter.dueAt;
    });
    expect(await Promise.all(pauses)).toEqual([20_000, 19_000, 18_000]);
    const { waiter: young } = await aWaiter();
    young.update(UNSEEN, 1);
    expect(young.dueAt).toBe(INTERVAL);
  });

  it('has the age of its target, or else of the wait', async () => {
    const young = await aWaiter({}, {}, 1_000);
    await young.clock.advance(500);
    expect(young.waiter.age).toBe(500);
    const startedAt = new ManualClock().date() - 60_000;
    const old = await aWaiter({ startedAt: () => startedAt }, {}, 1_000);
    expect(old.waiter.age).toBe(61_000);
  });

  it.each<[what: string, isNew: boolean, target: Partial<WaitTarget<JsonObject>>, now: number]>([
    ['received just now, of unknown age', true, { receivedAt: 1_000 }, 1_000],
    ['received a while ago, but started just now', true, { receivedAt: 0, startedAt: ago(0) }, 200_000],
    [
      'started long ago, but received just now',
      true,
      { receivedAt: 200_000, startedAt: ago(NOT_FOUND_GRACE) },
      200_000,
    ],
    ['started just now, and never received', true, { receivedAt: null, startedAt: ago(0) }, 200_000],
    [
      'started long ago, and never received',
      false,
      { receivedAt: null, startedAt: ago(NOT_FOUND_GRACE) },
      200_000,
    ],
    [
      'started long ago, and received a while ago',
      false,
      { receivedAt: 200_000 - NOT_FOUND_GRACE, startedAt: ago(NOT_FOUND_GRACE) },
      200_000,
    ],
    [
      'a millisecond less than that',
      true,
      { receivedAt: 200_001 - NOT_FOUND_GRACE, startedAt: ago(NOT_FOUND_GRACE) },
      200_000,
    ],
    ['known by its id alone', false, { receivedAt: null }, 200_000],
  ])('knows whether its target may be too new to be found: %s', async (_what, isNew, target, now) => {
    const { waiter } = await aWaiter(target, {}, now);
    expect(waiter.isNew).toBe(isNew);
    // A 404 is final for what is not new.
    const error = new NotFoundError({ ...REQUEST, status: 404 });
    waiter.update(failed(error));
    expect(waiter.isSettled).toBe(!isNew);
    if (!isNew) expect(await rejection(waiter.result)).toBe(error);
  });

  /** So long before the time 200,000, at which the waits above begin. */
  function ago(ms: number): () => number {
    return () => new ManualClock().date() + 200_000 - ms;
  }
});

const REQUEST = {
  ...{ method: 'GET', url: 'https://api.digitalocean.com/v2/actions/1', attempts: 1, status: 403 },
  ...{ id: 'forbidden', detail: '', requestId: null, rateLimit: null, retryAfter: null },
};

describe('a waiter that is updated', () => {
  it('reads the state when its status changed or is not known; else the object stays the same', async () => {
    const { waiter, progress } = await aWaiter();
    const first = waiter.state;
    waiter.update(seen({ id: 1, status: 'in-progress', more: 1 }));
    expect(waiter.state).toBe(first);
    const changed = { id: 1, status: 'paused' };
    waiter.update(seen(changed));
    expect(waiter.state).toBe(changed);
    expect(progress.map(({ state, polls }) => [state, polls])).toEqual([
      [first, 1],
      [changed, 2],
    ]);
    const { waiter: unknown } = await aWaiter({ state: { id: 1, status: null } });
    const shown = { id: 1, status: null, more: 1 };
    unknown.update(seen(shown));
    expect(unknown.state).toBe(shown);
  });

  it('ends once, when its target is done; later updates are ignored', async () => {
    const { waiter, progress, ended } = await aWaiter();
    const end = { id: 1, status: 'completed' };
    waiter.update(seen(end));
    waiter.update(seen({ id: 1, status: 'something else' }));
    waiter.update(UNSEEN);
    waiter.fail(new Error('too late'));
    expect([await waiter.result, waiter.state, waiter.isSettled]).toEqual([end, end, true]);
    expect([progress.length, ended]).toEqual([1, [waiter]]);
  });

  it('continues after a transient failure, which counts as a poll', async () => {
    const { waiter, progress } = await aWaiter();
    waiter.update(failed(new ConnectionError(REQUEST, { message: 'lost', code: null, syscall: null })));
    expect(waiter.isSettled).toBe(false);
    expect(progress).toHaveLength(1);
    expect(waiter.dueAt).toBe(INTERVAL);
  });

  it('rejects with a failure that is final', async () => {
    const { waiter, progress, ended } = await aWaiter();
    const error = new PermissionDeniedError(REQUEST);
    waiter.update(failed(error));
    expect(await rejection(waiter.result)).toBe(error);
    expect([progress, ended]).toEqual([[], [waiter]]);
  });

  it('continues when the state cannot be read; that is the cause when the time is up', async () => {
    const read = (): never => {
      throw new Mismatch('id', 'a number', 'x');
    };
    const { waiter, clock } = await aWaiter({ read }, { timeout: 60_000 }, 1_000);
    waiter.update(seen({ id: 1, status: 'paused' }));
    expect(waiter.isSettled).toBe(false);
    await clock.advance(60_000);
    waiter.timeOut();
    const error = (await rejection(waiter.result)) as WaitTimeoutError;
    expect(error).toMatchObject({ elapsed: 60_000, polls: 1, inProgress: [waiter.state] });
    expect(error.cause).toBeInstanceOf(DOApiError);
    expect(String(error.cause)).toContain('Action 1: the state cannot be read: id: expected a number');
  });

  it.each(['read', 'status', 'isDone'] as const)(
    'rejects with any other error that %s throws: it would be thrown again by every poll',
    async (method) => {
      const mistake = new RangeError('mine');
      const fails = (): never => {
        throw mistake;
      };
      const { waiter, ended } = await aWaiter({ [method]: fails });
      waiter.update(seen({ id: 1, status: 'paused' }));
      expect(await rejection(waiter.result)).toBe(mistake);
      expect(ended).toEqual([waiter]);
    },
  );

  it('with a timeout of 0 waits one interval at most for a promise of onProgress', async () => {
    const onProgress = (): Promise<void> => new Promise(() => undefined);
    const { waiter, clock } = await aWaiter({}, { timeout: 0, onProgress });
    waiter.update(seen({ id: 1, status: 'in-progress' }));
    expect(waiter.isSettled).toBe(false);
    expect(waiter.deadline).toBe(clock.now() + INTERVAL);
    waiter.timeOut();
    expect(await rejection(waiter.result)).toMatchObject({ name: 'WaitTimeoutError' });
  });

  it('rejects with what onProgress throws', async () => {
    const mistake = new Error('mine');
    const onProgress = (): never => {
      throw mistake;
    };
    const { waiter, ended } = await aWaiter({}, { onProgress });
    waiter.update(UNSEEN);
    expect(await rejection(waiter.result)).toBe(mistake);
    expect(ended).toEqual([waiter]);
  });

  it('rejects with what the promise of onProgress rejects with, at any poll', async () => {
    for (const status of ['in-progress', 'completed']) {
      const mistake = new Error('mine');
      const { waiter, ended } = await aWaiter({}, { onProgress: () => Promise.reject(mistake) });
      waiter.update(seen({ id: 1, status }));
      expect(waiter.isSettled).toBe(false);
      expect(await rejection(waiter.result)).toBe(mistake);
      expect(ended).toEqual([waiter]);
    }
  });

  it('goes on while promises of onProgress are pending, and ends when they have settled', async () => {
    const settle: (() => void)[] = [];
    const onProgress = (): Promise<void> => new Promise((resolve) => settle.push(resolve));
    const { waiter, clock } = await aWaiter({}, { onProgress });
    waiter.update(seen({ id: 1, status: 'in-progress' }));
    expect(waiter.dueAt).toBe(INTERVAL);
    const end = { id: 1, status: 'completed' };
    waiter.update(seen(end));
    waiter.update(seen({ id: 1, status: 'something else' }));
    expect([settle.length, waiter.dueAt]).toEqual([2, Infinity]);
    settle[1]?.();
    await clock.advance(0);
    expect(waiter.isSettled).toBe(false);
    settle[0]?.();
    expect(await waiter.result).toBe(end);
  });

  it('ends with its state at its deadline, when a promise of onProgress never settles', async () => {
    const { waiter } = await aWaiter({}, { timeout: 60_000, onProgress: () => new Promise(() => undefined) });
    const end = { id: 1, status: 'completed' };
    waiter.update(seen(end));
    waiter.timeOut();
    expect(await waiter.result).toBe(end);
  });

  it('leaves no rejection unhandled after it has ended otherwise', async () => {
    let fail: (reason: Error) => void = () => undefined;
    const onProgress = (): Promise<void> => new Promise((_resolve, reject) => (fail = reject));
    const { waiter } = await aWaiter({}, { onProgress });
    waiter.update(seen({ id: 1, status: 'in-progress' }));
    waiter.fail('enough');
    // Unhandled, it would fail the run.
    fail(new Error('too late'));
    expect(await rejection(waiter.result)).toBe('enough');
  });

  it('ends with the reason of a signal that onProgress aborts', async () => {
    const controller = new AbortController();
    const { waiter, ended } = await aWaiter(
      {},
      { signal: controller.signal, onProgress: () => controller.abort('enough') },
    );
    waiter.update(seen({ id: 1, status: 'completed' }));
    expect(await rejection(waiter.result)).toBe('enough');
    expect(ended).toEqual([waiter]);
  });
});
