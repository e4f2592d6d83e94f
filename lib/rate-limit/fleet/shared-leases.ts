import { randomUUID } from 'node:crypto';
import type { SharedPermits } from '../../shared-permits';
import type { Limits } from '../limits';
import type { LeaseHost } from './lease-host';
import { SharedLease } from './shared-lease';

/** The leases of one limiter, one for each pair of limits. */
export class SharedLeases {
  readonly #byLimits = new Map<string, SharedLease>();
  readonly #member = randomUUID();

  constructor(
    private readonly permits: SharedPermits,
    private readonly key: string,
    private readonly host: LeaseHost,
  ) {}

  get isIdle(): boolean {
    return [...this.#byLimits.values()].every(({ isIdle }) => isIdle);
  }

  of(limits: Limits): SharedLease {
    const name = `${limits.perMinute}/${limits.perHour}`;
    const known = this.#byLimits.get(name);
    if (known) return known;
    const member = `${this.#member}:${this.#byLimits.size}`;
    const lease = new SharedLease(this.permits, this.key, member, limits, this.host);
    this.#byLimits.set(name, lease);
    return lease;
  }
}
