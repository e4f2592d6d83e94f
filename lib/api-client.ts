import { AbortScope } from './util/abort';
import { checkSignal, checkText } from './util/validate';
import { validateOptions } from './util/options/validate-options';
import { ClosedError, type RateLimit } from './errors/errors';
import { ReadOnlyError } from './errors/read-only';
import { DeniedScopes } from './http/denied-scopes';
import { Reporter } from './http/hooks';
import type * as HttpModule from './http/client';
import type { HttpClient } from './http/client';
import type * as PollingModule from './polling/poller';
import type * as FleetModule from './polling/fleet/poll-member';
import type { PollAccount } from './polling/fleet/poll-host';
import { ownOptions, withoutPollution } from './util/options/own-options';
import { checkUrl, withParams } from './http/url';
import type { CallOptions, Requester, Resources } from './model/requester';
import { WRAP_REQUESTER, type WrapOption } from './model/requester';
import { Token } from './http/token';
import type * as TokenDigestsModule from './http/token-digests';
import { Listing } from './pagination/listing';
import type * as RateLimitModule from './rate-limit/limiter-registry';
import type { RateLimiterStatus } from './rate-limit/limiter-status';
import { checkClientOptions, type DOApiOptions } from './options';
import {
  PAGINATE_OPTIONS,
  type PaginateOptions,
  REQUEST_OPTIONS,
  type RequestOptions,
} from './request-options';
import { scopeOf } from './scopes';
import { VERSION } from './version';

/**
 * Modules that are loaded at their first use: a program that neither sends nor waits does not pay for them. `import()`
 * would be too late, since a call has to read its arguments before it returns. Node reads some names that other code may
 * have given to Object.prototype, such as `path`, while it loads a module.
 */
