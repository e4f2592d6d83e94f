import { describe, expect, it } from '@jest/globals';
import { DOApiError } from '../../lib/errors/errors';
import { type JsonObject, Mismatch } from '../../lib/model/fields';
import { NOT_FOUND_GRACE, type WaitPolicy, type WaitTimeoutError } from '../../lib/polling/wait-options';
import { type WaitTarget, Waiter } from '../../lib/polling/waiter';
import { ManualClock } from '../support/manual-clock';
import { rejection } from '../support/rejection';
import { aPatience, aSubject } from '../support/waits';

const INTERVAL = 5_000;

interface Made {
  wait: Waiter<JsonObject>;
  clock: ManualClock;
  /** What `onProgress` was told. */
  told: { state: JsonObject; elapsed: number; polls: number }[];
  ended: Waiter<JsonObject>[];
}

/** A wait by itself, and all that can be seen of it. @param now when it begins */
async function aWait(
  subject: Partial<WaitTarget<JsonObject>> = {},
  patience: Partial<WaitPolicy<JsonObject>> = {},
  now = 0,
): Promise<Made> {
  const clock = new ManualClock();
  await clock.advance(now);
  const told: Made['told'] = [];
  const ended: Made['ended'] = [];
  const wait = new Waiter(
    aSubject({ seenAt: now, ...subject }),
    aPatience({ interval: INTERVAL, onProgress: (progress) => told.push(progress), ...patience }),
    clock,
    (one) => ended.push(one),
    () => 0,
  );
  wait.result.catch(() => undefined);
  return { wait, clock, told, ended };
}

/** From when on it takes part in a look, to the millisecond. */
const dueFrom = (wait: Waiter<JsonObject>, others: number): number => {
  for (let now = -10_000; now < 100_000; now++) if (wait.isDue(now, others)) return now;
  return Infinity;
};

describe('one wait', () => {
  it('wants to look at once, unless its state was just received', async () => {
    const [known, unknown] = [
      await aWait({ seenAt: 7_000 }, {}, 8_000),
      await aWait({ seenAt: null }, {}, 8_000),
    ];
    expect([known.wait.dueAt, known.wait.isUrgent]).toEqual([12_000, false]);
    expect([unknown.wait.dueAt, unknown.wait.isUrgent]).toEqual([8_000, true]);
  });

  it('takes part in a look that comes half an interval early, and waits for others', async () => {
    const { wait } = await aWait();
    expect(dueFrom(wait, -Infinity)).toBe(INTERVAL - INTERVAL / 2);
    expect(dueFrom(wait, 20_000)).toBe(20_000 - INTERVAL / 2);
    expect([wait.lookTime(-Infinity), wait.lookTime(20_000)]).toEqual([INTERVAL, 20_000]);
  });

  it('comes to the moment when it is urgent, and does not wait for others', async () => {
    const { wait } = await aWait({ seenAt: null });
    expect(dueFrom(wait, 20_000)).toBe(-250);
    wait.looked();
    expect([wait.isUrgent, wait.lookTime(20_000)]).toEqual([false, 20_000]);
    const { wait: hasty } = await aWait({ seenAt: null }, { interval: 100 });
    expect(dueFrom(hasty, 20_000)).toBe(-50);
  });

  it('looks a last time half a second before its deadline, or at half of a short time', async () => {
    const { wait: long } = await aWait({}, { timeout: 60_000 });
    expect(long.lookTime(Infinity)).toBe(59_500);
    expect(dueFrom(long, Infinity)).toBe(59_250);
    const { wait: short } = await aWait({}, { timeout: 600, interval: 100 });
    expect(short.lookTime(Infinity)).toBe(300);
  });

  it('makes the look urgent that would come too late', async () => {
    const { wait: inTime } = await aWait({}, { timeout: INTERVAL + 500 });
    expect([inTime.dueAt, inTime.isUrgent]).toEqual([INTERVAL, false]);
    const { wait: tooLate } = await aWait({}, { timeout: INTERVAL + 499 });
    expect([tooLate.dueAt, tooLate.isUrgent]).toEqual([INTERVAL - 1, true]);
  });

  it.each([
    [9_250, 9_500],
    [9_251, Infinity],
  ])('looks once more before the deadline, unless it just did: at %i', async (now, dueAt) => {
    const { wait, clock } = await aWait({}, { timeout: 10_000 });
    await clock.advance(now);
    wait.looked();
    expect([wait.dueAt, wait.isUrgent]).toEqual([dueAt, true]);
  });

  it('is as old as what it waits for, or else as itself', async () => {
    const young = await aWait({}, {}, 1_000);
    await young.clock.advance(500);
    expect(young.wait.age).toBe(500);
    const began = new ManualClock().date() - 60_000;
    const old = await aWait({ beganAt: () => began }, {}, 1_000);
    expect(old.wait.age).toBe(61_000);
  });

  it.each<[what: string, isYoung: boolean, subject: Partial<WaitTarget<JsonObject>>, now: number]>([
    ['seen just now, of unknown age', true, { seenAt: 1_000 }, 1_000],
    ['seen a while ago, but begun just now', true, { seenAt: 0, beganAt: ago(0) }, 200_000],
    ['begun long ago, but seen just now', true, { seenAt: 200_000, beganAt: ago(NOT_FOUND_GRACE) }, 200_000],
    ['begun just now, and never seen', true, { seenAt: null, beganAt: ago(0) }, 200_000],
    ['begun long ago, and never seen', false, { seenAt: null, beganAt: ago(NOT_FOUND_GRACE) }, 200_000],
    [
      'begun long ago, and seen a while ago',
      false,
      { seenAt: 200_000 - NOT_FOUND_GRACE, beganAt: ago(NOT_FOUND_GRACE) },
      200_000,
    ],
    ['nearly so', true, { seenAt: 200_001 - NOT_FOUND_GRACE, beganAt: ago(NOT_FOUND_GRACE) }, 200_000],
    ['known by its id alone', false, { seenAt: null }, 200_000],
  ])('knows whether it may be too young to be found: %s', async (_what, isYoung, subject, now) => {
    expect((await aWait(subject, {}, now)).wait.isYoung).toBe(isYoung);
  });

  /** So long before the moment 200,000, at which the waits above begin. */
  function ago(ms: number): () => number {
    return () => new ManualClock().date() + 200_000 - ms;
  }
});

