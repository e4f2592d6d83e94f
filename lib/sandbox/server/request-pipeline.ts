import type { ActionOutcome, Reply } from '../routes/route-handler';
import { toWireResponse, type Delivery, type DeliveryMode } from './delivery';
import { mutateList } from '../state/list-mutation';
import { applyDueEvents } from '../state/world-events';
import type { ActiveFault, FaultRules } from '../faults/fault-rules';
import type { FaultOptions } from '../faults/fault-options';
import { FAULTS } from '../faults/faults';
import { findRoute } from '../routes/route-table';
import { seededRandom, uuid } from '../state/random';
import type { RequestQuota } from './request-quota';
import { ApiError } from '../state/api-error';
import type { RequestLog, SandboxRequest } from './request-log';
import type { World } from '../state/world';
import { NO_OPTIONS, ownOptions } from '../../util/options/own-options';
import { MachineDate } from '../../util/machine-timers';

/** A request as both transports pass it on. */
export interface IncomingRequest {
  method: string;
  /** Path and query, from `/v2` on. */
  target: string;
  /** The part of a URL before `/v2`, for links: `https://api.digitalocean.com`. */
  base: string;
  authorization: string | undefined;
  /** The header of this name. */
  contentType: string | undefined;
  /** `undefined` without a body. */
  body: string | undefined;
  /** Whether every token is accepted: in process, unless `tokens` is set. */
  anyToken: boolean;
}

/** What a request is checked against. */
export interface Policies {
  faults: FaultRules;
  log: RequestLog;
  rateLimit: RequestQuota;
  /** The scopes of each known token; `null`: all. */
  tokens: ReadonlyMap<string, ReadonlySet<string> | null>;
  /** The scopes of other tokens, where every token is accepted; `null`: all. */
  scopes: ReadonlySet<string> | null;
  onRequest: ((request: Readonly<SandboxRequest>) => void) | undefined;
  /** The pipelines of all accounts of the sandbox, by token. */
  accounts: ReadonlyMap<string, RequestPipeline>;
}

/** A response before it is serialized. */
interface DraftResponse {
  reply: Reply;
  headers: Record<string, string>;
  executed: boolean;
}

/** A request as the log keeps it, and its query with repeated names. */
interface ParsedRequest {
  request: SandboxRequest;
  query: URLSearchParams;
}

/** Handles every request of both transports: faults, token, rate limit, scopes, then the operation. */
export class RequestPipeline {
  readonly #world: World;
  readonly #policies: Policies;
  readonly #random = seededRandom(0x1d);

  constructor(world: World, policies: Policies) {
    this.#world = world;
    this.#policies = policies;
  }

  handle(incoming: IncomingRequest): Delivery {
    const account = this.#policies.accounts.get(tokenOf(incoming.authorization)) ?? this;
    return account.#serve(incoming);
  }

  #serve(incoming: IncomingRequest): Delivery {
    applyDueEvents(this.#world);
    const query = queryOf(incoming.target);
    const request = parseRequest(incoming, query);
    const fault = this.#policies.faults.match(request);
    const delivery = this.#respond(incoming, { request, query }, fault);
    request.status = hasResponse(delivery) ? delivery.response.status : null;
    this.#policies.log.add(request);
    this.#policies.onRequest?.(request);
    return delivery;
  }

