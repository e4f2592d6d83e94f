import { isIP } from 'node:net';
import { checkValue, defineCheck, defineRangeCheck, is, type Check } from '../util/validate';
import { NO_OPTIONS } from '../util/options/own-options';
import { nestedOptions, validateOptions } from '../util/options/validate-options';
import { FINITE_MS, readDuration, type Duration } from './state/durations';
import { ROUTE_SCOPES } from './routes/route-table';
import { seededRandom } from './state/random';
import { checkStoredState } from './state/stored-state';
import type { SandboxRateLimit } from './server/request-quota';
import type { SandboxRequest } from './server/request-log';
import type { WorldSeeds } from './state/seeds';
import type { ClockChoice } from './clock/sandbox-clock';
import type { AccountJson, ActionJson, ImageJson, RegionJson } from './state/api-json';
import type { LonePageLinks, WorldState, WorldRules } from './state/world-state';
import type { ActionSeed, ImageSeed } from './state/builders';
import type { DropletSeed } from './state/droplets/droplet-seeds';

/** What a sandbox holds and how it behaves. Times are milliseconds of its clock. */
export interface SandboxOptions {
  /** The number of images, or the images: any fields of each, in the API's own names. Default: 60, of all kinds. */
  images?: number | readonly ImageSeed[] | undefined;
  /** Actions that ended or are in progress. Default: a history with the default images, else none. */
  actions?: readonly ActionSeed[] | undefined;
  /** The number of Droplets, or the Droplets: any fields of each, in the API's own names. Default: 12, the origins of the images. */
  droplets?: number | readonly DropletSeed[] | undefined;
  /** Slugs or whole regions. Default: fourteen of DigitalOcean's. */
  regions?: readonly (string | RegionJson)[] | undefined;
  /** Fields of the account that differ from the default. */
  account?: Partial<AccountJson> | undefined;
  /** The result of `snapshot()`. Replaces the five options above. */
  from?: SandboxSnapshot | undefined;
  /** How long a transfer or conversion takes; default 60,000. */
  actionTime?: Duration<Readonly<ActionJson>> | undefined;
  /** How long the import of a custom image takes; default 60,000. After a quarter of it, `NEW` becomes `pending`. */
  importTime?: Duration<Readonly<ImageJson>> | undefined;
  /** The seed for times between two values: the same seed gives the same times; default 1. */
  seed?: number | undefined;
  /** The rate limit of each token; default 250 requests a minute and 5,000 an hour. `false`: no limit. */
  rateLimit?: SandboxRateLimit | false | undefined;
  /**
   * `'virtual'`: stands still while the process is busy, jumps to the next timer when it is idle. `'manual'`: only
   * `advance` moves it. `'real'`: runs by itself. Default: virtual until the sandbox listens, real from then on.
   */
  clock?: ClockChoice | undefined;
  /** Seconds of a real clock per second of the machine; default 1. */
  speed?: number | undefined;
  /**
   * The tokens that are accepted, or an object from each token to its scopes. Default: every token in process,
   * `sandbox.token` over HTTP.
   */
  tokens?: readonly string[] | Readonly<Record<string, readonly string[]>> | undefined;
  /** The scopes of tokens without scopes of their own; default: all. */
  scopes?: readonly string[] | undefined;
  /** UUIDs of teams that accept an account transfer at once. Default: none. */
  teams?: readonly string[] | undefined;
  /** How long new items and changes of lists are not shown, in milliseconds. A number sets both. */
  lag?:
    | number
    | {
        /** How long a new item is not found; default 0. */
        items?: number | undefined;
        /** How long lists do not show a change; default 0. */
        lists?: number | undefined;
      }
    | undefined;
  /**
   * The `links` of a list with one page: absent, `{}` or `{ pages: {} }`. Default `'pages'`, as DigitalOcean's
   * examples of images have it.
   */
  lonePageLinks?: LonePageLinks | undefined;
  /** Called for every request, as soon as its response is decided. */
  onRequest?: ((request: Readonly<SandboxRequest>) => void) | undefined;
}

/** The state of a sandbox as plain JSON. */
export interface SandboxSnapshot extends WorldState {
  /** Of this format. */
  version: 1;
  /** By the clock of the sandbox, in milliseconds. */
  now: number;
  /** The date of the sandbox, in milliseconds since 1970. */
  date: number;
  /** The other accounts, by name. */
  accounts?: Record<string, WorldState>;
}

/** The validated options, with defaults. */
export interface SandboxSettings {
  seeds: WorldSeeds;
  from: SandboxSnapshot | undefined;
  rules: WorldRules;
  rateLimit: SandboxRateLimit | false;
  clock: ClockChoice | undefined;
  speed: number;
  tokens: Map<string, ReadonlySet<string> | null>;
  scopes: ReadonlySet<string> | null;
  onRequest: SandboxOptions['onRequest'];
}

const SCOPE_LIST = is.listOf(is.oneOf(...ROUTE_SCOPES));

/** The speed limit of a real clock: timers have no meaning beyond it. */
const MAX_SPEED = 1_000_000;
const SPEED = defineRangeCheck(
  `a number above 0, at most ${MAX_SPEED}`,
  (value) => value > 0 && value <= MAX_SPEED,
);

const isToken = (value: unknown): boolean => typeof value === 'string' && /^\S+$/.test(value);

