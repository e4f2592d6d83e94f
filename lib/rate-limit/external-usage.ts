import type { RateLimit } from '../errors/errors';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Samples are kept so far apart at least. */
const SAMPLE_INTERVAL = 1_000;

/** With more of ours under way an answer says too little. */
const MAX_IN_FLIGHT = 10;

/** What was heard longer ago may no longer be so. */
const FRESHNESS = 2_000;

/** Our own requests. */
export interface OwnUsage {
  /** Ever. */
  sent: number;
  /** Sent and not answered: nobody knows whether they are counted yet. */
  inFlight: number;
  inLastHour: number;
}

/** What an answer showed. */
interface Sample {
  at: number;
  /** Requests counted by the server. */
  used: number;
  /** Of ours those that certainly were among them. */
  answered: number;
}

/**
 * How much others use the same token: told from `ratelimit-remaining`, which falls faster than by our own requests. It
 * is an estimate, and a low one: what expires meanwhile hides as much of what is new.
 */
export class ExternalUsage {
  private samples: Sample[] = [];
  private requests = 0;
  private heardAt = -Infinity;
  /** The most that was counted, in the last minute: no answer is on its way for longer. */
  private most = { used: 0, at: -Infinity };
  private seenAt = -Infinity;

  /** @param now on the clock */
  update(
    { limit, remaining }: RateLimit,
    { sent, inFlight: underWay, inLastHour }: OwnUsage,
    now: number,
  ): void {
    this.heardAt = now;
    const used = limit - remaining;
    // Answers overtake each other: one that says less than another before it was counted earlier, and came later.
    if (used >= this.most.used || now - this.most.at > MINUTE) this.most = { used, at: now };
    if (underWay > MAX_IN_FLIGHT) return;
    const last = { at: now, used: this.most.used, answered: sent - underWay };
    // The youngest sample that is a minute old, or else the oldest there is, says how much there was before.
    while ((this.samples[1]?.at ?? Infinity) <= now - MINUTE) this.samples.shift();
    const [before = last] = this.samples;
    const since = last.used - before.used - (sent - before.answered);
    const onAverage = Math.floor(((last.used - inLastHour) * MINUTE) / HOUR);
    this.requests = Math.max(0, since, onAverage);
    if (since > 0) this.seenAt = now;
    if (now - (this.samples.at(-1)?.at ?? -Infinity) >= SAMPLE_INTERVAL) this.samples.push(last);
  }

  /** Requests of others in the last minute, as far as is known. */
  inLastMinute(now: number): number {
    return now - this.heardAt < MINUTE ? this.requests : 0;
  }

  /** Whether they were at it in the last hour; what is only known to have been used may have been ourselves, earlier. */
  areActive(now: number): boolean {
    return now - this.seenAt < HOUR;
  }

  /** Whether they may have sent any number since anything was heard. */
  isUncertain(now: number): boolean {
    return this.areActive(now) && now - this.heardAt > FRESHNESS;
  }
}
