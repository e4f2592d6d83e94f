import {
  DOApi,
  type DOApiOptions,
  type SharedPolls,
  type SharedStore,
  type TransportAdapter,
} from '../../lib';
import { MemoryPermits } from './shared-store/memory-permits';
import type { Sandbox } from '../../lib/sandbox';
import type { Clock } from '../../lib/util/clock';

/** What a worker can lose. */
export type Loss = 'process' | 'server' | 'store';

/** A manager that acts as a process of its own, which can stand still or lose its connections. */
export class PollWorker implements Clock {
  readonly api: DOApi;
  readonly store: SharedStore;
  /** The paths of its requests. */
  readonly requests: string[] = [];
  /** Reports to the store. */
  reports = 0;
  leads = false;
  readonly #clock: Clock;
  readonly #lost = new Set<Loss>();
  #waiting: (() => void)[] = [];

  constructor(
    sandbox: Pick<Sandbox, 'clock' | 'token' | 'adapter'>,
    polls: SharedPolls,
    options: DOApiOptions = {},
  ) {
    this.#clock = sandbox.clock;
    this.store = {
      permits: new MemoryPermits(sandbox.clock),
      polls: { exchange: (key, report) => this.#exchange(polls, key, report) },
      close: () => Promise.resolve(),
    };
    const adapter: TransportAdapter = async (request) => {
      await this.#pass('server');
      this.requests.push(new URL(request.url).pathname);
      const response = await sandbox.adapter(request);
      await this.#pass('server');
      return response;
    };
    this.api = new DOApi({
      token: sandbox.token,
      endpoint: 'https://api.digitalocean.com',
      rateLimit: false,
      waitTime: Infinity,
      timeout: Infinity,
      ...options,
      clock: this,
      store: this.store,
      transport: { adapter },
    });
  }

  now(): number {
    return this.#clock.now();
  }

  date(): number {
    return this.#clock.date();
  }

  after(ms: number, callback: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#clock.after(ms, () => {
      const run = (): void => {
        if (!isCancelled) callback();
      };
      if (this.#lost.has('process')) this.#waiting.push(run);
      else run();
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** From now on nothing comes through, and nothing fails: that of the process itself, the server or the store. */
  lose(what: Loss): void {
    this.#lost.add(what);
  }

  /** All of it comes back, and what has waited goes on. */
  recover(): void {
    this.#lost.clear();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  async #pass(way: Loss): Promise<void> {
    while (this.#lost.has(way) || this.#lost.has('process'))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #exchange(
    polls: SharedPolls,
    ...[key, report]: Parameters<SharedPolls['exchange']>
  ): ReturnType<SharedPolls['exchange']> {
    await this.#pass('store');
    this.reports += 1;
    const news = await polls.exchange(key, report);
    await this.#pass('store');
    this.leads = news.leads;
    return news;
  }
}
