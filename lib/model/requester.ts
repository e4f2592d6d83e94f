import type { PermissionDeniedError } from '../errors/errors';
import type { Clock } from '../util/clock';
import type { LostResponse, Reconcile } from '../errors/unknown-outcome';
import type { AnySignal } from '../util/abort';
import type { CallOptions } from '../util/options/call-types';
import type { Moment, ServerClock } from '../util/server-clock';
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
  /** Whether nothing but GET and HEAD may be sent at the moment, as with a manager that is read-only. */
  isReadOnly?: () => boolean;
  /** Called before each attempt, as late as can be: what it throws ends the call. */
  beforeAttempt?: (() => void) | undefined;
  /** Rejects without a request when the token is known to lack this scope. */
  unlessDenied?: string | undefined;
  /** Finds what the POST created after its response was lost; `null` when it created nothing. */
  reconcile?: Reconcile;
  /** For a POST with `reconcile`: whether it may have made an item; see {@link Fits}. */
  fits?: Fits;
  /** Calls with the same key share one request while it is in flight, also those of other managers with the token. */
  shareKey?: string | undefined;
  /** Reads the body of the response. When it throws, the call rejects with an UnexpectedResponseError. */
  read: (body: unknown) => T;
}

/** What a POST may make, as far as a search can look for it. */
export type Noun = 'action' | 'image' | 'droplet';

/** Whether a POST may have made an item, by its fields; `null` when they do not tell, since the API may leave them out. */
export type Fits = (item: object) => boolean | null;

/** The last attempt of a POST; earlier ones have made nothing. */
export interface LastAttempt {
  /** `false` while it waits for the token, for its turn under the rate limit, or for a connection. */
  readonly mayHaveBeenSent: boolean;
  /** Its place among all attempts and responses of the process. */
  readonly sequence: number;
  readonly sentAt: Moment;
}

/** A POST that may have made something unknown: in flight, lost, or aborted. Times are by its `clock`. */
export interface OpenPost {
  readonly url: string;
  readonly fits: Fits;
  readonly clock: Clock;
  /** Changes while it is in flight. */
  attempt: LastAttempt;
  /** `null` while it is in flight. */
  endedAt: number | null;
  lost: LostResponse | null;
}

/** What this process, with whichever manager, has received and sent with the token. */
export interface CallHistory {
  /** The call that has made an item: a lost one that a search has found, or another one. */
  owner(noun: Noun, id: number): LostResponse | 'another call' | null;
  /** Whether the item was in a response before the attempt with this `sequence` was sent. */
  wasSeenBefore(noun: Noun, id: number, sequence: number): boolean;
  /** The POSTs to a URL that may have made something unknown. */
  unresolved(url: string): readonly OpenPost[];
  /** Notes what a lost POST has made. @param id `null`: nothing */
  resolve(lost: LostResponse, noun: Noun, id: number | null): void;
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
  /** Whether nothing but GET and HEAD is sent. */
  readonly readOnly: boolean;
  readonly deniedScopes: ScopeDenials;
  /** Aborts when the manager is closed or its own signal aborts. */
  readonly signal: AnySignal;
  /** How far the server's clock is ahead of the local one, in milliseconds, by the latest response. */
  readonly clockSkew: number;
  /** What the last response with a `date` told of the server's clock; `null` before there is one. */
  readonly serverClock: ServerClock | null;
  readonly history: CallHistory;
  send<T>(url: string, call: Call<T>): Promise<T>;
  /** The text without the token. */
  hide(text: string): string;
  /** The last response to the calls with a `shareKey`, received less than a minute ago, by whichever manager. */
  recentResponse(shareKey: string): { data: unknown; receivedAt: number } | null;
  /** Polls for all waits of the manager. */
  readonly poller: {
    /** Waits until `target` is done, and returns its last state. */
    wait<T>(target: WaitTarget<T>, policy: WaitPolicy<T>, read?: (state: T) => T): Promise<T>;
  };
  /** Fetches the resource of an action. @throws TypeError when the library has no class for `type` */
  fetchResource(type: string, id: number, options: CallOptions): Promise<Resources[keyof Resources]>;
  /** Creates a Droplet from an image. */
  createDropletOf(image: object, droplet: object, options: CallOptions): Promise<Resources['droplet']>;
  /**
   * Runs a call that sends several changes which are confirmed together. Only a wrapped requester has it.
   * @param change one change that stands for all of them
   * @internal
   */
  readonly group: (<T>(change: Change, run: () => Promise<T>) => Promise<T>) | undefined;
  /**
   * Runs what must be done even if the user interrupts the session. Only a wrapped requester has it.
   * @internal
   */
  readonly shield: (<T>(run: () => Promise<T>) => Promise<T>) | undefined;
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
