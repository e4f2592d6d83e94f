import { type AnySignal, onAbort, throwIfAborted } from '../util/abort';
import type { Clock } from '../util/clock';
import type { RateLimit } from '../errors/errors';
import { ExternalUsage } from './external-usage';
import { HOUR, MINUTE } from '../util/time-units';
import { DEFAULT_RATE_LIMITS, type RateLimitBudget } from './limits';
import { SlidingWindow } from './sliding-window';

/** One response pauses requests for at most this long, in milliseconds. */
const MAX_PAUSE = 60_000;

/**
 * After a 429, and near the limit, an unknown number of other requests uses the token. Then requests are sent one by one:
 * each `spacing` milliseconds after the last one and after its response, or after `maxWait` without a response.
 */
const RECOVERY = { spacing: 100, maxWait: 1_000 };

/** With others active, each request above this number in a minute may exceed the server's limit. */
const NEAR_LIMIT = 180;

/** Requests in a minute that are sent however much others use the token. */
const MIN_SHARE = 12;

/** The limits of one client. Clients that share a token may have different ones. */
type Limits = Required<RateLimitBudget>;

interface QueuedRequest {
  limits: Limits;
  grant: () => void;
}

/**
 * Grants permits for the requests of one token, at most so many in any minute and in any hour. Requests that must wait
 * are served in order, calls before background requests. A 429 pauses all of them; afterwards they are sent one by one.
 */
export class RateLimiter {
  private readonly minute = new SlidingWindow(MINUTE);
  private readonly hour = new SlidingWindow(HOUR);
  private readonly calls = new Set<QueuedRequest>();
  private readonly background = new Set<QueuedRequest>();
  private timer: { at: number; cancel: () => void } | null = null;
  /** Ever. */
  private sent = 0;
  /** Sent, without a response. */
  private inFlight = 0;
  private lastSentAt = -Infinity;
  private pausedUntil = -Infinity;
  private recoveringUntil = -Infinity;
  /** Requests the token has left by the last response, valid for a while. */
  private serverRemaining = { requests: Infinity, until: -Infinity };
  private readonly externalUsage = new ExternalUsage();

  constructor(private readonly clock: Clock) {}

  /** Whether it holds nothing of the last hour and may be discarded. */
  get isIdle(): boolean {
    return !this.hasQueue && this.inFlight === 0 && this.hour.count(this.clock.now()) === 0;
  }

  /** Takes a permit if one is free; `release` must follow. @returns whether one was free */
  tryAcquire(limits: Limits): boolean {
    const isFree = !this.hasQueue && this.delayFor(limits) === 0;
    if (isFree) this.countPermit();
    return isFree;
  }

  /**
   * Takes a permit, now or when one is free; `release` must follow.
   * @param background whether requests that are not in the background go first
   * @returns nothing when a permit is free; otherwise a promise of one
   * @throws the signal's reason when it aborts, which leaves the permit to the next request
   */
  acquire(limits: Limits, background: boolean, signal: AnySignal): Promise<void> | undefined {
    throwIfAborted(signal);
    if (this.tryAcquire(limits)) return undefined;
    return new Promise((resolve, reject) => {
      const queue = background ? this.background : this.calls;
      const queued: QueuedRequest = { limits, grant: () => undefined };
      queue.add(queued);
      const unsubscribe = onAbort(signal, (reason) => {
        queue.delete(queued);
        if (!this.hasQueue) this.scheduleIn(Infinity);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of an abort is the caller's own
        reject(reason);
      });
      queued.grant = () => {
        unsubscribe();
        resolve();
      };
      const delay = this.delayFor(limits);
      if (delay === 0) this.grantPermits();
      else if (!this.timer || this.timer.at > this.clock.now() + delay) this.scheduleIn(delay);
    });
  }

