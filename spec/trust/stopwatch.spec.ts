import { describe, expect, it } from '@jest/globals';
import { Stopwatch } from './stopwatch';

const LONG = 60;

describe('a stopwatch for busy machines', () => {
  it('counts the time of waiting', async () => {
    const watch = new Stopwatch();
    await new Promise((done) => setTimeout(done, LONG));
    expect(watch.stop()).toBeGreaterThan(LONG / 2);
  });

  it.each([
    ['counts the time of computing', 60, 60],
    ['does not count the time in which the process does not run', 0, 3],
    ['counts the CPU time of a period in which the process ran at times', 20, 23],
  ])('%s', (_what, used, counted) => {
    // Fake readings, since other threads of this process use the CPU as well.
    const reading = { time: 1_000, used: 50 };
    const watch = new Stopwatch({ now: () => reading.time, used: () => reading.used });
    reading.time += LONG;
    reading.used += used;
    expect(watch.stop()).toBe(counted);
  });
});
