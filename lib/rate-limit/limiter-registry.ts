import type { Clock } from '../util/clock';
import { Registry } from '../util/registry';
import type { Limits } from './limits';
import { RateLimiter, type RateLimiterStatus } from './rate-limiter';

/**
 * By clock, then by endpoint and digest of the token. Module-level, since all clients of the process share the limits of a token;
 * weak, so that the clock of a test is not kept alive.
 */
const rateLimiters = new WeakMap<Clock, Registry<RateLimiter>>();

/**
 * The rate limiter of a token at an endpoint, shared by all clients of the process.
 * @param key a digest of the token, never the token
 */
export function rateLimiterFor(clock: Clock, endpoint: string, key: string): RateLimiter {
  // Those of renewed tokens and of earlier test servers become idle.
  const registry = rateLimiters.get(clock) ?? new Registry<RateLimiter>();
  rateLimiters.set(clock, registry);
  return registry.get(nameOf(endpoint, key), () => new RateLimiter(clock));
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
  const known = key === null ? undefined : rateLimiters.get(clock)?.find(nameOf(endpoint, key));
  return (known ?? new RateLimiter(clock)).status(limits);
}

function nameOf(endpoint: string, key: string): string {
  return `${endpoint} ${key}`;
}