  /**
   * Gives a permit back when its request has ended.
   * @param rateLimit from the headers of the response; counts the requests of other programs too
   * @param pause milliseconds for which a 429 pauses all requests; `null` without a 429
   */
  release(rateLimit: RateLimit | null, pause: number | null): void {
    const now = this.clock.now();
    this.inFlight -= 1;
    if (pause !== null) {
      this.pausedUntil = Math.max(this.pausedUntil, now + Math.min(pause, MAX_PAUSE));
      this.recoveringUntil = this.pausedUntil + MINUTE;
    } else if (rateLimit) {
      const untilReset = rateLimit.resetAt.getTime() - this.clock.date();
      // The server may not have counted the requests in flight.
      const requests = rateLimit.remaining - this.inFlight;
      this.serverRemaining = { requests, until: now + Math.min(MAX_PAUSE, untilReset) };
      const { sent, inFlight } = this;
      this.externalUsage.update(rateLimit, { sent, inFlight, inLastHour: this.hour.count(now) }, now);
    }
    if (this.hasQueue) this.grantPermits();
  }

  private get hasQueue(): boolean {
    return this.calls.size + this.background.size > 0;
  }

  /** Grants permits in order. A client whose limits are met does not block the others. */
  private grantPermits(): void {
    const exhausted = new Set<Limits>();
    let shortest = Infinity;
    for (const queue of [this.calls, this.background]) {
      for (const queued of queue) {
        if (exhausted.has(queued.limits)) continue;
        const delay = this.delayFor(queued.limits);
        if (delay === 0) {
          queue.delete(queued);
          this.countPermit();
          queued.grant();
        } else {
          exhausted.add(queued.limits);
          shortest = Math.min(shortest, delay);
        }
      }
    }
    this.scheduleIn(shortest);
  }

  /** Grants permits again in `ms` milliseconds; `Infinity` stops the timer. */
  private scheduleIn(ms: number): void {
    const at = this.clock.now() + ms;
    if (this.timer?.at === at) return;
    this.timer?.cancel();
    const tick = (): void => {
      this.timer = null;
      this.grantPermits();
    };
    this.timer = ms === Infinity ? null : { at, cancel: this.clock.after(ms, tick) };
  }

  private countPermit(): void {
    const now = this.clock.now();
    this.minute.add(now);
    this.hour.add(now);
    this.serverRemaining.requests -= 1;
    this.sent += 1;
    this.inFlight += 1;
    this.lastSentAt = now;
  }

  /** Milliseconds until a permit is free; 0: now. */
  private delayFor({ perMinute, perHour }: Limits): number {
    const now = this.clock.now();
    const gap = this.inFlight > 0 ? RECOVERY.maxWait : RECOVERY.spacing;
    return Math.max(
      0,
      this.minute.delayFor(this.shareOf(perMinute, now), now),
      this.hour.delayFor(perHour, now),
      this.pausedUntil - now,
      this.serverRemaining.requests <= 0 ? this.serverRemaining.until - now : 0,
      this.isNearLimit(now) ? this.lastSentAt + gap - now : 0,
    );
  }

  /** The share of a minute that others leave, by an estimate: therefore never less than `MIN_SHARE`. */
  private shareOf(perMinute: number, now: number): number {
    const available =
      Math.max(perMinute, DEFAULT_RATE_LIMITS.perMinute) - this.externalUsage.inLastMinute(now);
    return Math.min(perMinute, Math.max(MIN_SHARE, available));
  }

  /** Whether the server may refuse the next request. */
  private isNearLimit(now: number): boolean {
    const { externalUsage, serverRemaining } = this;
    const isBusy =
      externalUsage.isActive(now) && this.minute.count(now) + externalUsage.inLastMinute(now) > NEAR_LIMIT;
    const isUsedUp = serverRemaining.requests <= 0 && now < serverRemaining.until + MINUTE;
    return isBusy || isUsedUp || now < this.recoveringUntil || externalUsage.isUncertain(now);
  }
}

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
