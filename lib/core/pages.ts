import { onAbort } from './cancel';

/** A page as it came. */
export interface RawPage<T> {
  items: T[];
  total: number | null;
  /** The number in the link to the next page; `null` without such a link. */
  next: number | null;
}

export interface PageReaderOptions<T> {
  fetch: (number: number, signal: AbortSignal) => Promise<RawPage<T>>;
  perPage: number;
  /** Pages under way or waiting to be read, at most. */
  concurrency: number;
  consistent: boolean;
  signal: AbortSignal | undefined;
  /** Called when a reading has come to its end: whether items may be missing. */
  onEnd: (drifted: boolean) => void;
}

/** A page as it is handed on: without what was there already. */
export interface ReadPage<T> {
  items: T[];
  number: number;
  total: number | null;
  /** From now on, ask for pages before they are needed. */
  readAhead: () => void;
}

/** How often a list that keeps changing is read at most. */
const MOST_PASSES = 4;

/**
 * One reading of a paged list: in order, several pages under way, nothing twice, until the list says that it ends.
 * Pages are numbers, so a list that changes while it is read shifts under the reader: what comes again is left out,
 * and a total that moved says that something may have been missed.
 */
export class PageReader<T> {
  private readonly seen = new Set<unknown>();
  private readonly controller = new AbortController();
  private readonly queue = new Map<number, Promise<RawPage<T>>>();
  private ahead = false;
  /** Of the pass under way: the number of the last page, as far as known. */
  private last = 1;

  constructor(private readonly options: PageReaderOptions<T>) {}

  async *read(): AsyncGenerator<ReadPage<T>, void, undefined> {
    const forget = onAbort(this.options.signal, (reason) => this.controller.abort(reason));
    try {
      for (let pass = 1; ; pass++) {
        const drifted = yield* this.pass(pass === 1);
        if (!drifted || !this.options.consistent || pass === MOST_PASSES) {
          this.options.onEnd(drifted);
          return;
        }
      }
    } finally {
      forget();
      this.controller.abort();
    }
  }

  /** Reads the list once. Returns whether items may be missing. */
  private async *pass(first: boolean): AsyncGenerator<ReadPage<T>, boolean, undefined> {
    const totals = new Set<number | null>();
    const different = new Set<unknown>();
    let came = 0;
    this.queue.clear();
    this.last = 1;
    for (let number = 1; ; number++) {
      const page = await this.take(number);
      const items = this.unseen(page.items);
      came += page.items.length;
      const known = different.size;
      for (const item of page.items) different.add(identity(item) ?? {});
      totals.add(page.total);
      const more = this.goesOn(page, number, came, different.size > known);
      if (number === 1) this.last = lastPage(page, this.options.perPage);
      if (!more) this.last = number;
      if (this.ahead) this.fill(number);
      if (first || items.length > 0) {
        yield { items, number, total: page.total, readAhead: () => this.startAhead(number) };
      }
      if (!more) return totals.size > 1 || different.size < (page.total ?? 0);
    }
  }

  private take(number: number): Promise<RawPage<T>> {
    const page = this.queue.get(number) ?? this.options.fetch(number, this.controller.signal);
    this.queue.delete(number);
    return page;
  }

  private startAhead(number: number): void {
    this.ahead = true;
    this.fill(number);
  }

  /** Keeps up to `concurrency` pages after `number` under way, none beyond what page one promised. */
  private fill(number: number): void {
    const end = Math.min(this.last, number + this.options.concurrency);
    for (let next = number + 1; next <= end; next++) {
      if (this.queue.has(next)) continue;
      const page = this.options.fetch(next, this.controller.signal);
      // Whoever comes to this page gets the error; nobody may come.
      page.catch(() => undefined);
      this.queue.set(next, page);
    }
  }

  /** Whether there is a page after this one: as the link says, or else the total. Broken links must not go round in circles. */
  private goesOn(page: RawPage<T>, number: number, came: number, isNew: boolean): boolean {
    if (page.items.length === 0) return false;
    if (!isNew && number >= this.last) return false;
    if (page.next !== null && page.next > number) return true;
    return page.total === null
      ? page.next === null && page.items.length >= this.options.perPage
      : came < page.total;
  }

  private unseen(items: T[]): T[] {
    return items.filter((item) => {
      const key = identity(item);
      if (key === undefined) return true;
      if (this.seen.has(key)) return false;
      this.seen.add(key);
      return true;
    });
  }
}

/** How many pages there are, going by page one: a server may give less on a page than it was asked for. */
function lastPage({ items, total, next }: RawPage<unknown>, perPage: number): number {
  const size = next === null ? perPage : items.length;
  return total === null || size === 0 ? 1 : Math.ceil(total / size);
}

/** What makes an item the same one on another page: its id, or the name that serves as one. */
function identity(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return undefined;
  const { id, slug, name } = item as Record<string, unknown>;
  return id ?? slug ?? name;
}
