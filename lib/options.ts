import type { Hooks, Logger } from './http/hooks';
import type { TokenSource } from './http/token';
import type { TransportOptions } from './http/transport/types';
import { checkEndpoint } from './http/url';
import { DEFAULT_RATE_LIMITS, type RateLimitBudget } from './rate-limit/limits';
import { type Clock, systemClock } from './util/clock';
import { envVariable } from './util/env';
import { ownOptions } from './util/own-options';
import type { AbortSignalLike } from './util/platform-types';
import {
  checkFlag,
  checkFunction,
  checkInteger,
  checkMs,
  checkObject,
  checkSignal,
  checkText,
} from './util/validate';

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
}

/** The options of a manager, checked and complete, without the token. */
export interface ClientSettings {
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
}

const DEFAULT_ENDPOINT = 'https://api.digitalocean.com';

/** Checks the options and adds the defaults. @throws TypeError, RangeError naming the option and what was expected */
export function checkClientOptions(options: DOApiOptions): ClientSettings {
  const { logger, onRequest, onResponse, onRetry, onQueue, transport = {}, clock = systemClock } = options;
  const { endpoint = envVariable('DIGITALOCEAN_API_URL') ?? DEFAULT_ENDPOINT } = options;
  for (const [name, hook] of Object.entries({ onRequest, onResponse, onRetry, onQueue }))
    if (hook !== undefined) checkFunction(name, hook);
  if (logger !== undefined) checkMethods('logger', logger, ['debug', 'info', 'warn', 'error']);
  checkMethods('clock', clock, ['now', 'date', 'after']);
  checkTransport(transport);
  return {
    endpoint: checkEndpoint(endpoint, checkFlag('allowHttp', options.allowHttp ?? false)),
    readOnly: checkFlag('readOnly', options.readOnly ?? false),
    userAgent: options.userAgent === undefined ? [] : [checkUserAgent(options.userAgent)],
    perPage: checkInteger('perPage', options.perPage ?? 200, 1, 200),
    timeout: checkMs('timeout', options.timeout ?? 30_000, { zero: false }),
    deadline: checkMs('deadline', options.deadline ?? 120_000, { zero: false }),
    queueTimeout: checkMs('queueTimeout', options.queueTimeout ?? Infinity, { zero: false }),
    waitInterval: checkMs('waitInterval', options.waitInterval ?? 5_000, { zero: false }),
    waitTime: checkMs('waitTime', options.waitTime ?? 3_600_000, { zero: true }),
    retries: checkInteger('retries', options.retries ?? 3, 0, 10),
    rateLimits: checkRateLimits(options.rateLimit),
    hooks: {
      ...(onRequest && { onRequest }),
      ...(onResponse && { onResponse }),
      ...(onRetry && { onRetry }),
      ...(onQueue && { onQueue }),
    },
    logger,
    signal: checkSignal(options.signal),
    transport: ownOptions(transport),
    clock,
  };
}

/** A header of HTTP: printable ASCII in one line. */
function checkUserAgent(value: unknown): string {
  const text = checkText('userAgent', value).trim();
  if (!/^[\u0020-\u007e]+$/.test(text))
    throw new TypeError('userAgent: expected printable ASCII without control characters, like my-tool/1.0');
  return text;
}

function checkRateLimits(rateLimit: RateLimitBudget | false = {}): Required<RateLimitBudget> | null {
  if (rateLimit === false) return null;
  const { perMinute, perHour } = checkObject('rateLimit', rateLimit) as RateLimitBudget;
  return {
    perMinute: checkLimit('rateLimit.perMinute', perMinute ?? DEFAULT_RATE_LIMITS.perMinute),
    perHour: checkLimit('rateLimit.perHour', perHour ?? DEFAULT_RATE_LIMITS.perHour),
  };
}

/** `Infinity`: no limit. */
function checkLimit(name: string, value: unknown): number {
  return value === Infinity ? Infinity : checkInteger(name, value, 1, Infinity);
}

function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  const object = checkObject(name, value);
  for (const method of methods) checkFunction(`${name}.${method}`, object[method]);
}

function checkTransport(value: unknown): void {
  const { adapter, proxy } = ownOptions(checkObject('transport', value)) as TransportOptions;
  if (adapter !== undefined) checkFunction('transport.adapter', adapter);
  if (proxy === undefined || proxy === false) return;
  const { host, port } = checkObject('transport.proxy', proxy);
  if (typeof host !== 'string' || host === '')
    throw new TypeError('transport.proxy.host: expected a host name');
  checkInteger('transport.proxy.port', port, 1, 65_535);
}
