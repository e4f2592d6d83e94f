import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Clock } from '../../lib';
import { VIRTUAL_START } from '../../lib/sandbox/clock/virtual-clock';
import { account, MINUTE, type Plan } from '../support/behaves-like-a-wait';
import { scaled } from '../support/scale';

const HOUR = 60 * MINUTE;
const LONG: Plan = { id: 1, ends: 40 * MINUTE };

/** When the date is set, on the clock, and by how much. */
interface Jump {
  at: number;
  by: number;
}

/** The times of the polls of a wait of forty minutes, while the date of this machine is set. */
async function pollTimes(jumps: readonly Jump[]): Promise<number[]> {
  const { server, of } = account(LONG);
  const { respond } = server;
  const times: number[] = [];
  server.respond = async (request, nth) => {
    times.push(server.clock.now());
    const reply = await respond(request, nth);
    if (reply instanceof Error) return reply;
    const date = new Date(VIRTUAL_START + server.clock.now()).toUTCString();
    return { ...reply, headers: { date } };
  };
  const { clock } = server;
  const offset = (): number =>
    jumps.filter(({ at }) => at <= clock.now()).reduce((sum, { by }) => sum + by, 0);
  const jumping: Clock = {
    now: () => clock.now(),
    date: () => clock.date() + offset(),
    after: (ms, callback) => clock.after(ms, callback),
  };
  const api = server.api({ clock: jumping });
  const action = await api.fetchAction(1);
  expect(action.startedAt?.getTime()).toBe(new Date(of(LONG).started_at as string).getTime());
  expect((await action.wait()).completed).toBe(true);
  return times;
}

beforeEach(() => {
  jest.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a date that is set during a wait', () => {
  it.each([HOUR, -HOUR, 24 * HOUR, -24 * HOUR])('does not change when it polls: by %i ms', async (by) => {
    const calm = await pollTimes([]);
    expect(calm.length).toBeGreaterThan(50);
    for (const at of [1, 7_000, MINUTE, 20 * MINUTE]) expect(await pollTimes([{ at, by }])).toEqual(calm);
  });

  it('does not stop or flood the polls, whatever it is and however often it is set', async () => {
    const jump = fc.record({
      at: fc.integer({ min: 0, max: LONG.ends }),
      by: fc.integer({ min: -2 * HOUR, max: 2 * HOUR }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(jump, { maxLength: 20 }), async (jumps) => {
        const times = await pollTimes(jumps);
        const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
        expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
        expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
      }),
      { numRuns: scaled(1_000, 30) },
    );
  }, 120_000);
});
