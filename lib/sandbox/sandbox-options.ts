import { checkEntries, demand, isObject, must, oneOf, show, whole, type Check } from './state/checks';
import { readDuration, type Duration } from './state/durations';
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

/** What a sandbox is made of and how it behaves. Everything is optional; times are milliseconds of its clock. */
export interface SandboxOptions {
  /** How many images, or which: any subset of the fields of each, in the API's own names. Default: 60, of all kinds. */
  images?: number | readonly ImageSeed[];
  /** What has been done or is under way. Default: a history for the default world, else nothing. */
  actions?: readonly ActionSeed[];
  /** Slugs or whole regions. Default: fourteen of DigitalOcean's. */
  regions?: readonly (string | RegionJson)[];
  /** Fields of the account that shall differ from the default. */
  account?: Partial<AccountJson>;
  /** A state that `snapshot()` gave: takes the place of the four above. */
  from?: SandboxSnapshot;
  /** How long a transfer or conversion takes; default 60,000. */
  actionTime?: Duration<Readonly<ActionJson>>;
  /** How long the import of a custom image takes; default 60,000. After a quarter of it, `NEW` becomes `pending`. */
  importTime?: Duration<Readonly<ImageJson>>;
  /** Makes times between two values the same in every run; default 1. */
  seed?: number;
  /** Requests each token may send; default 250 a minute and 5,000 an hour. `false`: as many as it likes. */
  rateLimit?: SandboxRateLimit | false;
  /**
   * `'virtual'`: stands still while anything goes on, jumps to the next timer when nothing does. `'manual'`: moves by
   * `advance` alone. `'real'`: runs by itself. Default: virtual, until the sandbox listens, real from then on.
   */
  clock?: ClockChoice;
  /** How many seconds of a real clock pass in one of the machine's; default 1. */
  speed?: number;
  /**
   * Tokens that are accepted, or each token with its scopes. Default: in process any token, over HTTP
   * `sandbox.token`.
   */
  tokens?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Scopes of tokens that have none of their own; default: all. */
  scopes?: readonly string[];
  /** UUIDs of other teams the token may act for: account transfers to them are accepted at once. Default: none. */
  teams?: readonly string[];
  /** How long something new is not found (`items`) and lists do not show a change (`lists`); a number is both. Default 0. */
  lag?: number | { items?: number; lists?: number };
  /**
   * How a list says that its first page is the last: `links` is absent, `{}` or `{ pages: {} }`. Default `'pages'`,
   * which is what the examples of images show.
   */
  lonePageLinks?: LonePageLinks;
  /** Called for every request, once its answer is decided. */
  onRequest?: (request: Readonly<SandboxRequest>) => void;
}

/** The state of a sandbox as plain JSON. */
export interface SandboxSnapshot extends WorldState {
  version: 1;
  now: number;
  date: number;
}

/** The options, checked and with their defaults. */
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

const scopeList: Check = {
  says: `a list of scopes among ${[...ROUTE_SCOPES].join(', ')}`,
  ok: (value) => Array.isArray(value) && value.every((one) => ROUTE_SCOPES.has(one as string)),
};

/** More than this many seconds in one would make timers meaningless. */
const FASTEST = 1_000_000;
const speedCheck: Check = {
  says: `a number above 0, at most ${FASTEST}`,
  ok: (value) => typeof value === 'number' && value > 0 && value <= FASTEST,
};

const CHECKS: { [K in keyof SandboxOptions]-?: Check } = {
  images: must.anything, // these five and the times are read with more care where they are used
  actions: { says: 'a list of actions', ok: Array.isArray },
  regions: must.anything,
  account: { says: 'an object', ok: isObject },
  from: { says: 'what snapshot() gave', ok: isSnapshot },
  actionTime: must.anything,
  importTime: must.anything,
  seed: whole(0, 2 ** 32 - 1),
  rateLimit: { says: 'false or { perMinute, perHour }', ok: (value) => value === false || isObject(value) },
  clock: oneOf('virtual', 'manual', 'real'),
  speed: speedCheck,
  tokens: { says: 'a list of tokens, or an object of tokens with their scopes', ok: isTokens },
  scopes: scopeList,
  teams: must.texts,
  lag: { says: 'milliseconds, or { items, lists }', ok: (value) => must.ms.ok(value) || isObject(value) },
  lonePageLinks: oneOf('absent', 'empty', 'pages'),
  onRequest: must.fn,
};

/** Reads the options of a sandbox; throws a `TypeError` or `RangeError` that says what is allowed. */
export function readOptions(options: SandboxOptions): SandboxSettings {
  if (!isObject(options))
    throw new TypeError(`Sandbox: the options must be an object, got ${show(options)}.`);
  checkEntries('Sandbox', options, new Map(Object.entries(CHECKS)));
  const { images, actions, regions, account, from, seed = 1, lag = 0, rateLimit = {} } = options;
  const random = seededRandom(seed);
  const lags = typeof lag === 'number' ? { items: lag, lists: lag } : lag;
  checkEntries('Sandbox: lag', lags, new Map(Object.entries({ items: must.ms, lists: must.ms })));
  checkEntries('Sandbox: rateLimit', Object(rateLimit) as object, RATE_CHECKS);
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

/** Checks a speed that is given where the sandbox begins to listen. */
export function checkSpeed(speed: number): void {
  demand('speed', speed, speedCheck);
}

const limitCheck = whole(1, 1_000_000);
const RATE_CHECKS = new Map(Object.entries({ perMinute: limitCheck, perHour: limitCheck }));

function readTokens(tokens: NonNullable<SandboxOptions['tokens']>): SandboxSettings['tokens'] {
  if (isTokenList(tokens)) return new Map(tokens.map((token) => [token, null]));
  return new Map(Object.entries(tokens).map(([token, scopes]) => [token, new Set(scopes)]));
}

function isTokenList(tokens: NonNullable<SandboxOptions['tokens']>): tokens is readonly string[] {
  return Array.isArray(tokens);
}

function isTokens(value: unknown): boolean {
  const isToken = (one: unknown): boolean => typeof one === 'string' && /^\S+$/.test(one);
  if (Array.isArray(value)) return [...(value as unknown[])].every(isToken);
  return (
    isObject(value) &&
    Object.entries(value).every(([token, scopes]) => isToken(token) && scopeList.ok(scopes))
  );
}

function isSnapshot(value: unknown): boolean {
  if (!isObject(value)) return false;
  const {
    version,
    now,
    date,
    images,
    actions,
    regions,
    tags,
    events: events,
  } = value as Partial<SandboxSnapshot>;
  return (
    version === 1 &&
    must.ms.ok(now) &&
    must.size.ok(date) &&
    [images, actions, regions, tags, events].every(Array.isArray)
  );
}
