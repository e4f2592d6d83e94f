import { HOUR, MINUTE } from '../util/time-units';
import type { Limits } from './limits';
import { SlidingWindow } from './sliding-window';

/** One permit in this many milliseconds belongs to polls: two pauses of the default length. */
const SPACING = 10_000;

/** Of a small budget polls get one permit in this many. */
const MIN_CALLS_PER_POLL = 10;

/** Without a poll for this long, in milliseconds, no wait is under way any more: calls get all permits. */
const MEMORY = 10 * MINUTE;

/**
 * The permits of a token that belong to the polls of waits: one every ten seconds, spread evenly, so that however many calls
 * wait, no wait goes without news for longer. Calls leave them free while waits are under way. Polls beyond this share
 * compete with the calls.
 */
export class PollShare {
  /** When permits of the share were granted. */
  private readonly minute = new SlidingWindow(MINUTE);
  private readonly hour = new SlidingWindow(HOUR);
  private lastGrantAt = -Infinity;
  private neededUntil = -Infinity;

  /** A poll waits for a permit, or a wait is about to begin. */
  expectPolls(now: number): void {
    this.neededUntil = now + MEMORY;
  }

  /** Whether waits are under way. */
  isNeeded(now: number): boolean {
    return now < this.neededUntil;
  }

  /** A poll got a permit. @param limits those of its client */
  count(limits: Limits, now: number): void {
    if (this.delayFor(limits, now) > 0) return;
    this.lastGrantAt = now;
    this.minute.add(now);
    this.hour.add(now);
  }

  /** Milliseconds until a poll may take the next permit of the share; `Infinity`: it has none. */
  delayFor(limits: Limits, now: number): number {
    const spacing = pollSpacing(limits);
    return spacing === Infinity ? Infinity : Math.max(0, this.lastGrantAt + spacing - now);
  }

  /** What the share leaves of the limits to all other requests. */
  rest(limits: Limits, now: number): Limits {
    if (!this.isNeeded(now)) return limits;
    const { perMinute, perHour } = limits;
    return {
      perMinute: perMinute - Math.max(0, pollShareSize(limits, perMinute, MINUTE) - this.minute.count(now)),
      perHour: perHour - Math.max(0, pollShareSize(limits, perHour, HOUR) - this.hour.count(now)),
    };
  }
}

/** Milliseconds between two permits of the share; `Infinity`: it has none. */
export function pollSpacing({ perMinute, perHour }: Limits): number {
  return Math.max(
    SPACING,
    MINUTE / Math.floor(perMinute / MIN_CALLS_PER_POLL),
    HOUR / Math.floor(perHour / MIN_CALLS_PER_POLL),
  );
}

/** How many permits of a window are for polls. One more than fit in, since a permit counts until after its response. */
export function pollShareSize(limits: Limits, limit: number, length: number): number {
  const spacing = pollSpacing(limits);
  if (spacing === Infinity) return 0;
  return Math.min(Math.floor(limit / MIN_CALLS_PER_POLL), Math.floor(length / spacing) + 1);
}
