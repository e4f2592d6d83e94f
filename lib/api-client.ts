import { AbortScope, onAbort } from './util/abort';
import { checkObject, checkSignal, checkText } from './util/validate';
import { ClosedError, type RateLimit } from './errors/errors';
import { Reporter } from './http/hooks';
import type * as HttpModule from './http/client';
import type { HttpClient } from './http/client';
import { ownOptions } from './util/own-options';
import { checkUrl, withParams } from './http/url';
import type { Cancellable, Method, Params, Requester, Resources } from './model/requester';
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
      // Loaded with the first request: a program that sends nothing does not pay for it. Loaded synchronously: the caller
      // may change its arguments as soon as a method has returned.
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import()` is asynchronous
      const { HttpClient } = require('./http/client') as typeof HttpModule;
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
    this.#requester = {
      endpoint,
      perPage,
      waitInterval,
      waitTime,
      clock,
      deniedScopes: new Set(),
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
      fetchResource: (type, id, cancellable) => this.fetchResource(type, id, cancellable),
    };
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
   * Reads any paged list.
   * @param path under the endpoint, such as `/v2/droplets`
   * @param key the name of the list in the answer, such as `droplets`
   * @param params the query; options of the listing may stand among them, as they do in `fetchAllImages`
   */
  paginate(
    path: string,
    key: string,
    params: Params & ListingOptions = {},
    options: ListingOptions = {},
  ): Listing<unknown> {
    const url = checkUrl(this.endpoint, path);
    const {
      per_page,

      perPage,
      concurrency,
      consistent,
      signal,
      ...query
    } = checkObject('params', params) as typeof params;
    const own = defined({ perPage: perPage ?? per_page, concurrency, consistent, signal });
    const source = {
      url,
      key: checkText('key', key),
      params: query as Params,
      item: (json: unknown) => json,
    };
    checkObject('options', options);
    return new Listing(this.#requester, source, { ...own, ...options });
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

/** Leaves out `undefined`, which would hide a default. */
function defined(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
