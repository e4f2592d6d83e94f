import type { Clock } from '../../util/clock';
import { HOUR, MINUTE } from '../../util/time-units';

/** The rate limit of each token: see `SandboxOptions.rateLimit`. */
export interface SandboxRateLimit {
  /** Requests in any sixty seconds; default 250. */
  perMinute?: number | undefined;
  /** Requests in any hour; default 5,000. */
  perHour?: number | undefined;
}

/** Whether a request is allowed, and the headers of its response. */
export interface QuotaResult {
  allowed: boolean;
  /** `ratelimit-*`, and `retry-after` if the limit of the minute was exceeded. */
  headers: Record<string, string>;
}

/** Sliding windows over the requests of each token: a request counts for one hour. */
export class RequestQuota {
  readonly #perMinute: number;
  readonly #perHour: number;
  readonly #clock: Clock;
  /** When the requests of the last hour were sent, oldest first, by token. */
  readonly #sent = new Map<string, number[]>();

  constructor(clock: Clock, limits: SandboxRateLimit | false) {
    this.#clock = clock;
    this.#perMinute = limits === false ? Infinity : (limits.perMinute ?? 250);
    this.#perHour = limits === false ? Infinity : (limits.perHour ?? 5_000);
  }

  /** Counts a request of the token, or refuses it. A refused request does not count. */
  take(token: string): QuotaResult {
    if (this.#perHour === Infinity) return this.#unlimited();
    const now = this.#clock.now();
    const sent = this.#sentSince(token, now - HOUR);
    // The next request is allowed when this one is a minute old.
    const blocking = sent.at(-this.#perMinute);
    const burst = blocking !== undefined && blocking > now - MINUTE;
    const allowed = !burst && sent.length < this.#perHour;
    if (allowed) sent.push(now);
    const headers: Record<string, string> = this.#headers({
      remaining: burst ? 0 : this.#perHour - sent.length,
      oldest: (sent[0] ?? now) - now,
    });
    if (burst) headers['retry-after'] = String(Math.ceil((blocking + MINUTE - now) / 1000));
    return { allowed, headers };
  }

  #unlimited(): QuotaResult {
    return { allowed: true, headers: this.#headers({ remaining: 5_000, oldest: 0 }) };
  }

  /** @param state.oldest when the oldest request was sent, in milliseconds from now: 0 or less */
  #headers(state: { remaining: number; oldest: number }): Record<string, string> {
    return {
      'ratelimit-limit': String(this.#perHour === Infinity ? 5_000 : this.#perHour),
      'ratelimit-remaining': String(state.remaining),
      'ratelimit-reset': String(Math.ceil((this.#clock.date() + state.oldest + HOUR) / 1000)),
    };
  }

  #sentSince(token: string, since: number): number[] {
    const sent = this.#sent.get(token) ?? [];
    this.#sent.set(token, sent);
    const first = sent.findIndex((moment) => moment > since);
    sent.splice(0, first < 0 ? sent.length : first);
    return sent;
  }
}
