import type { SharedStore } from '../shared-store';
import type { Clock } from '../util/clock';
import { withoutPollution } from '../util/options/own-options';
import { Registry } from '../util/registry';
import type { Limits } from './limits';
import type { RateLimiterStatus } from './limiter-status';
import { RateLimiter } from './rate-limiter';
import type * as SharedLeasesModule from './fleet/shared-leases';

/** Loaded with the first request of a manager with a store. */
const loadLeases = (): typeof SharedLeasesModule =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use, synchronously
  withoutPollution(() => require('./fleet/shared-leases') as typeof SharedLeasesModule);

/** What the processes of a fleet share. */
export interface Sharing {
  readonly store: SharedStore;
  /** The store is away: called once each time it goes. */
  readonly warn: (error: unknown) => void;
}

/** Stands for the store of managers without one. */
const NO_STORE = {};

/**
 * By store and clock, then by endpoint and digest of the token. Module-level, since all clients of the process share the limits
 * of a token; weak, so that the clock of a test is not kept alive.
 */
const rateLimiters = new WeakMap<object, WeakMap<Clock, Registry<RateLimiter>>>();

/**
 * The rate limiter of a token at an endpoint, shared by all clients of the process with the same store.
 * @param key a digest of the token, never the token
 * @param sharing with other processes
 */
export function rateLimiterFor(clock: Clock, endpoint: string, key: string, sharing?: Sharing): RateLimiter {
  const owner = sharing?.store ?? NO_STORE;
  const byClock = rateLimiters.get(owner) ?? new WeakMap<Clock, Registry<RateLimiter>>();
  rateLimiters.set(owner, byClock);
  // Those of renewed tokens and of earlier test servers become idle.
  const registry = byClock.get(clock) ?? new Registry<RateLimiter>();
  byClock.set(clock, registry);
  const name = nameOf(endpoint, key);
  return registry.get(name, () => {
    if (!sharing) return new RateLimiter(clock);
    const { store, warn } = sharing;
    const { SharedLeases } = loadLeases();
    return new RateLimiter(clock, (host) => new SharedLeases(store.permits, name, { ...host, warn }));
  });
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
  store?: SharedStore,
): RateLimiterStatus {
  const registry = rateLimiters.get(store ?? NO_STORE)?.get(clock);
  const known = key === null ? undefined : registry?.find(nameOf(endpoint, key));
  return (known ?? new RateLimiter(clock)).status(limits);
}

function nameOf(endpoint: string, key: string): string {
  return `${endpoint} ${key}`;
}
