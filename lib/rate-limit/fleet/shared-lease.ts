import type { RateLimit } from '../../errors/errors';
import type { PermitGrant, SharedPermits } from '../../shared-permits';
import { HOUR, SECOND } from '../../util/time-units';
import { Alarm } from '../alarm';
import type { LeaseHost } from './lease-host';
import { LeaseNews } from './lease-news';
import type { Limits } from '../limits';
import { LoneShare } from './lone-share';
import { Outage } from './outage';

/** Permits in stock that a process asks for, where nothing is short: so many requests cost one round trip. */
const STOCK = 16;

/**
 * Ended requests are reported at the latest after this time, in milliseconds: with the next question where requests wait;
 * sooner where a stock lets them pass, since the answer tells of a pause, too.
 */
const REPORT_DELAY = { waiting: 2 * SECOND, free: SECOND / 2 };

/** A stock that no request has used for this long is given back, in milliseconds. */
const IDLE = SECOND;

/** While the store is away, it is tried again after this time, in milliseconds. */
const AWAY_RETRY = SECOND;

/** Leases are renewed when this part of their time has passed. */
const RENEWAL = 1 / 3;

/**
 * The permits that this process holds of a store, for the requests of one limiter with the same limits. It asks for more in
 * the background, before the stock is used up, so that requests need not wait for the store.
 */
export class SharedLease {
  #stock = 0;
  #inFlight = 0;
  /** Ever. */
  #ended = 0;
  #acknowledged = 0;
  #endedAt = -Infinity;
  #sequence = 0;
  /** Since the last report. */
  #news = new LeaseNews();
  #takenAt = -Infinity;
  /** When the last report that was answered was sent, by both clocks: one stands still while the machine sleeps. */
  #reportedAt = -Infinity;
  #reportedDate = -Infinity;
  #last: PermitGrant | null = null;
  #retryAt = -Infinity;
  /** Whether the last answer had permits for the stock. */
  #isPlenty = false;
  readonly #share: LoneShare;
  readonly #outage = new Outage();
  #rebuildsUntil = -Infinity;
  #isAsking = false;
  readonly #alarm: Alarm;

  constructor(
    private readonly permits: SharedPermits,
    private readonly key: string,
    private readonly member: string,
    private readonly limits: Limits,
    private readonly host: LeaseHost,
  ) {
    this.#share = new LoneShare(permits.share);
    this.#alarm = new Alarm(host.clock, () => this.schedule());
  }

  /** Whether it holds nothing and has nothing to report. */
  get isIdle(): boolean {
    return !this.#isAsking && this.#isAtRest;
  }

