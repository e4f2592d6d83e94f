/**
 * How many requests a token may send. DigitalOcean allows 250 a minute and 5,000 an hour; the defaults leave the rest to
 * other users of the token. The windows slide, so that a burst of 240 is sent at once. They hold at the server, however long
 * a request takes to arrive: a request counts from the moment it is sent until the window has passed after its response.
 */
export interface RateLimitBudget {
  /** Requests in any 60 seconds; default 240. */
  perMinute?: number | undefined;
  /** Requests in any 3,600 seconds; default 4,900. */
  perHour?: number | undefined;
}

/** The limits of one client. Clients that share a token may have different ones. */
export type Limits = Required<RateLimitBudget>;

export const DEFAULT_RATE_LIMITS: Limits = { perMinute: 240, perHour: 4_900 };
