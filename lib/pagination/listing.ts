import { checkFunction, checkInteger, checkVerdict, is } from '../util/validate';
import { ownOptions } from '../util/options/own-options';
import { validateOptions } from '../util/options/validate-options';
import { INSPECT, type InspectOptions } from '../model/inspect';
import { CALL_OPTIONS, checkCallOptions, type CheckedCallOptions } from '../model/call-options';
import type { Call, CallOptions, Requester } from '../model/requester';
import { BatchIterator } from './batch-iterator';
import { byAge } from './item-facts';
import { keeping, limitedTo, type Stage, StageRun } from './list-stages';
import { type DeliveredPage, itemsOf, type Page, pageOf } from './delivered-page';
import type { FetchedPage } from './page-queue';
import { PageReader } from './page-reader';
import { endlessList, type ListingSource, MAX_PER_PAGE, readPageResponse } from './page-response';

/** How to read a listing. The options of a call hold for each of its requests. */
export interface ListingOptions extends CallOptions {
  /** Items in one page, 1 to 200; default: the manager's `perPage` (200). */
  perPage?: number | undefined;
  /** How many pages are requested at once, at most; default 8; 1: one after another. */
  concurrency?: number | undefined;
  /**
   * A list that changes while it is read is read again, whatever its size, and all its ids are kept in memory. Default
   * `false`: only a list of at most 50,000 items.
   */
  consistent?: boolean | undefined;
}

/** The options of every listing. */
export const LISTING_OPTIONS = {
  ...CALL_OPTIONS,
  perPage: is.integer(1, MAX_PER_PAGE),
  concurrency: is.withDefault(is.integer(1, 1_000), 8),
  consistent: is.withDefault(is.flag, false),
};

/**
 * A list that the API sends in pages. Nothing is sent before it is read, and each reading starts anew. Items come in
 * the API's order, none of them twice. A page that fails fails the reading, so that nothing is silently missing.
 *
 * ```ts
 * for await (const image of api.fetchAllPrivateImages()) console.log(image.name);
 * ```
 *
 * A list may change while it is read, also by what the loop does with its items. Its pages are numbered, so items then
 * move to pages that were read already. When the total changes during a reading, or items are missing or repeated, the
 * list is read again for the others, which come last: deleting in the loop leaves nothing out. A reading sends at most
 * four times the requests of a quiet one, and 4 × `concurrency` more. {@link drifted} says whether items may be missing
 * nevertheless.
 *
 * A change that leaves the total as it was is not always seen: when as many items are added as deleted between the same
 * two requests of the first pass, an item may be missing without a sign. Items with a date show it, unless they were
 * added within two seconds after page one was received.
 *
 * Reading rejects with everything a request can reject with (see `DOApi.request`).
 */
export class Listing<T> implements AsyncIterable<T> {
  /** A literal, which minifiers keep. @internal */
  static readonly name = 'Listing';
  readonly #api: Requester;
  readonly #source: ListingSource<T>;
  readonly #options: { perPage: number; concurrency: number; consistent: boolean };
  readonly #callOptions: CheckedCallOptions;
  /** Filters and limits, in order. */
  readonly #stages: readonly Stage[];
  #drifted = false;

  /** @internal */
  constructor(
    api: Requester,
    source: ListingSource<T>,
    options: ListingOptions = {},
    stages: readonly Stage[] = [],
  ) {
    this.#api = api;
    this.#source = ownOptions(source);
    this.#stages = stages;
    const {
      perPage = api.perPage,
      concurrency,
      consistent,
      ...call
    } = validateOptions(options, LISTING_OPTIONS);
    this.#options = { perPage, concurrency, consistent };
    this.#callOptions = call;
  }

  /**
   * Whether items may be missing from the last complete reading: the list still changed when it was read for the last
   * time, has more than 50,000 items and is not `consistent`, or has fewer items than its total.
   */
  get drifted(): boolean {
    return this.#drifted;
  }

  /** Reads the items page by page, from the beginning. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.#read({}, itemsOf);
  }

  /**
   * The pages, one by one, without items that stood on an earlier page. When the list is read again, pages with further
   * items follow, under the numbers they have then.
   */
  pages(options: CallOptions = {}): AsyncGenerator<Page<T>, void, undefined> {
    return this.#read(checkCallOptions(options), pageOf);
  }

  /** All items, in an array. */
  async toArray(options: CallOptions = {}): Promise<T[]> {
    const all: T[] = [];
    for await (const page of this.#read(checkCallOptions(options), (page) => [page])) {
      page.readAhead();
      for (const item of page.items) all.push(item);
    }
    return all;
  }

  /** The first item, or `null` when there is none. One request. */
  async first(options: CallOptions = {}): Promise<T | null> {
    return this.find(() => true, options);
  }

