import { inProcess } from './server/in-process';
import { RequestPipeline } from './server/request-pipeline';
import { RequestLog } from './server/request-log';
import { RequestQuota } from './server/request-quota';
import { FaultRules } from './faults/fault-rules';
import type { TransportAdapter } from '../http/transport/types';
import { SandboxClock } from './clock/sandbox-clock';
import {
  readOptions,
  type SandboxOptions,
  type SandboxSettings,
  type SandboxSnapshot,
} from './sandbox-options';
import { hex, seededRandom, uuid } from './state/random';
import type { AccountJson } from './state/api-json';
import { createWorldState } from './state/seeds';
import { World } from './state/world';
import { scheduleSeededEvents } from './state/world-events';
import type { WorldState } from './state/world-state';
import { defineCheck } from '../util/validate';

/** The same in every sandbox, so that tests can contain it. It has no use elsewhere. */
const SANDBOX_TOKEN = `dop_v1_${hex(seededRandom(2014), 64)}`;

/** What all accounts of a sandbox share. */
export interface Premises {
  time: SandboxClock;
  settings: SandboxSettings;
  /** The worlds of all accounts, that of the sandbox first. */
  worlds: World[];
  /** The names of the other accounts. */
  names: Map<World, string>;
  /** The other accounts of a snapshot. */
  restored: readonly (readonly [name: string, state: WorldState])[];
  /** Which account a token belongs to. */
  pipelines: Map<string, RequestPipeline>;
}

/** One account of a sandbox: its world, and what serves its requests. */
export interface AccountParts {
  world: World;
  pipeline: RequestPipeline;
  faults: FaultRules;
  log: RequestLog;
  adapter: TransportAdapter;
  token: string;
}

/** What makes a sandbox `S` another account of a sandbox. */
export interface Sibling<S> {
  premises: Premises;
  parts: AccountParts;
  accounts: Map<string, S>;
}

/** Opens a sandbox with its own account. @throws TypeError, RangeError for an invalid option or seed */
export function openSandbox(options: SandboxOptions): { premises: Premises; parts: AccountParts } {
  const settings = readOptions(options);
  const { clock, speed } = settings;
  const from = settings.from && structuredClone(settings.from);
  const time = new SandboxClock({ clock, speed, start: from && { now: from.now, date: from.date } });
  const state = from ?? createWorldState(settings.seeds);
  // Ids are unique in all accounts.
  const others = Object.entries(from?.accounts ?? {});
  const restored = others.map(([name, other]) => [name, { ...other, nextId: state.nextId }] as const);
  const premises = { time, settings, worlds: [], names: new Map(), pipelines: new Map(), restored };
  const tokens = settings.tokens.size > 0 ? settings.tokens : new Map([[SANDBOX_TOKEN, settings.scopes]]);
  const parts = openAccount(premises, state, tokens);
  if (!from) scheduleSeededEvents(parts.world);
  return { premises, parts };
}

/** The state of all accounts, seen from that of `world`: the sandbox that is made of it has this token and its images. */
export function snapshotOf({ time, worlds, names }: Premises, world: World): SandboxSnapshot {
  const others = worlds.filter((one) => one !== world && names.has(one));
  const accounts = Object.fromEntries(others.map((one) => [names.get(one) ?? '', one.state()]));
  const state = { version: 1 as const, now: time.now(), date: time.date(), ...world.state() };
  return others.length > 0 ? { ...state, accounts } : state;
}

/**
 * @param tokens of this account, with their scopes; the first is its own
 * @param name of another account
 */
export function openAccount(
  premises: Premises,
  state: WorldState,
  tokens: ReadonlyMap<string, ReadonlySet<string> | null>,
  name?: string,
): AccountParts {
  const { time, settings, worlds, names, pipelines } = premises;
  const world = new World(time, settings.rules, state, worlds);
  if (name !== undefined) names.set(world, name);
  const [faults, log] = [new FaultRules(), new RequestLog()];
  const pipeline = new RequestPipeline(world, {
    faults,
    log,
    rateLimit: new RequestQuota(time, settings.rateLimit),
    tokens,
    scopes: settings.scopes,
    onRequest: settings.onRequest,
    accounts: pipelines,
  });
  for (const token of tokens.keys()) pipelines.set(token, pipeline);
  const anyToken = settings.tokens.size === 0;
  const adapter = inProcess({ pipeline, clock: time, anyToken });
  const [token = ''] = tokens.keys();
  return { world, pipeline, faults, log, adapter, token };
}

/** A name that can be a part of an e-mail address. */
export const ACCOUNT_NAME = defineCheck<string>(
  'a name of 1 to 60 letters, digits, ".", "_" and "-"',
  (value) => typeof value === 'string' && /^[\w.-]{1,60}$/.test(value),
);

/** The token of an account: the same in every sandbox. */
export function tokenOfAccount(name: string): string {
  return `dop_v1_${hex(seededRandom(seedOf(name)), 64)}`;
}

/** The first state of another account: the public images and the regions of `world`, and nothing of its own. */
export function stateOfAccount(name: string, world: World): WorldState {
  const { images, regions, account, ids } = world;
  const published = [...images.values()].filter(({ json, goneSince }) => json.public && goneSince === null);
  return {
    images: structuredClone(published),
    actions: [],
    droplets: [],
    regions: [...regions.values()],
    tags: [],
    volumeSnapshots: [],
    accountTransfers: [],
    account: accountNamed(name, account),
    events: [],
    // The same object: ids are unique in all accounts.
    nextId: ids,
  };
}

function accountNamed(name: string, other: AccountJson): AccountJson {
  const random = seededRandom(seedOf(name));
  return {
    ...structuredClone(other),
    email: `${name}@example.com`,
    name,
    uuid: uuid(random),
    team: { uuid: uuid(random), name: `Team of ${name}` },
  };
}

/** FNV-1a: another one for each name. */
function seedOf(name: string): number {
  let seed = 0x811c9dc5;
  for (const char of name) seed = Math.imul(seed ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return seed;
}

/** The time of the next event or timer; `null` if there is none. */
export function nextMoment({ time, worlds }: Premises): number | null {
  const events = worlds.map((world) => world.events.next?.due ?? Infinity);
  const next = Math.min(...events, time.virtual?.nextTimer ?? Infinity);
  return next === Infinity ? null : next;
}
