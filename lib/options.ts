import type { Hooks, Logger } from './http/hooks';
import type { TokenSource } from './http/token';
import type { TransportAdapter, TransportOptions } from './http/transport/types';
import { checkEndpoint } from './http/url';
import { DEFAULT_RATE_LIMITS, type RateLimitBudget } from './rate-limit/limits';
import type { SharedStore } from './shared-store';
import { type Clock, systemClock } from './util/clock';
import { envVariable } from './util/env';
import type { AbortSignalLike } from './util/platform-types';
import { type Check, defineCheck, defineRangeCheck, is } from './util/validate';
import { NO_OPTIONS } from './util/options/own-options';
import { nestedOptions, validateOptions } from './util/options/validate-options';

/** Options of a manager. All times are in milliseconds. */
export interface DOApiOptions extends Hooks {
  /**
   * The API token, or a function that returns it, called before each attempt.
   * Default: `DIGITALOCEAN_TOKEN`, then `DIGITALOCEAN_ACCESS_TOKEN` of the environment.
   */
  token?: TokenSource | undefined;
  /**
   * Base URL of the API. `http:` is accepted for loopback addresses only, unless `allowHttp` is `true`.
   * Default: `DIGITALOCEAN_API_URL` of the environment, then `https://api.digitalocean.com`.
   */
  endpoint?: string | undefined;
  /**
   * `true`: `http:` may lead to other hosts than this one, such as a sandbox in a container. The token is then readable on
   * the way. Default `false`.
   */
  allowHttp?: boolean | undefined;
  /**
   * `true`: whatever is not a GET or HEAD rejects with a `ReadOnlyError` before anything is sent. Default `false`.
   */
  readOnly?: boolean | undefined;
  /** The name and version of your program, such as `my-tool/1.0`: goes before the library's own in `user-agent`. */
  userAgent?: string | undefined;
  /** Items per page of a listing, 1 to 200; default 200. */
  perPage?: number | undefined;
  /** Time limit of one attempt, its body included; default 30,000; `Infinity`: none. A token function has the same limit. */
  timeout?: number | undefined;
  /**
   * Time limit of one call: all attempts and the delays between them, without the wait for a place under the rate limit;
   * default 120,000; `Infinity`: none.
   */
  deadline?: number | undefined;
  /**
   * How long a call may wait for its place under the rate limit; default `Infinity`: as long as it takes. After that it
   * rejects with a TimeoutError of the kind `queue`; nothing was sent. Polls of a wait last as long as the wait.
   */
  queueTimeout?: number | undefined;
  /** Shortest delay between two polls of a wait; default 5,000. */
  waitInterval?: number | undefined;
  /** Time limit of a wait; default 3,600,000 (one hour); `Infinity`: none. */
  waitTime?: number | undefined;
  /** How many attempts may follow the first, 0 to 10; default 3. */
  retries?: number | undefined;
  /**
   * Requests per minute and per hour, retries and polls included; default 240 and 4,900; `false`: no limit.
   * All managers of the process share the count of a token at an endpoint.
   */
  rateLimit?: RateLimitBudget | false | undefined;
  /** Receives a line for each attempt, response and retry, never a token; default: none. */
  logger?: Logger | undefined;
  /** Ends all requests and waits of this manager when it aborts, with its reason. */
  signal?: AbortSignalLike | undefined;
  /** Agents, a proxy, or an adapter that replaces the network. */
  transport?: TransportOptions | undefined;
  /** Source of time; default: the system clock. For tests, such as the virtual clock of the sandbox. */
  clock?: Clock | undefined;
  /**
   * One rate limit and one set of polls for all processes with the same token and endpoint, such as `redisStore` of
   * `doapi-ts/redis`. Default: each process has its own.
   */
  store?: SharedStore | undefined;
}

/** The options of a manager, checked and complete. */
export interface ClientSettings {
  /** Not checked yet. */
  token: TokenSource | undefined;
  endpoint: string;
  readOnly: boolean;
  /** Goes before the library's own; empty when none is given. */
  userAgent: readonly string[];
  perPage: number;
  timeout: number;
  deadline: number;
  queueTimeout: number;
  waitInterval: number;
  waitTime: number;
  retries: number;
  /** `null`: no limit. */
  rateLimits: Required<RateLimitBudget> | null;
  hooks: Hooks;
  logger: Logger | undefined;
  signal: AbortSignalLike | undefined;
  transport: TransportOptions;
  clock: Clock;
  store: SharedStore | undefined;
}

const DEFAULT_ENDPOINT = 'https://api.digitalocean.com';

