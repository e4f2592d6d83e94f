import { onAbort } from '../../lib/util/abort';
import { PageReader, type PageReaderOptions, type FetchedPage } from '../../lib/pagination/page-reader';

interface Item {
  id: number;
}

interface PagedListOptions {
  perPage: number;
  /** Whether pages have the total; default `true`. */
  meta?: boolean;
  /** Whether pages have a link to the next one; default `true`. */
  links?: boolean;
  /** Called for each request; may insert and remove items. */
  onRequest?: (list: PagedList) => void;
}

/** A paged list, newest first, that may change between two requests. */
export class PagedList {
  readonly requested: number[] = [];
  /** Concurrent requests now, and the most so far. */
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
    this.items = Array.from({ length: size }, (_, index) => ({ id: size - index }));
    this.#nextId = size + 1;
  }

  insert(): void {
    this.items.unshift({ id: this.#nextId++ });
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
    await new Promise((resolve) => setImmediate(resolve));
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

/** The result of reading a list to its end. */
export interface Reading<T> {
  items: T[];
  /** The numbers of the delivered pages. */
  pages: number[];
  drifted: boolean | null;
}

export type Source<T> = (number: number, signal: AbortSignal) => Promise<FetchedPage<T>>;
type ReadOptions<T> = Partial<PageReaderOptions<T>> & { ahead?: boolean };

/** Reads all pages. @param options `ahead`: requests every page as early as possible */
export async function readAll<T>(
  fetch: Source<T>,
  { ahead = false, ...options }: ReadOptions<T> = {},
): Promise<Reading<T>> {
  const reading: Reading<T> = { items: [], pages: [], drifted: null };
  const reader = new PageReader<T>({
    fetch,
    perPage: 10,
    concurrency: 8,
    consistent: false,
    signal: undefined,
    onEnd: (drifted) => (reading.drifted = drifted),
    ...options,
  });
  for await (const page of reader.read()) {
    if (ahead) page.readAhead();
    reading.items.push(...page.items);
    reading.pages.push(page.number);
  }
  return reading;
}

export const ids = ({ items }: Reading<{ id: number }>): number[] => items.map(({ id }) => id);
export const countdown = (from: number): number[] => Array.from({ length: from }, (_, index) => from - index);
