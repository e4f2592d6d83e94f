import {
  checkObject,
  checkValue,
  defineCheck,
  defineRangeCheck,
  is,
  type Check,
  checkVerdict,
} from '../../util/validate';
import { ownOptions } from '../../util/options/own-options';
import { validateOptions } from '../../util/options/validate-options';
import type { FaultKind, FaultOptions } from './fault-options';
import { FAULTS } from './faults';
import { ROUTE_TABLE, findRoute } from '../routes/route-table';
import { seededRandom } from '../state/random';
import type { SandboxRequest } from '../server/request-log';
import { RoutePattern } from '../routes/route-pattern';

/** The requests that a fault applies to. A request must match every option that is given. */
export interface FaultTarget {
  /**
   * `'METHOD /path'`, both as the API documents them: `'POST /v2/images/:id/actions'`, `'GET /v2/images/5'`,
   * `'* /v2/images/*'`. Default: every request.
   */
  on?: string | undefined;
  /** The number of requests it applies to; default: all. */
  times?: number | undefined;
  /** The number of matching requests it skips first; default 0. */
  after?: number | undefined;
  /** The probability that it applies to a matching request, from 0 to 1; default 1. */
  probability?: number | undefined;
  /** The seed of `probability`: the same seed selects the same requests; default 1. */
  seed?: number | undefined;
  /** Selects requests. `status` and `executed` are not known yet. */
  when?: ((request: Readonly<SandboxRequest>) => boolean) | undefined;
}

/** A fault: its target, its kind (a number is short for `status` with that status), and the options of the kind. */
export type Fault =
  | {
      [K in FaultKind]: FaultTarget & {
        /** Its kind. */
        with: K;
      } & FaultOptions[K];
    }[FaultKind]
  | (FaultTarget & {
      /** The status of the response; the request is not executed. */
      with: number;
    });

/** A fault that is set. */
export interface FaultRule {
  /** The number of requests it was applied to. */
  readonly met: number;
  /** Removes it. */
  lift(): void;
}

/** The fault that applies to a request. */
export interface ActiveFault {
  kind: FaultKind;
  /** Validated for the kind. */
  options: object;
}

const HTTP_METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'];

const TARGET_OPTIONS: { readonly [K in keyof FaultTarget]-?: Check } = {
  on: defineCheck(
    '"METHOD /path" of a route the sandbox knows, such as "GET /v2/images/:id" or "* /v2/images/*"',
    (value) => typeof value === 'string' && isKnownRoute(parseRoute(value)),
  ),
  times: is.integer(1, Infinity),
  after: is.integer(0, Infinity),
  probability: defineRangeCheck('a number from 0 to 1', (value) => value >= 0 && value <= 1),
  seed: is.integer(0, 2 ** 32 - 1),
  when: is.function,
};

const KIND: Check<FaultKind> = defineCheck(
  `an HTTP status or one of ${Object.keys(FAULTS).join(', ')}`,
  (value) => typeof value === 'string' && Object.hasOwn(FAULTS, value),
);

/** The faults that are set, in the order in which they were set. */
export class FaultRules {
  #rules: FaultMatcher[] = [];

  add(fault: Fault): FaultRule {
    const rule = new FaultMatcher(fault, () => {
      this.#rules = this.#rules.filter((other) => other !== rule);
    });
    this.#rules.push(rule);
    return rule;
  }

  clear(): void {
    this.#rules = [];
  }

  /** The first fault that applies to the request. */
  match(request: SandboxRequest): ActiveFault | null {
    return this.#rules.find((rule) => rule.matches(request))?.fault ?? null;
  }
}

class FaultMatcher implements FaultRule {
  readonly fault: ActiveFault;
  readonly lift: () => void;
  readonly #target: FaultTarget;
  readonly #route: RoutePattern;
  readonly #random: () => number;
  #skipped = 0;
  met = 0;

  constructor(fault: Fault, lift: () => void) {
    this.fault = readFault(fault);
    this.lift = lift;
    this.#target = this.fault.options;
    const { method, path } = parseRoute(this.#target.on ?? '* *');
    this.#route = new RoutePattern(method, path);
    this.#random = seededRandom(this.#target.seed ?? 1);
  }

  matches(request: SandboxRequest): boolean {
    const { times = Infinity, after = 0, probability = 1, when } = this.#target;
    if (this.met >= times || !this.#route.match(request.method, request.path)) return false;
    // A list changes between its pages, not before the first one.
    if (this.fault.kind === 'drift' && Number(request.query.page ?? 1) < 2) return false;
    if (when && !checkVerdict('fault.when', when(request))) return false;
    if (this.#skipped < after) {
      this.#skipped++;
      return false;
    }
    if (probability < 1 && this.#random() >= probability) return false;
    this.met++;
    return true;
  }
}

function readFault(fault: Fault): ActiveFault {
  const given = ownOptions(checkObject('fault', fault));
  const options: Record<string, unknown> =
    typeof given.with === 'number' ? { ...given, with: 'status', status: given.with } : { ...given };
  const kind = checkValue('fault.with', options.with, KIND);
  const checks = { with: KIND, ...TARGET_OPTIONS, ...FAULTS[kind].options };
  const checked = validateOptions(options, checks, 'fault') as Record<string, unknown>;
  if (kind === 'drift') checkDrift(checked);
  return { kind, options: checked };
}

/** The lists that can change between two pages. Actions cannot be deleted. */
const DRIFT_ROUTE = is.oneOf('GET /v2/images', 'GET /v2/actions');
const DRIFT_ROUTES = defineCheck<string>(`${DRIFT_ROUTE.expected} for drift`, DRIFT_ROUTE.test);
const DRIFT_OF_ACTIONS = defineCheck('"insert", the only change of actions', is.oneOf('insert').test);

function checkDrift({ on, change = 'insert' }: { on?: unknown; change?: unknown }): void {
  const route = checkValue('fault.on', on, DRIFT_ROUTES);
  if (route === 'GET /v2/actions') checkValue('fault.change', change, DRIFT_OF_ACTIONS);
}

interface Route {
  method: string;
  path: string;
  rest: string[];
}

function parseRoute(on: string): Route {
  const [method = '', path = '', ...rest] = on.trim().split(/\s+/);
  return { method, path, rest };
}

function isKnownRoute({ method, path, rest }: Route): boolean {
  if (rest.length > 0 || (method !== '*' && !HTTP_METHODS.includes(method))) return false;
  if (path.includes('*')) return true;
  const example = path.replaceAll(/:\w+/g, '1');
  const methods = method === '*' ? ROUTE_TABLE.map((route) => route.method) : [method];
  return methods.some((one) => findRoute(one, example) !== null);
}
