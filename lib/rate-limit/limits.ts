/**
 * How many requests a token may make. DigitalOcean allows 250 a minute and 5,000 an hour; the rest is left to others.
 * Sliding windows, so that a burst of 240 goes out at once.
 */
export interface RateLimitBudget {
  /** Requests in any 60 seconds; default 240. */
  perMinute?: number;
  /** Requests in any 3,600 seconds; default 4,900. */
  perHour?: number;
}

/** The limits of one manager. Managers that share a token may have different ones. */
export type RequestLimits = Required<RateLimitBudget>;

export const DEFAULT_LIMITS: RequestLimits = { perMinute: 240, perHour: 4_900 };
