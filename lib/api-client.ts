import { onAbort } from './util/abort';
import { checkObject, checkSignal, checkText } from './util/validate';
import { AbortScope } from './util/abort';
import { ClosedError, type RateLimit } from './errors/errors';
import { Reporter } from './http/hooks';
import type * as HttpModule from './http/client';
import type { HttpClient } from './http/client';
import type * as PollingModule from './polling/poller';
import type { Poller } from './polling/poller';
import { ownOptions } from './util/own-options';
import { checkUrl, withParams } from './http/url';
import type { Cancellable, Method, Params, Requester, Resources } from './model/requester';
import { WRAP_REQUESTER, type WrapOption } from './model/requester';
import { Token } from './http/token';
import { Listing, type ListingOptions } from './pagination/listing';
import { checkOptions, type DOApiOptions } from './options';
import { scopeOf } from './scopes';
import { VERSION } from './version';

/** A request of your own making. */
export interface RequestOptions extends Cancellable {
  /** Default `GET`. */
  method?: Method;
  /** The query; `undefined` is left out. */
  params?: Params;
  /** Anything JSON can hold. */
  body?: unknown;
}

/** How to read a list of any kind. */
export interface PaginateOptions extends ListingOptions {
  /** The query; `undefined` is left out. `page` and `per_page` are set by the listing. */
  params?: Params;
}

/**
 * Modules that are loaded at their first use: a program that neither sends nor waits does not pay for them. `import()`
 * would be too late, since a call has to read its arguments before it returns.
 */
/* eslint-disable @typescript-eslint/no-require-imports -- as said above */
const lazy = {
  http: () => require('./http/client') as typeof HttpModule,
  polling: () => require('./polling/poller') as typeof PollingModule,
};
/* eslint-enable @typescript-eslint/no-require-imports */

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];

/** What a manager does for every noun alike: it holds the options, sends requests, and can be closed. */
export abstract class ApiClient {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Items in a page of a listing. */
  readonly perPage: number;
  /** Shortest pause between two polls of a wait, in milliseconds. */
  readonly waitInterval: number;
  /** How long a wait lasts at most, in milliseconds. */
  readonly waitTime: number;
  /** What sends: `null` before the first request. */
  #http: HttpClient | null = null;
  /** `null` before the first wait. */
  #poller: Poller | null = null;
  readonly #requester: Requester;
  readonly #ending = new AbortScope();

  /**
   * @param options the token, or {@link DOApiOptions}
   * @throws TypeError, RangeError naming the option; also when there is no token
   */
  constructor(options: string | DOApiOptions = {}) {
    const given = ownOptions(
      typeof options === 'string' ? { token: options } : (checkObject('options', options) as DOApiOptions),
    );
    const token = new Token(given.token);
    const settings = checkOptions(given);
    const { endpoint, perPage, waitInterval, waitTime, clock } = settings;
    this.endpoint = endpoint;
    this.perPage = perPage;
    this.waitInterval = waitInterval;
    this.waitTime = waitTime;
    // A signal may outlive many managers: once closed, a manager leaves nothing on it.
    const leave = onAbort(settings.signal, (reason) => this.#ending.abort(reason));
    onAbort(this.#ending, leave);
    const connect = (): HttpClient => {
      const { HttpClient } = lazy.http();
      return new HttpClient({
        ...settings,
        token,
        reporter: new Reporter(settings.hooks, settings.logger),
        signal: this.#ending,
        userAgent: `doapi-ts/${VERSION} node/${process.versions.node}`,
        scopeOf: (method, url) => scopeOf(method, url.slice(endpoint.length).split('?', 1)[0] ?? ''),
      });
    };
    const skew = (): number => this.#http?.sender.clockSkew ?? 0;
    // Polls are sent by the requester that is not wrapped: they belong to no call of their own.
    const poller = (): Poller => (this.#poller ??= new (lazy.polling().Poller)(requester));
    const requester: Requester = {
      endpoint,
      perPage,
      waitInterval,
      waitTime,
      clock,
      deniedScopes: new Set(),
      signal: this.#ending,
      get clockSkew() {
        return skew();
      },
      send: async (url, given) => {
        const call = ownOptions(given);
        checkSignal(call.signal);
        this.#http ??= connect();
        return this.#http.send(withParams(url, call.params), call);
      },
      get poller() {
        return poller();
      },
      fetchResource: (type, id, cancellable) => this.fetchResource(type, id, cancellable),
    };
    const wrap = (options as WrapOption)[WRAP_REQUESTER];
    this.#requester = wrap ? wrap(requester) : requester;
  }

  /** From the last answer that carried `ratelimit-*` headers; `null` before any. */
  get rateLimit(): RateLimit | null {
    return this.#http?.sender.rateLimit ?? null;
  }

  /**
   * Sends any request, with the same token, retries and errors.
   * @param path under the endpoint, such as `/v2/account`; a URL under it will do
   * @returns the JSON of the answer; `null` when there was none
   * @throws TypeError for a path that leads elsewhere, and whatever a request can reject with
   */
  async request(path: string, options: RequestOptions = {}): Promise<unknown> {
    const { method = 'GET', params = {}, body, signal } = checkObject('options', options) as RequestOptions;
    checkObject('params', params);
    if (!METHODS.includes(method)) throw new TypeError(`method: expected one of ${METHODS.join(', ')}`);
    const url = checkUrl(this.endpoint, path);
    return this.#requester.send(url, {
      method,
      params,
      body,
      signal,
      read: (answer) => answer,
    });
  }

  /**
   * Lists the items of any paged list, as the API sends them. Items are the same one by `id`, `urn` or `uuid` only.
   * @param path under the endpoint, such as `/v2/droplets`
   * @param key the name of the list in the response, such as `droplets`
   * @param options `params`: the query; the rest is as for any listing
   * @throws TypeError, RangeError naming the argument
   */
  paginate(path: string, key: string, options: PaginateOptions = {}): Listing<unknown> {
    const { params = {}, ...listing } = checkObject('options', options) as PaginateOptions;
    checkObject('params', params);
    const source = {
      url: checkUrl(this.endpoint, path),
      key: checkText('key', key),
      params: { ...params },
      item: (json: unknown) => json,
      identity: ['id', 'urn', 'uuid'],
    };
    return new Listing(this.#requester, source, listing);
  }

  /**
   * Ends all waits and requests with a ClosedError and closes the sockets. Nothing can be sent afterwards.
   * A program with nothing under way ends without it.
   */
  async close(): Promise<void> {
    this.#ending.abort(new ClosedError());
    this.#http?.sender.close();
    return Promise.resolve();
  }

  /** `await using api = new DOApi()` closes it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What resources get to know of this manager: the least. @internal */
  protected get requester(): Requester {
    return this.#requester;
  }

  /** @internal */
  protected abstract fetchResource(
    type: string,
    id: number,
    options: Cancellable,
  ): Promise<Resources[keyof Resources]>;
}
