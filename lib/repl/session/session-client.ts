import { AsyncLocalStorage } from 'node:async_hooks';
import { isSignal, toAbortSignal } from '../../util/abort';
import {
  type Change,
  type Params,
  type Requester,
  WRAP_REQUESTER,
  type WrapOption,
} from '../../model/requester';
import type { WaitTarget } from '../../model/wait-target';
import type { AbortSignalLike } from '../../util/platform-types';
import { ownOptions } from '../../util/options/own-options';
import { checkObject } from '../../util/validate';
import type { DOApi, DOApiOptions } from '../..';
import type { Sandbox } from '../../sandbox';
import type { SessionEvents } from '../show/request-lines';
import type { Evaluation } from './evaluation';
import { addRegions } from './region-hint';

/** Follows one wait. */
export interface WaitObserver {
  /** Called after each poll. */
  update(state: unknown, polls: number): void;
  /** @param state the last state; without one the wait was ended early */
  end(state?: unknown): void;
}

type PollerApi = Requester['poller'];

/** What a session does with the requests and waits of its managers. */
export interface SessionHooks {
  evaluation: Evaluation;
  /** Whether nothing but GET and HEAD may be sent at the moment. */
  isReadOnly: () => boolean;
  /** Called before a request that changes something; the request is not sent when this rejects. */
  beforeChange: (change: SessionChange) => Promise<void>;
  /** Called with the result of every request and wait. */
  onResult: (result: unknown) => void;
  /** Called when a request has failed, polls of waits excepted. */
  onFailure: (request: { method: string; url: string }, error: unknown) => void;
  /** Called when a wait starts. Times are those of the manager's clock. */
  onWait: (target: WaitTarget<unknown>, interval: number, now: () => number) => WaitObserver;
  /** Called with the error of what Ctrl-C does not end, when it fails after a Ctrl-C. */
  onLateError: (error: unknown) => void;
}

/** A request that changes something, as a session shows it. */
export interface SessionChange extends Omit<Change, 'url'> {
  /** Below the endpoint. */
  path: string;
  /** Whether sending it again changes nothing more. */
  idempotent: boolean;
}

/**
 * The requester of a manager in a session: Ctrl-C ends its requests and waits, changes are confirmed before they are
 * sent, and results are reported.
 */
export function wrapRequester(requester: Requester, hooks: SessionHooks): Requester {
  const { evaluation, beforeChange, onResult, onFailure, onWait, onLateError } = hooks;
  const isReadOnly = (): boolean => requester.readOnly || hooks.isReadOnly();
  const isConfirmed = new AsyncLocalStorage<true>();

  const confirm = async (change: Change, idempotent: boolean): Promise<void> => {
    // What will not be sent needs no question.
    if (isConfirmed.getStore() || isReadOnly()) return;
    const { method, url, body } = change;
    const path = url.startsWith(requester.endpoint) ? url.slice(requester.endpoint.length) : url;
    await beforeChange({ method, path, body, idempotent });
  };
  /** Starts at once, and counts as running until it has settled. */
  const track = <T>(work: () => Promise<T>): Promise<T> =>
    evaluation.track(
      work().then((result) => {
        onResult(result);
        return result;
      }),
    );

  const send: Requester['send'] = (url, call) => {
    const {
      method = 'GET',
      params,
      body,
      idempotent = method !== 'POST' && method !== 'PATCH',
      reconcile,
    } = call;
    const signal = anyOf(call.signal, evaluation.signal);
    return track(async () => {
      if (method !== 'GET' && method !== 'HEAD')
        await confirm({ method, url: withQuery(url, params), body }, idempotent);
      try {
        return await requester.send(url, {
          ...call,
          signal,
          // The session may become read-only during the question, or while the request waits for its place.
          isReadOnly,
          ...(reconcile && {
            reconcile: (lost, options) => {
              const ended = anyOf(options.signal, evaluation.signal);
              return track(() => reconcile(lost, { ...options, signal: ended }));
            },
          }),
        });
      } catch (error) {
        onFailure({ method, url: withQuery(url, params) }, error);
        await addRegions(requester, body, error);
        throw error;
      }
    });
  };

  const wait: PollerApi['wait'] = (target, policy) => {
    if (target.isDone(target.state)) return requester.poller.wait(target, policy);
    const observer = onWait(target as WaitTarget<unknown>, policy.interval, () => requester.clock.now());
    const observed: typeof policy = {
      ...policy,
      signal: anyOf(policy.signal, evaluation.signal),
      onProgress: (progress) => {
        observer.update(progress.state, progress.polls);
        policy.onProgress?.(progress);
      },
    };
    return track(async () => {
      try {
        const state = await requester.poller.wait(target, observed);
        observer.end(state);
        return state;
      } catch (error) {
        observer.end();
        throw error;
      }
    });
  };

  const group: Requester['group'] = (change, run) => {
    // After Ctrl-C the work may have to tidy up: it counts as running until it has settled.
    const work = evaluation.track(confirm(change, false).then(() => isConfirmed.run(true, run)));
    return evaluation.track(evaluation.race(work));
  };

  const shield: Requester['shield'] = (run) => evaluation.shield(run, onLateError);

  // Everything else is that of the manager.
  return Object.create(requester, {
    send: { value: send },
    poller: { value: { wait } },
    group: { value: group },
    shield: { value: shield },
  }) as Requester;
}

