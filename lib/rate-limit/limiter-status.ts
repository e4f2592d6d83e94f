/** How much of a token's budget is used, as one manager sees it. */
export interface RateLimiterStatus {
  /** Requests that wait for their place, of all managers with the same token. */
  queued: number;
  /** Requests in 60 seconds. */
  perMinute: {
    /** How many are allowed. */
    limit: number;
    /** How many of these are left now. */
    left: number;
  };
  /** Requests in 3,600 seconds. */
  perHour: {
    /** How many are allowed. */
    limit: number;
    /** How many of these are left now. */
    left: number;
  };
  /** When the next request can be sent, as far as is known; `null`: now. */
  nextAt: Date | null;
}
