import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/*
 * A key holds the token of its holder, and lives for the lease and a rest after it. While more than the rest is left, it is
 * held. In the rest it is free, but what its holder has sent last may not have arrived, or may not be listed yet.
 */

/** Keys: the lease. Arguments: token, lease, rest. Returns whether it is taken, and how much is left. */
const TAKE = `
  local left, rest = redis.call('PTTL', KEYS[1]), tonumber(ARGV[3])
  if left > rest and redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0, left - rest} end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2] + rest)
  return {1, math.min(math.max(left, 0), rest)}`;

/** Keys: the lease. Arguments: token, how long the key shall live; 0 removes it. Returns whether it is still that of the token. */
const RENEW = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 1`;

/** The lease could not be taken, or was lost. */
export class LeaseError extends Error {
  override readonly name = 'LeaseError';

  /** @param retryIn milliseconds after which it may be free */
  constructor(
    message: string,
    readonly retryIn: number,
  ) {
    super(message);
  }
}

/** How long leases last, in milliseconds of the machine. */
export interface LeaseOptions {
  /** After this time without a renewal, another process may take the lease. */
  duration: number;
  /** For how long what was sent last may be unknown to the lists of the API. */
  listLag: number;
  /** Before the names of the keys. */
  prefix: string;
}

/** A lease that is held. */
export interface Lease {
  /** Aborts when the lease is over. */
  signal: AbortSignal;
  /** Resolves when everything that the last holder has sent is in the lists of the API: at once if it ended in order. */
  settled: () => Promise<void>;
}

/** A lease of this process. */
interface Held {
  key: string;
  token: string;
  /** When it ends, by both clocks: one of them stands still while the machine sleeps, the other may be set. */
  ends: readonly [number, number];
  controller: AbortController;
}

/**
 * Leases in Redis: one process at a time acts on an image or a Droplet. A process that was frozen does not know that its lease
 * has been given to another one. So `check` is called right before each request, and ends the work whose lease is over.
 */
export class Leases {
  readonly #held = new Set<Held>();

  constructor(
    private readonly redis: Redis,
    private readonly options: LeaseOptions,
  ) {}

  /**
   * Does the work while the lease is held.
   * @param signal ends the work
   * @throws LeaseError when another process has the lease, or takes it
   */
  async hold<T>(name: string, signal: AbortSignal, work: (lease: Lease) => Promise<T>): Promise<T> {
    const { duration, listLag, prefix } = this.options;
    const controller = new AbortController();
    const held: Held = { key: `${prefix}:${name}`, token: randomUUID(), ends: this.#end(), controller };
    const taken = await this.redis.eval(TAKE, 1, held.key, held.token, duration, listLag);
    const [isTaken, left] = taken as [number, number];
    if (!isTaken) throw new LeaseError(`${name} is in use by another job`, left);
    this.#held.add(held);
    const timer = setInterval(() => void this.#renew(held), duration / 3);
    const stop = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    let rest = listLag;
    try {
      const lease = {
        signal: controller.signal,
        settled: async () => {
          await setTimeout(left, undefined, { signal: controller.signal });
        },
      };
      const result = await work(lease);
      rest = 0;
      return result;
    } catch (error) {
      throw this.#isOver(held) ? new LeaseError(`the lease of ${name} was lost`, 0) : error;
    } finally {
      signal.removeEventListener('abort', stop);
      clearInterval(timer);
      this.#held.delete(held);
      // It is sent before the end of the job is, on the same connection. If it is lost, the lease ends by itself.
      this.redis.eval(RENEW, 1, held.key, held.token, rest).catch(() => undefined);
    }
  }

  /** Ends the work whose lease is over. To be called right before each request. */
  check(): void {
    for (const held of this.#held)
      if (this.#isOver(held)) held.controller.abort(new Error('the lease is over'));
  }

  async #renew(held: Held): Promise<void> {
    this.check();
    const { duration, listLag } = this.options;
    const ends = this.#end();
    try {
      const isOurs = await this.redis.eval(RENEW, 1, held.key, held.token, duration + listLag);
      held.ends = isOurs === 1 ? ends : [0, 0];
    } catch {
      // Redis is away. The lease ends, unless a later renewal reaches it.
    }
    this.check();
  }

  /** The end of a lease that is asked for now: Redis begins later. */
  #end(): [number, number] {
    const { duration } = this.options;
    return [performance.now() + duration, Date.now() + duration];
  }

  #isOver({ ends: [end, date] }: Held): boolean {
    return performance.now() >= end || Date.now() >= date;
  }
}
