import { checkFlag, checkFunction, checkInteger, checkObject, checkSignal } from '../util/validate';
import { type JsonObject, Mismatch } from '../model/fields';
import { INSPECT, type InspectOptions } from '../model/inspect';
import type { Cancellable, Params, Requester } from '../model/requester';
import { PageReader } from './page-reader';

/** One page of a listing. */
export interface Page<T> {
  items: T[];
  /** 1 for the first. */
  number: number;
  /** How many items the whole listing has; `null` when the API did not say. */
  total: number | null;
}

/** How a listing is read. */
export interface ListingOptions extends Cancellable {
  /** Items in one page, 1 to 200; default: the manager's `perPage` (200). */
  perPage?: number;
  /** How many pages may be under way at once; default 8, 1 reads one after another. */
  concurrency?: number;
  /** Read again, at most four times in all, until the total has not moved while reading; default false. */
  consistent?: boolean;
}

/** Where a listing comes from and how its items are made. @internal */
export interface ListingSource<T> {
  url: string;
  /** The name of the list in the answer. */
  key: string;
  params?: Params;
  /**
   * @param receivedAt when its page came, on the clock
   * @throws Mismatch naming the field
   */
  item: (json: unknown, receivedAt: number) => T;
}

const DEFAULT_CONCURRENCY = 8;

/**
 * A list that the API gives in pages. Lazy: nothing is sent before it is read. Reusable: each reading starts anew.
 * In the API's order, never an item twice, and a page that fails fails the reading, so that nothing is silently missing.
 *
 * ```ts
 * for await (const image of api.fetchAllPrivateImages()) console.log(image.name);
 * ```
 *
 * Reading rejects with whatever a request can reject with (see `DOApi.request`).
 */
export class Listing<T> implements AsyncIterable<T> {
  readonly #api: Requester;
  readonly #source: ListingSource<T>;
  readonly #options: Required<Omit<ListingOptions, 'signal'>> & Cancellable;
  #drifted = false;

  /** @internal */
  constructor(api: Requester, source: ListingSource<T>, options: ListingOptions = {}) {
    checkObject('options', options);
    const { perPage = api.perPage, concurrency = DEFAULT_CONCURRENCY, consistent = false, signal } = options;
    checkSignal(signal);
    this.#api = api;
    this.#source = source;
    this.#options = {
      perPage: checkInteger('perPage', perPage, 1, 200),
      concurrency: checkInteger('concurrency', concurrency, 1, 1_000),
      consistent: checkFlag('consistent', consistent),
      ...(signal && { signal }),
    };
  }

  /** Whether the total moved during the last complete reading, so that items may be missing. */
  get drifted(): boolean {
    return this.#drifted;
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.#items({});
  }

  async *#items(options: Cancellable): AsyncGenerator<T, void, undefined> {
    for await (const page of this.#read(options)) {
      for (const [index, item] of page.items.entries()) {
        // A reader who has come half through the first page will want the next ones: ask for them meanwhile.
        if (index * 2 >= page.items.length) page.readAhead();
        yield item;
      }
    }
  }

  /** The pages, one by one. An item that an earlier page had already is left out. */
  async *pages(options: Cancellable = {}): AsyncGenerator<Page<T>, void, undefined> {
    for await (const { items, number, total, readAhead } of this.#read(options)) {
      yield { items, number, total };
      // Whoever comes back for another page will want the next ones, too.
      readAhead();
    }
  }

  /** All items at once. */
  async toArray(options: Cancellable = {}): Promise<T[]> {
    const all: T[] = [];
    for await (const page of this.#read(options)) {
      page.readAhead();
      for (const item of page.items) all.push(item);
    }
    return all;
  }

  /** The first item, or `null` when there is none. One request. */
  async first(options: Cancellable = {}): Promise<T | null> {
    return this.find(() => true, options);
  }

  /** The first item that fulfils `predicate`, or `null`. Stops reading as soon as it is found. */
  async find(predicate: (item: T) => boolean, options: Cancellable = {}): Promise<T | null> {
    checkFunction('predicate', predicate);
    for await (const item of this.#items(options)) if (predicate(item)) return item;
    return null;
  }

  /**
   * One page, by itself. Past the end it has no items.
   * @param number 1 for the first
   * @throws TypeError, RangeError when `number` is no whole number from 1 up
   */
  async page(number: number, options: Cancellable = {}): Promise<Page<T>> {
    checkInteger('number', number, 1, Infinity);
    const { items, total } = await this.#fetch(number, this.#options.perPage, this.#signal(options));
    return { items, number, total };
  }

  /** How many items there are, in one small request; `null` when the API does not say. */
  async total(options: Cancellable = {}): Promise<number | null> {
    return (await this.#fetch(1, 1, this.#signal(options))).total;
  }

  /** What `console.log` shows: what it lists, and that it is read with `for await`. Sends nothing. @internal */
  [INSPECT](_depth: number | null, options: InspectOptions): string {
    const { url, key, params = {} } = this.#source;
    const query = Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
    );
    const path = new URL(url).pathname + (query.length > 0 ? `?${query.join('&')}` : '');
    return `${options.stylize('Listing', 'special')} { ${key} of ${path}, read with for await or toArray() }`;
  }

  #read(options: Cancellable): AsyncGenerator<Page<T> & { readAhead: () => void }, void, undefined> {
    const { perPage, concurrency, consistent } = this.#options;
    const reader = new PageReader<T>({
      fetch: (number, ended) => this.#fetch(number, perPage, ended),
      perPage,
      concurrency,
      consistent,
      signal: this.#signal(options),
      onEnd: (drifted) => (this.#drifted = drifted),
    });
    return reader.read();
  }

  /** The signal of this reading, else that of the listing. */
  #signal({ signal }: Cancellable): AbortSignal | undefined {
    return checkSignal(signal) ?? this.#options.signal;
  }

  #fetch(
    page: number,
    perPage: number,
    signal: AbortSignal | undefined,
  ): Promise<{ items: T[]; total: number | null; next: number | null }> {
    const { url, key, params, item } = this.#source;
    return this.#api.send(url, {
      params: { ...params, page, per_page: perPage },
      signal,
      read: (body) => {
        const receivedAt = this.#api.clock.now();
        return readPage(body, key, (json) => item(json, receivedAt));
      },
    });
  }
}

/** Reads one page. Of the links only the number of the next page is taken: where they point to is nobody's to choose. */
function readPage<T>(
  body: unknown,
  key: string,
  item: (json: unknown) => T,
): { items: T[]; total: number | null; next: number | null } {
  const list = at(body, key);
  if (!Array.isArray(list)) throw new Mismatch(key, 'an array', list);
  const items = list.map((json, index) => {
    try {
      return item(json);
    } catch (error) {
      throw error instanceof Mismatch ? error.within(`${key}[${index}]`) : error;
    }
  });
  const total = at(at(body, 'meta'), 'total');
  const next = at(at(at(body, 'links'), 'pages'), 'next');
  return {
    items,
    total: Number.isSafeInteger(total) ? (total as number) : null,
    next: typeof next === 'string' ? pageNumber(next) : null,
  };
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as JsonObject)[key] : undefined;
}

function pageNumber(link: string): number | null {
  const match = /[?&]page=(\d{1,9})(&|$)/.exec(link);
  return match ? Number(match[1]) : null;
}
