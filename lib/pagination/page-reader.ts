import { onAbort } from '../util/abort';
import type { AbortSignalLike } from '../util/platform-types';
import type { DeliveredPage } from './delivered-page';
import { birthOf, identityOf, isUnidentified } from './item-facts';
import { ListPass } from './list-pass';
import { type FetchedPage, PageQueue } from './page-queue';
import { SeenIds } from './seen-ids';

export interface PageReaderOptions<T> {
  fetch: (number: number, signal: AbortSignal) => Promise<FetchedPage<T>>;
  /** The fields that identify an item, the first one it has; default those of resources. */
  identity?: readonly string[] | undefined;
  perPage: number;
  /** Pages requested or waiting to be read, at most. */
  concurrency: number;
  /** Remembers any number of items. */
  consistent: boolean;
  /** Reads a list of several pages a second time, from its end, even if nothing shows that it changed. */
  twice?: boolean | undefined;
  /** How many items the reader still needs at least; default: no limit. */
  wanted?: () => number;
  /** Ends the requests under way. Nothing listens to it between them. */
  signal: AbortSignalLike | undefined;
  /** The time by the server's clock, in milliseconds since 1970. Without it, the dates of items show no change. */
  serverTime?: () => number;
  /** Creates the error of a list that does not end. @param pages how many were read @param barren the last ones with nothing new */
  onEndless: (pages: number, barren: number) => Error;
  /** Called at the end of a complete reading: whether items may be missing. */
  onEnd: (drifted: boolean) => void;
}

/** After so many passes in a row that brought nothing new, a reading ends. */
const MAX_FRUITLESS = 4;

/** A reading sends at most this many times the requests of a quiet one, and `concurrency` of them more. */
const MAX_PASSES = 4;

/** The most requests of a reading, whatever total the list claims. */
const MAX_REQUESTS = 100_000;

/** The same when the API says no total. */
const MAX_PAGES_WITHOUT_TOTAL = 10_000;

/** The most pages in a row without a new item. An honest list has so many only when that much was added between two requests. */
const MAX_BARREN_PAGES = 200;

/**
 * An item that moves to another page moves to a page nearby, so within one pass the last ids are enough. Several passes
 * need all of them.
 */
const MAX_REMEMBERED = 50_000;

/** The server's clock is known to a second, and its dates are full seconds. */
const DATE_MARGIN = 2_000;

/**
 * One reading of a paged list, no item twice, until the list ends. Pages are numbered, so items shift between them when
 * the list changes meanwhile. Then the list is read again, for the items that are missing.
 *
 * The first pass goes forwards: it does not know where the list ends, and inserts cannot hide an item from it. The others
 * go backwards, since deletions shift items towards the front, to the pages that are still to be read. One request after
 * another, a backward pass misses nothing while items are only deleted; the last pass is read so.
 */
export class PageReader<T> {
  private readonly seen: SeenIds;
  private readonly queue: PageQueue<T>;
  /** How many items a page has that is not the last one; `null` as long as none was seen. */
  private fullPage: number | null = null;
  private maxTotal = 0;
  private maxRequests = MAX_REQUESTS;
  private hasIdentities = true;
  /** When page one was received, by the server's clock. */
  private startedAt = Infinity;

  /** @param controller ends the reading, and aborts when it has ended */
  constructor(
    private readonly options: PageReaderOptions<T>,
    private readonly controller = new AbortController(),
  ) {
    this.seen = new SeenIds(options.consistent ? Infinity : MAX_REMEMBERED);
    const { wanted, perPage } = options;
    // The page that is being read gives a page of items.
    const maxAhead = wanted && ((): number => Math.ceil(wanted() / perPage) - 1);
    this.queue = new PageQueue((number) => this.fetch(number), maxAhead);
  }

  async *read(): AsyncGenerator<DeliveredPage<T>, void, undefined> {
    try {
      let pass = yield* this.readForwards();
      let fruitless = 0;
      for (let again = pass.hasMoved || pass.hasGaps; again && this.canReadAgain(pass);) {
        this.seen.keepAll();
        pass = yield* this.readBackwards(pass, fruitless === MAX_FRUITLESS - 1);
        fruitless = pass.added > 0 ? 0 : fruitless + 1;
        again = fruitless < MAX_FRUITLESS && (pass.added > 0 || pass.hasMoved);
      }
      this.options.onEnd(pass.hasMoved || pass.hasGaps);
    } finally {
      this.controller.abort();
    }
  }

  private async fetch(number: number): Promise<FetchedPage<T>> {
    const { fetch, signal } = this.options;
    const unsubscribe = onAbort(signal, (reason) => this.controller.abort(reason));
    try {
      return await fetch(number, this.controller.signal);
    } finally {
      unsubscribe();
    }
  }

  private async *readForwards(): AsyncGenerator<DeliveredPage<T>, ListPass, undefined> {
    const pass = new ListPass({ isFirst: true });
    this.queue.start({ step: 1, end: 1, concurrency: this.options.concurrency });
    let received = 0;
    let barren = 0;
    for (let number = 1; ; number++) {
      const page = await this.queue.take(number);
      if (number === 1) this.startFrom(page, pass);
      const items = this.addTo(pass, page);
      if (number > 1 && this.mayHaveMoved(items)) pass.markChanged();
      received += page.items.length;
      barren = items.length > 0 ? 0 : barren + 1;
      const hasMore = this.hasMore(page, { number, received, isNew: barren === 0, lastPage: pass.lastPage });
      if (hasMore) this.noteFullPage(pass, page);
      else this.queue.endAt(number);
      this.queue.advance(number);
      yield this.deliver(page, items, number, number);
      if (!hasMore) {
        // An empty page is past the end, whatever the total says.
        pass.lastPage = Math.max(
          1,
          Math.min(this.lastPageOf(page.total), page.items.length === 0 ? number - 1 : number),
        );
        if (page.total === null) this.maxRequests = this.requestsFor(number);
        return pass;
      }
      if (number >= this.maxRequests || barren >= MAX_BARREN_PAGES)
        throw this.options.onEndless(number, barren);
    }
  }

