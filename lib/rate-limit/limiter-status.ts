/** How much of a token's budget is used, as one manager sees it. */
export interface RateLimiterStatus {
  /** Requests that wait for their place, of all managers with the same token. */
  queued: number;
  /** Requests in 60 seconds: how many are allowed, and how many of them are left now. */
  perMinute: { limit: number; left: number };
  /** The same for 3,600 seconds. */
  perHour: { limit: number; left: number };
  /** When the next request can be sent, as far as is known; `null`: now. */
  nextAt: Date | null;
}
