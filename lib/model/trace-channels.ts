import { Tracer } from '../util/tracing';

/**
 * What subscribers of the tracing channel `doapi-ts:call` get: one call, with all its attempts, its time in the queue of the rate
 * limit and its retries. It never holds the token or a body. The same object is in all events of a call, and is kept up to date.
 */
export interface TracedCall {
  /** The HTTP method, such as `GET`. */
  readonly method: string;
  /** With the query. */
  readonly url: string;
  /** The scope that the token needs, such as `image:read`; `null` for a path that this library does not know. */
  readonly scope: string | null;
  /** Whether it is a poll of waits, which stands for all waits that it serves. */
  readonly isPoll: boolean;
  /** The number of the last attempt, 1 for the first; 0 before it, and when the call shares the request of another one. */
  attempt: number;
  /** Milliseconds in the queue of the rate limit, in all attempts together. */
  queued: number;
  /** Of the last response; `null` before the first, and when the call shares the request of another one. */
  status: number | null;
  /** The id of the last response, to quote to DigitalOcean's support; `null` as `status` is. */
  requestId: string | null;
  /** What the call rejects with. */
  readonly error?: unknown;
}

/**
 * What subscribers of the tracing channel `doapi-ts:attempt` get: one request on the wire, from sending it to the end of the body.
 * A response of any status is none of its errors. It never holds the token or a body.
 */
export interface TracedAttempt {
  /** The HTTP method, such as `GET`. */
  readonly method: string;
  /** With the query. */
  readonly url: string;
  /** The scope that the token needs, such as `image:read`; `null` for a path that this library does not know. */
  readonly scope: string | null;
  /** 1 for the first of its call. */
  readonly attempt: number;
  /** Milliseconds that it has waited in the queue of the rate limit before. */
  readonly queued: number;
  /** Of the response; `null` until there is one. */
  status: number | null;
  /** The id of the response, to quote to DigitalOcean's support; `null` without one. */
  requestId: string | null;
  /** Why there is no complete response, such as a ConnectionError, a TimeoutError, or the reason of an abort. */
  readonly error?: unknown;
}

/**
 * What subscribers of the tracing channel `doapi-ts:wait` get: one wait. What is done already is not waited for, and not published.
 * It never holds the token or a body.
 */
export interface TracedWait {
  /** What is waited for, such as `Action 36805527`. */
  readonly name: string;
  /** The URL of what is waited for, such as `https://api.digitalocean.com/v2/actions/36805527`. */
  readonly url: string;
  /** Its status as last seen, such as `in-progress`; `null` when it is not known. */
  status: string | null;
  /** Polls so far. */
  polls: number;
  /** What the wait rejects with. */
  readonly error?: unknown;
}

export const callTracer = new Tracer<TracedCall>('doapi-ts:call');
export const attemptTracer = new Tracer<TracedAttempt>('doapi-ts:attempt');
export const waitTracer = new Tracer<TracedWait>('doapi-ts:wait');
