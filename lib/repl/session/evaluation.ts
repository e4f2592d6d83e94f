import { Interrupted } from '../show/explain-error';

/** What is under way: the line that is being run, and whatever was begun and not waited for. One Ctrl-C ends it all. */
export class Evaluation {
  #controller = new AbortController();
  #busy = false;
  #done = Promise.resolve();
  #end = (): void => undefined;
  readonly #listeners: ((busy: boolean) => void)[] = [];
  readonly #calls = new Set<unknown>();

  get busy(): boolean {
    return this.#busy;
  }

  /** Aborts with Ctrl-C. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when no line is being run. */
  async idle(): Promise<void> {
    while (this.#busy) await this.#done;
  }

  /** The same value; a promise is something that is under way. */
  follow(value: unknown): unknown {
    if (value instanceof Promise) {
      const over = (): unknown => this.#calls.delete(value);
      this.#calls.add(value);
      value.then(over, over);
    }
    return value;
  }

  /** Resolves when nothing is under way any more, and Node has told what nobody waited for. */
  async settled(): Promise<void> {
    do {
      await this.idle();
      await Promise.allSettled(this.#calls);
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#busy || this.#calls.size > 0);
  }

  begin(): void {
    this.#busy = true;
    this.#done = new Promise((resolve) => (this.#end = resolve));
    for (const listener of this.#listeners) listener(true);
  }

  end(): void {
    if (!this.#busy) return;
    this.#busy = false;
    for (const listener of this.#listeners) listener(false);
    this.#end();
  }

  /** Ends what is under way. What begins afterwards has a signal of its own. */
  interrupt(): void {
    const { signal } = this;
    const controller = this.#controller;
    this.#controller = new AbortController();
    if (!signal.aborted) controller.abort(new Interrupted());
  }

  /** Told when a line begins and when it ends. */
  watch(listener: (busy: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** The same promise, but it does not outlast Ctrl-C. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    const undo = new AbortController();
    try {
      return await new Promise<T>((resolve, reject) => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it is an Interrupted
        signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: undo.signal });
        work.then(resolve, reject);
      });
    } finally {
      undo.abort();
    }
  }
}
