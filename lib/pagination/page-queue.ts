import type { PageResponse } from './page-response';

/** A page as it was received. */
export type FetchedPage<T> = Omit<PageResponse<T>, 'hasNext'>;

/** How a pass goes through the pages. */
export interface PassOrder {
  /** 1: from the first page on. -1: from the last page back. */
  step: 1 | -1;
  /** The page where it ends, as far as is known. */
  end: number;
  /** Pages requested at once, at most. */
  concurrency: number;
}

/** Requests the pages of a reading, and on demand some of them before they are needed. */
export class PageQueue<T> {
  /** How many requests were sent. */
  requests = 0;
  private readonly pending = new Map<number, Promise<FetchedPage<T>>>();
  private order: PassOrder = { step: 1, end: 1, concurrency: 1 };
  private isReadingAhead = false;

  /** @param maxAhead how many pages after the one that is being read are needed, at most; default: all */
  constructor(
    private readonly fetch: (number: number) => Promise<FetchedPage<T>>,
    private readonly maxAhead: () => number = () => Infinity,
  ) {}

  /** Begins a pass. Pages requested before are requested anew. */
  start(order: PassOrder): void {
    this.pending.clear();
    this.order = order;
  }

  /** Moves the end of the pass. */
  endAt(number: number): void {
    this.order = { ...this.order, end: number };
  }

  take(number: number): Promise<FetchedPage<T>> {
    const page = this.pending.get(number) ?? this.request(number);
    this.pending.delete(number);
    return page;
  }

  /** `number` has been read: requests the pages after it, if reading ahead is on. */
  advance(number: number): void {
    if (!this.isReadingAhead) return;
    const { step, end, concurrency } = this.order;
    const most = Math.min(concurrency, this.maxAhead());
    for (let ahead = 1; ahead <= most; ahead++) {
      const next = number + ahead * step;
      if ((end - next) * step < 0) return;
      if (this.pending.has(next)) continue;
      const page = this.request(next);
      // It may never be awaited; when it is, it still rejects.
      page.catch(() => undefined);
      this.pending.set(next, page);
    }
  }

  /** From now on, pages are requested before they are needed. */
  readAhead(number: number): void {
    this.isReadingAhead = true;
    this.advance(number);
  }

  private request(number: number): Promise<FetchedPage<T>> {
    this.requests += 1;
    return this.fetch(number);
  }
}