  get #isAtRest(): boolean {
    const { clock } = this.host;
    // What has ended longer ago than the windows reach need not be reported any more.
    const isReported = this.#ended === this.#acknowledged || clock.now() - this.#endedAt > HOUR;
    return this.#stock + this.#inFlight === 0 && isReported;
  }

  /** What the limits leave to this process, the stock included, by the last answer; `null` while the store is away. */
  get left(): PermitGrant['left'] | null {
    if (!this.#last || this.#isAlone(this.host.clock.now())) return null;
    const { perMinute, perHour } = this.#last.left;
    return { perMinute: perMinute + this.#stock, perHour: perHour + this.#stock };
  }

  /** The limits that this process keeps by itself: all of the budget with permits of the store, its share without. */
  ownLimits(now: number): Limits {
    return this.#isAlone(now) && !this.#hasStock(now) ? this.#share.of(this.limits) : this.limits;
  }

  /** Milliseconds until a request may be sent, as far as the store decides; `Infinity`: not before it has answered. */
  delay(now: number): number {
    if (this.#hasStock(now)) return 0;
    return this.#isAlone(now) ? this.#share.delay(this.limits, now) : Infinity;
  }

  /** Milliseconds until the store may have a permit. */
  expectedDelay(now: number): number {
    const delay = this.delay(now);
    return delay < Infinity ? delay : Math.max(0, this.#retryAt - now);
  }

  /** A request takes a permit. */
  take(now: number): void {
    // Without a stock, it has become free while the process was alone.
    if (this.#hasStock(now)) this.#stock -= 1;
    else this.#share.count(now);
    this.#inFlight += 1;
    this.#takenAt = now;
    this.schedule();
  }

  /** A request has ended. */
  end(rateLimit: RateLimit | null, pause: number | null): void {
    const { clock } = this.host;
    this.#inFlight -= 1;
    this.#ended += 1;
    this.#endedAt = clock.now();
    this.#news.note(rateLimit, pause, clock);
    this.schedule();
  }

  /** Asks the store when there is a reason: now, or at the time of the first one. */
  schedule(): void {
    if (this.#isAsking) return;
    const now = this.host.clock.now();
    const at = this.#nextReport(now);
    // A process that rests asks nothing.
    if (at === Infinity) this.#outage.rest();
    const { calls, polls } = this.host.waiting(this.limits);
    // What is left to report need not keep the process: it counts as used when the lease has ended.
    this.#alarm.set(at > now ? at : Infinity, calls + polls + this.#inFlight === 0);
    if (at <= now) void this.#ask();
  }

  /** Without permits of the store, since it is away or has lost its memory. */
  #isAlone(now: number): boolean {
    return this.#outage.isAway || now < this.#rebuildsUntil;
  }

  /** Permits count for others when the lease has ended, also one that has ended while the machine slept. */
  #hasStock(now: number): boolean {
    return this.#stock > 0 && this.#sinceReport(now) < (this.#last?.validFor ?? 0);
  }

  /** A store may forget a fleet that rests: that is no loss, and `''` says that there is nothing to lose. */
  #epoch(now: number): string {
    const isForgotten = this.#isAtRest && this.#sinceReport(now) > HOUR;
    return isForgotten ? '' : (this.#last?.epoch ?? '');
  }

  #sinceReport(now: number): number {
    return Math.max(now - this.#reportedAt, this.host.clock.date() - this.#reportedDate);
  }

  #nextReport(now: number): number {
    const { calls, polls } = this.host.waiting(this.limits);
    const waiting = calls + polls;
    const held = this.#stock + this.#inFlight;
    const renewal = held > 0 ? this.#reportedAt + (this.#last?.validFor ?? 0) * RENEWAL : Infinity;
    // A process without work does not ask: it may want to end.
    if (this.#outage.hasBegun) return waiting + held > 0 || this.#news.pauses(now) ? this.#retryAt : Infinity;
    if (now < this.#rebuildsUntil)
      return Math.min(renewal, waiting > 0 || this.#news.since < Infinity ? this.#rebuildsUntil : Infinity);
    const reasons = [renewal];
    if (waiting > (this.#hasStock(now) ? this.#stock : 0)) reasons.push(this.#retryAt);
    if (this.#isPlenty && this.#stock < STOCK / 4 && now - this.#takenAt < IDLE) reasons.push(now);
    if (this.#news.pauses(now)) reasons.push(now);
    const delay = waiting > 0 ? REPORT_DELAY.waiting : REPORT_DELAY.free;
    reasons.push(this.#news.since + (this.#last?.oneByOne ? 0 : delay));
    if (this.#stock > 0 && waiting === 0) reasons.push(this.#takenAt + IDLE);
    return Math.min(...reasons);
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    // Requests that begin to wait in the same turn are part of the question.
    await Promise.resolve();
    const sentAt = this.host.clock.now();
    const sentDate = this.host.clock.date();
    const { calls, polls } = this.host.waiting(this.limits);
    const isIdle = calls + polls === 0 && sentAt - this.#takenAt >= IDLE;
    if (isIdle || !this.#hasStock(sentAt)) this.#stock = 0;
    const news = this.#news;
    this.#news = new LeaseNews();
    const ended = this.#ended;
    const missing = {
      calls: Math.max(0, calls - this.#stock),
      polls: Math.max(0, polls - Math.max(0, this.#stock - calls)),
    };
    try {
      const grant = await this.permits.exchange(this.key, {
        member: this.member,
        sequence: ++this.#sequence,
        epoch: this.#epoch(sentAt),
        limits: this.limits,
        returns: this.#outage.isReturning,
        held: this.#stock + this.#inFlight,
        ended,
        endedAgo: ended > this.#acknowledged ? sentAt - this.#endedAt : 0,
        acknowledged: this.#acknowledged,
        recent: this.host.recent(sentAt),
        ...missing,
        expectsPolls: this.host.expectsPolls(sentAt),
        spare: isIdle ? 0 : Math.max(0, STOCK - this.#stock),
        ...news.at(sentAt),
      });
      this.#acknowledged = ended;
      [this.#reportedAt, this.#reportedDate] = [sentAt, sentDate];
      this.#accept(grant);
      this.#isPlenty = grant.granted > missing.calls + missing.polls;
    } catch (error) {
      this.#news.add(news);
      this.#retryAt = this.host.clock.now() + AWAY_RETRY;
      this.#outage.fail();
      if (this.#outage.isAway) this.#warn(error);
    }
    this.#isAsking = false;
    this.host.grantPermits();
    this.schedule();
  }

  #accept(grant: PermitGrant): void {
    const now = this.host.clock.now();
    this.#outage.answered();
    this.#last = grant;
    // After a 429, what was in stock before is not sent either.
    const kept = grant.oneByOne ? 0 : this.#stock;
    this.#stock = grant.rebuildsFor > 0 ? 0 : kept + grant.granted;
    this.#retryAt = now + grant.retryIn;
    this.#rebuildsUntil = grant.rebuildsFor > 0 ? now + grant.rebuildsFor : -Infinity;
    if (grant.rebuildsFor > 0)
      this.#warn(new Error('it has lost what it knew; it is whole again in a minute'));
    else {
      this.#outage.end();
      this.#share.know(grant.left.perMinute, now);
    }
    if (grant.pausedFor > 0) this.host.pause(grant.pausedFor);
  }

  #warn(error: unknown): void {
    const { calls, polls } = this.host.waiting(this.limits);
    // A program that has done its work may have closed its connection.
    if (calls + polls + this.#inFlight > 0 && this.#outage.warnsNow()) this.host.warn(error);
  }
}
