import { DOApiError, NotFoundError, PermissionDeniedError, setName } from './errors/errors';
import { field, type JsonObject, Mismatch } from './model/fields';
import { checkCallOptions } from './model/call-options';
import { hydrate, nested, Resource, unwrap } from './model/resource';
import type { CallOptions, Resources } from './model/requester';
import { throwIfAborted } from './util/abort';
import { excerpt } from './util/text/sanitize';
import { Region } from './region';
import { checkWaitOptions, type WaitOptions } from './polling/wait-options';
import type { TargetRef, WaitTarget } from './model/wait-target';

/** The known statuses; DigitalOcean may add others, which do not end an action. */
export type ActionStatus = 'in-progress' | 'completed' | 'errored' | (string & {});

function readRegionSlug(value: unknown, source: JsonObject): string | null {
  if (typeof value === 'string') return value;
  if (value !== undefined && value !== null) throw new Mismatch('', 'a string', value);
  const { region } = source;
  if (typeof region === 'string') return region;
  const slug = typeof region === 'object' && region !== null ? (region as JsonObject).slug : null;
  return typeof slug === 'string' ? slug : null;
}

/**
 * An operation on a resource, such as the transfer of an image, in the state in which it was received. Properties never
 * change; `fetch()` returns a new object.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Actions
 */
export class Action extends Resource {
  /** A literal, which minifiers keep. @internal */
  static override readonly name = 'Action';
  /** Unique among all actions. */
  @field.id() readonly id!: number;
  /** Whether an action has ended depends on it alone, not on `completedAt`; `null` when the API does not say. */
  @field.text({ absent: null }) readonly status!: ActionStatus | null;
  /** Such as `transfer` or `convert`; `null` when the API does not say. */
  @field.text({ absent: null }) readonly type!: string | null;
  /** When it was started; `null` when the API does not say. */
  @field.date({ wire: 'started_at', absent: null }) readonly startedAt!: Date | null;
  /** When it ended; `null` while it runs, and for some that have completed. */
  @field.date({ wire: 'completed_at', absent: null }) readonly completedAt!: Date | null;
  /** The id of the image or Droplet that it is about; `null` when it has none, or it is no number. */
  @field.reference({ wire: 'resource_id', absent: null }) readonly resourceId!: number | null;
  /** Such as `image` or `droplet`; `null` when the API does not say. */
  @field.text({ wire: 'resource_type', absent: null }) readonly resourceType!: string | null;
  /** The region of the action; for a transfer, its destination; `null` when the API sends none. */
  @field.custom<Region | null>(nested(Region)) readonly region!: Region | null;
  /** Such as `nyc3`, also where the API sends the region alone; `null` for none. */
  @field.custom<string | null>({ wire: 'region_slug', read: readRegionSlug }) readonly regionSlug!:
    string | null;

  /** `<endpoint>/v2/actions/<id>`. */
  get url(): string {
    return `${this.api.endpoint}/v2/actions/${this.id}`;
  }

  /** Whether the API says that the action has not ended yet; false for a status of `null`, with which waits go on. */
  get inProgress(): boolean {
    return this.status === 'in-progress';
  }

  /** Whether the action has ended with success. */
  get completed(): boolean {
    return this.status === 'completed';
  }

  /** Whether the action has ended without success. */
  get errored(): boolean {
    return this.status === 'errored';
  }

  /** Whether the action has ended, completed or errored. */
  get done(): boolean {
    return this.completed || this.errored;
  }

  /**
   * Fetches the action's current state. When the token lacks the scope `actions:read`, uses the URL under the resource.
   * @returns a new Action
   * @throws NotFoundError when the action does not exist
   */
  async fetch(options: CallOptions = {}): Promise<Action> {
    const call = checkCallOptions(options);
    const fetchFrom = (url: string, unlessDenied?: string): Promise<Action> => {
      const asked = { id: this.id, resource_id: this.resourceId };
      const read = (body: unknown): Action => unwrap(Action, 'action', body, this.api, asked);
      return this.api.send(url, { ...call, unlessDenied, read });
    };
    const { resourceUrl } = this;
    if (!resourceUrl) return fetchFrom(this.url);
    try {
      return await fetchFrom(this.url, 'actions:read');
    } catch (error) {
      // An abort may have any reason, also one that looks like an answer.
      this.throwIfAborted(call);
      if (!(error instanceof PermissionDeniedError)) throw error;
      this.api.deniedScopes.add('actions:read', error);
      return fetchFrom(resourceUrl);
    }
  }

