import type { SharedPermits, PermitGrant, PermitReport } from '../../lib';
import { SharedLeases } from '../../lib/rate-limit/fleet/shared-leases';
import type { Limits } from '../../lib/rate-limit/limits';
import { RateLimiter } from '../../lib/rate-limit/rate-limiter';
import { type ManualClock, settled } from './manual-clock';

/** A store whose answers the fleet waits for, and which can be away. */
class WatchedPermits implements SharedPermits {
  isAway = false;
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
  /** Requests take so long to the server, and as long back, in milliseconds. */
  latency = (): number => 20;

  constructor(
    readonly clock: ManualClock,
    permits: SharedPermits,
    processes: number,
    readonly limits: Limits,
  ) {
    this.stores = Array.from({ length: processes }, () => new WatchedPermits(permits, clock));
    this.limiters = this.stores.map(
      (store) =>
        new RateLimiter(clock, (host) => {
          const warn = (error: unknown): void => void this.warnings.push(String(error));
          return new SharedLeases(store, 'a key', { ...host, warn });
        }),
    );
  }

  /** A process sends `count` requests as soon as it may. */
  send(process: number, count: number, poll = false): void {
    for (let sent = 0; sent < count; sent++) void this.#request(process, poll);
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
