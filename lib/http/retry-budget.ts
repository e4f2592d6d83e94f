/** A full budget affords a hundred retries; later, one for every five successes. */
const CAPACITY = 500;
const RETRY_COST = 5;
const SUCCESS_CREDIT = 1;

/**
 * Bounds the load that retries add during an outage: each retry costs, each success earns a little back. When the budget
 * is spent, calls are tried once. Each client has its own.
 */
export class RetryBudget {
  private balance = CAPACITY;

  /** Pays for a retry. @returns whether it can be afforded */
  spend(): boolean {
    if (this.balance < RETRY_COST) return false;
    this.balance -= RETRY_COST;
    return true;
  }

  earn(): void {
    this.balance = Math.min(CAPACITY, this.balance + SUCCESS_CREDIT);
  }
}