/** The query is a part of the change: `DELETE /v2/droplets?tag_name=web`. */
function withQuery(url: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) query.append(name, String(value));
  return query.size === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${query.toString()}`;
}

/** What is not a signal is left to the checks of the library. */
function anyOf(given: AbortSignalLike | undefined, ours: AbortSignal): AbortSignalLike {
  if (given === undefined) return ours;
  return isSignal(given) ? AbortSignal.any([toAbortSignal(given), ours]) : given;
}

type Wrap = (requester: Requester) => Requester;

/** What a session adds to the options of its managers. */
export interface ManagerExtras {
  /** The options of a manager that is made without a token. */
  defaultsOf?: () => DOApiOptions;
  /** Called before those of the manager's own. */
  events?: Partial<SessionEvents>;
}

/**
 * The class whose managers have wrapped requesters, also those of `new api.constructor()`; `instanceof` finds no difference.
 */
export function sessionDOApi(Class: typeof DOApi, wrap: Wrap, extras: ManagerExtras = {}): typeof DOApi {
  const wrapped = class DOApi extends Class {
    static override [Symbol.hasInstance](value: unknown): boolean {
      return this === wrapped ? value instanceof Class : super[Symbol.hasInstance](value);
    }

    constructor(options: ConstructorParameters<typeof Class>[0]) {
      super(withWrap(options, wrap, extras));
    }
  };
  return wrapped;
}

/** The class whose sandboxes make managers with wrapped requesters. */
export function sessionSandbox(
  Class: typeof Sandbox,
  wrap: Wrap,
  { events }: ManagerExtras = {},
): typeof Sandbox {
  return class Sandbox extends Class {
    override api(options: Parameters<InstanceType<typeof Class>['api']>[0]): DOApi {
      return super.api(withWrap(options, wrap, { ...(events && { events }) }));
    }
  };
}

/** @throws TypeError for options that are neither a token nor an object */
function withWrap<T>(options: T, wrap: Wrap, { defaultsOf, events = {} }: ManagerExtras): T & WrapOption {
  const own = typeof options === 'string' ? { token: options } : options;
  // Inherits the options: those of a class may be methods, which spread leaves out.
  const inherited = ownOptions(checkObject('options', own ?? {}) as DOApiOptions);
  const added: PropertyDescriptorMap = { [WRAP_REQUESTER]: { value: wrap, enumerable: true } };
  for (const [name, event] of Object.entries(events) as [keyof SessionEvents, (event: unknown) => void][]) {
    const given = inherited[name] as unknown;
    // What is no function is left to the checks of the library.
    if (given !== undefined && typeof given !== 'function') continue;
    const both = (happened: unknown): unknown => {
      event(happened);
      return (given as ((happened: unknown) => unknown) | undefined)?.(happened);
    };
    added[name] = { value: both, enumerable: true };
  }
  if (defaultsOf && inherited.token === undefined) {
    const { transport, ...defaults } = defaultsOf();
    const merged = { ...defaults, ...(transport && { transport: { ...transport, ...inherited.transport } }) };
    for (const [name, value] of Object.entries(merged))
      if (name === 'transport' || inherited[name as keyof DOApiOptions] === undefined)
        added[name] = { value, enumerable: true };
  }
  return Object.create(inherited, added) as T & WrapOption;
}
