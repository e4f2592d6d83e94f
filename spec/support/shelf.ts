import { onAbort } from '../../lib/util/abort';
import type { FetchedPage } from '../../lib/pagination/page-queue';
import { PageReader, type PageReaderOptions } from '../../lib/pagination/page-reader';

interface Item {
  id: number;
  createdAt?: Date;
}

interface ShelfOptions {
  perPage: number;
  /** Whether pages say how many items there are; default `true`. */
  meta?: boolean;
  /** Whether pages say which one is next; default `true`. */
  links?: boolean;
  /** Called when a page is asked for, and may put things on the shelf or take them away. */
  disturb?: (shelf: Shelf) => void;
  /** For how many turns of the event loop a request waits until it is served; default 0. */
  delay?: (nth: number) => number;
  /** The order of the list; default newest first. */
  order?: 'newest first' | 'oldest first';
  /** When something is put on the shelf, in milliseconds since 1970; by default, nothing says so. */
  date?: () => number;
}

/** A list that is given away in pages, and may change between two of them. */
export class Shelf {
  readonly asked: number[] = [];
  /** Pages under way now, and the most there ever were. */
  busy = 0;
  busiest = 0;
  aborted = 0;
  /** Every id that was taken away. */
  readonly removed = new Set<number>();
  items: Item[];
  #nextId: number;

  constructor(
    size: number,
    private readonly options: ShelfOptions,
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
    const [gone] = this.items.splice(Math.floor(where * this.items.length), 1);
    if (gone) this.removed.add(gone.id);
  }

  readonly fetch = async (number: number, signal: AbortSignal): Promise<FetchedPage<Item>> => {
    this.asked.push(number);
    this.busy += 1;
    this.busiest = Math.max(this.busiest, this.busy);
    onAbort(signal, () => (this.aborted += 1));
    const turns = this.options.delay?.(this.asked.length) ?? 0;
    for (let turn = 0; turn <= turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.busy -= 1;
    signal.throwIfAborted();
    this.options.disturb?.(this);
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
  /** The numbers of the pages that were handed on. */
  pages: number[];
  /** What each page that was handed on said. */
  totals: (number | null)[];
  drifted: boolean | null;
}

export type Source<T> = (number: number, signal: AbortSignal) => Promise<FetchedPage<T>>;
type ReadOptions<T> = Partial<PageReaderOptions<T>> & { ahead?: boolean; onPage?: (items: T[]) => void };

/** Reads it all; `ahead`: wants every page as early as possible. */
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
