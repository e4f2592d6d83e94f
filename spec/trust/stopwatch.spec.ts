import { describe, expect, it } from '@jest/globals';
import { Stopwatch } from './stopwatch';

const LONG = 60;

describe('a stopwatch for busy machines', () => {
  it('counts what is waited for', async () => {
    const watch = new Stopwatch();
    await new Promise((done) => setTimeout(done, LONG));
    expect(watch.stop()).toBeGreaterThan(LONG / 2);
  });

  it.each([
    ['counts what is computed', 60, 60],
    ['does not count the time in which nobody lets us run', 0, 3],
    ['counts of a time in which we could run now and then what we used of it', 20, 23],
  ])('%s', (_what, used, counted) => {
    // The machine's own gauges show this at times only: other threads of this process use the processor, too.
    const gauge = { time: 1_000, used: 50 };
    const watch = new Stopwatch({ now: () => gauge.time, used: () => gauge.used });
    gauge.time += LONG;
    gauge.used += used;
    expect(watch.stop()).toBe(counted);
  });
});
