import { getEventListeners } from 'node:events';
import { type Action, DOApi, DOApiError, UnknownOutcomeError } from '../../lib';
import { seededRandom } from '../../lib/sandbox/state/random';
import { Gauge, type Sample } from './gauge';
import { IMAGES, transferAt } from './account';

/** Concurrent loops of calls, and of waits. */
export const CALLERS = 32;
export const WAITERS = 96;

interface Amount {
  requests: number;
  waits: number;
  /** Requests between two samples. */
  every: number;
  onSample?: (sample: Sample) => void;
}

/** The results of a load. */
export interface LoadReport extends Pick<Gauge, 'samples' | 'warnings' | 'maxSockets'> {
  requests: number;
  waits: number;
  retries: number;
  aborted: number;
  /** Errors by name. */
  errors: Map<string, number>;
  /** Broken invariants, in sentences. */
  violations: string[];
  /** What stays after `close()`: sockets, listeners beyond those at the start, objects of the library. */
  left: { sockets: number; listeners: number; objects: number };
  /** Milliseconds. */
  duration: number;
}

const REASON = new Error('enough');

/** Sends at least this many requests and waits this many times, with one manager that stays open. */
export async function runLoad(target: { url: string; token: string }, amount: Amount): Promise<LoadReport> {
  return new Load(target, amount).run();
}

class Load {
  readonly #began = performance.now();
  readonly #random = seededRandom(2026);
  readonly #errors = new Map<string, number>();
  readonly #violations: string[] = [];
  /** Shared by all calls, so that listeners that stay on it are seen. */
  readonly #signal = new AbortController().signal;
  readonly #manager = new AbortController().signal;
  readonly #gauge = new Gauge([this.#signal, this.#manager]);
  readonly #listeners = this.#gauge.held().listeners;
  readonly #amount: Amount;
  readonly #api: DOApi;
  #requests = 0;
  #retries = 0;
  #aborted = 0;
  #transfers = 0;
  #waits = 0;

  constructor({ url, token }: { url: string; token: string }, amount: Amount) {
    this.#amount = amount;
    this.#api = new DOApi({
      endpoint: url,
      token,
      timeout: 2_000,
      waitInterval: 200,
      rateLimit: false,
      signal: this.#manager,
      transport: { proxy: false },
      onRequest: () => this.#count(),
      onRetry: () => void (this.#retries += 1),
    });
  }

  async run(): Promise<LoadReport> {
    await Promise.all([
      ...Array.from({ length: CALLERS }, () => this.#callLoop()),
      ...Array.from({ length: WAITERS }, () => this.#waitLoop()),
    ]);
    const duration = performance.now() - this.#began;
    await this.#api.close();
    for (let turn = 0; turn < 100 && this.#gauge.held().sockets > 0; turn++) await nextTurn();
    const { sockets, listeners } = this.#gauge.held();
    const objects = this.#gauge.objects();
    this.#gauge.stop();
    const { samples, warnings, maxSockets } = this.#gauge;
    return {
      requests: this.#requests,
      waits: this.#waits,
      retries: this.#retries,
      aborted: this.#aborted,
      errors: this.#errors,
      violations: this.#violations,
      samples,
      warnings,
      maxSockets,
      left: { sockets, listeners: listeners - this.#listeners, objects },
      duration,
    };
  }

  get #isEnough(): boolean {
    return this.#requests >= this.#amount.requests && this.#waits >= this.#amount.waits;
  }

  #count(): void {
    this.#requests += 1;
    if (this.#requests % this.#amount.every > 0) return;
    const sample = this.#gauge.sample(this.#requests);
    this.#amount.onSample?.(sample);
  }

  async #callLoop(): Promise<void> {
    while (!this.#isEnough) await this.#tolerate(this.#call());
  }

  async #waitLoop(): Promise<void> {
    while (this.#waits < this.#amount.waits) await this.#tolerate(this.#transfer());
  }

  /** One of the calls that programs make most. */
  async #call(): Promise<unknown> {
    const api = this.#api;
    const signal = this.#signal;
    const id = 1 + this.#upTo(IMAGES);
    switch (this.#upTo(8)) {
      case 0:
        return api.fetchAllImages({ perPage: 50, private: true }).first({ signal });
      case 1:
        return api.image(id).update({ description: `seen ${this.#requests} requests` }, { signal });
      case 2:
        return api.fetchAllRegions().toArray({ signal });
      case 3:
        return api.image(id).fetchLastAction({ signal });
      case 4:
        return this.#abort(id);
      case 5:
        return api.fetchImage(10 * IMAGES, { signal });
      default:
        this.#check((await api.fetchImage(id, { signal })).id === id, `image ${id} is image ${id}`);
        return null;
    }
  }

  async #abort(id: number): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const call = this.#tolerate(this.#api.fetchImage(id, { signal }));
    const turns = this.#upTo(4);
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    controller.abort(REASON);
    await call;
    this.#check(getEventListeners(signal, 'abort').length === 0, 'no listener stays on a signal');
  }

  /** Transfers an image and waits. A lost response is not reconciled, as chaos does that. */
  async #transfer(): Promise<void> {
    const { image, region } = transferAt(this.#transfers++);
    const signal = this.#signal;
    let action: Action;
    try {
      action = await this.#api.image(image).transfer(region, { signal });
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError)) throw error;
      this.#countError(error);
      await this.#api.image(image).waitForAction({ signal });
      this.#waits += 1;
      return;
    }
    const ended = await action.wait({ signal });
    this.#check(ended.completed && ended.regionSlug === region, `image ${image} is in ${region}`);
    this.#waits += 1;
  }

  /** Counts an error of the library; anything else breaks an invariant. */
  async #tolerate(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (error === REASON) {
        this.#aborted += 1;
        return;
      }
      this.#check(error instanceof DOApiError, `every error is a DOApiError, not ${String(error)}`);
      this.#countError(error);
    }
  }

  #countError(error: unknown): void {
    const kind = error instanceof Error ? error.name : String(error);
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }

  #check(holds: boolean, what: string): void {
    if (!holds) this.#violations.push(what);
  }

  #upTo(most: number): number {
    return Math.floor(this.#random() * most);
  }
}

const nextTurn = (): Promise<void> => new Promise((done) => setTimeout(done, 1));
