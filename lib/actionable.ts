import { Action } from './action';
import { checkId, checkObject, checkSignal, checkText } from './util/validate';
import { NotFoundError } from './errors/errors';
import { withLimits } from './util/with-limits';
import type { Cancellable } from './model/requester';
import { Resource, hydrate, unwrap } from './model/resource';
import { Listing, type ListingOptions } from './pagination/listing';
import { Region } from './region';
import { adoptLost, claim, findStartedAction } from './reconcile';
import { transferKey } from './transfers';
import { WaitTimeoutError } from './errors/wait-timeout';
import { checkWaitOptions, type WaitOptions } from './polling/wait-options';

/** Options of methods that start an action. */
export interface ActOptions extends Cancellable {
  /** `true` or options of the wait: resolves when the action has ended. Default `false`: when it has started. */
  wait?: boolean | WaitOptions<Action>;
}

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
  abstract fetch(options?: Cancellable): Promise<Self>;

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
    checkObject('options', options);
    const { wait = false, signal } = options;
    const waitOptions = waitOptionsOf(wait);
    if (!waitOptions) return this.start(checked, signal);
    checkWaitOptions(this.api, waitOptions);
    const signals = [checkSignal(signal), waitOptions.signal];
    const limits = { clock: this.api.clock, signals, timeout: Infinity, onTimeout: () => undefined };
    return withLimits(limits, async (scope) => {
      const cancellable = { signal: scope.signal };
      const action = await this.start(checked, cancellable.signal).catch((error: unknown) =>
        adoptLost<Action>(error, cancellable),
      );
      return action.wait({ ...waitOptions, ...cancellable });
    });
  }

  private start(body: ActionBody, signal: AbortSignal | undefined): Promise<Action> {
    return this.api.send(this.actionUrl, {
      method: 'POST',
      body,
      signal,
      // A second POST would start a second copy: the API knows no idempotency keys.
      shareKey: body.type === 'transfer' ? transferKey(this.actionUrl, body.region) : undefined,
      reconcile: (lost, cancellable) => findStartedAction(this.api, this, body, lost, cancellable),
      read: (json) => claim(this.api, 'actions', unwrap(Action, 'action', json, this.api)),
    });
  }

  /**
   * Waits until the latest action on the resource has ended, then fetches the resource.
   * @returns the new state; the resource itself when it has no actions; `null` when it no longer exists
   * @throws ActionError when the action ended as errored (unless `throwOnError: false`), WaitTimeoutError after
   *   `timeout`, the signal's reason when it aborts
   */
  async waitForAction(options: WaitOptions<Action> = {}): Promise<Self | null> {
    const { signal, timeout } = checkWaitOptions(this.api, options);
    const { clock } = this.api;
    const startedAt = clock.now();
    const onTimeout = (): Error => new WaitTimeoutError(`The latest action on ${this.url}`, [], timeout, 0);
    const limits = { clock, signals: [signal], timeout: timeout === 0 ? Infinity : timeout, onTimeout };
    const cancellable = signal ? { signal } : {};
    try {
      const last = await withLimits(limits, (scope) => this.fetchLastAction({ signal: scope.signal }));
      if (!last) return this as unknown as Self;
      await last.wait({ ...options, timeout: Math.max(0, timeout - (clock.now() - startedAt)) });
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
  async fetchAction(id: number, { signal }: Cancellable = {}): Promise<Action> {
    return this.api.send(`${this.actionUrl}/${checkId('id', id)}`, {
      signal,
      read: (body) => unwrap(Action, 'action', body, this.api),
    });
  }

  /**
   * Fetches the latest action on the resource: the one with the latest start, then the highest id.
   * @returns `null` when there are no actions
   */
  async fetchLastAction(options: Cancellable = {}): Promise<Action | null> {
    return newest(await this.fetchAllActions(options).toArray());
  }

  /** Fetches the latest action on the resource that is in progress; `null` when there is none. */
  async fetchCurrentAction(options: Cancellable = {}): Promise<Action | null> {
    const actions = await this.fetchAllActions(options).toArray();
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

function waitOptionsOf(wait: boolean | WaitOptions<Action>): WaitOptions<Action> | null {
  if (typeof wait !== 'boolean') return checkObject('wait', wait);
  return wait ? {} : null;
}
