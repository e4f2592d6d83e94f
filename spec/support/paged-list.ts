import { onAbort } from '../../lib/util/abort';
import type { FetchedPage } from '../../lib/pagination/page-queue';
import { PageReader, type PageReaderOptions } from '../../lib/pagination/page-reader';

interface Item {
  id: number;
  createdAt?: Date;
}

interface PagedListOptions {
  perPage: number;
  /** Whether pages have the total; default `true`. */
  meta?: boolean;
  /** Whether pages have a link to the next one; default `true`. */
  links?: boolean;
  /** Called when a page is requested for, and may put things on the list or take them away. */
  onRequest?: (list: PagedList) => void;
  /** For how many turns of the event loop a request waits until it is served; default 0. */
  delay?: (nth: number) => number;
  /** The order of the list; default newest first. */
  order?: 'newest first' | 'oldest first';
  /** When something is put on the list, in milliseconds since 1970; by default, nothing says so. */
  date?: () => number;
}

/** A list that is given away in pages, and may change between two of them. */
export class PagedList {
  readonly requested: number[] = [];
  /** Pages under way now, and the most there ever were. */
  inFlight = 0;
  maxInFlight = 0;
  aborted = 0;
  /** The ids of all removed items. */
  readonly removed = new Set<number>();
  items: Item[];
  #nextId: number;

  constructor(
    size: number,
    private readonly options: PagedListOptions,
  ) {
    this.items = Array.from({ length: size }, (_, index) => this.#item(size - index));
    if (options.order === 'oldest first') this.items.reverse();
    this.#nextId = size + 1;
  }

  /** @param where from 0 for the first to 1 for the last; default by the order */
  insert(where = this.options.order === 'oldest first' ? 1 : 0): void {
    this.items.splice(Math.round(where * this.items.length), 0, this.#item(this.#nextId++));
  }

  #item(id: number): Item {
    const { date } = this.options;
    return date ? { id, createdAt: new Date(date()) } : { id };
  }

  /** @param where from 0 for the first to 1 for the last */
  remove(where: number): void {
    const [item] = this.items.splice(Math.floor(where * this.items.length), 1);
    if (item) this.removed.add(item.id);
  }

  readonly fetch = async (number: number, signal: AbortSignal): Promise<FetchedPage<Item>> => {
    this.requested.push(number);
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    onAbort(signal, () => (this.aborted += 1));
    const turns = this.options.delay?.(this.requested.length) ?? 0;
    for (let turn = 0; turn <= turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.inFlight -= 1;
    signal.throwIfAborted();
    this.options.onRequest?.(this);
    return this.page(number);
  };

  page(number: number): FetchedPage<Item> {
    const { perPage, meta = true, links = true } = this.options;
    const [start, end] = [(number - 1) * perPage, number * perPage];
    return {
      items: this.items.slice(start, end),
      total: meta ? this.items.length : null,
      next: links && end < this.items.length ? number + 1 : null,
    };
  }
}

export const noEnd = (pages: number): Error => new Error(`no end after ${pages} pages`);

/** What came of reading a list to its end. */
export interface Reading<T> {
  items: T[];
  /** The numbers of the delivered pages. */
  pages: number[];
  /** What each page that was handed on said. */
  totals: (number | null)[];
  drifted: boolean | null;
}

export type Source<T> = (number: number, signal: AbortSignal) => Promise<FetchedPage<T>>;
type ReadOptions<T> = Partial<PageReaderOptions<T>> & { ahead?: boolean; onPage?: (items: T[]) => void };

/** Reads all pages. @param options `ahead`: requests every page as early as possible */
export async function readAll<T>(
  fetch: Source<T>,
  { ahead = false, onPage, ...options }: ReadOptions<T> = {},
): Promise<Reading<T>> {
  const reading: Reading<T> = { items: [], pages: [], totals: [], drifted: null };
  const reader = new PageReader<T>({
    fetch,
    perPage: 10,
    concurrency: 8,
    consistent: false,
    signal: undefined,
    onEndless: noEnd,
    onEnd: (drifted) => (reading.drifted = drifted),
    ...options,
  });
  for await (const page of reader.read()) {
    if (ahead) page.readAhead();
    reading.items.push(...page.items);
    reading.pages.push(page.number);
    reading.totals.push(page.total);
    onPage?.(page.items);
  }
  return reading;
}

export const ids = ({ items }: Reading<{ id: number }>): number[] => items.map(({ id }) => id);
export const countdown = (from: number): number[] => Array.from({ length: from }, (_, index) => from - index);
