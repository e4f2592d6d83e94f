import type { PermissionDeniedError } from '../errors/errors';
import type { Clock } from '../util/clock';
import type { Reconcile } from '../errors/unknown-outcome';
import type { AnySignal } from '../util/abort';
import type { CallOptions } from '../util/options/call-types';
import type { WaitPolicy, WaitTarget } from './wait-target';

export type { Cancellable, CallOptions } from '../util/options/call-types';

/** The HTTP methods of the API. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Query parameters; those that are `undefined` are left out. */
export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

/** A request, and how to read its response. */
export interface Call<T> extends CallOptions {
  /** Default `GET`. */
  method?: Method;
  params?: Params;
  /** Sent as JSON. */
  body?: unknown;
  /** For a POST that may be sent twice, such as tagging. All other methods but PATCH are idempotent. */
  idempotent?: boolean;
  /** For the polls of a wait: when the rate limit is near, all other calls take precedence. */
  background?: boolean;
  /** A wait follows: from now on, permits of the rate limit are kept for its polls. */
  startsWait?: boolean;
  /** Rejects without a request when the token is known to lack this scope. */
  unlessDenied?: string | undefined;
  /** Finds what the POST created after its response was lost; `null` when it created nothing. */
  reconcile?: Reconcile;
  /** Calls with the same key share one request while it is in flight, also those of other managers with the token. */
  shareKey?: string | undefined;
  /** Reads the body of the response. When it throws, the call rejects with an UnexpectedResponseError. */
  read: (body: unknown) => T;
}

/** The classes of resources that have actions, by `resource_type`. Each class adds itself in its own file. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by declaration merging, since model imports no noun
export interface Resources {}

/** The scopes that the token lacks, as far as DigitalOcean's responses have shown in the last five minutes. */
export interface ScopeDenials {
  has(scope: string): boolean;
  /** @param error has no effect unless DigitalOcean itself refused the request */
  add(scope: string, error: PermissionDeniedError): unknown;
}

/** The part of a manager that resources use. */
export interface Requester {
  /** Without a trailing slash. */
  readonly endpoint: string;
  /** Items per page of a listing. */
  readonly perPage: number;
  /** Default interval between polls, in milliseconds. */
  readonly waitInterval: number;
  /** Default timeout of a wait, in milliseconds. */
  readonly waitTime: number;
  readonly clock: Clock;
  readonly deniedScopes: ScopeDenials;
  /** Aborts when the manager is closed or its own signal aborts. */
  readonly signal: AnySignal;
  /** How far the server's clock is ahead of the local one, in milliseconds, by the latest response. */
  readonly clockSkew: number;
  /** What the calls of this manager have made, such as `actions 5`, with an object that stands for the call. */
  readonly claims: Map<string, object>;
  send<T>(url: string, call: Call<T>): Promise<T>;
  /** The last response to the calls with a `shareKey`, received less than a minute ago, by whichever manager. */
  recentResponse(shareKey: string): { data: unknown; receivedAt: number } | null;
  /** Polls for all waits of the manager. */
  readonly poller: {
    /** Waits until `target` is done, and returns its last state. */
    wait<T>(target: WaitTarget<T>, policy: WaitPolicy<T>): Promise<T>;
  };
  /** Fetches the resource of an action. @throws TypeError when the library has no class for `type` */
  fetchResource(type: string, id: number, options: CallOptions): Promise<Resources[keyof Resources]>;
  /**
   * Runs a call that sends several changes which are confirmed together. Only a wrapped requester has it.
   * @param change one change that stands for all of them
   * @internal
   */
  readonly group?: <T>(change: Change, run: () => Promise<T>) => Promise<T>;
}

/** A request that changes something, before it is sent. @internal */
export interface Change {
  method: Method;
  url: string;
  body?: unknown;
}

/** Key of a manager's option that wraps its requester: the session hooks into requests and waits. @internal */
export const WRAP_REQUESTER: unique symbol = Symbol('wrapRequester');

/** @internal */
export interface WrapOption {
  [WRAP_REQUESTER]?: (requester: Requester) => Requester;
}
