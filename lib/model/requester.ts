import type { Clock } from '../util/clock';
import type { Abortable } from '../util/abort';

/** The methods of the API. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Values of a query; `undefined` is left out. */
export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

/** One call: what to send, and how to read the answer. */
export interface Call<T> {
  method?: Method;
  params?: Params;
  /** Anything JSON can hold. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** A POST that may be repeated without harm, such as tagging. Other methods always may. */
  idempotent?: boolean;
  /** A look of a wait: calls that somebody is waiting for go first when requests are short. */
  background?: boolean;
  /** Looks for what the POST started, should its answer be lost. */
  reconcile?: (sentAt: number, options: Cancellable) => Promise<unknown>;
  /** Reads the body of the answer. What it throws makes an answer "not readable". */
  read: (body: unknown) => T;
}

/** Every method that sends something can be called off. */
export interface Cancellable {
  /** Ends the call, at once, with the signal's own reason. */
  signal?: AbortSignal;
}

/** Resources that actions lead to, by `resource_type`. The noun's own file adds itself here. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by declaration merging, so that core knows no noun
export interface Resources {}

/** What a resource may ask of its manager. `DOApi` implements it; neither file knows the other. */
export interface Requester {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly perPage: number;
  readonly waitInterval: number;
  readonly waitTime: number;
  readonly clock: Clock;
  /** Scopes that the token was found to lack, so that nobody has to find out twice. */
  readonly deniedScopes: Set<string>;
  /** Aborts when the manager is closed or called off: everything under way ends. */
  readonly signal: Abortable;
  /** How far the server's clock is ahead of ours, in milliseconds, by the last answer. */
  readonly clockSkew: number;
  send<T>(url: string, call: Call<T>): Promise<T>;
  /** Fetches the resource an action belongs to. @throws TypeError for a type this library has no class for */
  fetchResource(type: string, id: number, options: Cancellable): Promise<Resources[keyof Resources]>;
  /**
   * Runs a call that sends several changes which are confirmed together. Only a wrapped requester has it.
   * @param change one change that stands for all of them
   */
  readonly group?: <T>(change: Change, run: () => Promise<T>) => Promise<T>;
}

/** A request that changes something, before it is sent. */
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