  /**
   * Fetches the resource of the action.
   * @returns the Image, or for the action of a Droplet the Droplet, in its current state; `null` when it no longer exists
   * @throws TypeError when the resource is unknown or of another type; use `api.request` for those
   */
  async fetchResource<R extends Resources[keyof Resources] = Resources['image']>(
    options: CallOptions = {},
  ): Promise<R | null> {
    const call = checkCallOptions(options);
    if (this.resourceId === null) {
      throw new TypeError(`Action ${this.id}: names no resource to fetch (resource_id is null)`);
    }
    if (this.resourceType === null) {
      throw new TypeError(
        `resourceType: expected image or droplet, got null; fetch it with api.request('/v2/…')`,
      );
    }
    try {
      return (await this.api.fetchResource(this.resourceType, this.resourceId, call)) as R;
    } catch (error) {
      this.throwIfAborted(call);
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  /**
   * Waits until the action has ended. Sends no request when it has ended already.
   * @returns the action in its final state
   * @throws ActionError when it ended as errored (unless `throwOnError: false`), WaitTimeoutError after `timeout`, the
   *   signal's reason when it aborts, AuthenticationError and PermissionDeniedError at the first such response
   */
  // Not async: a hundred thousand may be awaited, and the state of an async function takes as much memory as a wait.
  wait(options: WaitOptions<Action> = {}): Promise<Action> {
    try {
      const policy = checkWaitOptions(this.api, options);
      return this.api.poller.wait(this.waitTarget, policy, policy.throwOnError ? unlessErrored : undefined);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever was thrown, as an async method does
      return Promise.reject(error);
    }
  }

  /** The action as a target for the poller. @internal */
  get waitTarget(): WaitTarget<Action> {
    const receivedAt = this.status === null ? null : this.receivedAt;
    const { ref, status, startedAt, isDone, read } = Action.waitTargetMembers;
    return { name: `Action ${this.id}`, state: this, receivedAt, ref, status, startedAt, isDone, read };
  }

  // Shared by all instances: thousands of actions may be awaited.
  private static readonly waitTargetMembers = {
    ref: ({ id, resourceType, resourceId }: Action): TargetRef => ({
      kind: 'action',
      id,
      parent: parentPathOf(resourceType, resourceId),
    }),
    status: ({ status }: Action) => status,
    startedAt: ({ startedAt, api }: Action) => startedAt && startedAt.getTime() - api.clockSkew,
    isDone: ({ done }: Action) => done,
    read: (json: JsonObject, { api, id, resourceId }: Action) =>
      hydrate(Action, json, api, undefined, { id, resource_id: resourceId }),
  };

  /** @throws the reason of an abort, of the call or of the manager */
  private throwIfAborted({ signal }: CallOptions): void {
    throwIfAborted(signal);
    throwIfAborted(this.api.signal);
  }

  /** @throws ActionError when the action has ended as errored */
  throwIfErrored(): void {
    if (this.errored) throw new ActionError(this);
  }

  /** The action's URL under its resource; `null` when that has no actions of its own. */
  private get resourceUrl(): string | null {
    const parent = parentPathOf(this.resourceType, this.resourceId);
    return parent && `${this.api.endpoint}/v2/${parent}/actions/${this.id}`;
  }
}

/** @throws ActionError when it has ended as errored */
function unlessErrored(action: Action): Action {
  action.throwIfErrored();
  return action;
}

/** The types of resources that have a list of their actions. */
const PARENT_TYPES: readonly unknown[] = ['image', 'droplet'];

/** The path of a resource that has a list of its actions, such as `images/5`. */
function parentPathOf(type: string | null, id: number | null): string | null {
  return PARENT_TYPES.includes(type) && id !== null ? `${String(type)}s/${id}` : null;
}

/** An action ended as errored. DigitalOcean gives no reason. The resource is unchanged. */
export class ActionError extends DOApiError {
  /** The action in its final state. */
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
setName(ActionError, 'ActionError');
