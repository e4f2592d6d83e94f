import { Action } from './action';
import { checkId, checkObject, checkSignal, checkText } from './util/validate';
import { NotFoundError } from './errors/errors';
import { withLimits } from './util/with-limits';
import { type Cancellable } from './model/requester';
import { Resource, hydrate, unwrap } from './model/resource';
import { UnknownOutcomeError } from './errors/unknown-outcome';
import { Listing, type ListingOptions } from './pagination/listing';
import { Region } from './region';
import { findStartedAction } from './reconcile';
import { WaitTimeoutError } from './errors/wait-timeout';
import { checkWaitOptions, type WaitOptions } from './polling/wait-options';

/** What an action on a resource takes. */
export interface ActOptions extends Cancellable {
  /** Wait until the action has ended before it is returned; options of the wait in place of `true`. Default `false`. */
  wait?: boolean | WaitOptions<Action>;
}

/** The body of an action: its `type` and what that needs. */
export interface ActionBody {
  type: string;
  [argument: string]: unknown;
}

/** Something that actions can be started on. `Self` is the class itself. */
export abstract class Actionable<Self extends Actionable<Self>> extends Resource {
  abstract readonly id: number;

  /** Where the resource lives. */
  abstract get url(): string;

  /** Fetches the resource's present state, as a new object. */
  abstract fetch(options?: Cancellable): Promise<Self>;

  /** `<url>/actions`: where its actions are listed and started. */
  get actionUrl(): string {
    return `${this.url}/actions`;
  }

  /**
   * Starts any action, of today or tomorrow.
   * @param body `type`, and what that type needs
   * @param options `wait`: return only when it has ended
   * @returns the action as it was started, or with `wait` as it ended
   * @throws UnprocessableError when it cannot be done, UnknownOutcomeError when the answer was lost (never sent
   *   twice; with `wait` it is looked up first), with `wait` whatever `action.wait` throws
   * @see https://docs.digitalocean.com/reference/api/digitalocean/#operation/imageActions_post
   */
  async act(body: ActionBody, options: ActOptions = {}): Promise<Action> {
    const sent = checkBody(body);
    checkObject('options', options);
    const { wait = false, signal } = options;
    const waiting = waitOptions(wait);
    if (!waiting) return this.start(sent, signal);
    checkWaitOptions(this.api, waiting);
    const signals = [checkSignal(signal), waiting.signal];
    const limits = { clock: this.api.clock, signals, timeout: Infinity, onTimeout: () => undefined };
    return withLimits(limits, async ({ signal: ended }) => {
      const action = await this.start(sent, ended).catch((error: unknown) => adopt(error, ended));
      return action.wait({ ...waiting, signal: ended });
    });
  }

  private start(body: ActionBody, signal: AbortSignal | undefined): Promise<Action> {
    return this.api.send(this.actionUrl, {
      method: 'POST',
      body,
      signal,
      reconcile: (sentAt, cancellable) => findStartedAction(this.api, this, body, sentAt, cancellable),
      read: (answer) => unwrap(Action, 'action', answer, this.api),
    });
  }

  /**
   * Waits for the latest action on the resource, then fetches its new state.
   * @returns the new state; the resource itself when there was never an action; `null` when it is gone
   * @throws ActionError when the action errored (unless `throwOnError: false`), WaitTimeoutError, the signal's reason
   */
  async waitForAction(options: WaitOptions<Action> = {}): Promise<Self | null> {
    const { signal, timeout } = checkWaitOptions(this.api, options);
    const { clock } = this.api;
    const began = clock.now();
    const onTimeout = (): Error => new WaitTimeoutError(`The latest action of ${this.url}`, [], timeout, 0);
    const limits = { clock, signals: [signal], timeout: timeout === 0 ? Infinity : timeout, onTimeout };
    const cancellable = signal ? { signal } : {};
    try {
      const last = await withLimits(limits, (ending) => this.fetchLastAction({ signal: ending.signal }));
      if (!last) return this as unknown as Self;
      await last.wait({ ...options, timeout: Math.max(0, timeout - (clock.now() - began)) });
      return await this.fetch(cancellable);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  /** All actions ever started on the resource. */
  fetchAllActions(options: ListingOptions = {}): Listing<Action> {
    const item = (json: unknown): Action => hydrate(Action, json, this.api);
    return new Listing(this.api, { url: this.actionUrl, key: 'actions', item }, options);
  }

  /**
   * Fetches one action by its id, from the resource's own URL.
   * @throws NotFoundError when the resource has no such action
   */
  async fetchAction(id: number, { signal }: Cancellable = {}): Promise<Action> {
    return this.api.send(`${this.actionUrl}/${checkId('id', id)}`, {
      signal,
      read: (body) => unwrap(Action, 'action', body, this.api),
    });
  }

  /** The newest action, by its start, then its id; `null` when there was never one. The API's order is not trusted. */
  async fetchLastAction(options: Cancellable = {}): Promise<Action | null> {
    return newest(await this.fetchAllActions(options).toArray());
  }

  /** The newest action that is in progress; `null` when none is. */
  async fetchCurrentAction(options: Cancellable = {}): Promise<Action | null> {
    const actions = await this.fetchAllActions(options).toArray();
    return newest(actions.filter((action) => action.inProgress));
  }
}

/** By its start, then its id; the API promises no order. */
export function newest(actions: readonly Action[]): Action | null {
  return actions.reduce<Action | null>(
    (best, action) => (best && !isNewer(action, best) ? best : action),
    null,
  );
}

function isNewer(a: Action, b: Action): boolean {
  const [startA, startB] = [a.startedAt?.getTime() ?? 0, b.startedAt?.getTime() ?? 0];
  return startA === startB ? a.id > b.id : startA > startB;
}

/** A Region may stand where the API wants its slug. */
function checkBody(body: ActionBody): ActionBody {
  checkObject('body', body);
  checkText('type', body.type);
  return body.region instanceof Region ? { ...body, region: body.region.slug } : body;
}

/** Who waits wants to know what became of it: a lost answer is looked up. */
async function adopt(error: unknown, signal: AbortSignal): Promise<Action> {
  if (!(error instanceof UnknownOutcomeError)) throw error;
  const found = (await error.reconcile({ signal })) as Action | null;
  if (!found) throw error;
  return found;
}

function waitOptions(wait: boolean | WaitOptions<Action>): WaitOptions<Action> | null {
  if (typeof wait !== 'boolean') return checkObject('wait', wait);
  return wait ? {} : null;
}
