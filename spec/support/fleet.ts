import type { SharedPermits, PermitGrant, PermitReport } from '../../lib';
import { SharedLeases } from '../../lib/rate-limit/fleet/shared-leases';
import type { Limits } from '../../lib/rate-limit/limits';
import { RateLimiter } from '../../lib/rate-limit/rate-limiter';
import type { Clock } from '../../lib/util/clock';
import { type ManualClock, settled } from './manual-clock';

/** A store whose answers the fleet waits for, and which can be away. */
class WatchedPermits implements SharedPermits {
  isAway = false;
  /** Whether it never answers. */
  isSilent = false;
  exchanges = 0;
  readonly pending = new Set<Promise<unknown>>();

  /** The way to the store and the way back, in milliseconds. */
  latency: () => number = () => 0;

  constructor(
    private readonly permits: SharedPermits,
    private readonly clock: ManualClock,
  ) {}

  get share(): number {
    return this.permits.share;
  }

  async exchange(key: string, report: PermitReport): Promise<PermitGrant> {
    this.exchanges += 1;
    await this.#travel();
    if (this.isAway) throw new Error('the store is away');
    if (this.isSilent) return new Promise(() => undefined);
    const grant = await this.#ask(key, report);
    await this.#travel();
    return grant;
  }

  async #travel(): Promise<void> {
    const ms = this.latency();
    if (ms > 0) await new Promise<void>((resolve) => this.clock.after(ms, resolve));
  }

  #ask(key: string, report: PermitReport): Promise<PermitGrant> {
    const answer = this.permits.exchange(key, report);
    const settle = (): void => void this.pending.delete(answer);
    this.pending.add(answer);
    answer.then(settle, settle);
    return answer;
  }
}

/** One request that arrived at the server. */
export interface Arrival {
  at: number;
  process: number;
  poll: boolean;
}

/** Processes with one token, each with a rate limiter of its own, a store, and a server that counts. */
export class Fleet {
  readonly arrivals: Arrival[] = [];
  readonly warnings: string[] = [];
  readonly stores: WatchedPermits[];
  readonly limiters: RateLimiter[];
  /** How long each process has slept: its date passed, its time and its timers stood still. */
  readonly #slept: number[];
  /** Requests take so long to the server, and as long back, in milliseconds. */
  latency = (): number => 20;

  constructor(
    readonly clock: ManualClock,
    permits: SharedPermits,
    processes: number,
    readonly limits: Limits,
  ) {
    this.stores = Array.from({ length: processes }, () => new WatchedPermits(permits, clock));
    this.#slept = this.stores.map(() => 0);
    this.limiters = this.stores.map(
      (store, process) =>
        new RateLimiter(this.#clockOf(process), (host) => {
          const warn = (error: unknown): void => void this.warnings.push(String(error));
          return new SharedLeases(store, 'a key', { ...host, warn });
        }),
    );
  }

  /** A process sends `count` requests as soon as it may. */
  send(process: number, count: number, poll = false): void {
    for (let sent = 0; sent < count; sent++) void this.#request(process, poll);
  }

  /** A process sends a request. @returns what responds with a 429 that pauses all requests, for so many milliseconds */
  async refusal(process: number): Promise<(pause: number) => void> {
    const limiter = this.limiters[process];
    const permit = limiter?.acquire(this.limits, false, new AbortController().signal);
    await this.advance(100);
    await permit;
    return (pause) => limiter?.release(null, pause, this.limits);
  }

  /** A process sleeps so long, in no time for the others. */
  sleep(process: number, ms: number): void {
    this.#slept[process] = (this.#slept[process] ?? 0) + ms;
  }

  /** Time passes, in steps in which the store answers. */
  async advance(ms: number, step = 25): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      await this.clock.advance(Math.min(step, ms - passed));
      await this.#settle();
    }
  }

  countOf(process: number): number {
    return this.arrivals.filter((one) => one.process === process).length;
  }

  /** The most arrivals in any time of this length, both ends included. */
  most(length: number, arrivals = this.arrivals): number {
    let first = 0;
    let most = 0;
    for (const [index, { at }] of arrivals.entries()) {
      while (at - (arrivals[first]?.at ?? at) > length) first += 1;
      most = Math.max(most, index - first + 1);
    }
    return most;
  }

  #clockOf(process: number): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      date: () => clock.date() + (this.#slept[process] ?? 0),
      after: (ms, callback) => clock.after(ms, callback),
    };
  }

  async #request(process: number, poll: boolean): Promise<void> {
    const limiter = this.limiters[process];
    await limiter?.acquire(this.limits, poll, new AbortController().signal);
    this.clock.after(this.latency(), () => {
      this.arrivals.push({ at: this.clock.now(), process, poll });
      this.clock.after(this.latency(), () => limiter?.release(null, null, this.limits));
    });
  }

  async #settle(): Promise<void> {
    await settled();
    while (this.stores.some(({ pending }) => pending.size > 0)) {
      await Promise.allSettled(this.stores.flatMap(({ pending }) => [...pending]));
      await settled();
    }
  }
}
