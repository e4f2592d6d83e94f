import type { Clock } from '../../util/clock';

/** How many requests a token may send; see `SandboxOptions.rateLimit`. */
export interface SandboxRateLimit {
  /** Requests in any sixty seconds; default 250. */
  perMinute?: number;
  /** Requests in any hour; default 5,000. */
  perHour?: number;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** What the limit says about one request. */
export interface QuotaResult {
  allowed: boolean;
  /** `ratelimit-*`, and `retry-after` when it was the minute's limit that refused. */
  headers: Record<string, string>;
}

/** Sliding windows over the requests of each token: a request counts for one hour from when it was made. */
export class RequestQuota {
  readonly #perMinute: number;
  readonly #perHour: number;
  readonly #clock: Clock;
  /** Moments of the requests of the last hour, oldest first, by token. */
  readonly #made = new Map<string, number[]>();

  constructor(clock: Clock, limits: SandboxRateLimit | false) {
    this.#clock = clock;
    this.#perMinute = limits === false ? Infinity : (limits.perMinute ?? 250);
    this.#perHour = limits === false ? Infinity : (limits.perHour ?? 5_000);
  }

  /** Counts a request of the token, or refuses it. A refused request does not count. */
  take(token: string): QuotaResult {
    if (this.#perHour === Infinity) return this.#unlimited();
    const now = this.#clock.now();
    const made = this.#madeSince(token, now - HOUR);
    // The request that has to grow older than a minute before another one may be sent.
    const blocking = made.at(-this.#perMinute);
    const burst = blocking !== undefined && blocking > now - MINUTE;
    const allowed = !burst && made.length < this.#perHour;
    if (allowed) made.push(now);
    const headers: Record<string, string> = this.#headers({
      remaining: burst ? 0 : this.#perHour - made.length,
      oldest: (made[0] ?? now) - now,
    });
    if (burst) headers['retry-after'] = String(Math.ceil((blocking + MINUTE - now) / 1000));
    return { allowed, headers };
  }

  #unlimited(): QuotaResult {
    return { allowed: true, headers: this.#headers({ remaining: 5_000, oldest: 0 }) };
  }

  /** @param state.oldest when the oldest request was made, in milliseconds from now: 0 or less. */
  #headers(state: { remaining: number; oldest: number }): Record<string, string> {
    return {
      'ratelimit-limit': String(this.#perHour === Infinity ? 5_000 : this.#perHour),
      'ratelimit-remaining': String(state.remaining),
      'ratelimit-reset': String(Math.ceil((this.#clock.date() + state.oldest + HOUR) / 1000)),
    };
  }

  #madeSince(token: string, since: number): number[] {
    const made = this.#made.get(token) ?? [];
    this.#made.set(token, made);
    const young = made.findIndex((moment) => moment > since);
    made.splice(0, young < 0 ? made.length : young);
    return made;
  }
}
