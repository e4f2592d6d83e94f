import { checkValue, defineCheck, defineRangeCheck, is, validateOptions, type Check } from '../util/validate';
import { FINITE_MS, readDuration, type Duration } from './state/durations';
import { ROUTE_SCOPES } from './routes/route-table';
import { seededRandom } from './state/random';
import type { SandboxRateLimit } from './server/request-quota';
import type { SandboxRequest } from './server/request-log';
import type { WorldSeeds } from './state/seeds';
import type { ClockChoice } from './clock/sandbox-clock';
import type { AccountJson, ActionJson, ImageJson, RegionJson } from './state/api-json';
import type { WorldRules } from './state/world';
import type { LonePageLinks, WorldState } from './state/world-state';
import type { ActionSeed, ImageSeed } from './state/builders';

/** What a sandbox holds and how it behaves. Times are milliseconds of its clock. */
export interface SandboxOptions {
  /** The number of images, or the images: any fields of each, in the API's own names. Default: 60, of all kinds. */
  images?: number | readonly ImageSeed[] | undefined;
  /** Actions that ended or are in progress. Default: a history with the default images, else none. */
  actions?: readonly ActionSeed[] | undefined;
  /** Slugs or whole regions. Default: fourteen of DigitalOcean's. */
  regions?: readonly (string | RegionJson)[] | undefined;
  /** Fields of the account that differ from the default. */
  account?: Partial<AccountJson> | undefined;
  /** The result of `snapshot()`. Replaces the four options above. */
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
  /** How long a new item is not found (`items`), and how long lists do not show a change (`lists`). A number sets both. Default 0. */
  lag?: number | { items?: number | undefined; lists?: number | undefined } | undefined;
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
  version: 1;
  now: number;
  date: number;
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

const OPTIONS: { [K in keyof SandboxOptions]-?: Check } = {
  images: is.anything, // checked by createWorldState
  actions: defineCheck('an array of actions', Array.isArray),
  regions: defineCheck('an array of slugs or regions', Array.isArray),
  account: is.object,
  from: defineCheck('the result of snapshot()', isSandboxSnapshot),
  actionTime: is.anything, // checked by readDuration
  importTime: is.anything,
  seed: is.integer(0, 2 ** 32 - 1),
  rateLimit: defineCheck(
    'false or { perMinute, perHour }',
    (value) => value === false || is.object.test(value),
  ),
  clock: is.oneOf('virtual', 'manual', 'real'),
  speed: SPEED,
  tokens: TOKENS,
  scopes: SCOPE_LIST,
  teams: is.listOf(is.string),
  lag: defineCheck(
    'milliseconds or { items, lists }',
    (value) => FINITE_MS.test(value) || is.object.test(value),
    { isRange: true },
  ),
  lonePageLinks: is.oneOf('absent', 'empty', 'pages'),
  onRequest: is.function,
};

const LAG_OPTIONS = { items: FINITE_MS, lists: FINITE_MS };
const RATE_LIMIT_OPTIONS = { perMinute: is.integer(1, 1_000_000), perHour: is.integer(1, 1_000_000) };

/** Validates the options of a sandbox. @throws TypeError, RangeError that name the option */
export function readOptions(options: SandboxOptions): SandboxSettings {
  validateOptions(options, OPTIONS);
  const { images, actions, regions, account, from, seed = 1, lag = 0, rateLimit = {} } = options;
  const random = seededRandom(seed);
  const lags = typeof lag === 'number' ? { items: lag, lists: lag } : lag;
  validateOptions(lags, LAG_OPTIONS, 'lag');
  if (rateLimit !== false) validateOptions(rateLimit, RATE_LIMIT_OPTIONS, 'rateLimit');
  return {
    seeds: { images, actions, regions, account },
    from,
    rules: {
      actionTime: readDuration('actionTime', options.actionTime ?? 60_000, random),
      importTime: readDuration('importTime', options.importTime ?? 60_000, random),
      lag: { items: lags.items ?? 0, lists: lags.lists ?? 0 },
      lonePageLinks: options.lonePageLinks ?? 'pages',
      teams: options.teams ?? [],
    },
    rateLimit,
    clock: options.clock,
    speed: options.speed ?? 1,
    tokens: readTokens(options.tokens ?? []),
    scopes: options.scopes ? new Set(options.scopes) : null,
    onRequest: options.onRequest,
  };
}

/** Validates the speed that is passed to `listen`. */
export function checkSpeed(speed: number): void {
  checkValue('speed', speed, SPEED);
}

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
  const { version, now, date, images, actions, regions, tags, events } = value;
  return (
    version === 1 &&
    FINITE_MS.test(now) &&
    FINITE_MS.test(date) &&
    [images, actions, regions, tags, events].every(Array.isArray)
  );
}
