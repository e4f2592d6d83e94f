import { type Clock, systemClock } from '../../lib/util/clock';

/** A clock on which durations pass `speed` times as fast as on the machine's. Dates are those of the machine. */
export function fastClock(speed: number): Clock {
  return {
    now: () => systemClock.now() * speed,
    date: () => systemClock.date(),
    after: (ms, callback) => systemClock.after(ms / speed, callback),
  };
}
