import { MINUTE, SECOND } from '../../../lib/util/time-units';

/** What the members have heard from the server: pauses after a 429, and how many requests the token has left. */
export class ServerReports {
  #pausedUntil = 0;
  #recoversUntil = 0;
  /** By the lowest report of a second. */
  #remaining = { requests: Infinity, at: 0, until: 0 };

  /** @param ms for which a 429 pauses all requests, in milliseconds; a minute at most */
  pause(ms: number, now: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(ms, MINUTE));
    this.#recoversUntil = this.#pausedUntil + MINUTE;
  }

  /** @param held permits in use, which the server may not have counted */
  learn(remaining: { requests: number; validFor: number }, held: number, now: number): void {
    const requests = remaining.requests - held;
    if (requests >= this.#remaining.requests && now - this.#remaining.at < SECOND) return;
    this.#remaining = { requests, at: now, until: now + Math.min(remaining.validFor, MINUTE) };
  }

  count(granted: number): void {
    this.#remaining.requests -= granted;
  }

  /** How many requests the token has left. */
  left(now: number): number {
    return now < this.#remaining.until ? this.#remaining.requests : Infinity;
  }

  pausedFor(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** Whether only one request should be in flight. */
  isOneByOne(now: number): boolean {
    const { requests, until } = this.#remaining;
    return now < this.#recoversUntil || (requests <= 0 && now < until + MINUTE);
  }
}
