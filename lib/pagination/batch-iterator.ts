import { toCaller } from '../errors/caller-stack';
import { type AnySignal, onAbort, throwIfAborted } from '../util/abort';

/** What a {@link BatchIterator} iterates over. */
export interface BatchSource<T, B> {
  /** Each of them ends the iteration with its reason. */
  signals: readonly (AnySignal | undefined)[];
  /** Called by the first `next()`. @param controller aborts when the iteration ends, however it does */
  start: (controller: AbortController) => AsyncIterator<B, void>;
  /** The items of a batch. What it throws ends the iteration. */
  itemsOf: (batch: B) => Iterable<T>;
}

interface PendingNext<T> {
  resolve: (result: IteratorResult<T, void>) => void;
  reject: (reason: unknown) => void;
}

/**
 * Iterates over the items of batches that are awaited, and ends at once, whatever is under way: by `return()`, `throw()`
 * or an abort. An async generator would keep a `return()` waiting behind a pending `next()`, and would not see an abort
 * between two items.
 *
 * It listens to the signals only while a `next()` is pending: an abandoned iteration leaves nothing on them.
 */
export class BatchIterator<T, B> implements AsyncGenerator<T, void, undefined> {
  readonly #source: BatchSource<T, B>;
  readonly #controller = new AbortController();
  /** Calls of `next()` without a result, in order. */
  readonly #pending: PendingNext<T>[] = [];
  #batches: AsyncIterator<B, void> | null = null;
  /** What is left of the last batch. */
  #items: Iterator<T> = [][Symbol.iterator]();
  #unsubscribes: (() => void)[] = [];
  #isEnded = false;

  constructor(source: BatchSource<T, B>) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<T, void>> {
    const result = new Promise<IteratorResult<T, void>>((resolve, reject) => {
      if (this.#pending.push({ resolve, reject }) === 1) this.#serve();
    });
    // Most items are there already, and cannot fail.
    return this.#pending.length === 0 ? result : result.catch(toCaller(this.#source.signals));
  }

  async return(value?: void | PromiseLike<void>): Promise<IteratorResult<T, void>> {
    this.#end();
    return { done: true, value: await value };
  }

  async throw(error: unknown): Promise<IteratorResult<T, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Gives what is pending its items, as far as there are any, and then awaits the next batch. */
  #serve(): void {
    try {
      while (this.#pending.length > 0) {
        const result = this.#take();
        if (!result) {
          this.#awaitBatch();
          return;
        }
        this.#pending.shift()?.resolve(result);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The next result that is there; `null` when a batch has to be awaited. @throws the reason of a signal */
  #take(): IteratorResult<T, void> | null {
    if (this.#isEnded) return { done: true, value: undefined };
    for (const signal of this.#source.signals) throwIfAborted(signal);
    const item = this.#items.next();
    return item.done === true ? null : { done: false, value: item.value };
  }

  #awaitBatch(): void {
    const { signals, start, itemsOf } = this.#source;
    this.#unsubscribes = signals.map((signal) => onAbort(signal, (reason) => this.#fail(reason)));
    this.#batches ??= start(this.#controller);
    this.#batches
      .next()
      .then(({ done, value }) => {
        this.#unsubscribe();
        if (done) this.#end();
        else if (!this.#isEnded) this.#items = itemsOf(value)[Symbol.iterator]();
        this.#serve();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  /** Ends the iteration: the first pending `next()` rejects. */
  #fail(reason: unknown): void {
    this.#pending.shift()?.reject(reason);
    this.#end(reason);
  }

  /** Ends the iteration and what is under way for it. */
  #end(reason?: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#unsubscribe();
    this.#items = [][Symbol.iterator]();
    this.#controller.abort(reason);
    this.#batches?.return?.().catch(() => undefined);
    this.#serve();
  }

  #unsubscribe(): void {
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
  }
}