  /**
   * The first item for which `predicate` is true, or `null`. Stops reading there.
   * @throws TypeError when `predicate` is async
   */
  async find(predicate: (item: T) => boolean, options: CallOptions = {}): Promise<T | null> {
    checkFunction('predicate', predicate);
    for await (const item of this.#read(checkCallOptions(options), itemsOf))
      if (checkVerdict('predicate', predicate(item))) return item;
    return null;
  }

  /**
   * The newest item, by the time it was created or started, then by its id; `null` when there is none. Reads the whole list:
   * the API documents no order.
   * @param predicate default: every item
   */
  async newest(predicate: (item: T) => boolean = () => true, options: CallOptions = {}): Promise<T | null> {
    const listing = this.filter(predicate);
    const matching = await listing.toArray(options);
    this.#drifted = listing.drifted;
    return matching.reduce<T | null>(
      (newest, item) => (newest === null || byAge(item, newest) < 0 ? item : newest),
      null,
    );
  }

  /**
   * The listing of the items for which `predicate` is true. Sends nothing, and reads no page before it is needed.
   * Its `total()` counts by reading, and `page(n)` reads the pages before it.
   */
  filter<S extends T>(predicate: (item: T) => item is S): Listing<S>;
  /** The same, for a predicate that tells nothing of the type. */
  filter(predicate: (item: T) => boolean): Listing<T>;
  filter(predicate: (item: T) => boolean): Listing<T> {
    checkFunction('predicate', predicate);
    return this.#with(keeping(predicate));
  }

  /**
   * The listing of the first `count` items. It requests no page that they do not need. Its `total()` and `page(n)` are those
   * of a filtered listing.
   * @param count a whole number, 0 or more
   */
  take(count: number): Listing<T> {
    return this.#with(limitedTo(checkInteger('count', count, 0, Infinity)));
  }

  /**
   * One page, in one request. Past the end it has no items.
   * @param number 1 for the first
   * @throws TypeError, RangeError when `number` is not a whole number from 1 up
   */
  async page(number: number, options: CallOptions = {}): Promise<Page<T>> {
    checkInteger('number', number, 1, Infinity);
    const call = this.#callOf(checkCallOptions(options));
    if (this.#stages.length > 0) {
      for await (const page of this.pages(options)) if (page.number === number) return page;
      return { items: [], number, total: null };
    }
    const { items, total } = await this.#fetch(number, this.#options.perPage, call);
    return { items, number, total };
  }

  /** How many items there are, by one request for a page of one; `null` when the API does not say. */
  async total(options: CallOptions = {}): Promise<number | null> {
    if (this.#stages.length > 0) return (await this.toArray(options)).length;
    return (await this.#fetch(1, 1, this.#callOf(checkCallOptions(options)))).total;
  }

  /** What `console.log` shows: what is listed, and how to read it. Sends nothing. @internal */
  [INSPECT](_depth: number | null, options: InspectOptions): string {
    const { url, key, params = {} } = this.#source;
    const query = Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
    );
    const path = new URL(url).pathname + (query.length > 0 ? `?${query.join('&')}` : '');
    return `${options.stylize('Listing', 'special')} { ${key} of ${path}, read with for await or toArray() }`;
  }

  #with(stage: Stage): Listing<T> {
    const options = { ...this.#options, ...this.#callOptions };
    return new Listing(this.#api, this.#source, options, [...this.#stages, stage]);
  }

  #read<U>(
    options: CheckedCallOptions,
    itemsOf: (page: DeliveredPage<T>) => Iterable<U>,
  ): AsyncGenerator<U, void, undefined> {
    const { perPage, concurrency, consistent } = this.#options;
    const call = this.#callOf(options);
    const stages = new StageRun(this.#stages);
    const reading = {
      fetch: (number: number, signal: AbortSignal) => this.#fetch(number, perPage, { ...call, signal }),
      identity: this.#source.identity,
      twice: this.#source.twice,
      perPage,
      concurrency,
      consistent,
      wanted: () => stages.wanted,
      signal: call.signal,
      serverTime: () => this.#api.clock.date() + this.#api.clockSkew,
      onEndless: (pages: number, barren: number) => endlessList(this.#source.url, pages, barren),
      onEnd: (drifted: boolean) => (this.#drifted = drifted),
    };
    const start = (controller: AbortController): AsyncIterator<DeliveredPage<T>, void> => {
      const pages = new PageReader<T>(reading, controller).read();
      return this.#stages.length > 0 ? stages.through(pages) : pages;
    };
    return new BatchIterator({ signals: [call.signal, this.#api.signal], start, itemsOf });
  }

  /** The options of each request: those of this reading, else those of the listing. */
  #callOf(options: CheckedCallOptions): CheckedCallOptions {
    return ownOptions({ ...this.#callOptions, ...options });
  }

  #fetch(page: number, perPage: number, call: Omit<Call<unknown>, 'read'>): Promise<FetchedPage<T>> {
    const { url, key, params, item } = this.#source;
    return this.#api.send(url, {
      ...call,
      params: { ...params, page, per_page: perPage },
      read: (body) => {
        const receivedAt = this.#api.clock.now();
        return readPageResponse(body, key, (json) => item(json, receivedAt));
      },
    });
  }
}