const TOKENS = defineCheck<NonNullable<SandboxOptions['tokens']>>(
  'a list of tokens, or an object from tokens to their scopes',
  (value) =>
    Array.isArray(value)
      ? [...(value as unknown[])].every(isToken)
      : is.object.test(value) &&
        Object.entries(value).every(([token, scopes]) => isToken(token) && SCOPE_LIST.test(scopes)),
);

/** A name or an address, as in the host of a URL; no port. */
const HOST = defineCheck<string>(
  'a host name or an IP address such as "127.0.0.1" or "0.0.0.0"',
  (value) =>
    typeof value === 'string' && (isIP(value) > 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value)),
);

/** The largest number of requests that a window may allow. */
const REQUESTS = is.integer(1, 1_000_000);
const RATE_LIMITS = nestedOptions({ perMinute: REQUESTS, perHour: REQUESTS });
const LAGS = nestedOptions({
  items: is.withDefault(FINITE_MS, 0),
  lists: is.withDefault(FINITE_MS, 0),
});

const OPTIONS = {
  images: is.anything as Check<SandboxOptions['images']>, // checked by createWorldState
  actions: defineCheck<readonly ActionSeed[]>('an array of actions', Array.isArray),
  droplets: is.anything as Check<SandboxOptions['droplets']>, // checked by createWorldState
  regions: defineCheck<readonly (string | RegionJson)[]>('an array of slugs or regions', Array.isArray),
  account: is.object as Check<Partial<AccountJson>>,
  from: defineCheck<SandboxSnapshot>('the result of snapshot()', isSandboxSnapshot, {
    read(name, value) {
      checkStoredState(name, value as SandboxSnapshot);
      return value as SandboxSnapshot;
    },
  }),
  actionTime: is.withDefault(is.anything as Check<Duration<Readonly<ActionJson>>>, 60_000), // checked by readDuration
  importTime: is.withDefault(is.anything as Check<Duration<Readonly<ImageJson>>>, 60_000),
  seed: is.withDefault(is.integer(0, 2 ** 32 - 1), 1),
  rateLimit: is.withDefault(is.either(RATE_LIMITS, false), NO_OPTIONS),
  clock: is.oneOf('virtual', 'manual', 'real'),
  speed: is.withDefault(SPEED, 1),
  tokens: is.withDefault(TOKENS, []),
  scopes: SCOPE_LIST,
  teams: is.withDefault(is.listOf(is.string), []),
  lag: is.withDefault<{ items: number; lists: number }>(
    {
      ...LAGS,
      expected: `milliseconds or ${LAGS.expected}`,
      isRange: true,
      test: (value): value is never => FINITE_MS.test(value) || LAGS.test(value),
      read: (name, value) =>
        FINITE_MS.test(value) ? { items: value, lists: value } : checkValue(name, value, LAGS),
    },
    { items: 0, lists: 0 },
  ),
  lonePageLinks: is.withDefault(is.oneOf('absent', 'empty', 'pages'), 'pages'),
  onRequest: is.function as Check<NonNullable<SandboxOptions['onRequest']>>,
} satisfies Record<keyof SandboxOptions, Check>;

/** Validates the options of a sandbox. @throws TypeError, RangeError that name the option */
export function readOptions(options: SandboxOptions): SandboxSettings {
  const own = validateOptions(options, OPTIONS);
  const { images, actions, droplets, regions, account, lag, teams, lonePageLinks, scopes } = own;
  const random = seededRandom(own.seed);
  return {
    seeds: { images, actions, droplets, regions, account },
    from: own.from,
    rules: {
      actionTime: readDuration('actionTime', own.actionTime, random),
      importTime: readDuration('importTime', own.importTime, random),
      lag,
      lonePageLinks,
      teams,
    },
    rateLimit: own.rateLimit,
    clock: own.clock,
    speed: own.speed,
    tokens: readTokens(own.tokens),
    scopes: scopes ? new Set(scopes) : null,
    onRequest: own.onRequest,
  };
}

/** Where a sandbox listens, and how fast its time runs. */
export interface ListenOptions {
  /** The address to listen on; default `127.0.0.1`: this machine only. `0.0.0.0`: also from elsewhere. */
  host?: string | undefined;
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Seconds of the sandbox per second of the machine; default: the constructor's option. */
  speed?: number | undefined;
}

export const LISTEN_OPTIONS = {
  host: is.withDefault(HOST, '127.0.0.1'),
  port: is.withDefault(is.integer(0, 65_535), 0),
  speed: SPEED,
} satisfies Record<keyof ListenOptions, Check>;

function readTokens(tokens: NonNullable<SandboxOptions['tokens']>): SandboxSettings['tokens'] {
  if (isTokenList(tokens)) return new Map(tokens.map((token) => [token, null]));
  return new Map(Object.entries(tokens).map(([token, scopes]) => [token, new Set(scopes)]));
}

/** `Array.isArray` does not narrow a readonly array. */
function isTokenList(tokens: NonNullable<SandboxOptions['tokens']>): tokens is readonly string[] {
  return Array.isArray(tokens);
}

function isSandboxSnapshot(value: unknown): boolean {
  if (!is.object.test(value)) return false;
  const { version, now, date, images, actions, droplets, regions, tags, events } = value;
  return (
    version === 1 &&
    FINITE_MS.test(now) &&
    FINITE_MS.test(date) &&
    [images, actions, droplets, regions, tags, events].every(Array.isArray)
  );
}
