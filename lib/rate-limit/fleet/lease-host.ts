import type { Clock } from '../../util/clock';
import type { Limits } from '../limits';

/** What a lease needs to know of the rate limiter that it belongs to. */
export interface LeaseHost {
  readonly clock: Clock;
  /** Requests that wait for a permit with these limits. */
  waiting(limits: Limits): { calls: number; polls: number };
  /** Requests that have ended in the last minute and hour. */
  recent(now: number): { minute: number; hour: number };
  /** Whether a wait is under way. */
  expectsPolls(now: number): boolean;
  /** Permits may be free now. */
  grantPermits(): void;
  /** Another process has met a 429. */
  pause(ms: number): void;
  /** The store is away, or has lost its memory: called once each time. */
  warn(error: unknown): void;
}
