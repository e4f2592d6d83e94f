import { type Abortable, onAbort } from '../util/abort';
import type { Clock } from '../util/clock';
import type { RateLimit } from '../errors/errors';
import { ExternalUsage } from './external-usage';
import { DEFAULT_LIMITS, type RequestLimits } from './limits';
import { SlidingWindow } from './sliding-window';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Nobody is kept longer than this by one word of the server; if it meant it, it will say so again. */
const MAX_PAUSE = 60_000;

/**
 * After a 429 others use the token too, nobody knows how much. For a minute requests go one after another: not sooner
 * than `spacing` after the last one, and not before its answer, unless that takes longer than `patience`. One after
 * another they go as well when little is left.
 */
const RECOVERY = { spacing: 100, patience: 1_000 };

/** From so many in a minute on, with others among them, each may be one too many. */
const NEAR_LIMIT = 180;

/** However much others use the token, so many in a minute are tried. */
const MIN_SHARE = 12;

interface QueuedRequest {
  limits: RequestLimits;
  grant: () => void;
}

/**
 * The requests of one token: at most so many in a minute and in an hour, whoever makes them. Who has to wait is served
 * in order, calls before the polls of waits; a 429 makes everybody wait, then they go ahead one by one.
 */
export class RateLimiter {
  private readonly minute = new SlidingWindow(MINUTE);
  private readonly hour = new SlidingWindow(HOUR);
  private readonly calls = new Set<QueuedRequest>();
  private readonly polls = new Set<QueuedRequest>();
  private next: { at: number; cancel: () => void } | null = null;
  /** Ever. */
  private sent = 0;
  /** Sent and not answered. */
  private inFlight = 0;
  private lastSent = -Infinity;
  private pausedUntil = -Infinity;
  private recoveringUntil = -Infinity;
  /** What the server said is left, for everybody who uses the token; believed for a while. */
  private serverRemaining = { requests: Infinity, until: -Infinity };
  private readonly externalUsage = new ExternalUsage();

  constructor(private readonly clock: Clock) {}

  /** Whether nothing of the last hour is kept, so that the budget may be forgotten. */
  get isIdle(): boolean {
    return !this.hasQueue && this.inFlight === 0 && this.hour.count(this.clock.now()) === 0;
  }

  /** Takes a place for one request, if there is one now; `answered` must follow. @returns whether there was */
  tryAcquire(limits: RequestLimits): boolean {
    const isFree = !this.hasQueue && this.delayFor(limits) === 0;
    if (isFree) this.grantPermit();
    return isFree;
  }

  /**
   * Takes a place for one request; `answered` must follow.
   * @param background a poll of a wait, which lets calls go first
   * @returns nothing when there is a place now; else a promise that resolves when there is
   * @throws the signal's reason when it aborts, which leaves the place to the next
   */
  acquire(limits: RequestLimits, background: boolean, signal: Abortable): Promise<void> | undefined {
    signal.throwIfAborted();
    if (this.tryAcquire(limits)) return undefined;
    return new Promise((resolve, reject) => {
      const queue = background ? this.polls : this.calls;
      const waiting: QueuedRequest = { limits, grant: () => undefined };
      queue.add(waiting);
      const forget = onAbort(signal, (reason) => {
        queue.delete(waiting);
        if (!this.hasQueue) this.scheduleIn(Infinity);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- an abort's reason is the caller's own
        reject(reason);
      });
      waiting.grant = () => {
        forget();
        resolve();
      };
      const wait = this.delayFor(limits);
      if (wait === 0) this.grantPermits();
      else if (!this.next || this.next.at > this.clock.now() + wait) this.scheduleIn(wait);
    });
  }

  /**
   * A request is over.
   * @param rateLimit what the answer said about the token's limits. Others may use the token too: then less is left
   *   than we know of
   * @param pause after a 429: nobody sends anything for so many milliseconds; else `null`
   */
  release(rateLimit: RateLimit | null, pause: number | null): void {
    const now = this.clock.now();
    this.inFlight -= 1;
    if (pause !== null) {
      this.pausedUntil = Math.max(this.pausedUntil, now + Math.min(pause, MAX_PAUSE));
      this.recoveringUntil = this.pausedUntil + MINUTE;
    } else if (rateLimit) {
      const untilReset = rateLimit.resetAt.getTime() - this.clock.date();
      // Those under way may not have been counted yet.
      const requests = rateLimit.remaining - this.inFlight;
      this.serverRemaining = { requests, until: now + Math.min(MAX_PAUSE, untilReset) };
      const { sent, inFlight: underWay } = this;
      this.externalUsage.update(
        rateLimit,
        { sent, inFlight: underWay, inLastHour: this.hour.count(now) },
        now,
      );
    }
    if (this.hasQueue) this.grantPermits();
  }

