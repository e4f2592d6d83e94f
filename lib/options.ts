import { DEFAULT_LIMITS, type RequestLimits, type RateLimitBudget } from './rate-limit/limits';
import { checkFunction, checkInteger, checkMs, checkObject, checkSignal } from './util/validate';
import { type Clock, systemClock } from './util/clock';
import { envVariable } from './util/env';
import type { Hooks, Logger } from './http/hooks';
import { ownOptions } from './util/own-options';
import { checkEndpoint } from './http/url';
import type { TokenSource } from './http/token';
import type { TransportOptions } from './http/transport/types';

/** What a manager can be told. Times are milliseconds. */
export interface DOApiOptions extends Hooks {
  /**
   * The API token, or a function that gives one, called before each request.
   * Default: `DIGITALOCEAN_TOKEN`, then `DIGITALOCEAN_ACCESS_TOKEN` of the environment.
   */
  token?: TokenSource;
  /** Where the API is; default `DIGITALOCEAN_API_URL`, then `https://api.digitalocean.com`. `http:` only to this machine. */
  endpoint?: string;
  /** Items in a page of a listing, 1 to 200; default 200. */
  perPage?: number;
  /** How long one attempt may take, its body included; default 30,000; `Infinity`: for ever. A token function gets as long before it. */
  timeout?: number;
  /** How long one call may take, all attempts and pauses included; default 120,000; `Infinity`: for ever. */
  deadline?: number;
  /** Shortest pause between two looks of a wait; default 5,000. */
  waitInterval?: number;
  /** How long a wait lasts at most; default 3,600,000, an hour; `Infinity`: for ever. */
  waitTime?: number;
  /** Further attempts after the first, 0 to 10; default 3. */
  retries?: number;
  /**
   * Requests a minute and an hour, shared by all managers of this process with the same token at the same endpoint,
   * retries and looks of waits included; default 240 and 4,900; `false`: no limit of ours.
   */
  rateLimit?: RateLimitBudget | false;
  /** Where the library writes what it does; never sees a token. */
  logger?: Logger;
  /** Ends everything this manager has under way, with the signal's own reason. */
  signal?: AbortSignal;
  /** Agents, a proxy, or an adapter in place of the network. */
  transport?: TransportOptions;
  /** Where time comes from; default: the machine's. For tests, as the sandbox's virtual clock. */
  clock?: Clock;
}

/** The options, checked and complete; the token apart. */
export interface Settings {
  endpoint: string;
  perPage: number;
  timeout: number;
  deadline: number;
  waitInterval: number;
  waitTime: number;
  retries: number;
  limits: RequestLimits | null;
  hooks: Hooks;
  logger: Logger | undefined;
  signal: AbortSignal | undefined;
  transport: TransportOptions;
  clock: Clock;
}

const DEFAULT_ENDPOINT = 'https://api.digitalocean.com';

/** @throws TypeError, RangeError naming the option and what was expected */
export function checkOptions(options: DOApiOptions): Settings {
  const { logger, onRequest, onResponse, onRetry, transport = {}, clock = systemClock } = options;
  const { endpoint = envVariable('DIGITALOCEAN_API_URL') ?? DEFAULT_ENDPOINT } = options;
  for (const [name, hook] of Object.entries({ onRequest, onResponse, onRetry }))
    if (hook !== undefined) checkFunction(name, hook);
  if (logger !== undefined) checkMethods('logger', logger, ['debug', 'info', 'warn', 'error']);
  checkMethods('clock', clock, ['now', 'date', 'after']);
  checkTransport(transport);
  return {
    endpoint: checkEndpoint(endpoint),
    perPage: checkInteger('perPage', options.perPage ?? 200, 1, 200),
    timeout: checkMs('timeout', options.timeout ?? 30_000, { zero: false }),
    deadline: checkMs('deadline', options.deadline ?? 120_000, { zero: false }),
    waitInterval: checkMs('waitInterval', options.waitInterval ?? 5_000, { zero: false }),
    waitTime: checkMs('waitTime', options.waitTime ?? 3_600_000, { zero: true }),
    retries: checkInteger('retries', options.retries ?? 3, 0, 10),
    limits: checkLimits(options.rateLimit),
    hooks: {
      ...(onRequest && { onRequest }),
      ...(onResponse && { onResponse }),
      ...(onRetry && { onRetry }),
    },
    logger,
    signal: checkSignal(options.signal),
    transport: ownOptions(transport),
    clock,
  };
}

function checkLimits(rateLimit: RateLimitBudget | false = {}): RequestLimits | null {
  if (rateLimit === false) return null;
  const { perMinute, perHour } = checkObject('rateLimit', rateLimit) as RateLimitBudget;
  return {
    perMinute: checkLimit('rateLimit.perMinute', perMinute ?? DEFAULT_LIMITS.perMinute),
    perHour: checkLimit('rateLimit.perHour', perHour ?? DEFAULT_LIMITS.perHour),
  };
}

/** `Infinity`: none of that length. */
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
