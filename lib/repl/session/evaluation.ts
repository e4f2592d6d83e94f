import { AsyncLocalStorage } from 'node:async_hooks';
import { Interrupted } from '../show/explain-error';

/** The evaluation of lines, one at a time, and the calls that they have started. One Ctrl-C ends all of it. */
export class Evaluation {
  #controller = new AbortController();
  #busy = false;
  #done = Promise.resolve();
  #resolveDone = (): void => undefined;
  readonly #listeners: ((busy: boolean) => void)[] = [];
  readonly #calls = new Set<Promise<unknown>>();
  /** The calls that Ctrl-C does not end. */
  readonly #shielded = new Set<Promise<unknown>>();
  /** The signal of the line that the running code belongs to. */
  readonly #lineSignal = new AsyncLocalStorage<AbortSignal>();
  readonly #endsItself = new AsyncLocalStorage<true>();

  /** Whether a line is being evaluated. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Aborts with Ctrl-C. Code of a line that was interrupted keeps the aborted signal: it can start nothing more. */
  get signal(): AbortSignal {
    return this.#lineSignal.getStore() ?? this.#controller.signal;
  }

  /** Runs the code of a line; what the code starts has the line's signal, now and later. */
  run<T>(work: () => T): T {
    return this.#lineSignal.run(this.#controller.signal, work);
  }

  /** Runs code that ends by itself once its signal aborts, and still has a result then. */
  runToEnd<T>(work: () => T): T {
    return this.#endsItself.run(true, () => this.run(work));
  }

  /** Resolves when no line is being evaluated. */
  async idle(): Promise<void> {
    while (this.#busy) await this.#done;
  }

  /** Counts a call as running until it has settled. Returns the same promise. */
  track<T>(call: Promise<T>): Promise<T> {
    const settled = (): unknown => this.#calls.delete(call);
    this.#calls.add(call);
    call.then(settled, settled);
    return call;
  }

  /** Resolves when no line and no call is running, and Node has reported unhandled rejections. */
  async settled(): Promise<void> {
    do {
      await this.idle();
      await Promise.allSettled(this.#calls);
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#busy || this.#calls.size > 0);
  }

  /**
   * Runs work that Ctrl-C does not end.
   * @param onLateError called when it fails after a Ctrl-C, since no line reports the error any more
   */
  shield<T>(work: () => Promise<T>, onLateError: (error: unknown) => void): Promise<T> {
    const { signal } = this;
    const shielded = this.track(this.#lineSignal.run(new AbortController().signal, work));
    this.#shielded.add(shielded);
    const settled = (): unknown => this.#shielded.delete(shielded);
    shielded.then(settled, (error: unknown) => {
      settled();
      if (signal.aborted) onLateError(error);
    });
    return shielded;
  }

  /** Whether anything is running that Ctrl-C does not end. */
  get isShielding(): boolean {
    return this.#shielded.size > 0;
  }

  /** Resolves when all that Ctrl-C does not end has settled. */
  async shieldedSettled(): Promise<void> {
    while (this.#shielded.size > 0) await Promise.allSettled(this.#shielded);
  }

  begin(): void {
    this.#busy = true;
    this.#done = new Promise((resolve) => (this.#resolveDone = resolve));
    for (const listener of this.#listeners) listener(true);
  }

  end(): void {
    if (!this.#busy) return;
    this.#busy = false;
    for (const listener of this.#listeners) listener(false);
    this.#resolveDone();
  }

  /** Aborts everything that lines have started. Later lines get a new signal. */
  interrupt(): void {
    const controller = this.#controller;
    this.#controller = new AbortController();
    controller.abort(new Interrupted());
  }

  /** Calls the listener when a line begins and when it ends. */
  watch(listener: (busy: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** Settles as `work` does, or rejects on Ctrl-C, unless the code that calls it ends by itself. */
  async race<T>(work: Promise<T>): Promise<T> {
    if (this.#endsItself.getStore()) return work;
    const { signal } = this;
    const cleanup = new AbortController();
    try {
      return await new Promise<T>((resolve, reject) => {
        work.then(resolve, reject);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it is an Interrupted
        const abort = (): void => reject(signal.reason);
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort, { once: true, signal: cleanup.signal });
      });
    } finally {
      cleanup.abort();
    }
  }
}
