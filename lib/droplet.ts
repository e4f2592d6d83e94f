import { addressOf, backupWindow, type BackupWindow, networks, type Networks } from './droplet-networks';
import { DropletVerbs } from './droplet-verbs';
import { type DropletTarget, waitUntilActive, waitUntilOff } from './droplet-wait';
import { Image } from './image';
import { checkCallOptions } from './model/call-options';
import { field } from './model/fields';
import type { CallOptions } from './model/requester';
import { hydrate, nested, unwrap } from './model/resource';
import { Listing, type ListingOptions } from './pagination/listing';
import { checkWaitOptions, GROUP_WAIT_OPTIONS, type WaitOptions } from './polling/wait-options';
import { Region } from './region';
import type * as TakeSnapshotModule from './take-snapshot';
import type { TakeSnapshotOptions } from './take-snapshot';
import { withoutPollution } from './util/options/own-options';

/** A program that takes no snapshots does not pay for it. */
const loadTakeSnapshot = (): typeof TakeSnapshotModule =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use, synchronously
  withoutPollution(() => require('./take-snapshot') as typeof TakeSnapshotModule);

/** The known statuses; DigitalOcean may add others. */
export type DropletStatus = 'new' | 'active' | 'off' | 'archive' | (string & {});

declare module './model/requester' {
  interface Resources {
    droplet: Droplet;
  }
}

/**
 * A virtual machine, in the state in which it was received. Properties never change; `fetch()` returns a new object.
 *
 * ```ts
 * const droplet = await api.fetchDroplet(3164444);
 * const image = await droplet.takeSnapshot({ name: 'golden' });
 * ```
 *
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Droplets
 */
export class Droplet extends DropletVerbs<Droplet> {
  /** A literal, which minifiers keep. @internal */
  static override readonly name = 'Droplet';
  /** Unique among all Droplets. */
  @field.id() readonly id!: number;
  /** Need not be unique. */
  @field.text({ absent: '' }) readonly name!: string;
  /** `new` until it has started; `null` when the API does not say. */
  @field.text({ absent: null }) readonly status!: DropletStatus | null;
  /** In megabytes; `null` when the API does not say. */
  @field.number({ absent: null }) readonly memory!: number | null;
  /** Virtual processors; `null` when the API does not say. */
  @field.number({ absent: null }) readonly vcpus!: number | null;
  /** In gigabytes; `null` when the API does not say. */
  @field.number({ absent: null }) readonly disk!: number | null;
  /** Whether an action runs, so that the API refuses another one. */
  @field.flag({ absent: false }) readonly locked!: boolean;
  /** When it was created; `null` when the API does not say. */
  @field.date({ wire: 'created_at', absent: null }) readonly createdAt!: Date | null;
  /** Such as `backups`, `ipv6` and `monitoring`. */
  @field.texts() readonly features!: readonly string[];
  /** Ids of the images of its backups. */
  @field.ids({ wire: 'backup_ids' }) readonly backupIds!: readonly number[];
  /** Ids of the images of its snapshots. */
  @field.ids({ wire: 'snapshot_ids' }) readonly snapshotIds!: readonly number[];
  /** The image it was created from, which may have been deleted since; `null` when the API does not say. */
  @field.custom<Image | null>(nested(Image)) readonly image!: Image | null;
  /** Such as `s-1vcpu-1gb`; `null` when the API does not say. */
  @field.text({ wire: 'size_slug', absent: null }) readonly sizeSlug!: string | null;
  /** Where it runs; `null` when the API does not say. */
  @field.custom<Region | null>(nested(Region)) readonly region!: Region | null;
  /** Its addresses; it has none until it is active. */
  @field.custom<Networks>(networks) readonly networks!: Networks;
  /** Names of its tags. */
  @field.texts() readonly tags!: readonly string[];
  /** Ids of the volumes that are attached. */
  @field.texts({ wire: 'volume_ids' }) readonly volumeIds!: readonly string[];
  /** The UUID of its VPC network; `null` when the API does not say. */
  @field.text({ wire: 'vpc_uuid', absent: null }) readonly vpcUuid!: string | null;
  /** When its next backup is taken; `null` without backups. */
  @field.custom<BackupWindow | null>({ wire: 'next_backup_window', ...backupWindow })
  readonly nextBackupWindow!: BackupWindow | null;

  /** `<endpoint>/v2/droplets/<id>`. */
  get url(): string {
    return `${this.api.endpoint}/v2/droplets/${this.id}`;
  }

  /** Whether the Droplet is on. */
  get active(): boolean {
    return this.status === 'active';
  }

  /** Whether the Droplet is off; it costs the same. */
  get off(): boolean {
    return this.status === 'off';
  }

  /** The first public IPv4 address; `null` when there is none (yet). */
  get publicIPv4(): string | null {
    return addressOf(this.networks.v4, 'public');
  }