/* eslint-disable @typescript-eslint/no-require-imports -- loaded at its first use, synchronously */
const lazy = {
  http: () => withoutPollution(() => require('./http/client') as typeof HttpModule),
  rateLimit: () => withoutPollution(() => require('./rate-limit/limiter-registry') as typeof RateLimitModule),
  polling: () => withoutPollution(() => require('./polling/poller') as typeof PollingModule),
  fleet: () => withoutPollution(() => require('./polling/fleet/poll-member') as typeof FleetModule),
  tokenDigests: () => withoutPollution(() => require('./http/token-digests') as typeof TokenDigestsModule),
};
/* eslint-enable @typescript-eslint/no-require-imports */

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
  #poller: PollingModule.Poller | null = null;
  readonly #requester: Requester;
  readonly #abortScope: AbortScope;
  readonly #rateLimiterStatus: () => RateLimiterStatus | null;

  /**
   * @param options the token, or {@link DOApiOptions}; default: the token of the environment
   * @throws TypeError, RangeError naming the option that is invalid; TypeError when there is no token
   */
  constructor(options: string | DOApiOptions = {}, ...surplus: readonly never[]) {
    if (surplus.length > 0)
      throw new TypeError(
        'DOApi: expected one argument; write `new DOApi({ token, … })` for a token with options',
      );
    const { token: source, ...settings } = checkClientOptions(
      typeof options === 'string' ? { token: options } : options,
    );
    const token = new Token(source);
    const { endpoint, perPage, waitInterval, waitTime, clock, readOnly, userAgent, store } = settings;
    this.endpoint = endpoint;
    this.perPage = perPage;
    this.waitInterval = waitInterval;
    this.waitTime = waitTime;
    this.#abortScope = new AbortScope(settings.signal);
    const deniedScopes = new DeniedScopes(clock);
    const scopeOfUrl = (method: string, url: string): string | null =>
      scopeOf(method, url.slice(endpoint.length).split('?', 1)[0] ?? '');
    const connect = (): HttpClient => {
      const { HttpClient } = lazy.http();
      return new HttpClient({
        ...settings,
        token,
        reporter: new Reporter(settings.hooks, settings.logger),
        signal: this.#abortScope,
        userAgent: [...userAgent, `doapi-ts/${VERSION} node/${process.versions.node}`].join(' '),
        scopeOf: scopeOfUrl,
        deniedScopes,
      });
    };
    const tokenKey = (): string | null => {
      const known = token.known();
      return this.#http?.sender.limiterKey ?? (known && new (lazy.tokenDigests().TokenDigests)().of(known));
    };
    this.#rateLimiterStatus = () => {
      const { rateLimits } = settings;
      return rateLimits && lazy.rateLimit().rateLimiterStatus(clock, endpoint, tokenKey(), rateLimits, store);
    };
    const skew = (): number => this.#http?.sender.clockSkew ?? 0;
    const http = (): HttpClient => (this.#http ??= connect());
    // Polls are sent by the requester that is not wrapped: they belong to no call of their own.
    const poller = (): PollingModule.Poller =>
      (this.#poller ??= new (lazy.polling().Poller)(
        requester,
        undefined,
        store && ((host) => new (lazy.fleet().PollMember)(store.polls, account, host)),
      ));
    const account: PollAccount = {
      endpoint,
      tokenKey,
      declaredFields: (kind, json) => this.declaredFields(kind, json),
      hide: (text) => requester.hide(text),
    };
    const requester: Requester = {
      endpoint,
      perPage,
      waitInterval,
      waitTime,
      clock,
      readOnly,
      deniedScopes,
      signal: this.#abortScope,
      get clockSkew() {
        return skew();
      },
      send: async (url, options) => {
        const call = ownOptions(options);
        checkSignal(call.signal);
        const { method = 'GET', body } = call;
        const target = withParams(url, call.params);
        if (method === 'GET' || method === 'HEAD') return http().send(target, call);
        const { isReadOnly = () => readOnly } = call;
        const refuse = (): void => {
          if (isReadOnly())
            throw new ReadOnlyError({ method, url: target, body, scope: scopeOfUrl(method, target) });
        };
        refuse();
        return http().send(target, call.isReadOnly ? { ...call, beforeAttempt: refuse } : call);
      },
      hide: (text) => token.hide(text),
      recentResponse: (shareKey) => this.#http?.sharing.recent(shareKey) ?? null,
      get serverClock() {
        return http().sender.serverClock;
      },
      get history() {
        return http().sharing;
      },
      get poller() {
        return poller();
      },
      fetchResource: (type, id, cancellable) => this.fetchResource(type, id, cancellable),
      createDropletOf: (image, droplet, call) => this.createDropletOf(image, droplet, call),
      group: undefined,
      shield: undefined,
    };
    const wrap = (options as WrapOption)[WRAP_REQUESTER];
    this.#requester = wrap ? wrap(requester) : requester;
  }

  /** The rate limit of the token, by the last response with `ratelimit-*` headers; `null` before the first. */
  get rateLimit(): RateLimit | null {
    return this.#http?.sender.rateLimit ?? null;
  }

  /**
   * The rate limit that this manager keeps by itself, shared by all managers of the process with the same token: how many
   * requests wait, how many are left, and when the next one can be sent. Sends nothing.
   * @returns `null` with `rateLimit: false`
   */
  get rateLimiter(): RateLimiterStatus | null {
    return this.#rateLimiterStatus();
  }

  /**
   * Sends any request, with the token, retries and errors of this manager.
   * @param path a path under the endpoint, such as `/v2/account`, or a URL under it
   * @param options method (default `GET`), query, body, and the options of a call
   * @returns the parsed JSON of the response; `null` for a HEAD, and when the body is empty
   * @throws TypeError for a path that is not under the endpoint, and all errors of a request
   */
  async request(path: string, options: RequestOptions = {}): Promise<unknown> {
    const call = validateOptions(options, REQUEST_OPTIONS);
    const url = checkUrl(this.endpoint, path);
    return this.#requester.send(url, { ...call, read: (json) => json });
  }

  /**
   * Lists the items of any paged list, as the API sends them. Items are the same one by `id`, `urn` or `uuid` only.
   * @param path under the endpoint, such as `/v2/droplets`
   * @param key the name of the list in the response, such as `droplets`
   * @param options `params`: the query; the rest is as for any listing
   * @throws TypeError, RangeError naming the argument
   */
  paginate(path: string, key: string, options: PaginateOptions = {}): Listing<unknown> {
    const { params, ...listing } = validateOptions(options, PAGINATE_OPTIONS);
    const source = {
      url: checkUrl(this.endpoint, path),
      key: checkText('key', key),
      params: params ?? {},
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
    options: CallOptions,
  ): Promise<Resources[keyof Resources]>;

  /** @internal */
  protected abstract declaredFields(...resource: Parameters<PollAccount['declaredFields']>): object;

  /** @internal */
  protected abstract createDropletOf(
    image: object,
    droplet: object,
    options: CallOptions,
  ): Promise<Resources['droplet']>;
}
