import { MINUTE } from '../../util/time-units';
import type { Limits } from '../limits';

/**
 * What a process sends without permits, while the store is away: its share of the limits, evenly, since what the others have sent
 * is not known; and at first no more than its share of what was left.
 */
export class LoneShare {
  /** What the last answer left to all processes for its minute. */
  #left = 0;
  #knownAt = -Infinity;
  /** Requests since then. */
  #sent = 0;
  #sentAt = -Infinity;

  /** @param share the part of the budget, from 0 to 1 */
  constructor(private readonly share: number) {}

  /** The store has answered. @param left what the limits leave to all processes in this minute */
  know(left: number, now: number): void {
    this.#left = left;
    this.#knownAt = now;
    this.#sent = 0;
  }

  /** The part of the limits that is for this process; at least one request. */
  of({ perMinute, perHour }: Limits): Limits {
    const part = (limit: number): number => Math.max(1, Math.floor(limit * this.share));
    return { perMinute: part(perMinute), perHour: part(perHour) };
  }

  /** Milliseconds until another request may be sent. For a minute, what all processes have sent before counts. */
  delay(limits: Limits, now: number): number {
    const isLeft = this.#sent < Math.floor(this.share * this.#left);
    return Math.max(
      0,
      this.#sentAt + Math.ceil(MINUTE / this.of(limits).perMinute) - now,
      isLeft ? 0 : this.#knownAt + MINUTE - now,
    );
  }

  count(now: number): void {
    this.#sent += 1;
    this.#sentAt = now;
  }
}
