import { randomUUID } from 'node:crypto';
import type { SharedPermits } from '../../shared-permits';
import type { Clock } from '../../util/clock';
import { SECOND } from '../../util/time-units';
import { withLimits } from '../../util/with-limits';
import type { Limits } from '../limits';
import { checkedGrant } from './checked-grant';
import type { LeaseHost } from './lease-host';
import { SharedLease } from './shared-lease';

/** A store that has not answered for so long is away, whatever limit it has itself, in milliseconds. */
const ANSWER_TIME = 10 * SECOND;

/** The leases of one limiter, one for each pair of limits. */
export class SharedLeases {
  readonly #byLimits = new Map<string, SharedLease>();
  readonly #member = randomUUID();
  readonly #permits: SharedPermits;

  constructor(
    permits: SharedPermits,
    private readonly key: string,
    private readonly host: LeaseHost,
  ) {
    this.#permits = answering(permits, host.clock);
  }

  get isIdle(): boolean {
    return [...this.#byLimits.values()].every(({ isIdle }) => isIdle);
  }

  of(limits: Limits): SharedLease {
    const name = `${limits.perMinute}/${limits.perHour}`;
    const known = this.#byLimits.get(name);
    if (known) return known;
    const member = `${this.#member}:${this.#byLimits.size}`;
    const lease = new SharedLease(this.#permits, this.key, member, limits, this.host);
    this.#byLimits.set(name, lease);
    return lease;
  }
}

/** The permits of a store that answers in time, or rejects. */
function answering(permits: SharedPermits, clock: Clock): SharedPermits {
  const onTimeout = (): Error => new Error('it did not answer within ten seconds');
  const limits = { clock, signals: [], timeout: ANSWER_TIME, onTimeout };
  return {
    share: permits.share,
    exchange: async (key, report) =>
      checkedGrant(await withLimits(limits, () => permits.exchange(key, report)), report),
  };
}
