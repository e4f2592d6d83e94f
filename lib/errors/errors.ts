import { cut, describeStatus, MAX_LONG_MESSAGE, MAX_MESSAGE, requestMessage } from './message';

/** The `ratelimit-*` headers of a response. */
export interface RateLimit {
  /** Requests allowed in an hour. */
  limit: number;
  /** Requests left; 0 may also mean that the limit of a minute is reached. */
  remaining: number;
  /** When the oldest request of the window expires. Only a hint: it may lie in the past. */
  resetAt: Date;
}

/** The base class of all errors of this library, except `TypeError` and `RangeError` for invalid arguments. */
export class DOApiError extends Error {
  /** @param max the longest message, in characters; a longer one is cut */
  constructor(message: string, max = MAX_MESSAGE) {
    super(cut(message, max));
  }
}
setName(DOApiError, 'DOApiError');

/**
 * Gives the errors of a class their `name`. Not `Class.name`, which a minifier changes; on the prototype, where it is
 * neither listed nor logged.
 */
export function setName(Class: abstract new (...args: never[]) => Error, name: string): void {
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true });
}

/** The request of an error. */
export interface RequestInfo {
  method: string;
  url: string;
  /** How many attempts were made, the first included. */
  attempts: number;
}

/** The response of an error. */
export interface ResponseInfo extends RequestInfo {
  status: number;
  /** DigitalOcean's name for the error, such as `not_found`. */
  id: string | null;
  /** DigitalOcean's message, or what the body holds instead. */
  detail: string;
  requestId: string | null;
  rateLimit: RateLimit | null;
  /** The delay the server requests, in milliseconds. */
  retryAfter: number | null;
}

/**
 * DigitalOcean refused the request. `message` is one line for a support ticket.
 * Statuses without a class of their own (400, 409, …) are a plain `ResponseError`.
 */
export class ResponseError extends DOApiError {
  /** Of the request, such as `POST`. */
  readonly method: string;
  /** Of the request, with its query. */
  readonly url: string;
  /** Of the response, such as 422. */
  readonly status: number;
  /** DigitalOcean's name for the error, such as `unprocessable_entity`; `null` when the body has none. */
  readonly id: string | null;
  /** DigitalOcean's own sentence; of a page of HTML its title; '' when the response says nothing. */
  readonly detail: string;
  /** The id to quote to DigitalOcean's support; `null` when the response has none. */
  readonly requestId: string | null;
  /** Of the response; `null` when it has none. */
  readonly rateLimit: RateLimit | null;
  /** The delay the server requests, in milliseconds; `null` when it requests none. */
  readonly retryAfter: number | null;
  /** How many attempts were made. */
  readonly attempts: number;

  /** @internal */
  constructor(info: ResponseInfo, hint = '') {
    super(requestMessage(info, describeStatus(info, ': '), hint));
    this.method = info.method;
    this.url = info.url;
    this.status = info.status;
    this.id = info.id;
    this.detail = info.detail;
    this.requestId = info.requestId;
    this.rateLimit = info.rateLimit;
    this.retryAfter = info.retryAfter;
    this.attempts = info.attempts;
  }
}
setName(ResponseError, 'ResponseError');

/** 401: the token is unknown or revoked. */
export class AuthenticationError extends ResponseError {}
setName(AuthenticationError, 'AuthenticationError');

/** 403: the token lacks a scope, or a server between here and DigitalOcean refused the request (then `id` is `null`). */
export class PermissionDeniedError extends ResponseError {
  /** The scope the call needs, such as `image:update`; `null` for a path this library does not know. */
  readonly scope: string | null;

  /** @param hint what else helps, for the message @internal */
  constructor(info: ResponseInfo, scope: string | null = null, hint = '') {
    // Without DigitalOcean's own name for the error, a server in between has refused the request, whatever the token.
    super(info, (scope && info.id ? `; the token needs the scope ${scope}` : '') + hint);
    this.scope = scope;
  }
}
setName(PermissionDeniedError, 'PermissionDeniedError');

/** 404: no such image, action or tag, or none that this token may see. */
export class NotFoundError extends ResponseError {}
setName(NotFoundError, 'NotFoundError');

/** 422: the request cannot be carried out, such as a transfer to a region that has the image already. */
export class UnprocessableError extends ResponseError {}
setName(UnprocessableError, 'UnprocessableError');

/** 429: too many requests, and the call could not wait for `retryAfter`, or had no retries left. */
export class RateLimitError extends ResponseError {
  /** @internal */
  constructor(info: ResponseInfo) {
    super(info, info.retryAfter === null ? '' : `; try again in ${Math.ceil(info.retryAfter / 1000)} s`);
  }
}
setName(RateLimitError, 'RateLimitError');

/** 5xx: DigitalOcean failed. */
export class ServerError extends ResponseError {}
setName(ServerError, 'ServerError');

