import { type Abortable, onAbort } from './cancel';
import type { Clock } from './clock';
import type { RateLimit } from './errors';
import { Others } from './others';
import { DEFAULT_LIMITS, type Limits } from './rate-limits';
import { SlidingWindow } from './sliding-window';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Nobody is kept longer than this by one word of the server; if it meant it, it will say so again. */
const LONGEST_PAUSE = 60_000;

/**
 * After a 429 others use the token too, nobody knows how much. For a minute requests go one after another: not sooner
 * than `spacing` after the last one, and not before its answer, unless that takes longer than `patience`. One after
 * another they go as well when little is left.
 */
const CAREFUL = { spacing: 100, patience: 1_000 };

/** From so many in a minute on, with others among them, each may be one too many. */
const TIGHT = 180;

/** However much others use the token, so many in a minute are tried. */
const SMALLEST_SHARE = 12;

interface Waiting {
  limits: Limits;
  go: () => void;
}

/**
 * The requests of one token: at most so many in a minute and in an hour, whoever makes them. Who has to wait is served
 * in order, calls before the polls of waits; a 429 makes everybody wait, then they go ahead one by one.
 */
export class Budget {
  private readonly minute = new SlidingWindow(MINUTE);
  private readonly hour = new SlidingWindow(HOUR);
  private readonly calls = new Set<Waiting>();
  private readonly polls = new Set<Waiting>();
  private next: { at: number; cancel: () => void } | null = null;
  /** Ever. */
  private sent = 0;
  /** Sent and not answered. */
  private underWay = 0;
  private lastSent = -Infinity;
  private pausedUntil = -Infinity;
  private carefulUntil = -Infinity;
  /** What the server said is left, for everybody who uses the token; believed for a while. */
  private left = { requests: Infinity, until: -Infinity };
  private readonly others = new Others();

  constructor(private readonly clock: Clock) {}

  /** Whether nothing of the last hour is kept, so that the budget may be forgotten. */
  get isIdle(): boolean {
    return !this.isAwaited && this.underWay === 0 && this.hour.count(this.clock.now()) === 0;
  }

  /** Takes a place for one request, if there is one now; `answered` must follow. @returns whether there was */
  takeNow(limits: Limits): boolean {
    const isFree = !this.isAwaited && this.waitFor(limits) === 0;
    if (isFree) this.grant();
    return isFree;
  }

  /**
   * Takes a place for one request; `answered` must follow.
   * @param background a poll of a wait, which lets calls go first
   * @returns nothing when there is a place now; else a promise that resolves when there is
   * @throws the signal's reason when it aborts, which leaves the place to the next
   */
  take(limits: Limits, background: boolean, signal: Abortable): Promise<void> | undefined {
    signal.throwIfAborted();
    if (this.takeNow(limits)) return undefined;
    return new Promise((resolve, reject) => {
      const queue = background ? this.polls : this.calls;
      const waiting: Waiting = { limits, go: () => undefined };
      queue.add(waiting);
      const forget = onAbort(signal, (reason) => {
        queue.delete(waiting);
        if (!this.isAwaited) this.wakeIn(Infinity);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- an abort's reason is the caller's own
        reject(reason);
      });
      waiting.go = () => {
        forget();
        resolve();
      };
      const wait = this.waitFor(limits);
      if (wait === 0) this.serve();
      else if (!this.next || this.next.at > this.clock.now() + wait) this.wakeIn(wait);
    });
  }

  /**
   * A request is over.
   * @param rateLimit what the answer said about the token's limits. Others may use the token too: then less is left
   *   than we know of
   * @param pause after a 429: nobody sends anything for so many milliseconds; else `null`
   */
  answered(rateLimit: RateLimit | null, pause: number | null): void {
    const now = this.clock.now();
    this.underWay -= 1;
    if (pause !== null) {
      this.pausedUntil = Math.max(this.pausedUntil, now + Math.min(pause, LONGEST_PAUSE));
      this.carefulUntil = this.pausedUntil + MINUTE;
    } else if (rateLimit) {
      const untilReset = rateLimit.resetAt.getTime() - this.clock.date();
      // Those under way may not have been counted yet.
      const requests = rateLimit.remaining - this.underWay;
      this.left = { requests, until: now + Math.min(LONGEST_PAUSE, untilReset) };
      const { sent, underWay } = this;
      this.others.learn(rateLimit, { sent, underWay, inLastHour: this.hour.count(now) }, now);
    }
    if (this.isAwaited) this.serve();
  }

