import type { PermitGrant, PermitReport, SharedPermits } from '../../../lib/shared-permits';
import type { Clock } from '../../../lib/util/clock';
import { PermitLedger } from './permit-ledger';

/** The permits of several managers of one process that act as if each was a process of its own, for tests. */
export class MemoryPermits implements SharedPermits {
  readonly #ledgers = new Map<string, PermitLedger>();
  #created = 0;

  constructor(
    private readonly clock: Clock,
    readonly share = 0.1,
  ) {}

  exchange(key: string, report: PermitReport): Promise<PermitGrant> {
    const now = this.clock.now();
    const ledger = this.#ledgers.get(key) ?? new PermitLedger(String(++this.#created), now);
    this.#ledgers.set(key, ledger);
    return Promise.resolve(ledger.exchange(now, report));
  }

  /** Loses everything, as Redis does when it is flushed. */
  clear(): void {
    this.#ledgers.clear();
  }
}