  private get hasQueue(): boolean {
    return this.calls.size + this.polls.size > 0;
  }

  /** Lets through whoever may go, in order; the limits of one manager do not hold up another. */
  private grantPermits(): void {
    const full = new Set<RequestLimits>();
    let soonest = Infinity;
    for (const queue of [this.calls, this.polls]) {
      for (const next of queue) {
        if (full.has(next.limits)) continue;
        const wait = this.delayFor(next.limits);
        if (wait === 0) {
          queue.delete(next);
          this.grantPermit();
          next.grant();
        } else {
          full.add(next.limits);
          soonest = Math.min(soonest, wait);
        }
      }
    }
    this.scheduleIn(soonest);
  }

  /** Serves again in so many milliseconds; `Infinity`: not by itself. */
  private scheduleIn(ms: number): void {
    const at = this.clock.now() + ms;
    if (this.next?.at === at) return;
    this.next?.cancel();
    const wake = (): void => {
      this.next = null;
      this.grantPermits();
    };
    this.next = ms === Infinity ? null : { at, cancel: this.clock.after(ms, wake) };
  }

  private grantPermit(): void {
    const now = this.clock.now();
    this.minute.add(now);
    this.hour.add(now);
    this.serverRemaining.requests -= 1;
    this.sent += 1;
    this.inFlight += 1;
    this.lastSent = now;
  }

  /** Milliseconds until a request may go; 0: now. */
  private delayFor({ perMinute, perHour }: RequestLimits): number {
    const now = this.clock.now();
    const gap = this.inFlight > 0 ? RECOVERY.patience : RECOVERY.spacing;
    return Math.max(
      0,
      this.minute.delayFor(this.shareOf(perMinute, now), now),
      this.hour.delayFor(perHour, now),
      this.pausedUntil - now,
      this.serverRemaining.requests <= 0 ? this.serverRemaining.until - now : 0,
      this.isNearLimit(now) ? this.lastSent + gap - now : 0,
    );
  }

  /** What others leave of a minute; something in any case, since nobody knows exactly. */
  private shareOf(perMinute: number, now: number): number {
    const all = Math.max(perMinute, DEFAULT_LIMITS.perMinute) - this.externalUsage.inLastMinute(now);
    return Math.min(perMinute, Math.max(MIN_SHARE, all));
  }

  /** Whether the next request may be refused, for all we know. */
  private isNearLimit(now: number): boolean {
    const { externalUsage: others } = this;
    const isTight = others.areActive(now) && this.minute.count(now) + others.inLastMinute(now) > NEAR_LIMIT;
    const isEmpty = this.serverRemaining.requests <= 0 && now < this.serverRemaining.until + MINUTE;
    return isTight || isEmpty || now < this.recoveringUntil || others.isUncertain(now);
  }
}

/** By clock, endpoint and digest of the token. */
const rateLimiters = new WeakMap<Clock, Map<string, Map<string, RateLimiter>>>();

/**
 * The budget of a token at an endpoint, the same for all managers of the process.
 * @param key a digest of the token, never the token
 */
export function rateLimiterFor(clock: Clock, endpoint: string, key: string): RateLimiter {
  const endpoints = rateLimiters.get(clock) ?? new Map<string, Map<string, RateLimiter>>();
  const known = endpoints.get(endpoint)?.get(key);
  if (known) return known;
  // Tokens that a token function has renewed are not used again, nor is a server of a test that is over.
  for (const [name, tokens] of endpoints) {
    for (const [old, { isIdle }] of tokens) if (isIdle) tokens.delete(old);
    if (tokens.size === 0) endpoints.delete(name);
  }
  const budget = new RateLimiter(clock);
  const tokens = endpoints.get(endpoint) ?? new Map<string, RateLimiter>();
  rateLimiters.set(clock, endpoints.set(endpoint, tokens.set(key, budget)));
  return budget;
}
