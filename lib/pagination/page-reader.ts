import { onAbort } from '../util/abort';
import { SeenIds } from './seen-ids';

/** A page as it came. */
export interface FetchedPage<T> {
  items: T[];
  total: number | null;
  /** The number in the link to the next page; `null` without such a link. */
  next: number | null;
}

export interface PageReaderOptions<T> {
  fetch: (number: number, signal: AbortSignal) => Promise<FetchedPage<T>>;
  perPage: number;
  /** Pages under way or waiting to be read, at most. */
  concurrency: number;
  consistent: boolean;
  signal: AbortSignal | undefined;
  /** Called when a reading has come to its end: whether items may be missing. */
  onEnd: (drifted: boolean) => void;
}

/** A page as it is handed on: without what was there already. */
export interface DeliveredPage<T> {
  items: T[];
  number: number;
  total: number | null;
  /** From now on, ask for pages before they are needed. */
  readAhead: () => void;
}

/** How often a list that keeps changing is read at most. */
const MAX_PASSES = 4;

/**
 * What comes again comes soon: for it to be given twice, so many others would have to be put before it in between. Only
 * a list that may be read several times has to be remembered as a whole.
 */
const MAX_REMEMBERED = 50_000;

/**
 * One reading of a paged list: in order, several pages under way, nothing twice, until the list says that it ends.
 * Pages are numbers, so a list that changes while it is read shifts under the reader: what comes again is left out,
 * and a total that moved says that something may have been missed.
 */
export class PageReader<T> {
  private readonly seen: SeenIds;
  private readonly controller = new AbortController();
  private readonly queue = new Map<number, Promise<FetchedPage<T>>>();
  private ahead = false;
  /** Of the pass under way: the number of the last page, as far as known. */
  private last = 1;

  constructor(private readonly options: PageReaderOptions<T>) {
    this.seen = new SeenIds(options.consistent ? Infinity : MAX_REMEMBERED);
  }

  async *read(): AsyncGenerator<DeliveredPage<T>, void, undefined> {
    const forget = onAbort(this.options.signal, (reason) => this.controller.abort(reason));
    try {
      for (let pass = 1; ; pass++) {
        const drifted = yield* this.pass(pass === 1);
        if (!drifted || !this.options.consistent || pass === MAX_PASSES) {
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
  private async *pass(first: boolean): AsyncGenerator<DeliveredPage<T>, boolean, undefined> {
    const totals = new Set<number | null>();
    const met = new Set<unknown>();
    let [came, different] = [0, 0];
    this.queue.clear();
    this.last = 1;
    for (let number = 1; ; number++) {
      const page = await this.take(number);
      const items = page.items.filter((item) => this.seen.add(identity(item)));
      const fresh = first ? items.length : countNew(met, page.items);
      came += page.items.length;
      different += fresh;
      totals.add(page.total);
      const more = this.goesOn(page, number, came, fresh > 0);
      if (number === 1) this.last = lastPage(page, this.options.perPage);
      if (!more) this.last = number;
      if (this.ahead) this.fill(number);
      if (first || items.length > 0) {
        yield { items, number, total: page.total, readAhead: () => this.startAhead(number) };
      }
      if (!more) return totals.size > 1 || different < (page.total ?? 0);
    }
  }

  private take(number: number): Promise<FetchedPage<T>> {
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
  private goesOn(page: FetchedPage<T>, number: number, came: number, isNew: boolean): boolean {
    if (page.items.length === 0) return false;
    if (!isNew && number >= this.last) return false;
    if (page.next !== null && page.next > number) return true;
    return page.total === null
      ? page.next === null && page.items.length >= this.options.perPage
      : came < page.total;
  }
}

/** How many of the items were not met before; from now on they are. */
function countNew(met: Set<unknown>, items: readonly unknown[]): number {
  const before = met.size;
  for (const item of items) met.add(identity(item));
  return met.size - before;
}

/** How many pages there are, going by page one: a server may give less on a page than it was asked for. */
function lastPage({ items, total, next }: FetchedPage<unknown>, perPage: number): number {
  const size = next === null ? perPage : items.length;
  return total === null || size === 0 ? 1 : Math.ceil(total / size);
}

/** What makes an item the same one on another page: its id, or the name that serves as one; else there is no other like it. */
function identity(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return Symbol('nameless');
  const { id, slug, name } = item as Record<string, unknown>;
  return id ?? slug ?? name ?? Symbol('nameless');
}
