import type { PermitGrant, PermitReport, SharedPermits } from '../../lib';
import { EMPTY_REPORT } from './permit-report';

export const LIMITS = EMPTY_REPORT.limits;

/** A process that holds permits of a store, as a rate limiter reports them. */
export class PermitMember {
  held = 0;
  ended = 0;
  epoch = '';
  #sequence = 0;
  #acknowledged = 0;

  constructor(
    private readonly permits: SharedPermits,
    readonly name: string,
    private readonly limits = LIMITS,
    private readonly key = 'a key',
  ) {}

  /** The requests of `count` permits end. */
  end(count: number): this {
    this.held -= count;
    this.ended += count;
    return this;
  }

  /** The report that it sends next. */
  report(more: Partial<PermitReport> = {}): PermitReport {
    return {
      ...EMPTY_REPORT,
      member: this.name,
      sequence: ++this.#sequence,
      epoch: this.epoch,
      limits: this.limits,
      held: this.held,
      ended: this.ended,
      acknowledged: this.#acknowledged,
      recent: { minute: this.ended, hour: this.ended },
      ...more,
    };
  }

  /** Reports and takes what it is granted. */
  async ask(more: Partial<PermitReport> = {}): Promise<PermitGrant> {
    const { ended } = this;
    const grant = await this.permits.exchange(this.key, this.report(more));
    this.held += grant.granted;
    this.epoch = grant.epoch;
    this.#acknowledged = ended;
    return grant;
  }

  /** Asks for so many calls until nothing more is granted at once. @returns how many it got */
  async take(calls: number, more: Partial<PermitReport> = {}): Promise<number> {
    let taken = 0;
    for (;;) {
      const { granted, retryIn } = await this.ask({ calls: calls - taken, ...more });
      taken += granted;
      if (granted === 0 || taken >= calls || retryIn > 0) return taken;
    }
  }
}
