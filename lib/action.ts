import { DOApiError, NotFoundError, PermissionDeniedError } from './errors/errors';
import { field, type JsonObject, Mismatch } from './model/fields';
import { hydrate, read, Resource, unwrap } from './model/resource';
import type { Cancellable, Resources } from './model/requester';
import { excerpt } from './util/sanitize';
import { Region } from './region';
import { checkWaitOptions, type WaitOptions } from './polling/wait-options';
import type { TargetRef } from './polling/poll-requests';
import type { WaitTarget } from './polling/waiter';

/** An open set: what DigitalOcean adds tomorrow is a status too, and not an end. */
export type ActionStatus = 'in-progress' | 'completed' | 'errored' | (string & {});

/** A nested region; `null` and, as the API had it in 2014, a bare slug both give no region object. */
function region(value: unknown): Region | null {
  if (value === undefined || value === null || typeof value === 'string') return null;
  const region = read(Region, value);
  Resource.attach(region, value as JsonObject);
  return region;
}

function regionSlug(value: unknown, source: JsonObject): string | null {
  if (typeof value === 'string') return value;
  if (value !== undefined && value !== null) throw new Mismatch('', 'a string', value);
  const from = source.region;
  if (typeof from === 'string') return from;
  const slug = typeof from === 'object' && from !== null ? (from as JsonObject).slug : null;
  return typeof slug === 'string' ? slug : null;
}

/**
 * Something that is being done, or was done, to a resource: a transfer of an image, say. A snapshot of its state.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Actions
 */
export class Action extends Resource {
  @field.id() readonly id!: number;
  /** `status` decides whether an action has ended, never `completedAt`. */
  @field.text({ absent: null }) readonly status!: ActionStatus | null;
  /** Such as `transfer` or `convert`. */
  @field.text({ absent: null }) readonly type!: string | null;
  @field.date({ wire: 'started_at', absent: null }) readonly startedAt!: Date | null;
  /** Sometimes missing although the action has completed. */
  @field.date({ wire: 'completed_at', absent: null }) readonly completedAt!: Date | null;
  @field.reference({ wire: 'resource_id', absent: null }) readonly resourceId!: number | null;
  /** Such as `image` or `droplet`. */
  @field.text({ wire: 'resource_type', absent: null }) readonly resourceType!: string | null;
  /** Where it happens; for a transfer, where the image goes to. */
  @field.custom<Region | null>({ read: region, write: (value) => (value as Region | null)?.toJSON() ?? null })
  readonly region!: Region | null;
  @field.custom<string | null>({ wire: 'region_slug', read: regionSlug }) readonly regionSlug!: string | null;

  /** `<endpoint>/v2/actions/<id>`. */
  get url(): string {
    return `${this.api.endpoint}/v2/actions/${this.id}`;
  }

  get inProgress(): boolean {
    return this.status === 'in-progress';
  }

  get completed(): boolean {
    return this.status === 'completed';
  }

  get errored(): boolean {
    return this.status === 'errored';
  }

  /** Completed or errored. */
  get done(): boolean {
    return this.completed || this.errored;
  }

  /**
   * Fetches the action's present state. A token without the scope `actions:read` gets it from the image's own URL.
   * @returns a new Action
   * @throws NotFoundError when there is no such action, and whatever else a request can reject with
   */
  async fetch({ signal }: Cancellable = {}): Promise<Action> {
    const ask = (url: string): Promise<Action> =>
      this.api.send(url, { signal, read: (body) => unwrap(Action, 'action', body, this.api) });
    const own = this.imageUrl;
    if (own && this.api.deniedScopes.has('actions:read')) return ask(own);
    try {
      return await ask(this.url);
    } catch (error) {
      if (!(error instanceof PermissionDeniedError) || !own) throw error;
      this.api.deniedScopes.add('actions:read');
      return ask(own);
    }
  }

  /**
   * Fetches what the action was done to.
   * @returns the image as it is now; `null` once it is gone
   * @throws TypeError when that is not an image, or not known: fetch it with `api.request`
   */
  async fetchResource(options: Cancellable = {}): Promise<Resources[keyof Resources] | null> {
    if (this.resourceId === null) {
      throw new TypeError(`Action ${this.id}: names no resource to fetch (resource_id is null)`);
    }
    if (this.resourceType === null) {
      throw new TypeError(`resourceType: expected image, got null; fetch it with api.request('/v2/…')`);
    }
    try {
      return await this.api.fetchResource(this.resourceType, this.resourceId, options);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  /**
   * Waits until the action has ended. One that is done already costs no request.
   * @returns the action in its last state
   * @throws ActionError when it ended as errored (unless `throwOnError: false`), WaitTimeoutError when patience ran
   *   out, the signal's own reason on an abort; AuthenticationError and PermissionDeniedError at once
   */
  async wait(options: WaitOptions<Action> = {}): Promise<Action> {
    const patience = checkWaitOptions(this.api, options);
    const ended = await this.api.poller.wait(this.waitTarget, patience);
    if (patience.throwOnError) ended.throwIfErrored();
    return ended;
  }

  /** The action as something to wait for. @internal */
  get waitTarget(): WaitTarget<Action> {
    const seenAt = this.status === null ? null : this.receivedAt;
    return { name: `Action ${this.id}`, state: this, seenAt, ...Action.waitTargetMembers };
  }

  // Written once, since thousands may wait.
  private static readonly waitTargetMembers = {
    target: ({ id, resourceType, resourceId }: Action): TargetRef => ({
      kind: 'action',
      id,
      image: resourceType === 'image' ? resourceId : null,
    }),
    status: ({ status }: Action) => status,
    beganAt: ({ startedAt, api }: Action) => startedAt && startedAt.getTime() - api.clockSkew,
    isDone: ({ done }: Action) => done,
    read: (json: JsonObject, { api }: Action) => hydrate(Action, json, api),
  };

  /** @throws ActionError when the action has errored; nothing otherwise */
  throwIfErrored(): void {
    if (this.errored) throw new ActionError(this);
  }

  /** The image's own address for this action, where it belongs to one. */
  private get imageUrl(): string | null {
    if (this.resourceType !== 'image' || this.resourceId === null) return null;
    return `${this.api.endpoint}/v2/images/${this.resourceId}/actions/${this.id}`;
  }
}

/** An action ended as errored. DigitalOcean does not say why; the image stays as it was. */
export class ActionError extends DOApiError {
  /** The action in its last state. */
  readonly action: Action;

  constructor(action: Action) {
    const region = excerpt(action.regionSlug ?? '');
    const what = excerpt(action.type ?? 'action') + (region && ` to ${region}`);
    const of =
      action.resourceId === null
        ? ''
        : ` of ${excerpt(action.resourceType ?? 'resource')} ${action.resourceId}`;
    super(
      `Action ${action.id} ended as errored: ${what}${of}; DigitalOcean gives no reason, it may be started again`,
    );
    this.action = action;
  }
}
