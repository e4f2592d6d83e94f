import { MINUTE } from '../../util/time-units';
import type { Limits } from '../limits';

/** What a process sends without permits, while the store is away: its share of the limits, and at first of what was left. */
export class LoneShare {
  /** What the last answer left to all processes for its minute. */
  #left = 0;
  #knownAt = -Infinity;
  /** Requests since then. */
  #sent = 0;

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

  /** Whether another request may be sent. For a minute, what all processes have sent before counts. */
  isFree(now: number): boolean {
    return now - this.#knownAt > MINUTE || this.#sent < Math.floor(this.share * this.#left);
  }

  count(): void {
    this.#sent += 1;
  }
}
