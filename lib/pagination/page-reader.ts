import { onAbort } from '../util/abort';
import type { AbortSignalLike } from '../util/platform-types';
import type { PageResponse } from './page-response';
import { SeenIds } from './seen-ids';

/** A page as it was received. */
export type FetchedPage<T> = Omit<PageResponse<T>, 'hasNext'>;

export interface PageReaderOptions<T> {
  fetch: (number: number, signal: AbortSignal) => Promise<FetchedPage<T>>;
  /** The fields that identify an item, the first one it has; default those of resources. */
  identity?: readonly string[] | undefined;
  perPage: number;
  /** Pages requested or waiting to be read, at most. */
  concurrency: number;
  consistent: boolean;
  signal: AbortSignalLike | undefined;
  /** Called at the end of a complete reading: whether items may be missing. */
  onEnd: (drifted: boolean) => void;
}

/** A page without the items that were delivered before. */
export interface DeliveredPage<T> {
  items: T[];
  number: number;
  total: number | null;
  /** From now on, pages are requested before they are needed. */
  readAhead: () => void;
}

const RESOURCE_IDENTITY = ['id', 'slug', 'name'];

/** How often a list that keeps changing is read, at most. */
const MAX_PASSES = 4;

/**
 * An item that moves to another page moves to a page nearby, so within one pass the last ids are enough. Several passes
 * need all of them.
 */
const MAX_REMEMBERED = 50_000;

/**
 * One reading of a paged list: in order, with several requests under way, no item twice, until the list ends. Pages are
 * numbered, so items shift between them when the list changes meanwhile: repeated items are left out, and a total that
 * changed means that items may be missing.
 */
export class PageReader<T> {
  private readonly seen: SeenIds;
  private readonly controller = new AbortController();
  private readonly queue = new Map<number, Promise<FetchedPage<T>>>();
  private isReadingAhead = false;
  /** The number of the last page, as far as this pass knows. */
  private lastPage = 1;

  constructor(private readonly options: PageReaderOptions<T>) {
    this.seen = new SeenIds(options.consistent ? Infinity : MAX_REMEMBERED);
  }

  async *read(): AsyncGenerator<DeliveredPage<T>, void, undefined> {
    const unsubscribe = onAbort(this.options.signal, (reason) => this.controller.abort(reason));
    try {
      for (let pass = 1; ; pass++) {
        const drifted = yield* this.pass(pass === 1);
        if (!drifted || !this.options.consistent || pass === MAX_PASSES) {
          this.options.onEnd(drifted);
          return;
        }
      }
    } finally {
      unsubscribe();
      this.controller.abort();
    }
  }

  /** Reads the list once. @returns whether items may be missing */
  private async *pass(isFirst: boolean): AsyncGenerator<DeliveredPage<T>, boolean, undefined> {
    const totals = new Set<number | null>();
    const seenInPass = new Set<unknown>();
    let [received, distinct] = [0, 0];
    this.queue.clear();
    this.lastPage = 1;
    for (let number = 1; ; number++) {
      const page = await this.take(number);
      const items = page.items.filter((item) => this.seen.add(this.identityOf(item)));
      const added = isFirst ? items.length : this.countNew(seenInPass, page.items);
      received += page.items.length;
      distinct += added;
      totals.add(page.total);
      const hasMore = this.hasMore(page, { number, received, isNew: added > 0 });
      if (number === 1) this.lastPage = lastPageByFirst(page, this.options.perPage);
      if (!hasMore) this.lastPage = number;
      if (this.isReadingAhead) this.fill(number);
      if (isFirst || items.length > 0) {
        yield { items, number, total: page.total, readAhead: () => this.readAhead(number) };
      }
      if (!hasMore) return totals.size > 1 || distinct < (page.total ?? 0);
    }
  }

  private take(number: number): Promise<FetchedPage<T>> {
    const page = this.queue.get(number) ?? this.options.fetch(number, this.controller.signal);
    this.queue.delete(number);
    return page;
  }

  private readAhead(number: number): void {
    this.isReadingAhead = true;
    this.fill(number);
  }

  /** Requests up to `concurrency` pages after `number`, none beyond the last one. */
  private fill(number: number): void {
    const end = Math.min(this.lastPage, number + this.options.concurrency);
    for (let next = number + 1; next <= end; next++) {
      if (this.queue.has(next)) continue;
      const page = this.options.fetch(next, this.controller.signal);
      // It may never be awaited; when it is, it still rejects.
      page.catch(() => undefined);
      this.queue.set(next, page);
    }
  }

  /** Whether there is a page after this one: by its link, or else by the total. Broken links must not loop. */
  private hasMore(
    page: FetchedPage<T>,
    { number, received, isNew }: { number: number; received: number; isNew: boolean },
  ): boolean {
    if (page.items.length === 0) return false;
    if (!isNew && number >= this.lastPage) return false;
    if (page.next !== null && page.next > number) return true;
    return page.total === null
      ? page.next === null && page.items.length >= this.options.perPage
      : received < page.total;
  }

  /** Adds the items to `seen`. @returns how many were new */
  private countNew(seen: Set<unknown>, items: readonly T[]): number {
    const before = seen.size;
    for (const item of items) seen.add(this.identityOf(item));
    return seen.size - before;
  }

  /** What identifies an item on another page; an item without identity is different from every other. */
  private identityOf(item: T): unknown {
    if (typeof item !== 'object' || item === null) return Symbol('unidentified');
    for (const field of this.options.identity ?? RESOURCE_IDENTITY) {
      const value = (item as Record<string, unknown>)[field];
      if (value !== undefined && value !== null) return value;
    }
    return Symbol('unidentified');
  }
}

/** How many pages there are, by the first one: a server may put less on a page than requested. */
function lastPageByFirst({ items, total, next }: FetchedPage<unknown>, perPage: number): number {
  const size = next === null ? perPage : items.length;
  return total === null || size === 0 ? 1 : Math.ceil(total / size);
}
