import { type AnySignal, onAbort, throwIfAborted } from '../util/abort';
import type { Clock } from '../util/clock';
import type { RateLimit } from '../errors/errors';
import { ExternalUsage } from './external-usage';
import { MachineDate } from '../util/machine-timers';
import { HOUR, MINUTE } from '../util/time-units';
import { DEFAULT_RATE_LIMITS, type Limits } from './limits';
import { PermitQueue, type RequestKind } from './permit-queue';
import { PollShare } from './poll-share';
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

/**
 * Grants permits for the requests of one token, at most so many in any minute and in any hour. The windows hold at the
 * server, however long a request takes to get there: a permit counts while its request is in flight, and then until the
 * window has passed after its end. So of all requests that arrive within a minute, the one that got its permit last
 * found the others in flight or in the window.
 *
 * Requests that must wait are served in order, calls before polls (see {@link PermitQueue}), which have a share of their own
 * (see {@link PollShare}). A 429 pauses all of them; afterwards they are sent one by one.
 */
export class RateLimiter {
  /** When requests have ended. */
  private readonly minute = new SlidingWindow(MINUTE);
  private readonly hour = new SlidingWindow(HOUR);
  private readonly queue = new PermitQueue();
  private readonly pollShare = new PollShare();
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
    return this.queue.isEmpty && this.inFlight === 0 && this.hour.count(this.clock.now()) === 0;
  }

  /** A wait is about to begin: from now on calls leave the permits of its polls free. */
  expectPolls(): void {
    this.pollShare.expectPolls(this.clock.now());
  }

  /** Takes a permit if one is free; `release` must follow. @returns whether one was free */
  tryAcquire(limits: Limits, background: boolean): boolean {
    if (background) this.expectPolls();
    const kind = { limits, background };
    const isFree = this.queue.isEmpty && this.delayFor(kind) === 0;
    if (isFree) this.countPermit(kind);
    return isFree;
  }

  /**
   * Takes a permit, now or when one is free; `release` must follow.
   * @returns nothing when a permit is free; otherwise a promise of one
   * @throws the signal's reason when it aborts, which leaves the permit to the next request
   */
  acquire(limits: Limits, background: boolean, signal: AnySignal): Promise<void> | undefined {
    throwIfAborted(signal);
    if (this.tryAcquire(limits, background)) return undefined;
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        unsubscribe();
        resolve();
      };
      const remove = this.queue.add({ limits, background, grant });
      const unsubscribe = onAbort(signal, (reason) => {
        remove();
        if (this.queue.isEmpty) this.scheduleIn(Infinity);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of an abort is the caller's own
        reject(reason);
      });
      const delay = this.delayFor({ limits, background });
      if (delay === 0) this.grantPermits();
      else if (!this.timer || this.timer.at > this.clock.now() + delay) this.scheduleIn(delay);
    });
  }

  /**
   * Gives a permit back when its request has ended. From now on it counts for a minute and for an hour.
   * @param rateLimit from the headers of the response; counts the requests of other programs too
   * @param pause milliseconds for which a 429 pauses all requests; `null` without a 429
   */
  release(rateLimit: RateLimit | null, pause: number | null): void {
    const now = this.clock.now();
    this.inFlight -= 1;
    this.minute.add(now);
    this.hour.add(now);
    if (pause !== null) {
      this.pausedUntil = Math.max(this.pausedUntil, now + Math.min(pause, MAX_PAUSE));
      this.recoveringUntil = this.pausedUntil + MINUTE;
    } else if (rateLimit) {
      const untilReset = rateLimit.resetAt.getTime() - this.clock.date();
      // The server may not have counted the requests in flight.
      const requests = rateLimit.remaining - this.inFlight;
      this.serverRemaining = { requests, until: now + Math.min(MAX_PAUSE, untilReset) };
      const { sent, inFlight } = this;
      const inLastHour = this.hour.count(now) + inFlight;
      this.externalUsage.update(rateLimit, { sent, inFlight, inLastHour }, now);
    }
    if (!this.queue.isEmpty) this.grantPermits();
  }

  /**
   * How long a call that begins to wait now waits for its permit, in milliseconds, if every response arrives at once.
   * @param ahead how many requests are served first; default: those that wait now
   */
  estimateDelay(limits: Limits, ahead = this.queue.aheadOfCall): number {
    const now = this.clock.now();
    const { perMinute, perHour } = this.pollShare.rest(this.available(limits, now), now);
    const before = { inFlight: this.inFlight, ahead };
    const oneByOne = this.isNearLimit(now) ? ahead * RECOVERY.spacing : 0;
    return Math.max(
      this.minute.estimateDelay(perMinute, now, before),
      this.hour.estimateDelay(perHour, now, before),
      this.pauseAt(now) + oneByOne,
    );
  }

  /** How much of the budget is used, as a client with these limits sees it. */
  status(limits: Limits): RateLimiterStatus {
    const now = this.clock.now();
    const left = (limit: number, ended: number): number => Math.max(0, limit - ended - this.inFlight);
    const rest = this.pollShare.rest(this.available(limits, now), now);
    const exact = this.delayFor({ limits, background: false });
    const delay = exact < Infinity ? exact : this.estimateDelay(limits, 0);
    return {
      queued: this.queue.size,
      perMinute: { limit: limits.perMinute, left: left(rest.perMinute, this.minute.count(now)) },
      perHour: { limit: limits.perHour, left: left(rest.perHour, this.hour.count(now)) },
      nextAt: delay > 0 ? new MachineDate(this.clock.date() + delay) : null,
    };
  }

  /** Grants all permits that are free now, and continues when the next one is. */
  private grantPermits(): void {
    const isFree = (kind: RequestKind): boolean => this.delayFor(kind) === 0;
    const now = this.clock.now();
    const isPollFirst = (limits: Limits): boolean =>
      this.pollShare.delayFor(this.available(limits, now), now) === 0;
    for (;;) {
      const next = this.queue.take(isFree, isPollFirst);
      if (!next) break;
      this.countPermit(next);
      next.grant();
    }
    this.scheduleIn(Math.min(...this.queue.kinds.map((kind) => this.delayFor(kind))));
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

  private countPermit({ limits, background }: RequestKind): void {
    const now = this.clock.now();
    if (background) this.pollShare.count(this.available(limits, now), now);
    this.serverRemaining.requests -= 1;
    this.sent += 1;
    this.inFlight += 1;
    this.lastSentAt = now;
  }

  /** Milliseconds until a permit is free; 0: now; `Infinity`: not before a request in flight has ended. */
  private delayFor({ limits, background }: RequestKind): number {
    const now = this.clock.now();
    const gap = this.inFlight > 0 ? RECOVERY.maxWait : RECOVERY.spacing;
    const all = this.available(limits, now);
    const shared = this.windowDelay(this.pollShare.rest(all, now), now);
    const ofShare = (): number => Math.max(this.windowDelay(all, now), this.pollShare.delayFor(all, now));
    return Math.max(
      0,
      background && shared > 0 ? Math.min(shared, ofShare()) : shared,
      this.pauseAt(now),
      this.isNearLimit(now) ? this.lastSentAt + gap - now : 0,
    );
  }

  /** Milliseconds until the windows have room for one more request. */
  private windowDelay({ perMinute, perHour }: Limits, now: number): number {
    return Math.max(
      this.minute.delayFor(perMinute - this.inFlight, now),
      this.hour.delayFor(perHour - this.inFlight, now),
    );
  }

  /** Milliseconds until the server accepts requests again, by its responses. */
  private pauseAt(now: number): number {
    const { requests, until } = this.serverRemaining;
    return Math.max(0, this.pausedUntil - now, requests <= 0 ? until - now : 0);
  }

  /** What other programs leave of the limits, by an estimate: therefore never less than `MIN_SHARE` a minute. */
  private available({ perMinute, perHour }: Limits, now: number): Limits {
    const left = Math.max(perMinute, DEFAULT_RATE_LIMITS.perMinute) - this.externalUsage.inLastMinute(now);
    return { perMinute: Math.min(perMinute, Math.max(MIN_SHARE, left)), perHour };
  }

  /** Whether the server may refuse the next request. */
  private isNearLimit(now: number): boolean {
    const { externalUsage, serverRemaining } = this;
    const inLastMinute = this.minute.count(now) + this.inFlight + externalUsage.inLastMinute(now);
    const isBusy = externalUsage.isActive(now) && inLastMinute > NEAR_LIMIT;
    const isUsedUp = serverRemaining.requests <= 0 && now < serverRemaining.until + MINUTE;
    return isBusy || isUsedUp || now < this.recoveringUntil || externalUsage.isUncertain(now);
  }
}
