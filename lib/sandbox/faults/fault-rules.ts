import { checkEntries, isObject, must, show, whole, type Check } from '../state/checks';
import { FAULTS, type FaultKind, type FaultOptions } from './faults';
import { ROUTE_TABLE, findRoute } from '../routes/route-table';
import { seededRandom } from '../state/random';
import type { SandboxRequest } from '../server/request-log';
import { RoutePattern } from '../routes/route-pattern';

/** Which requests a fault meets. Everything that is said must hold. */
export interface FaultTarget {
  /**
   * `'METHOD /path'`, both as the API documents them: `'POST /v2/images/:id/actions'`, `'GET /v2/images/5'`,
   * `'* /v2/images/*'`. Default: every request.
   */
  on?: string;
  /** How many requests it meets before it is over; default: all. */
  times?: number;
  /** How many requests that it would meet it lets pass first; default 0. */
  after?: number;
  /** How likely it is to meet a request, from 0 to 1; default 1. */
  probability?: number;
  /** Makes `probability` the same in every run; default 1. */
  seed?: number;
  /** Says for each request whether it is meant. `status` and `executed` are not known yet. */
  when?: (request: Readonly<SandboxRequest>) => boolean;
}

/** A fault: whom it meets, which one it is (a number is short for `status` with that status), and its details. */
export type Fault =
  | { [K in FaultKind]: FaultTarget & { with: K } & FaultOptions[K] }[FaultKind]
  | (FaultTarget & { with: number });

/** A fault that was set. */
export interface FaultRule {
  /** How many requests it has met. */
  readonly met: number;
  /** Ends it. */
  lift(): void;
}

/** A fault that meets one request. */
export interface ActiveFault {
  kind: FaultKind;
  /** Checked when the fault was set. */
  options: object;
}

const TARGET_CHECKS: ReadonlyMap<string, Check> = new Map<keyof FaultTarget, Check>([
  ['on', must.text],
  ['times', whole(1, Number.MAX_SAFE_INTEGER, 'a whole number from 1')],
  ['after', whole(0, Number.MAX_SAFE_INTEGER, 'a whole number from 0')],
  ['probability', { says: 'a number from 0 to 1', ok: (value) => Number(value) >= 0 && Number(value) <= 1 }],
  ['seed', whole(0, 2 ** 32 - 1)],
  ['when', must.fn],
]);
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'];

/** The faults that are set, in the order in which they were set. */
export class FaultRules {
  #rules: Rule[] = [];

  add(fault: Fault): FaultRule {
    const rule = new Rule(fault, () => {
      this.#rules = this.#rules.filter((other) => other !== rule);
    });
    this.#rules.push(rule);
    return rule;
  }

  clear(): void {
    this.#rules = [];
  }

  /** The first fault that meets the request. */
  meet(request: SandboxRequest): ActiveFault | null {
    return this.#rules.find((rule) => rule.meets(request))?.fault ?? null;
  }
}

class Rule implements FaultRule {
  readonly fault: ActiveFault;
  readonly lift: () => void;
  readonly #target: FaultTarget;
  readonly #isOnRoute: (method: string, path: string) => boolean;
  readonly #random: () => number;
  #passed = 0;
  met = 0;

  constructor(given: Fault, lift: () => void) {
    this.fault = readFault(given);
    this.lift = lift;
    this.#target = given;
    this.#isOnRoute = readRoute(given.on ?? '* *');
    this.#random = seededRandom(given.seed ?? 1);
    if (this.fault.kind === 'drift') checkDrift(given);
  }

  meets(request: SandboxRequest): boolean {
    const { times = Infinity, after = 0, probability = 1, when } = this.#target;
    if (this.met >= times || !this.#isOnRoute(request.method, request.path)) return false;
    // A list drifts between its pages, not before the first one.
    if (this.fault.kind === 'drift' && Number(request.query.page ?? 1) < 2) return false;
    if (when && !when(request)) return false;
    if (this.#passed < after) {
      this.#passed++;
      return false;
    }
    if (probability < 1 && this.#random() >= probability) return false;
    this.met++;
    return true;
  }
}

function readFault(given: Fault): ActiveFault {
  if (!isObject(given)) throw new TypeError(`fail(): a fault must be an object, got ${show(given)}.`);
  const { with: name, ...rest } = given;
  checkEntries('fail()', pick(rest, isTarget), TARGET_CHECKS);
  const own = pick(rest, (option) => !isTarget(option));
  const [kind, options]: [string, object] =
    typeof name === 'number' ? ['status', { ...own, status: name }] : [name, own];
  if (!Object.hasOwn(FAULTS, kind)) {
    throw new TypeError(
      `fail(): with must be an HTTP status or one of ${Object.keys(FAULTS).join(', ')}; got ${show(kind)}.`,
    );
  }
  checkOptions(kind as FaultKind, options);
  return { kind: kind as FaultKind, options };
}

function isTarget(option: string): boolean {
  return TARGET_CHECKS.has(option);
}

function pick(entries: object, wanted: (name: string) => boolean): object {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => wanted(name)));
}

function checkOptions(kind: FaultKind, options: object): void {
  const { options: checks = {}, required } = FAULTS[kind];
  checkEntries(`fail() with ${kind}`, options, new Map(Object.entries(checks)));
  if (required && !(required in options))
    throw new TypeError(`fail(): ${required} must be given with ${kind}.`);
}

/** Says whether a request is on the route; a route the sandbox does not know is a mistake. */
function readRoute(on: string): (method: string, path: string) => boolean {
  const [method = '', path = '', ...rest] = on.trim().split(/\s+/);
  const isMethod = method === '*' || METHODS.includes(method);
  if (!isMethod || rest.length > 0 || !isKnownPath(method, path)) {
    throw new TypeError(
      `fail(): on must be "METHOD /path" of a route the sandbox knows, such as "GET /v2/images/:id" or "* /v2/images/*"; got ${show(on)}.`,
    );
  }
  const route = new RoutePattern(method, path);
  return (asked, at) => route.match(asked, at) !== null;
}

function isKnownPath(method: string, path: string): boolean {
  if (path.includes('*')) return true;
  const example = path.replaceAll(/:\w+/g, '1');
  const methods = method === '*' ? ROUTE_TABLE.map((operation) => operation.method) : [method];
  return methods.some((one) => findRoute(one, example) !== null);
}

const DRIFTING = ['GET /v2/images', 'GET /v2/actions'];

function checkDrift({ on = '', ...fault }: Fault): void {
  const isDelete = 'change' in fault && fault.change === 'delete';
  if (DRIFTING.includes(on) && !(isDelete && on.endsWith('actions'))) return;
  throw new TypeError(`fail(): drift needs on to be ${DRIFTING.join(' or ')}; actions can only be inserted.`);
}
