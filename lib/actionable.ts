import { Action } from './action';
import { checkId, checkObject, checkText, is } from './util/validate';
import { ownOptions } from './util/options/own-options';
import { nestedOptions, validateOptions } from './util/options/validate-options';
import { toCaller } from './errors/caller-stack';
import { NotFoundError } from './errors/errors';
import { withLimits } from './util/with-limits';
import { CALL_OPTIONS, checkCallOptions, type CheckedCallOptions } from './model/call-options';
import type { CallOptions } from './model/requester';
import { hydrate, unwrap } from './model/resource';
import { Listing, type ListingOptions } from './pagination/listing';
import { Region } from './region';
import { checkStarted, fitsAction } from './fits';
import { adoptLost, searchLost } from './reconcile';
import { Taggable } from './taggable';
import { transferKey } from './transfers';
import { WaitTimeoutError } from './errors/wait-timeout';
import { persist } from './polling/persist';
import { checkWaitOptions, isTransient, WAIT_OPTIONS, type WaitOptions } from './polling/wait-options';
import type { WaitPolicy } from './model/wait-target';
import { sleep } from './util/clock';

/** Options of methods that start an action. */
export interface ActOptions extends CallOptions {
  /** `true` or options of the wait: resolves when the action has ended. Default `false`: when it has started. */
  wait?: boolean | WaitOptions<Action> | undefined;
}

export const ACT_OPTIONS = {
  ...CALL_OPTIONS,
  wait: is.withDefault(is.either<object, boolean>(nestedOptions(WAIT_OPTIONS), true, false), false),
};

/** The request body of an action: its `type` and the arguments of that type. */
export interface ActionBody {
  /** Such as `transfer`, `convert` or `snapshot`. */
  type: string;
  [argument: string]: unknown;
}

/** A resource that has actions. `Self` is the class that extends it. */
export abstract class Actionable<Self extends Actionable<Self>> extends Taggable {
  /** The absolute URL of the resource. */
  abstract get url(): string;

  /** Fetches the resource's current state, as a new object. */
  abstract override fetch(options?: CallOptions): Promise<Self>;

  /** `<url>/actions`. */
  get actionUrl(): string {
    return `${this.url}/actions`;
  }

  /**
   * Starts an action of any type, including types unknown to this library.
   * @param body the `type` and the arguments of that type
   * @param options `wait: true` waits until the action has ended
   * @returns the action as it started, or with `wait` as it ended
   * @throws UnprocessableError when the API refuses the action, UnknownOutcomeError when the response was lost (the
   *   request is never sent twice), and with `wait` every error of `action.wait`. With `wait` a lost action is searched
   *   for first, for at least a minute: `mayHaveExecuted` is `false` when there is none
   * @see https://docs.digitalocean.com/reference/api/digitalocean/#operation/imageActions_post
   */
  async act(body: ActionBody, options: ActOptions = {}): Promise<Action> {
    const checked = checkBody(body);
    const { wait, ...rest } = validateOptions(options, ACT_OPTIONS);
    const call = ownOptions(rest);
    if (wait === false) return this.start(checked, call);
    const policy = checkWaitOptions<Action>(this.api, wait === true ? {} : wait);
    const signals = [call.signal, policy.signal];
    const { clock } = this.api;
    const limits = { clock, signals, timeout: Infinity, onTimeout: () => undefined };
    return withLimits(limits, async ({ signal }) => {
      const adopt = (error: unknown): Promise<Action> => {
        const { interval, timeout } = policy;
        const until = {
          clock,
          interval,
          deadline: clock.now() + timeout,
          signals: [signal, this.api.signal],
        };
        return adoptLost<Action>(error, call, until);
      };
      const action = await this.start(checked, { ...call, signal }, true).catch(adopt);
      return action.wait({ ...policy, signal });
    }).catch(toCaller([...signals, this.api.signal]));
  }

  private start(body: ActionBody, call: CheckedCallOptions, startsWait = false): Promise<Action> {
    const fits = fitsAction(body);
    const list = (options: ListingOptions): Listing<Action> => this.fetchAllActions(options);
    const dateOf = ({ startedAt }: Action): Date | null => startedAt;
    const search = { noun: 'action', list, fits, dateOf } as const;
    return this.api.send(this.actionUrl, {
      ...call,
      startsWait,
      method: 'POST',
      body,
      // A second POST would start a second copy: the API knows no idempotency keys.
      shareKey: body.type === 'transfer' ? transferKey(this.actionUrl, body.region) : undefined,
      fits,
      reconcile: (lost, options) => searchLost(this.api, search, lost, options),
      read: (json) => checkStarted(body, unwrap(Action, 'action', json, this.api, { resource_id: this.id })),
    });
  }

