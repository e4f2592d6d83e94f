/** What an outage may cost: a hundred attempts beyond the first ones, then one a call. */
const FULL = 500;
const COST = 5;
const EARNED = 1;

/**
 * Keeps an outage from becoming a storm: every further attempt costs, every success earns a little back, and when
 * nothing is left a call is tried once. One for each manager.
 */
export class RetryBudget {
  private left = FULL;

  /** @returns whether another attempt can be afforded; then it is paid for */
  spend(): boolean {
    if (this.left < COST) return false;
    this.left -= COST;
    return true;
  }

  earn(): void {
    this.left = Math.min(FULL, this.left + EARNED);
  }
}