const COUNT = is.integer(1, Infinity);
/** The requests of a window; `Infinity`: no limit. */
const REQUESTS = defineRangeCheck(COUNT.expected, (value) => value === Infinity || COUNT.test(value));
const RATE_LIMITS = {
  perMinute: is.withDefault(REQUESTS, DEFAULT_RATE_LIMITS.perMinute),
  perHour: is.withDefault(REQUESTS, DEFAULT_RATE_LIMITS.perHour),
};

/** Whether a URL can have this host: `proxy.example`, `10.0.0.1`, `::1`. */
function isHost(value: unknown): boolean {
  if (!is.string.test(value) || !/^[^\s/\\?#@[\]]+$/.test(value)) return false;
  return URL.canParse(`http://${value.includes(':') ? `[${value}]` : value}`);
}

const AUTH = { username: is.required(is.string), password: is.required(is.string) };
const PROXY = {
  host: is.required(defineCheck<string>('a host name or an IP address, like proxy.example', isHost)),
  port: is.required(is.integer(1, 65_535)),
  auth: nestedOptions(AUTH),
};
const TRANSPORT = {
  httpAgent: is.object as Check<object> as Check<NonNullable<TransportOptions['httpAgent']>>,
  httpsAgent: is.object as Check<object> as Check<NonNullable<TransportOptions['httpsAgent']>>,
  proxy: is.either(nestedOptions(PROXY), false),
  adapter: is.function as Check<TransportAdapter>,
};

/** A header of HTTP: printable ASCII in one line. */
const USER_AGENT = defineCheck<string>(
  'printable ASCII without control characters, like my-tool/1.0',
  (value) => is.text.test(value) && /^[\u0020-\u007e]+$/.test(value.trim()),
  { read: (_name, value) => (value as string).trim() },
);

const hasExchange = (part: unknown): part is Record<string, unknown> =>
  is.object.test(part) && is.function.test(part.exchange);
const isShare = (share: unknown): boolean => typeof share === 'number' && share > 0 && share <= 1;

const STORE = defineCheck<SharedStore>(
  'a store, such as redisStore(client) of doapi-ts/redis',
  (value) =>
    is.object.test(value) &&
    is.function.test(value.close) &&
    hasExchange(value.permits) &&
    isShare(value.permits.share) &&
    hasExchange(value.polls),
);

const DURATION = is.milliseconds({ zero: false });
/** The options of a manager. */
export const CLIENT_OPTIONS = {
  token: is.anything as Check<TokenSource>, // checked by Token
  endpoint: is.anything as Check<string>, // checked by checkEndpoint
  perPage: is.withDefault(is.integer(1, 200), 200),
  timeout: is.withDefault(DURATION, 30_000),
  deadline: is.withDefault(DURATION, 120_000),
  waitInterval: is.withDefault(DURATION, 5_000),
  waitTime: is.withDefault(is.milliseconds({ zero: true }), 3_600_000),
  retries: is.withDefault(is.integer(0, 10), 3),
  rateLimit: is.withDefault(is.either(nestedOptions(RATE_LIMITS), false), DEFAULT_RATE_LIMITS),
  queueTimeout: is.withDefault(DURATION, Infinity),
  logger: is.implementing<Logger>('debug', 'info', 'warn', 'error'),
  onRequest: is.function as Check<NonNullable<Hooks['onRequest']>>,
  onResponse: is.function as Check<NonNullable<Hooks['onResponse']>>,
  onRetry: is.function as Check<NonNullable<Hooks['onRetry']>>,
  onQueue: is.function as Check<NonNullable<Hooks['onQueue']>>,
  allowHttp: is.withDefault(is.flag, false),
  readOnly: is.withDefault(is.flag, false),
  userAgent: USER_AGENT,
  clock: is.withDefault(is.implementing<Clock>('now', 'date', 'after'), systemClock),
  signal: is.signal,
  transport: is.withDefault(nestedOptions(TRANSPORT), NO_OPTIONS),
  store: STORE,
};

/** Checks the options and adds the defaults. @throws TypeError, RangeError naming the option and what was expected */
export function checkClientOptions(options: unknown): ClientSettings {
  const own = validateOptions(options, CLIENT_OPTIONS);
  const { token, logger, signal, store, onRequest, onResponse, onRetry, onQueue, rateLimit, userAgent } = own;
  const { endpoint = envVariable('DIGITALOCEAN_API_URL') ?? DEFAULT_ENDPOINT } = own;
  return {
    ...own,
    token,
    endpoint: checkEndpoint(endpoint, own.allowHttp),
    userAgent: userAgent === undefined ? [] : [userAgent],
    rateLimits: rateLimit === false ? null : rateLimit,
    hooks: { onRequest, onResponse, onRetry, onQueue },
    logger,
    signal,
    store,
  };
}
