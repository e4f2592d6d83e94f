/** What the `ratelimit-*` headers of an answer said. */
export interface RateLimit {
  /** Requests allowed in an hour. */
  limit: number;
  /** Requests left; 0 may also mean that the limit of one minute was met. */
  remaining: number;
  /** When the oldest request of the window expires. A hint: it has been seen in the past. */
  resetAt: Date;
}

/** Everything this library throws of its own; wrong arguments are `TypeError` and `RangeError`. */
export class DOApiError extends Error {
  constructor(message: string) {
    super(message);
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
  }
}

/** The request an error speaks of. */
export interface RequestInfo {
  method: string;
  url: string;
  /** How often it was tried, the first time included. */
  attempts: number;
}

/** The answer an error speaks of. */
export interface ResponseInfo extends RequestInfo {
  status: number;
  /** DigitalOcean's name for the error, such as `not_found`. */
  id: string | null;
  /** DigitalOcean's sentence, or what came instead of it. */
  detail: string;
  requestId: string | null;
  rateLimit: RateLimit | null;
  /** Milliseconds the server asked to wait. */
  retryAfter: number | null;
}

/**
 * DigitalOcean answered, and said no. `message` is one line for a support ticket.
 * Statuses without a class of their own (400, 409, …) are a plain `ResponseError`.
 */
export class ResponseError extends DOApiError {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** DigitalOcean's name for the error, such as `unprocessable_entity`; `null` when the body had none. */
  readonly id: string | null;
  /** What to quote to DigitalOcean's support. */
  readonly requestId: string | null;
  readonly rateLimit: RateLimit | null;
  /** How long the server asked to wait, in milliseconds; `null` when it did not say. */
  readonly retryAfter: number | null;
  /** How often the request was tried. */
  readonly attempts: number;

  constructor(facts: ResponseInfo, hint = '') {
    super(describe(facts) + hint);
    this.method = facts.method;
    this.url = facts.url;
    this.status = facts.status;
    this.id = facts.id;
    this.requestId = facts.requestId;
    this.rateLimit = facts.rateLimit;
    this.retryAfter = facts.retryAfter;
    this.attempts = facts.attempts;
  }
}

/** 401: the token is not known to DigitalOcean, or no longer. */
export class AuthenticationError extends ResponseError {}

/** 403: the token lacks a scope. */
export class PermissionDeniedError extends ResponseError {
  /** The scope the call needs, such as `image:update`; `null` for a call this library has no name for. */
  readonly scope: string | null;

  constructor(facts: ResponseInfo, scope: string | null = null) {
    super(facts, scope ? `; the token needs the scope ${scope}` : '');
    this.scope = scope;
  }
}

/** 404: no such image, action or tag, or not visible to this token. */
export class NotFoundError extends ResponseError {}

/** 422: understood, but it cannot be done, such as a transfer to a region where the image is already. */
export class UnprocessableError extends ResponseError {}

/** 429: too many requests, and waiting for as long as `retryAfter` says did not fit into the call. */
export class RateLimitError extends ResponseError {
  constructor(facts: ResponseInfo) {
    super(facts, facts.retryAfter === null ? '' : `; try again in ${Math.ceil(facts.retryAfter / 1000)} s`);
  }
}

/** 5xx: DigitalOcean failed. */
export class ServerError extends ResponseError {}

/** 3xx: a redirect, which is never followed, since it could lead the token elsewhere. */
export class RedirectError extends ResponseError {}

/** Chooses the class for a status. The scope is named in a 403. */
export function responseError(facts: ResponseInfo, scope: string | null): ResponseError {
  const { status } = facts;
  if (status === 401) return new AuthenticationError(facts);
  if (status === 403) return new PermissionDeniedError(facts, scope);
  if (status === 404) return new NotFoundError(facts);
  if (status === 422) return new UnprocessableError(facts);
  if (status === 429) return new RateLimitError(facts);
  if (status >= 500) return new ServerError(facts);
  if (status >= 300 && status < 400) return new RedirectError(facts);
  return new ResponseError(facts);
}

/** No answer came: the connection was refused, was lost, or its certificate was not accepted. */
export class ConnectionError extends DOApiError {
  readonly method: string;
  readonly url: string;
  /** Node's code, such as `ECONNREFUSED`; `null` when there was none. */
  readonly code: string | null;
  /** The system call that failed, such as `connect`. */
  readonly syscall: string | null;
  readonly attempts: number;

  constructor(facts: RequestInfo, failure: { message: string; code: string | null; syscall: string | null }) {
    super(`${facts.method} ${facts.url}: no answer: ${failure.message}${tries(facts.attempts)}`);
    this.method = facts.method;
    this.url = facts.url;
    this.code = failure.code;
    this.syscall = failure.syscall;
    this.attempts = facts.attempts;
  }
}

/** Time ran out before an answer was complete. */
export class TimeoutError extends DOApiError {
  readonly method: string;
  readonly url: string;
  /** `attempt`: the last attempt took longer than `timeout`; `deadline`: the whole call longer than `deadline`. */
  readonly kind: 'attempt' | 'deadline';
  /** The limit that was met, in milliseconds. */
  readonly limit: number;
  readonly attempts: number;

  constructor(facts: RequestInfo, kind: 'attempt' | 'deadline', limit: number) {
    const what =
      kind === 'attempt'
        ? `no complete answer within ${limit} ms`
        : `the call's deadline of ${limit} ms has passed`;
    super(`${facts.method} ${facts.url}: ${what}${tries(facts.attempts)}`);
    this.method = facts.method;
    this.url = facts.url;
    this.kind = kind;
    this.limit = limit;
    this.attempts = facts.attempts;
  }
}

/** An answer came that cannot be read: not JSON, cut off, too large, or a field of the wrong type. */
export class UnexpectedResponseError extends DOApiError {
  readonly method: string;
  readonly url: string;
  /** 0 when what came was not even HTTP. */
  readonly status: number;
  readonly requestId: string | null;
  /** What is wrong and where, such as `image.created_at: expected …`. */
  readonly problem: string;

  constructor(
    facts: Omit<RequestInfo, 'attempts'> & { status: number; requestId: string | null },
    problem: string,
  ) {
    const status = facts.status === 0 ? '' : `${facts.status}, `;
    super(
      `${facts.method} ${facts.url}: ${status}an answer that cannot be read: ${problem}${ticket(facts.requestId)}`,
    );
    this.method = facts.method;
    this.url = facts.url;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.problem = problem;
  }
}

/** `close()` was called, before the request or while it was under way. */
export class ClosedError extends DOApiError {
  constructor() {
    super('This DOApi is closed: make a new one.');
  }
}

/** One line: method, URL, status, DigitalOcean's name and sentence, the request's id. */
export function describe(facts: ResponseInfo): string {
  const said = [facts.id, facts.detail].filter(Boolean).join(': ');
  return `${facts.method} ${facts.url}: ${facts.status}${said ? ` ${said}` : ''}${ticket(facts.requestId)}${tries(facts.attempts)}`;
}

function ticket(requestId: string | null): string {
  return requestId ? ` (request ${requestId})` : '';
}

function tries(attempts: number): string {
  return attempts > 1 ? ` (tried ${attempts} times)` : '';
}