  /**
   * Reads from the last page, as far as it is known, back to the first.
   * @param isLast one request after another, since no pass can follow
   */
  private async *readBackwards(
    before: ListPass,
    isLast: boolean,
  ): AsyncGenerator<DeliveredPage<T>, ListPass, undefined> {
    const pass = new ListPass({ isFirst: false });
    const from = before.lastPage;
    const cannotFollow = isLast || this.queue.requests + 2 * from > this.maxRequests;
    this.queue.start({ step: -1, end: 1, concurrency: cannotFollow ? 1 : this.options.concurrency });
    for (let number = from; number >= 1;) {
      const page = await this.queue.take(number);
      const items = this.addTo(pass, page);
      if (number < from) this.noteFullPage(pass, page);
      // A list that has shrunk ends earlier; one that has grown needs a pass from its new end.
      const last = number === from ? this.lastPageAfter(before, page.total) : from;
      if (last > from) pass.markChanged();
      const next = last > from ? 0 : Math.min(number - 1, last);
      if (next > 0) this.queue.advance(next + 1);
      if (items.length > 0) yield this.deliver(page, items, number, next + 1);
      number = next;
    }
    pass.lastPage = Math.max(1, this.lastPageAfter(before, pass.total));
    return pass;
  }

  /** Takes in what the first page says about the list. */
  private startFrom(page: FetchedPage<T>, pass: ListPass): void {
    const { perPage, serverTime } = this.options;
    this.startedAt = serverTime?.() ?? Infinity;
    // A server may put less on a page than requested.
    const size = page.next === null ? perPage : page.items.length;
    pass.lastPage = page.total === null || size === 0 ? 1 : Math.max(1, Math.ceil(page.total / size));
    this.queue.endAt(pass.lastPage);
    this.maxRequests = page.total === null ? MAX_PAGES_WITHOUT_TOTAL : this.requestsFor(pass.lastPage);
  }

  private requestsFor(pages: number): number {
    return Math.min(MAX_REQUESTS, MAX_PASSES * (pages + this.options.concurrency));
  }

  /** @returns the items that were not delivered before */
  private addTo(pass: ListPass, page: FetchedPage<T>): T[] {
    const ids: unknown[] = [];
    const items = page.items.filter((item) => {
      const id = identityOf(item, this.options.identity);
      if (isUnidentified(id)) this.hasIdentities = false;
      ids.push(id);
      return this.seen.add(id);
    });
    pass.add(page, ids, items.length);
    this.maxTotal = Math.max(this.maxTotal, page.total ?? 0);
    return items;
  }

  private deliver(page: FetchedPage<T>, items: T[], number: number, from: number): DeliveredPage<T> {
    return { items, number, total: page.total, readAhead: () => this.queue.readAhead(from) };
  }

  /** Learns from a page that is not the last one how many items such a page has. */
  private noteFullPage(pass: ListPass, { items }: FetchedPage<T>): void {
    if (items.length < (this.fullPage ?? 1)) pass.markShort();
    else this.fullPage = items.length;
  }

  /** The number of the last page of a list with that total, as far as it says; never too low. */
  private lastPageOf(total: number | null): number {
    return total === null ? Infinity : Math.ceil(total / (this.fullPage ?? this.options.perPage));
  }

  /** The number of the last page after a pass. Only a total that has grown moves it back. */
  private lastPageAfter(before: ListPass, total: number | null): number {
    const last = this.lastPageOf(total);
    return total !== null && total > (before.total ?? Infinity) ? last : Math.min(before.lastPage, last);
  }

  /** Whether nothing that was read is forgotten, and the requests of a reading suffice for another pass. */
  private canReadAgain({ lastPage }: ListPass): boolean {
    const isRemembered = this.options.consistent || Math.max(this.maxTotal, this.seen.size) <= MAX_REMEMBERED;
    return this.hasIdentities && isRemembered && this.queue.requests + lastPage <= this.maxRequests;
  }

  /** Whether an item came into being after page one was sent, which leaves the total as it was; in doubt, if `consistent`. */
  private mayHaveMoved(items: readonly T[]): boolean {
    const { consistent, twice } = this.options;
    const newborn = this.startedAt + (consistent ? -DATE_MARGIN : DATE_MARGIN);
    return twice === true || items.some((item) => (birthOf(item) ?? -Infinity) > newborn);
  }

  /** Whether there is a page after this one: by its link, or else by the total. Broken links must not loop. */
  private hasMore(
    page: FetchedPage<T>,
    read: { number: number; received: number; isNew: boolean; lastPage: number },
  ): boolean {
    const { number, received, isNew, lastPage } = read;
    if (page.items.length === 0) return false;
    if (!isNew && number >= lastPage) return false;
    if (page.next !== null && page.next > number) return true;
    return page.total === null
      ? page.next === null && page.items.length >= this.options.perPage
      : received < page.total;
  }
}
