import type { RateLimit } from '../errors/errors';
import { HOUR, MINUTE } from '../util/time-units';
import { DEFAULT_RATE_LIMITS } from './limits';

/** Samples are at least this far apart, in milliseconds. */
const SAMPLE_INTERVAL = 1_000;

/** With more own requests in flight, a response says too little about others. */
const MAX_IN_FLIGHT = 10;

/** For how long an estimate holds without a new response, in milliseconds. */
const FRESHNESS = 2_000;

/** Requests in a minute that are sent however much others use the token. */
const MIN_SHARE = 12;

/** The requests of this process. */
export interface OwnUsage {
  /** Ever. */
  sent: number;
  /** Sent, without a response: the server may not have counted them yet. */
  inFlight: number;
  inLastHour: number;
}

interface Sample {
  at: number;
  /** Requests the server had counted. */
  used: number;
  /** Own requests that were certainly among them. */
  own: number;
}

/**
 * Estimates the requests of other programs with the same token: `ratelimit-remaining` falls faster than by the requests
 * of this process. The estimate is low: requests that leave the server's window hide as many new ones.
 */
export class ExternalUsage {
  private samples: Sample[] = [];
  private requests = 0;
  private updatedAt = -Infinity;
  /** The highest count in the last minute: no response is under way for longer. */
  private peak = { used: 0, at: -Infinity };
  private lastActiveAt = -Infinity;

  /** @param now on the monotonic clock */
  update({ limit, remaining }: RateLimit, { sent, inFlight, inLastHour }: OwnUsage, now: number): void {
    this.updatedAt = now;
    const used = limit - remaining;
    // Responses overtake each other: one with a lower count was counted earlier and arrived later.
    if (used >= this.peak.used || now - this.peak.at > MINUTE) this.peak = { used, at: now };
    if (inFlight > MAX_IN_FLIGHT) return;
    const current = { at: now, used: this.peak.used, own: sent - inFlight };
    // The reference is the youngest sample that is a minute old, or else the oldest sample.
    while ((this.samples[1]?.at ?? Infinity) <= now - MINUTE) this.samples.shift();
    const [reference = current] = this.samples;
    const sinceReference = current.used - reference.used - (sent - reference.own);
    const onAverage = Math.floor(((current.used - inLastHour) * MINUTE) / HOUR);
    this.requests = Math.max(0, sinceReference, onAverage);
    if (sinceReference > 0) this.lastActiveAt = now;
    if (now - (this.samples.at(-1)?.at ?? -Infinity) >= SAMPLE_INTERVAL) this.samples.push(current);
  }

  /** The estimated requests of others in the last minute. */
  inLastMinute(now: number): number {
    return now - this.updatedAt < MINUTE ? this.requests : 0;
  }

  /** What others leave of a limit per minute, by an estimate: therefore never less than `MIN_SHARE`. */
  leave(perMinute: number, now: number): number {
    const left = Math.max(perMinute, DEFAULT_RATE_LIMITS.perMinute) - this.inLastMinute(now);
    return Math.min(perMinute, Math.max(MIN_SHARE, left));
  }

  /** Whether others were active in the last hour. An average does not prove it: it may include earlier runs of this program. */
  isActive(now: number): boolean {
    return now - this.lastActiveAt < HOUR;
  }

  /** Whether others are active and the estimate is out of date. */
  isUncertain(now: number): boolean {
    return this.isActive(now) && now - this.updatedAt > FRESHNESS;
  }
}
