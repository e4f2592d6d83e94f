import type { ActionOutcome, Reply } from '../routes/route-handler';
import { toWireResponse, type Delivery, type DeliveryMode } from './delivery';
import { mutateList } from '../state/list-mutation';
import { applyDueEvents } from '../state/world-events';
import type { ActiveFault, FaultRules } from '../faults/fault-rules';
import { FAULTS } from '../faults/faults';
import { findRoute } from '../routes/route-table';
import { seededRandom, uuid } from '../state/random';
import type { RequestQuota } from './request-quota';
import { ApiError } from '../routes/api-error';
import type { RequestLog, SandboxRequest } from './request-log';
import type { World } from '../state/world';

/** A request as both transports hand it over. */
export interface IncomingRequest {
  method: string;
  /** Path and query, from `/v2` on. */
  target: string;
  /** What stands before `/v2` in links: `https://api.digitalocean.com`. */
  base: string;
  authorization: string | undefined;
  /** `undefined` when there is none. */
  body: string | undefined;
  /** Whether any token will do: in process, unless tokens were named. */
  anyToken: boolean;
}

/** What the gate guards with. */
export interface Policies {
  faults: FaultRules;
  log: RequestLog;
  rateLimit: RequestQuota;
  /** The scopes of each token that is known; `null`: all. */
  tokens: ReadonlyMap<string, ReadonlySet<string> | null>;
  /** The scopes of any other token, where any will do. */
  scopes: ReadonlySet<string> | null;
  onRequest: ((request: Readonly<SandboxRequest>) => void) | undefined;
}

/** An answer before it is written. */
interface Draft {
  reply: Reply;
  headers: Record<string, string>;
  executed: boolean;
}

/** What was asked, as it is remembered, and its query with all repetitions. */
interface Asked {
  request: SandboxRequest;
  query: URLSearchParams;
}

/** Takes every request, whatever it came by: token, limits, scopes, the operation, and the faults around it. */
export class RequestPipeline {
  readonly #world: World;
  readonly #guards: Policies;
  readonly #random = seededRandom(0x1d);

  constructor(world: World, guards: Policies) {
    this.#world = world;
    this.#guards = guards;
  }

  handle(incoming: IncomingRequest): Delivery {
    applyDueEvents(this.#world);
    const query = queryOf(incoming.target);
    const request = readRequest(incoming, query);
    const fault = this.#guards.faults.meet(request);
    const delivery = this.#answer(incoming, { request, query }, fault);
    if (fault || delivery.response.status >= 429) this.#world.time.expectRetry();
    request.status = hasAnswer(delivery) ? delivery.response.status : null;
    this.#guards.log.add(request);
    this.#guards.onRequest?.(request);
    return delivery;
  }

  #answer(incoming: IncomingRequest, { request, query }: Asked, fault: ActiveFault | null): Delivery {
    const kind = fault ? FAULTS[fault.kind] : SOUND;
    const options = (fault?.options ?? {}) as never; // checked against this kind when the fault was set
    if (fault?.kind === 'drift')
      mutateList(this.#world, request.path, (options as { change?: 'delete' }).change ?? 'insert');
    const request_id = uuid(this.#random);
    const draft = kind.executes
      ? this.#execute(incoming, { request, query }, kind.fate?.(options) ?? {})
      : { reply: { status: 500 }, headers: this.#rateLimit(incoming).headers, executed: false };
    request.executed = draft.executed;
    const honest = identified(draft.reply, request_id);
    const reply = kind.reply?.(options, honest) ?? honest;
    const written = toWireResponse(reply, { ...draft.headers, 'x-request-id': request_id });
    const answer = kind.answer?.(written, options) ?? written;
    answer.headers.date = new Date(this.#world.time.date()).toUTCString();
    const manner = kind.manner?.(options) ?? WHOLE;
    return {
      response: answer,
      // Where there is no body, nothing can happen in it.
      mode: manner.how.endsWith('-in-body') && answer.text === '' ? WHOLE : manner,
      delay: kind.delay?.(options) ?? 0,
    };
  }

  #execute(incoming: IncomingRequest, { request, query }: Asked, fate: ActionOutcome): Draft {
    let headers: Record<string, string> = {};
    try {
      const scopes = this.#authenticate(incoming);
      const verdict = this.#rateLimit(incoming);
      headers = verdict.headers;
      if (!verdict.allowed) throw new ApiError(429);
      const found = findRoute(request.method, request.path);
      if (!found) throw new ApiError(404);
      if (scopes && !found.operation.scopes.every((scope) => scopes.has(scope))) throw new ApiError(403);
      const reply = found.operation.run({
        world: this.#world,
        params: found.params,
        query,
        body: readBody(request.body),
        url: incoming.base + request.path,
        outcome: fate,
      });
      return { reply, headers, executed: true };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { reply: { status: error.status, body: { ...error.body } }, headers, executed: false };
    }
  }

  /** The scopes of the token; `null`: all. */
  #authenticate({ authorization, anyToken }: IncomingRequest): ReadonlySet<string> | null {
    const token = tokenOf(authorization);
    const scopes = token === '' ? undefined : this.#guards.tokens.get(token);
    if (scopes !== undefined) return scopes;
    if (token === '' || !anyToken) throw new ApiError(401);
    return this.#guards.scopes;
  }

  #rateLimit({ authorization }: IncomingRequest): ReturnType<RequestQuota['take']> {
    return this.#guards.rateLimit.take(tokenOf(authorization));
  }
}

/** Errors of status 400 name the request in their body as well, if it has the usual form. */
function identified(reply: Reply, request_id: string): Reply {
  const { status, body = {} } = reply;
  return status === 400 && 'id' in body ? { status, body: { ...body, request_id } } : reply;
}

const WHOLE: DeliveryMode = { how: 'whole' };

/** No fault at all. */
const SOUND: (typeof FAULTS)['reset-after-execution'] = { executes: true };

function tokenOf(authorization = ''): string {
  return /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
}

function hasAnswer({ mode: manner }: Delivery): boolean {
  return !['refused', 'reset', 'stall', 'not-http'].includes(manner.how);
}

/** By hand: a target that comes over a socket may be no URL at all. */
function pathOf(target: string): string {
  return target.replace(/\?.*$/s, '');
}

function queryOf(target: string): URLSearchParams {
  return new URLSearchParams(target.slice(pathOf(target).length));
}

function readRequest({ method, target, body }: IncomingRequest, query: URLSearchParams): SandboxRequest {
  return {
    method,
    path: pathOf(target),
    query: Object.fromEntries(query),
    body: readJson(body),
    status: null,
    executed: false,
  };
}

function readJson(body: string | undefined): unknown {
  if (body === undefined || body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

/** A body must be a JSON object; none at all is an empty one. */
function readBody(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new ApiError(400, 'error parsing request body');
}
