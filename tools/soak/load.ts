import { getEventListeners } from 'node:events';
import { type Action, DOApi, DOApiError, UnknownOutcomeError } from '../../lib';
import { seededRandom } from '../../lib/sandbox/state/random';
import { Gauge, type Sample } from './gauge';
import { IMAGES, journey } from './world';

/** How many ask and how many wait at the same time. */
export const ASKERS = 32;
export const WAITERS = 96;

interface Amount {
  requests: number;
  waits: number;
  /** A look at what the process holds after so many requests. */
  every: number;
  onSample?: (sample: Sample) => void;
}

/** What came of much work. */
export interface Report extends Pick<Gauge, 'samples' | 'warnings' | 'mostSockets'> {
  requests: number;
  waits: number;
  retries: number;
  aborted: number;
  /** Errors by name. */
  errors: Map<string, number>;
  /** What must not be. */
  violations: string[];
  /** What is left of it in the end: sockets, listeners beyond those of the beginning, objects of the library's. */
  left: { sockets: number; listeners: number; objects: number };
  /** Milliseconds. */
  took: number;
}

const REASON = new Error('enough');

/** Sends so many requests and waits so many times at least, with a manager that is never closed meanwhile. */
export async function work(where: { url: string; token: string }, amount: Amount): Promise<Report> {
  return new Load(where, amount).run();
}

class Load {
  readonly #began = performance.now();
  readonly #random = seededRandom(2026);
  readonly #errors = new Map<string, number>();
  readonly #violations: string[] = [];
  /** One for all calls and for as long as all of it takes: whoever forgets to unsubscribe is seen. */
  readonly #signal = new AbortController().signal;
  readonly #manager = new AbortController().signal;
  readonly #gauge = new Gauge([this.#signal, this.#manager]);
  readonly #listeners = this.#gauge.held().listeners;
  readonly #amount: Amount;
  readonly #api: DOApi;
  #requests = 0;
  #retries = 0;
  #aborted = 0;
  #journeys = 0;
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

  async run(): Promise<Report> {
    await Promise.all([
      ...Array.from({ length: ASKERS }, () => this.#keepAsking()),
      ...Array.from({ length: WAITERS }, () => this.#keepWaiting()),
    ]);
    const took = performance.now() - this.#began;
    await this.#api.close();
    for (let turn = 0; turn < 100 && this.#gauge.held().sockets > 0; turn++) await turnOfTheLoop();
    const { sockets, listeners } = this.#gauge.held();
    const objects = this.#gauge.objects();
    this.#gauge.end();
    const { samples, warnings, mostSockets } = this.#gauge;
    return {
      requests: this.#requests,
      waits: this.#waits,
      retries: this.#retries,
      aborted: this.#aborted,
      errors: this.#errors,
      violations: this.#violations,
      samples,
      warnings,
      mostSockets,
      left: { sockets, listeners: listeners - this.#listeners, objects },
      took,
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

  async #keepAsking(): Promise<void> {
    while (!this.#isEnough) await this.#bear(this.#ask());
  }

  async #keepWaiting(): Promise<void> {
    while (this.#waits < this.#amount.waits) await this.#bear(this.#travel());
  }

  /** Any of what programs do most. */
  async #ask(): Promise<unknown> {
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
        return this.#giveUp(id);
      case 5:
        return api.fetchImage(10 * IMAGES, { signal });
      default:
        this.#must((await api.fetchImage(id, { signal })).id === id, `image ${id} is image ${id}`);
        return null;
    }
  }

  async #giveUp(id: number): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const call = this.#bear(this.#api.fetchImage(id, { signal }));
    const turns = this.#upTo(4);
    for (let turn = 0; turn < turns; turn++) await turnOfTheLoop();
    controller.abort(REASON);
    await call;
    this.#must(getEventListeners(signal, 'abort').length === 0, 'no listener is left on a signal');
  }

  /** Brings an image somewhere and waits for it; a lost answer is looked up by `chaos`, and here only waited for. */
  async #travel(): Promise<void> {
    const { image, region } = journey(this.#journeys++);
    const signal = this.#signal;
    let action: Action;
    try {
      action = await this.#api.image(image).transfer(region, { signal });
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError)) throw error;
      this.#note(error);
      await this.#api.image(image).waitForAction({ signal });
      this.#waits += 1;
      return;
    }
    const ended = await action.wait({ signal });
    this.#must(ended.completed && ended.regionSlug === region, `image ${image} came to ${region}`);
    this.#waits += 1;
  }

  /** Goes on after an error of ours, and remembers it. */
  async #bear(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (error === REASON) {
        this.#aborted += 1;
        return;
      }
      this.#must(error instanceof DOApiError, `an error of ours, not ${String(error)}`);
      this.#note(error);
    }
  }

  #note(error: unknown): void {
    const kind = error instanceof Error ? error.name : String(error);
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }

  #must(holds: boolean, what: string): void {
    if (!holds) this.#violations.push(what);
  }

  #upTo(most: number): number {
    return Math.floor(this.#random() * most);
  }
}

const turnOfTheLoop = (): Promise<void> => new Promise((done) => setTimeout(done, 1));