  /** The first IPv4 address in its VPC; `null` when there is none (yet). */
  get privateIPv4(): string | null {
    return addressOf(this.networks.v4, 'private');
  }

  /** The first public IPv6 address; `null` when there is none (yet). */
  get publicIPv6(): string | null {
    return addressOf(this.networks.v6, 'public');
  }

  /**
   * Fetches the Droplet's current state.
   * @returns a new Droplet
   * @throws NotFoundError when the Droplet no longer exists
   */
  async fetch(options: CallOptions = {}): Promise<Droplet> {
    const call = checkCallOptions(options);
    return this.api.send(this.url, {
      ...call,
      read: (body) => unwrap(Droplet, 'droplet', body, this.api, { id: this.id }),
    });
  }

  /**
   * Destroys the Droplet and its backups, irreversibly. Its snapshots stay.
   * @throws UnprocessableError while an action runs, NotFoundError when it is gone; a retry after a lost response resolves
   */
  async delete(options: CallOptions = {}): Promise<void> {
    const call = checkCallOptions(options);
    await this.api.send(this.url, { ...call, method: 'DELETE', read: () => undefined });
  }

  /**
   * Takes a snapshot, waits until it is made, and finds the image.
   * @param options options of the wait (their `timeout` is for all steps together), and
   *   - `name` of the image; default: the Droplet's name and the time
   *   - `powerOff: true`: the Droplet is shut down first, and turned on again whatever happens
   *   - `reuse: true`: the newest image of this Droplet with that `name` is returned if there is one
   * @returns the Image
   * @throws LookupError when the image cannot be told from others, ActionError when the snapshot failed, WaitTimeoutError,
   *   UnknownOutcomeError when the response was lost and it is not known whether a snapshot was started, the signal's reason
   *
   * ```ts
   * const image = await droplet.takeSnapshot({ name: 'golden', powerOff: true });
   * await image.replicate(['ams3', 'sgp1']);
   * ```
   */
  async takeSnapshot(options: TakeSnapshotOptions = {}): Promise<Image> {
    const { checkSnapshotOrder, takeSnapshot } = loadTakeSnapshot();
    const order = checkSnapshotOrder(this.api, options, this.newSnapshotName);
    const run = (): Promise<Image> => takeSnapshot(this.api, this, order);
    const { group } = this.api;
    if (!group) return run();
    const body = { type: 'snapshot', name: order.name, power_off: order.powerOff, reuse: order.reuse };
    return group({ method: 'POST', url: this.actionUrl, body }, run);
  }

  /**
   * Waits until the Droplet is active, no action runs, and it has an address, for which it waits at most a minute longer.
   * @returns the Droplet in its new state
   * @throws DropletCreationError when it does not exist after its first minute, WaitTimeoutError after `timeout`, the
   *   signal's reason when it aborts
   */
  async waitUntilActive(options: Omit<WaitOptions<Droplet>, 'throwOnError'> = {}): Promise<Droplet> {
    return waitUntilActive(
      this.api,
      this.waitTarget,
      checkWaitOptions(this.api, options, GROUP_WAIT_OPTIONS),
    );
  }

  /** Waits until the Droplet is off. @internal */
  async waitUntilOff(options: Omit<WaitOptions<Droplet>, 'throwOnError'> = {}): Promise<Droplet> {
    return waitUntilOff(this.api, this.waitTarget, checkWaitOptions(this.api, options, GROUP_WAIT_OPTIONS));
  }

  /** The Droplet as a target for the poller. @internal */
  private get waitTarget(): DropletTarget {
    return {
      state: this,
      receivedAt: this.status === null ? null : this.receivedAt,
      ref: ({ id }) => ({ kind: 'droplet', id }),
      status: ({ status }) => status,
      // Its lock and its addresses.
      changesWithin: true,
      startedAt: ({ createdAt, api }) => createdAt && createdAt.getTime() - api.clockSkew,
      read: (json) => hydrate(Droplet, json, this.api, undefined, { id: this.id }),
    };
  }

  /** Lists the images that snapshots of the Droplet have made. */
  fetchAllSnapshots(options: ListingOptions = {}): Listing<Image> {
    return this.images('snapshots', options);
  }

  /** Lists the backups of the Droplet. They end with it. */
  fetchAllBackups(options: ListingOptions = {}): Listing<Image> {
    return this.images('backups', options);
  }

  private images(key: string, options: ListingOptions): Listing<Image> {
    const item = (json: unknown, receivedAt: number): Image => hydrate(Image, json, this.api, receivedAt);
    return new Listing(this.api, { url: `${this.url}/${key}`, key, item }, options);
  }

  /** The name. */
  override toString(): string {
    return this.name;
  }

  /** `Number(droplet)` is the id, `${droplet}` the name. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'number' ? this.id : this.toString();
  }

  protected override get resourceType(): string {
    return 'droplet';
  }
}