  private get isAwaited(): boolean {
    return this.calls.size + this.polls.size > 0;
  }

  /** Lets through whoever may go, in order; the limits of one manager do not hold up another. */
  private serve(): void {
    const full = new Set<Limits>();
    let soonest = Infinity;
    for (const queue of [this.calls, this.polls]) {
      for (const next of queue) {
        if (full.has(next.limits)) continue;
        const wait = this.waitFor(next.limits);
        if (wait === 0) {
          queue.delete(next);
          this.grant();
          next.go();
        } else {
          full.add(next.limits);
          soonest = Math.min(soonest, wait);
        }
      }
    }
    this.wakeIn(soonest);
  }

  /** Serves again in so many milliseconds; `Infinity`: not by itself. */
  private wakeIn(ms: number): void {
    const at = this.clock.now() + ms;
    if (this.next?.at === at) return;
    this.next?.cancel();
    const wake = (): void => {
      this.next = null;
      this.serve();
    };
    this.next = ms === Infinity ? null : { at, cancel: this.clock.after(ms, wake) };
  }

  private grant(): void {
    const now = this.clock.now();
    this.minute.add(now);
    this.hour.add(now);
    this.left.requests -= 1;
    this.sent += 1;
    this.underWay += 1;
    this.lastSent = now;
  }

  /** Milliseconds until a request may go; 0: now. */
  private waitFor({ perMinute, perHour }: Limits): number {
    const now = this.clock.now();
    const gap = this.underWay > 0 ? CAREFUL.patience : CAREFUL.spacing;
    return Math.max(
      0,
      this.minute.waitFor(this.shareOf(perMinute, now), now),
      this.hour.waitFor(perHour, now),
      this.pausedUntil - now,
      this.left.requests <= 0 ? this.left.until - now : 0,
      this.isUnsure(now) ? this.lastSent + gap - now : 0,
    );
  }

  /** What others leave of a minute; something in any case, since nobody knows exactly. */
  private shareOf(perMinute: number, now: number): number {
    const all = Math.max(perMinute, DEFAULT_LIMITS.perMinute) - this.others.inLastMinute(now);
    return Math.min(perMinute, Math.max(SMALLEST_SHARE, all));
  }

  /** Whether the next request may be refused, for all we know. */
  private isUnsure(now: number): boolean {
    const { others } = this;
    const isTight = others.areActive(now) && this.minute.count(now) + others.inLastMinute(now) > TIGHT;
    const isEmpty = this.left.requests <= 0 && now < this.left.until + MINUTE;
    return isTight || isEmpty || now < this.carefulUntil || others.isUncertain(now);
  }
}

/** By clock, endpoint and digest of the token. */
const budgets = new WeakMap<Clock, Map<string, Map<string, Budget>>>();

/**
 * The budget of a token at an endpoint, the same for all managers of the process.
 * @param key a digest of the token, never the token
 */
export function budgetFor(clock: Clock, endpoint: string, key: string): Budget {
  const endpoints = budgets.get(clock) ?? new Map<string, Map<string, Budget>>();
  const known = endpoints.get(endpoint)?.get(key);
  if (known) return known;
  // Tokens that a token function has renewed are not used again, nor is a server of a test that is over.
  for (const [name, tokens] of endpoints) {
    for (const [old, { isIdle }] of tokens) if (isIdle) tokens.delete(old);
    if (tokens.size === 0) endpoints.delete(name);
  }
  const budget = new Budget(clock);
  const tokens = endpoints.get(endpoint) ?? new Map<string, Budget>();
  budgets.set(clock, endpoints.set(endpoint, tokens.set(key, budget)));
  return budget;
}
