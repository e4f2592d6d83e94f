import { type AnySignal, onAbort, throwIfAborted } from '../util/abort';
import type { Clock } from '../util/clock';
import type { RateLimit } from '../errors/errors';
import { ExternalUsage } from './external-usage';
import { Alarm } from './alarm';
import { MachineDate } from '../util/machine-timers';
import { HOUR, MINUTE } from '../util/time-units';
import type { RateLimiterStatus } from './limiter-status';
import { DEFAULT_RATE_LIMITS, type Limits } from './limits';
import { PermitQueue, type RequestKind } from './permit-queue';
import { PollShare } from './poll-share';
import { ServerPause } from './server-pause';
import type { LeaseHost } from './fleet/lease-host';
import type { SharedLeases } from './fleet/shared-leases';
import { SlidingWindow } from './sliding-window';

/**
 * After a 429, and near the limit, an unknown number of other requests uses the token. Then requests are sent one by one:
 * each `spacing` milliseconds after the last one and after its response, or after `maxWait` without a response.
 */
const RECOVERY = { spacing: 100, maxWait: 1_000 };

/** With others active, each request above this number in a minute may exceed the server's limit. */
const NEAR_LIMIT = 180;

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
  private readonly alarm: Alarm;
  /** Ever. */
  private sent = 0;
  /** Sent, without a response. */
  private inFlight = 0;
  private lastSentAt = -Infinity;
  private readonly server = new ServerPause();
  private readonly externalUsage = new ExternalUsage();
  /** `null`: this process has the token for itself, as far as is known. */
  private readonly leases: SharedLeases | null;

  /** @param connect makes the leases of a store that this process shares with others */
  constructor(
    private readonly clock: Clock,
    connect?: (host: Omit<LeaseHost, 'warn'>) => SharedLeases,
  ) {
    const host: Omit<LeaseHost, 'warn'> = {
      clock,
      waiting: (of) => this.queue.waiting(of),
      recent: (now) => ({ minute: this.minute.count(now), hour: this.hour.count(now) }),
      expectsPolls: (now) => this.pollShare.isNeeded(now),
      grantPermits: () => this.grantPermits(),
      pause: (ms) => this.server.pause(ms, clock.now()),
    };
    this.leases = connect?.(host) ?? null;
    this.alarm = new Alarm(clock, () => this.grantPermits());
  }

  /** Whether it holds nothing of the last hour and may be discarded. */
  get isIdle(): boolean {
    const isUsed = !this.queue.isEmpty || this.inFlight > 0 || this.hour.count(this.clock.now()) > 0;
    return !isUsed && this.leases?.isIdle !== false;
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
        if (this.queue.isEmpty) this.alarm.set(Infinity);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of an abort is the caller's own
        reject(reason);
      });
      const delay = this.delayFor({ limits, background });
      if (delay === 0) this.grantPermits();
      else this.alarm.set(Math.min(this.alarm.at, this.clock.now() + delay));
      this.leases?.of(limits).schedule();
    });
  }

  /**
   * Gives a permit back when its request has ended. From now on it counts for a minute and for an hour.
   * @param rateLimit from the headers of the response; counts the requests of other programs too
   * @param pause milliseconds for which a 429 pauses all requests; `null` without a 429
   * @param limits those of the permit
   */
  release(rateLimit: RateLimit | null, pause: number | null, limits = DEFAULT_RATE_LIMITS): void {
    const now = this.clock.now();
    this.inFlight -= 1;
    this.minute.add(now);
    this.hour.add(now);
    if (pause !== null) this.server.pause(pause, now);
    else if (rateLimit) {
      const { sent, inFlight } = this;
      const inLastHour = this.hour.count(now) + inFlight;
      this.server.learn(rateLimit, inFlight, { now, date: this.clock.date() });
      // With a store, what looks like other programs are the other processes.
      if (!this.leases) this.externalUsage.update(rateLimit, { sent, inFlight, inLastHour }, now);
    }
    this.leases?.of(limits).end(rateLimit, pause);
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
      this.server.delay(now) + oneByOne,
      this.leases?.of(limits).expectedDelay(now) ?? 0,
    );
  }

  /** How much of the budget is used, as a client with these limits sees it. */
  status(limits: Limits): RateLimiterStatus {
    const now = this.clock.now();
    const ofAll = this.leases?.of(limits).left;
    const left = (limit: number, ended: number, all = Infinity): number =>
      Math.max(0, Math.min(all, limit - ended - this.inFlight));
    const rest = this.pollShare.rest(this.available(limits, now), now);
    const exact = this.delayFor({ limits, background: false });
    const delay = exact < Infinity ? exact : this.estimateDelay(limits, 0);
    return {
      queued: this.queue.size,
      perMinute: {
        limit: limits.perMinute,
        left: left(rest.perMinute, this.minute.count(now), ofAll?.perMinute),
      },
      perHour: { limit: limits.perHour, left: left(rest.perHour, this.hour.count(now), ofAll?.perHour) },
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
    this.alarm.set(this.clock.now() + Math.min(...this.queue.kinds.map((kind) => this.delayFor(kind))));
  }

  private countPermit({ limits, background }: RequestKind): void {
    const now = this.clock.now();
    if (background) this.pollShare.count(this.available(limits, now), now);
    this.server.count();
    this.sent += 1;
    this.inFlight += 1;
    this.lastSentAt = now;
    this.leases?.of(limits).take(now);
  }

  /** Milliseconds until a permit is free; 0: now; `Infinity`: not before a request in flight has ended. */
  private delayFor({ limits, background }: RequestKind): number {
    const now = this.clock.now();
    const leased = this.leases?.of(limits).delay(now) ?? 0;
    if (leased === Infinity) return Infinity;
    const gap = this.inFlight > 0 ? RECOVERY.maxWait : RECOVERY.spacing;
    const all = this.available(limits, now);
    const shared = this.windowDelay(this.pollShare.rest(all, now), now);
    const ofShare = (): number => Math.max(this.windowDelay(all, now), this.pollShare.delayFor(all, now));
    return Math.max(
      leased,
      background && shared > 0 ? Math.min(shared, ofShare()) : shared,
      this.server.delay(now),
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

  /** What other programs leave of the limits. */
  private available(limits: Limits, now: number): Limits {
    const { perMinute, perHour } = this.leases?.of(limits).ownLimits(now) ?? limits;
    return { perMinute: this.externalUsage.leave(perMinute, now), perHour };
  }

  /** Whether the server may refuse the next request. */
  private isNearLimit(now: number): boolean {
    const { externalUsage, server } = this;
    const inLastMinute = this.minute.count(now) + this.inFlight + externalUsage.inLastMinute(now);
    const isBusy = externalUsage.isActive(now) && inLastMinute > NEAR_LIMIT;
    return isBusy || server.isRecovering(now) || externalUsage.isUncertain(now);
  }
}
