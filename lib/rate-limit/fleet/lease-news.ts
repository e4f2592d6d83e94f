import type { RateLimit } from '../../errors/errors';
import type { PermitReport } from '../../shared-permits';
import type { Clock } from '../../util/clock';
import { MINUTE } from '../../util/time-units';

/** What responses have shown since the last report to a store: the longest pause and the lowest number of requests left. */
export class LeaseNews {
  #since = Infinity;
  #pausedUntil = -Infinity;
  #remaining: { readonly requests: number; readonly until: number } | null = null;

  /** When a request has ended first; `Infinity`: nothing is new. */
  get since(): number {
    return this.#since;
  }

  /** Whether a pause is to be reported that is not over. */
  pauses(now: number): boolean {
    return now < this.#pausedUntil;
  }

  /** A request has ended. @param pause milliseconds for which a 429 pauses all requests; `null` without a 429 */
  note(rateLimit: RateLimit | null, pause: number | null, clock: Clock): void {
    const now = clock.now();
    this.#since = Math.min(this.#since, now);
    if (pause !== null) this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(pause, MINUTE));
    if (rateLimit)
      this.#learn({
        requests: rateLimit.remaining,
        until: now + rateLimit.resetAt.getTime() - clock.date(),
      });
  }

  /** Takes over what a report had that was lost. */
  add(other: LeaseNews): void {
    this.#since = Math.min(this.#since, other.#since);
    this.#pausedUntil = Math.max(this.#pausedUntil, other.#pausedUntil);
    if (other.#remaining) this.#learn(other.#remaining);
  }

  /** As a report has it: of a pause, what is left. */
  at(now: number): Pick<PermitReport, 'pause' | 'remaining'> {
    const remaining = this.#remaining;
    return {
      pause: this.#pausedUntil > now ? this.#pausedUntil - now : null,
      remaining: remaining && {
        requests: remaining.requests,
        validFor: Math.max(0, remaining.until - now),
      },
    };
  }

  #learn(remaining: { requests: number; until: number }): void {
    if (!this.#remaining || remaining.requests < this.#remaining.requests) this.#remaining = remaining;
  }
}