  /**
   * Waits until the latest action on the resource has ended, then fetches the resource. Transient failures of any of its
   * requests do not end the wait before its time is up.
   * @returns the new state; the resource itself when it has no actions; `null` when it no longer exists
   * @throws ActionError when the action ended as errored (unless `throwOnError: false`), WaitTimeoutError after
   *   `timeout`, NotFoundError when the resource exists but its action is not found, what the last fetch failed with when
   *   there is no time left to repeat it, the signal's reason when it aborts
   */
  async waitForAction(options: WaitOptions<Action> = {}): Promise<Self | null> {
    const policy = checkWaitOptions(this.api, options);
    const { signal, timeout, interval } = policy;
    const { clock } = this.api;
    const deadline = clock.now() + timeout;
    // An abort may have any reason, also a NotFoundError, and a 404 of a server in between says nothing.
    const isMissing = (error: unknown): boolean =>
      error instanceof NotFoundError &&
      !isTransient(error, false) &&
      !signal?.aborted &&
      !this.api.signal.aborted;
    const signals = [signal, this.api.signal];
    const fetchNow = (): Promise<Self | null> =>
      persist((ended) => this.fetch({ signal: ended }), { clock, interval, deadline, signals }).catch(
        (error: unknown) => {
          if (isMissing(error)) return null;
          throw error;
        },
      );
    try {
      const last = await this.fetchLastWithin({ signal, timeout, interval });
      if (!last) return this as unknown as Self;
      await last.wait({ ...policy, timeout: Math.max(0, deadline - clock.now()) });
    } catch (error) {
      // An action that is not found does not mean that the resource is gone.
      if (isMissing(error) && (await fetchNow()) === null) return null;
      throw error;
    }
    return fetchNow();
  }

  /** Fetches the latest action as the first step of a wait. @throws WaitTimeoutError when the time is up */
  private fetchLastWithin(
    policy: Pick<WaitPolicy<Action>, 'signal' | 'timeout' | 'interval'>,
  ): Promise<Action | null> {
    const { clock } = this.api;
    const { signal, timeout, interval } = policy;
    const startedAt = clock.now();
    let problem: unknown = null;
    const onFailure = (error: unknown): unknown => (problem = error);
    const onTimeout = (): Error =>
      new WaitTimeoutError(`The latest action on ${this.url}`, [], clock.now() - startedAt, 0, problem);
    const deadline = startedAt + timeout;
    const limits = { clock, signals: [signal], timeout: timeout === 0 ? Infinity : timeout, onTimeout };
    return withLimits(limits, async (scope) => {
      const signals = [scope, this.api.signal];
      const request = (ended: AbortSignal): Promise<Action | null> => this.fetchLastAction({ signal: ended });
      try {
        return await persist(request, { clock, interval, deadline, signals, onFailure });
      } catch (error) {
        if (scope.aborted || this.api.signal.aborted || !isTransient(error, false)) throw error;
        problem = error;
        await sleep(clock, Math.max(0, deadline - clock.now()), scope);
        throw onTimeout();
      }
    }).catch(toCaller([signal, this.api.signal]));
  }

  /** Lists all actions on the resource. */
  fetchAllActions(options: ListingOptions = {}): Listing<Action> {
    const asked = { resource_id: this.id };
    const item = (json: unknown): Action => hydrate(Action, json, this.api, undefined, asked);
    return new Listing(this.api, { url: this.actionUrl, key: 'actions', item }, options);
  }

  /**
   * Fetches an action on the resource by its id.
   * @throws NotFoundError when the resource has no such action
   */
  async fetchAction(id: number, options: CallOptions = {}): Promise<Action> {
    const asked = { id: checkId('id', id), resource_id: this.id };
    return this.api.send(`${this.actionUrl}/${id}`, {
      ...checkCallOptions(options),
      read: (body) => unwrap(Action, 'action', body, this.api, asked),
    });
  }

  /**
   * Fetches the latest action on the resource: the one with the latest start, then the highest id.
   * @returns `null` when there are no actions
   */
  async fetchLastAction(options: CallOptions = {}): Promise<Action | null> {
    return newest(await this.fetchAllActions(checkCallOptions(options)).toArray());
  }

  /** Fetches the latest action on the resource that is in progress; `null` when there is none. */
  async fetchCurrentAction(options: CallOptions = {}): Promise<Action | null> {
    const actions = await this.fetchAllActions(checkCallOptions(options)).toArray();
    return newest(actions.filter((action) => action.inProgress));
  }
}

/** The action with the latest start, then the highest id. The API documents no order of its lists. */
export function newest(actions: readonly Action[]): Action | null {
  return actions.reduce<Action | null>(
    (latest, action) => (latest && !isNewer(action, latest) ? latest : action),
    null,
  );
}

function isNewer(a: Action, b: Action): boolean {
  const [startA, startB] = [a.startedAt?.getTime() ?? 0, b.startedAt?.getTime() ?? 0];
  return startA === startB ? a.id > b.id : startA > startB;
}

/** Checks the body, and replaces a Region by its slug. */
function checkBody(body: ActionBody): ActionBody {
  const own = { __proto__: null, ...checkObject('body', body) } as unknown as ActionBody;
  checkText('type', own.type);
  if (own.region instanceof Region) own.region = own.region.slug;
  return own;
}
