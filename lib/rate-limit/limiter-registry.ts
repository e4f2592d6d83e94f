import type { Clock } from '../util/clock';
import type { Limits } from './limits';
import { RateLimiter, type RateLimiterStatus } from './rate-limiter';

/**
 * By clock, endpoint and digest of the token. Module-level, since all clients of the process share the limits of a token;
 * weak, so that the clock of a test is not kept alive.
 */
const rateLimiters = new WeakMap<Clock, Map<string, Map<string, RateLimiter>>>();

/**
 * The rate limiter of a token at an endpoint, shared by all clients of the process.
 * @param key a digest of the token, never the token
 */
export function rateLimiterFor(clock: Clock, endpoint: string, key: string): RateLimiter {
  const endpoints = rateLimiters.get(clock) ?? new Map<string, Map<string, RateLimiter>>();
  const known = endpoints.get(endpoint)?.get(key);
  if (known) return known;
  // Discards those of renewed tokens and of earlier test servers, which are not used again.
  for (const [name, limiters] of endpoints) {
    for (const [digest, { isIdle }] of limiters) if (isIdle) limiters.delete(digest);
    if (limiters.size === 0) endpoints.delete(name);
  }
  const limiter = new RateLimiter(clock);
  const limiters = endpoints.get(endpoint) ?? new Map<string, RateLimiter>();
  rateLimiters.set(clock, endpoints.set(endpoint, limiters.set(key, limiter)));
  return limiter;
}

/**
 * The status of the rate limiter of a token.
 * @param key `null` for a token that is not known yet: its budget is full
 */
export function rateLimiterStatus(
  clock: Clock,
  endpoint: string,
  key: string | null,
  limits: Limits,
): RateLimiterStatus {
  const known = key === null ? undefined : rateLimiters.get(clock)?.get(endpoint)?.get(key);
  return (known ?? new RateLimiter(clock)).status(limits);
}
