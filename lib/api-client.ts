import { AbortScope, onAbort } from './util/abort';
import { checkObject, checkSignal, checkText } from './util/validate';
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
import { checkClientOptions, type DOApiOptions } from './options';
import { scopeOf } from './scopes';
import { VERSION } from './version';

/** A request to any path of the API. */
export interface RequestOptions extends Cancellable {
  /** Default `GET`. */
  method?: Method;
  /** The query; `undefined` values are left out. */
  params?: Params;
  /** Sent as JSON; default: no body. */
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

const ALLOWED_METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];

/** The part of a manager that serves all resources alike: options, requests, `close()`. */
export abstract class ApiClient {
  /** Base URL of the API, without a trailing slash. */
  readonly endpoint: string;
  /** Items per page of a listing. */
  readonly perPage: number;
  /** Shortest delay between two polls of a wait, in milliseconds. */
  readonly waitInterval: number;
  /** Time limit of a wait, in milliseconds. */
  readonly waitTime: number;
  /** `null` before the first request. */
  #http: HttpClient | null = null;
  /** `null` before the first wait. */
  #poller: Poller | null = null;
  readonly #requester: Requester;
  readonly #abortScope = new AbortScope();

  /**
   * @param options the token, or {@link DOApiOptions}; default: the token of the environment
   * @throws TypeError, RangeError naming the option that is invalid; TypeError when there is no token
   */
  constructor(options: string | DOApiOptions = {}) {
    const own = ownOptions(
      typeof options === 'string' ? { token: options } : (checkObject('options', options) as DOApiOptions),
    );
    const token = new Token(own.token);
    const settings = checkClientOptions(own);
    const { endpoint, perPage, waitInterval, waitTime, clock } = settings;
    this.endpoint = endpoint;
    this.perPage = perPage;
    this.waitInterval = waitInterval;
    this.waitTime = waitTime;
    // A signal may outlive many managers: a closed manager leaves no listener on it.
    const unsubscribe = onAbort(settings.signal, (reason) => this.#abortScope.abort(reason));
    onAbort(this.#abortScope, unsubscribe);
    const connect = (): HttpClient => {
      const { HttpClient } = lazy.http();
      return new HttpClient({
        ...settings,
        token,
        reporter: new Reporter(settings.hooks, settings.logger),
        signal: this.#abortScope,
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
      claims: new Map(),
      signal: this.#abortScope,
      get clockSkew() {
        return skew();
      },
      send: async (url, options) => {
        const call = ownOptions(options);
        checkSignal(call.signal);
        this.#http ??= connect();
        return this.#http.send(withParams(url, call.params), call);
      },
      recentResponse: (shareKey) => this.#http?.recentResponse(shareKey) ?? null,
      get poller() {
        return poller();
      },
      fetchResource: (type, id, cancellable) => this.fetchResource(type, id, cancellable),
    };
    const wrap = (options as WrapOption)[WRAP_REQUESTER];
    this.#requester = wrap ? wrap(requester) : requester;
  }

  /** The rate limit of the token, by the last response with `ratelimit-*` headers; `null` before the first. */
  get rateLimit(): RateLimit | null {
    return this.#http?.sender.rateLimit ?? null;
  }

  /**
   * Sends any request, with the token, retries and errors of this manager.
   * @param path a path under the endpoint, such as `/v2/account`, or a URL under it
   * @param options method (default `GET`), query, body and signal
   * @returns the parsed JSON of the response; `null` when its body is empty
   * @throws TypeError for a path that is not under the endpoint, and all errors of a request
   */
  async request(path: string, options: RequestOptions = {}): Promise<unknown> {
    const { method = 'GET', params = {}, body, signal } = checkObject('options', options) as RequestOptions;
    checkObject('params', params);
    if (!ALLOWED_METHODS.includes(method))
      throw new TypeError(`method: expected one of ${ALLOWED_METHODS.join(', ')}`);
    const url = checkUrl(this.endpoint, path);
    return this.#requester.send(url, {
      method,
      params,
      body,
      signal,
      read: (json) => json,
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
   * Ends all waits and requests with a ClosedError and closes the sockets. Later calls reject with a ClosedError.
   * A program that has no request in flight ends without it.
   */
  async close(): Promise<void> {
    this.#abortScope.abort(new ClosedError());
    this.#http?.sender.close();
    return Promise.resolve();
  }

  /** Closes the manager: `await using api = new DOApi()` does so at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The part of this manager that resources use. @internal */
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