  #respond(
    incoming: IncomingRequest,
    { request, query }: ParsedRequest,
    fault: ActiveFault | null,
  ): Delivery {
    const kind = fault ? ownOptions(FAULTS[fault.kind]) : NO_FAULT;
    const options = (fault?.options ?? NO_OPTIONS) as never; // validated for this kind when the fault was set
    if (fault?.kind === 'drift') {
      const { change = 'insert' } = options as FaultOptions['drift'];
      mutateList(this.#world, request.path, change);
    }
    const request_id = uuid(this.#random);
    const draft = kind.executes
      ? this.#execute(incoming, { request, query }, kind.outcome?.(options) ?? NO_OPTIONS)
      : { reply: { status: 500 }, headers: this.#rateLimit(incoming).headers, executed: false };
    request.executed = draft.executed;
    const original = withRequestId(draft.reply, request_id);
    const reply = kind.reply?.(options, original) ?? original;
    const written = toWireResponse(reply, { ...draft.headers, 'x-request-id': request_id });
    const response = kind.response?.(written, options) ?? written;
    response.headers.date = new MachineDate(this.#world.time.date()).toUTCString();
    const mode = kind.mode?.(options) ?? WHOLE;
    return {
      response,
      // Without a body, a fault in the body has no effect.
      mode:
        mode.how.endsWith('-in-body') && (response.text === '' || request.method === 'HEAD') ? WHOLE : mode,
      delay: kind.delay?.(options) ?? 0,
    };
  }

  #execute(
    incoming: IncomingRequest,
    { request, query }: ParsedRequest,
    outcome: ActionOutcome,
  ): DraftResponse {
    let headers: Record<string, string> = {};
    try {
      const scopes = this.#authenticate(incoming);
      const quota = this.#rateLimit(incoming);
      headers = quota.headers;
      if (!quota.allowed) throw new ApiError(429);
      const found = findRoute(request.method, request.path);
      if (!found) throw new ApiError(404);
      const requireScope = (scope: string): void => {
        if (scopes && !scopes.has(scope)) throw new ApiError(403);
      };
      found.operation.scopes.forEach(requireScope);
      if (incoming.body && !isJson(incoming.contentType)) throw new ApiError(415);
      const reply = found.operation.run({
        world: this.#world,
        params: found.params,
        query,
        body: bodyObject(request.body),
        requireScope,
        url: incoming.base + request.path,
        outcome,
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
    const scopes = token === '' ? undefined : this.#policies.tokens.get(token);
    if (scopes !== undefined) return scopes;
    if (token === '' || !anyToken) throw new ApiError(401);
    return this.#policies.scopes;
  }

  #rateLimit({ authorization }: IncomingRequest): ReturnType<RequestQuota['take']> {
    return this.#policies.rateLimit.take(tokenOf(authorization));
  }
}

/** Adds the id of the request to the body of an error 400, if the body has the usual form. */
function withRequestId(reply: Reply, request_id: string): Reply {
  const { status, body = {} } = reply;
  return status === 400 && Object.hasOwn(body, 'id') ? { status, body: { ...body, request_id } } : reply;
}

const WHOLE: DeliveryMode = { how: 'whole' };

const NO_FAULT = { __proto__: null, executes: true } as (typeof FAULTS)['reset-after-execution'];

function tokenOf(authorization = ''): string {
  return /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
}

/** Whether a content type is `application/json`, with or without parameters. */
function isJson(contentType = ''): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType.trim());
}

function hasResponse({ mode }: Delivery): boolean {
  return !['refused', 'reset', 'stall', 'not-http'].includes(mode.how);
}

/** Not with `URL`: a target that comes over a socket need not be a URL. */
function withoutQuery(target: string): string {
  return target.replace(/\?.*$/s, '');
}

function queryOf(target: string): URLSearchParams {
  return new URLSearchParams(target.slice(withoutQuery(target).length));
}

function parseRequest({ method, target, body }: IncomingRequest, query: URLSearchParams): SandboxRequest {
  return {
    method,
    path: withoutQuery(target),
    query: Object.fromEntries(query),
    body: readJson(body),
    status: null,
    executed: false,
  };
}

function readJson(body: string | undefined): unknown {
  if (body === undefined || body === '') return undefined;
  try {
    const json = JSON.parse(body) as unknown;
    // What is nested deeper is no request, and a log of it would overflow the stack.
    return isDeeper(json, MAX_DEPTH) ? body : json;
  } catch {
    return body;
  }
}

const MAX_DEPTH = 100;

function isDeeper(json: unknown, depth: number): boolean {
  if (typeof json !== 'object' || json === null) return false;
  return depth === 0 || Object.values(json).some((value) => isDeeper(value, depth - 1));
}

/** The body as an object; `{}` without a body. @throws ApiError for any other JSON */
function bodyObject(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined) return ownOptions({});
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return ownOptions(body as Record<string, unknown>);
  throw new ApiError(400, 'error parsing request body');
}
