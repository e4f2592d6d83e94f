import { HOUR, MINUTE } from '../../../lib/util/time-units';
import { CountRing } from './count-ring';
import type { Limits } from '../../../lib/rate-limit/limits';
import { pollShareSize } from '../../../lib/rate-limit/poll-share';

/** Permits become free when a bucket of this width ends, in milliseconds. */
export const BUCKET = 500;

/** The permits whose requests have ended within a minute and within an hour, and the share of polls among them. */
export class UsedPermits {
  readonly #all = { minute: new CountRing(MINUTE, BUCKET), hour: new CountRing(HOUR, 20 * BUCKET) };
  readonly #polls = { minute: new CountRing(MINUTE, 10 * BUCKET), hour: new CountRing(HOUR, MINUTE) };

  /** @param ended how many count in each window */
  add(at: number, ended: { minute: number; hour: number }): void {
    this.#all.minute.add(at, ended.minute);
    this.#all.hour.add(at, ended.hour);
  }

  /** A poll got a permit of the share of polls. */
  addPoll(now: number): void {
    this.#polls.minute.add(now, 1);
    this.#polls.hour.add(now, 1);
  }

  /**
   * Milliseconds until `missing` permits of each window are free, as far as that is known: the end of one of the next buckets.
   * @param buckets how many of them
   */
  delayFor(missing: Limits, now: number, buckets: number): number {
    const { minute, hour } = this.#all;
    let delay = BUCKET - (now % BUCKET);
    for (let bucket = 1; bucket < buckets; bucket++) {
      const isFree =
        minute.leaving(now, delay) >= missing.perMinute && hour.leaving(now, delay) >= missing.perHour;
      if (isFree) break;
      delay += BUCKET;
    }
    return delay;
  }

  /**
   * What the limits leave, which may be less than nothing.
   * @param isReserved whether the rest of the share of polls is left out
   */
  left(limits: Limits, isReserved: boolean, now: number): Limits {
    const reserved = (limit: number, length: number, polls: CountRing): number =>
      isReserved ? Math.max(0, pollShareSize(limits, limit, length) - polls.count(now)) : 0;
    const { perMinute, perHour } = limits;
    return {
      perMinute: perMinute - this.#all.minute.count(now) - reserved(perMinute, MINUTE, this.#polls.minute),
      perHour: perHour - this.#all.hour.count(now) - reserved(perHour, HOUR, this.#polls.hour),
    };
  }
}
