import { Action } from './action';
import { checkId, checkObject, checkText, is } from './util/validate';
import { validateOptions } from './util/options/validate-options';
import { NotFoundError } from './errors/errors';
import { withLimits } from './util/with-limits';
import { CALL_OPTIONS, checkCallOptions, type CheckedCallOptions } from './model/call-options';
import type { CallOptions } from './model/requester';
import { Resource, hydrate, unwrap } from './model/resource';
import { UnknownOutcomeError } from './errors/unknown-outcome';
import { Listing, type ListingOptions } from './pagination/listing';
import { Region } from './region';
import { findStartedAction } from './reconcile';
import { WaitTimeoutError } from './errors/wait-timeout';
import { checkWaitOptions, type WaitOptions } from './polling/wait-options';

/** Options of methods that start an action. */
export interface ActOptions extends CallOptions {
  /** `true` or options of the wait: resolves when the action has ended. Default `false`: when it has started. */
  wait?: boolean | WaitOptions<Action> | undefined;
}

const ACT_OPTIONS = {
  ...CALL_OPTIONS,
  // The options of a wait are checked by checkWaitOptions, which knows their defaults.
  wait: is.withDefault(is.either<object, boolean>(is.object, true, false), false),
};

/** The request body of an action: its `type` and the arguments of that type. */
export interface ActionBody {
  type: string;
  [argument: string]: unknown;
}

/** A resource that has actions. `Self` is the class that extends it. */
export abstract class Actionable<Self extends Actionable<Self>> extends Resource {
  abstract readonly id: number;

  /** The absolute URL of the resource. */
  abstract get url(): string;

  /** Fetches the resource's current state, as a new object. */
  abstract fetch(options?: CallOptions): Promise<Self>;

  /** `<url>/actions`. */
  get actionUrl(): string {
    return `${this.url}/actions`;
  }

  /**
   * Starts an action of any type, including types unknown to this library.
   * @param body the `type` and the arguments of that type
   * @param options `wait: true` waits until the action has ended
   * @returns the action as it started, or with `wait` as it ended
   * @throws UnprocessableError when the API refuses the action, UnknownOutcomeError when the response was lost (with
   *   `wait` only if its `reconcile()` does not find the action; the request is never sent twice), and with `wait` every
   *   error of `action.wait`
   * @see https://docs.digitalocean.com/reference/api/digitalocean/#operation/imageActions_post
   */
  async act(body: ActionBody, options: ActOptions = {}): Promise<Action> {
    const checked = checkBody(body);
    const { wait, ...call } = validateOptions(options, ACT_OPTIONS);
    if (wait === false) return this.start(checked, call);
    const policy = checkWaitOptions<Action>(this.api, wait === true ? {} : wait);
    const signals = [call.signal, policy.signal];
    const limits = { clock: this.api.clock, signals, timeout: Infinity, onTimeout: () => undefined };
    return withLimits(limits, async (scope) => {
      const { signal } = scope;
      const action = await this.start(checked, { ...call, signal }).catch((error: unknown) =>
        reconciled(error, { ...call, signal }),
      );
      return action.wait({ ...policy, signal });
    });
  }

  private start(body: ActionBody, call: CheckedCallOptions): Promise<Action> {
    return this.api.send(this.actionUrl, {
      ...call,
      method: 'POST',
      body,
      reconcile: (sentAt, options) => findStartedAction(this.api, this, body, sentAt, options),
      read: (json) => unwrap(Action, 'action', json, this.api),
    });
  }

  /**
   * Waits until the latest action on the resource has ended, then fetches the resource.
   * @returns the new state; the resource itself when it has no actions; `null` when it no longer exists
   * @throws ActionError when the action ended as errored (unless `throwOnError: false`), WaitTimeoutError after
   *   `timeout`, the signal's reason when it aborts
   */
  async waitForAction(options: WaitOptions<Action> = {}): Promise<Self | null> {
    const policy = checkWaitOptions(this.api, options);
    const { signal, timeout } = policy;
    const { clock } = this.api;
    const startedAt = clock.now();
    const onTimeout = (): Error => new WaitTimeoutError(`The latest action on ${this.url}`, [], timeout, 0);
    const limits = { clock, signals: [signal], timeout: timeout === 0 ? Infinity : timeout, onTimeout };
    const cancellable = signal ? { signal } : {};
    try {
      const last = await withLimits(limits, (scope) => this.fetchLastAction({ signal: scope.signal }));
      if (!last) return this as unknown as Self;
      await last.wait({ ...policy, timeout: Math.max(0, timeout - (clock.now() - startedAt)) });
      return await this.fetch(cancellable);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  /** Lists all actions on the resource. */
  fetchAllActions(options: ListingOptions = {}): Listing<Action> {
    const item = (json: unknown): Action => hydrate(Action, json, this.api);
    return new Listing(this.api, { url: this.actionUrl, key: 'actions', item }, options);
  }

  /**
   * Fetches an action on the resource by its id.
   * @throws NotFoundError when the resource has no such action
   */
  async fetchAction(id: number, options: CallOptions = {}): Promise<Action> {
    return this.api.send(`${this.actionUrl}/${checkId('id', id)}`, {
      ...checkCallOptions(options),
      read: (body) => unwrap(Action, 'action', body, this.api),
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
  checkObject('body', body);
  checkText('type', body.type);
  return body.region instanceof Region ? { ...body, region: body.region.slug } : body;
}

/** The action that a POST started although its response was lost. @throws `error` when there is none */
async function reconciled(error: unknown, options: CallOptions): Promise<Action> {
  if (!(error instanceof UnknownOutcomeError)) throw error;
  const found = (await error.reconcile(options)) as Action | null;
  if (!found) throw error;
  return found;
}
