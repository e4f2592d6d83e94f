/**
 * How many requests a token may send. DigitalOcean allows 250 a minute and 5,000 an hour; the defaults leave the rest to
 * other users of the token. The windows slide, so that a burst of 240 is sent at once.
 */
export interface RateLimitBudget {
  /** Requests in any 60 seconds; default 240. */
  perMinute?: number | undefined;
  /** Requests in any 3,600 seconds; default 4,900. */
  perHour?: number | undefined;
}

export const DEFAULT_RATE_LIMITS: Required<RateLimitBudget> = { perMinute: 240, perHour: 4_900 };