/** 3xx: a redirect. It is never followed, since it could lead the token elsewhere. */
export class RedirectError extends ResponseError {}
setName(RedirectError, 'RedirectError');

/** Creates the error of a status. @param scope the scope the call needs, for a 403 */
export function responseError(info: ResponseInfo, scope: string | null): ResponseError {
  const { status } = info;
  if (status === 401) return new AuthenticationError(info);
  if (status === 403) return new PermissionDeniedError(info, scope);
  if (status === 404) return new NotFoundError(info);
  if (status === 422) return new UnprocessableError(info);
  if (status === 429) return new RateLimitError(info);
  if (status >= 500) return new ServerError(info);
  if (status >= 300 && status < 400) return new RedirectError(info);
  return new ResponseError(info);
}

/** No response arrived: the connection was refused or lost, its certificate was not accepted, or there was no token. */
export class ConnectionError extends DOApiError {
  /** Of the request, such as `POST`. */
  readonly method: string;
  /** Of the request, with its query. */
  readonly url: string;
  /** Node's code, such as `ECONNREFUSED`; `null` when there is none. */
  readonly code: string | null;
  /** The system call that failed, such as `connect`; `null` when there is none. */
  readonly syscall: string | null;
  /** How many attempts were made. */
  readonly attempts: number;

  /** @param what what there was not, for the message @internal */
  constructor(
    info: RequestInfo,
    failure: { message: string; code: string | null; syscall: string | null },
    what = 'no response',
  ) {
    super(requestMessage(info, `${what}: ${failure.message}`));
    this.method = info.method;
    this.url = info.url;
    this.code = failure.code;
    this.syscall = failure.syscall;
    this.attempts = info.attempts;
  }
}
setName(ConnectionError, 'ConnectionError');

type TimeoutKind = TimeoutError['kind'];

/** Time ran out: before the response was complete, or before the request could be sent. */
export class TimeoutError extends DOApiError {
  /** Of the request, such as `POST`. */
  readonly method: string;
  /** Of the request, with its query. */
  readonly url: string;
  /**
   * `attempt`: the last attempt took longer than `timeout`. `deadline`: the call took longer than `deadline`. `queue`: it
   * waited longer than `queueTimeout` for its place under the rate limit, and was not sent.
   */
  readonly kind: 'attempt' | 'deadline' | 'queue';
  /** The limit that was exceeded, in milliseconds. */
  readonly limit: number;
  /** How many attempts were made. */
  readonly attempts: number;

  /** @param problem what took too long; default: the response @internal */
  constructor(info: RequestInfo, kind: TimeoutKind, limit: number, problem?: string) {
    super(requestMessage(info, problem ?? timeoutMessage(kind, limit, info.attempts)));
    this.method = info.method;
    this.url = info.url;
    this.kind = kind;
    this.limit = limit;
    this.attempts = info.attempts;
  }
}
setName(TimeoutError, 'TimeoutError');

/** A response arrived that cannot be read: not JSON, too large, or with a field of the wrong type. */
export class UnexpectedResponseError extends DOApiError {
  /** Of the request, such as `POST`. */
  readonly method: string;
  /** Of the request, with its query. */
  readonly url: string;
  /** Of the response; 0 when it is not HTTP. */
  readonly status: number;
  /** The id to quote to DigitalOcean's support; `null` when the response has none. */
  readonly requestId: string | null;
  /** What is wrong and where, such as `image.id: expected a positive whole number, got null`. */
  readonly problem: string;
  /** How many attempts were made. */
  readonly attempts: number;

  /** @internal */
  constructor(info: RequestInfo & { status: number; requestId: string | null }, problem: string) {
    const status = info.status === 0 ? '' : `${info.status}, `;
    const text = `${status}unreadable response: ${problem}`;
    super(requestMessage(info, text, '', MAX_LONG_MESSAGE), MAX_LONG_MESSAGE);
    this.method = info.method;
    this.url = info.url;
    this.status = info.status;
    this.requestId = info.requestId;
    this.problem = problem;
    this.attempts = info.attempts;
  }
}
setName(UnexpectedResponseError, 'UnexpectedResponseError');

/** `close()` was called before the request or during it. */
export class ClosedError extends DOApiError {
  constructor() {
    super('This DOApi is closed; create a new one.');
  }
}
setName(ClosedError, 'ClosedError');

function timeoutMessage(kind: TimeoutKind, limit: number, attempts: number): string {
  if (kind === 'attempt') return `no complete response within ${limit} ms`;
  if (kind === 'deadline') return `the call's deadline of ${limit} ms has passed`;
  const unsent = attempts === 0 ? 'nothing was sent' : 'it was not sent again';
  return `the rate limit left no place for it within ${limit} ms (queueTimeout); ${unsent}`;
}