describe('what a look shows to a wait', () => {
  it('is read when the status is another one, or none is known; else the object stays as it is', async () => {
    const { wait, told } = await aWait();
    const first = wait.state;
    wait.see({ id: 1, status: 'in-progress', more: 1 });
    expect(wait.state).toBe(first);
    const news = { id: 1, status: 'paused' };
    wait.see(news);
    expect(wait.state).toBe(news);
    expect(told.map(({ state, polls }) => [state, polls])).toEqual([
      [first, 1],
      [news, 2],
    ]);
    const { wait: unknown } = await aWait({ state: { id: 1, status: null } });
    const shown = { id: 1, status: null, more: 1 };
    unknown.see(shown);
    expect(unknown.state).toBe(shown);
  });

  it('ends it when it has ended, once; what comes later is not heard', async () => {
    const { wait, told, ended } = await aWait();
    const end = { id: 1, status: 'completed' };
    wait.see(end);
    wait.see({ id: 1, status: 'something else' });
    wait.looked();
    wait.fail(new Error('too late'));
    expect([await wait.result, wait.state, wait.over]).toEqual([end, end, true]);
    expect([told.length, ended]).toEqual([1, [wait]]);
  });

  it('does not end it when it cannot be read; it is the cause if time runs out then', async () => {
    const read = (): never => {
      throw new Mismatch('id', 'a number', 'x');
    };
    const { wait, clock } = await aWait({ read }, { timeout: 60_000 }, 1_000);
    wait.see({ id: 1, status: 'paused' });
    expect(wait.over).toBe(false);
    await clock.advance(60_000);
    wait.giveUp();
    const error = (await rejection(wait.result)) as WaitTimeoutError;
    expect(error).toMatchObject({ elapsed: 60_000, polls: 1, inProgress: [wait.state] });
    expect(error.cause).toBeInstanceOf(DOApiError);
    expect(String(error.cause)).toContain(
      'Action 1: a look that cannot be read: id: expected a number, got "x"',
    );
  });

  it('is no excuse for a mistake of the reader', async () => {
    const mistake = new RangeError('mine');
    const read = (): never => {
      throw mistake;
    };
    const { wait } = await aWait({ read });
    expect(() => wait.see({ id: 1, status: 'paused' })).toThrow(mistake);
  });

  it('ends it when the one who is told of it throws', async () => {
    const mistake = new Error('mine');
    const onProgress = (): never => {
      throw mistake;
    };
    const { wait, ended } = await aWait({}, { onProgress });
    wait.looked();
    expect(await rejection(wait.result)).toBe(mistake);
    expect(ended).toEqual([wait]);
  });
});
