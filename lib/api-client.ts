import { onAbort } from './util/abort';
import { checkObject, checkSignal, checkText } from './util/validate';
import { AbortScope } from './util/abort';
import { ClosedError, type RateLimit } from './errors/errors';
import { Reporter } from './http/hooks';
import type * as HttpModule from './http/client';
import type { HttpClient } from './http/client';
import { ownOptions } from './util/own-options';
import { checkUrl, withParams } from './http/url';
import type { Cancellable, Method, Params, Requester, Resources } from './model/requester';
import { WRAP_REQUESTER, type WrapOption } from './model/requester';
import { Token } from './http/token';
import { pollerOf } from './polling/room';
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

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];

/** What a manager does for every noun alike: it holds the options, sends requests, and can be closed. */
export abstract class ApiClient {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Items in a page of a listing. */
  readonly perPage: number;
  /** Shortest pause between two looks of a wait, in milliseconds. */
  readonly waitInterval: number;
  /** How long a wait lasts at most, in milliseconds. */
  readonly waitTime: number;
  /** What sends: `null` before the first request. */
  #http: HttpClient | null = null;
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
      // A program that sends nothing does not pay for loading it. At once, since a call is on its way when it returns:
      // what was given may be changed afterwards.
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- as said above, `import()` would come too late
      const { HttpClient } = require('./http/client') as typeof HttpModule;
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
      get poller() {
        return pollerOf(this);
      },
      send: async (url, given) => {
        const call = ownOptions(given);
        checkSignal(call.signal);
        this.#http ??= connect();
        return this.#http.send(withParams(url, call.params), call);
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

/** Only what was given: `undefined` must not hide a default. */
function defined(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
