import type { RateLimit } from '../errors/errors';
import type { AnySignal } from '../util/abort';
import type { Limits } from './limits';
import type { RateLimiter } from './rate-limiter';

/** The permission of a rate limiter to send one request. */
export class Permit {
  private isHeld = false;

  /** @param background whether calls that are not in the background go first */
  constructor(
    private readonly limiter: RateLimiter,
    private readonly limits: Limits,
    private readonly background: boolean,
  ) {}

  /** How long a call that begins to wait now waits for its permit, in milliseconds: an estimate. */
  get expectedDelay(): number {
    return this.limiter.estimateDelay(this.limits);
  }

  /** The request begins a wait: from now on permits are kept for its polls. */
  expectPolls(): void {
    this.limiter.expectPolls();
  }

  /** @returns whether the permit was free */
  tryAcquire(): boolean {
    this.isHeld = this.limiter.tryAcquire(this.limits, this.background);
    return this.isHeld;
  }

  /** Waits until the permit is granted. @throws the signal's reason when it aborts first */
  async acquire(signal: AnySignal): Promise<void> {
    await this.limiter.acquire(this.limits, this.background, signal);
    // Noted here, not by the caller: it may have stopped waiting at this very moment, and must release all the same.
    this.isHeld = true;
  }

  /** Gives the permit back if it is held; see {@link RateLimiter.release}. */
  release(rateLimit: RateLimit | null, pause: number | null): void {
    if (this.isHeld) this.limiter.release(rateLimit, pause, this.limits);
  }
}
