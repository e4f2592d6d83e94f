import { Actionable, type ActOptions } from './actionable';
import type { Action } from './action';
import type { NewDropletOfImage } from './new-droplet';
import { checkList } from './util/validate';
import { ownOptions, withoutPollution } from './util/options/own-options';
import { validateOptions } from './util/options/validate-options';
import { DOApiError, setName } from './errors/errors';
import { field } from './model/fields';
import type { CallOptions, Resources } from './model/requester';
import { checkCallOptions } from './model/call-options';
import { hydrate, unwrap } from './model/resource';
import { excerpt } from './util/text/sanitize';
import { type RegionLike, regionSlugOf } from './region';
import { checkChanges, type ImageChanges, type ImageStatus, type ImageType } from './image-params';
import type * as OfferModule from './image-offer';
import type { ImageOffer, ImageRecipient } from './image-offer';
import type * as ReplicateModule from './replicate';
import type { ReplicateOptions, Replication } from './replicate';
import { checkWaitOptions, type WaitOptions } from './polling/wait-options';

/** A program that replicates or offers nothing does not pay for it. */
/* eslint-disable @typescript-eslint/no-require-imports -- loaded at its first use, synchronously */
const loadReplicate = (): typeof ReplicateModule =>
  withoutPollution(() => require('./replicate') as typeof ReplicateModule);
const loadOffer = (): typeof OfferModule =>
  withoutPollution(() => require('./image-offer') as typeof OfferModule);
/* eslint-enable @typescript-eslint/no-require-imports */

declare module './model/requester' {
  interface Resources {
    image: Image;
  }
}

/**
 * A public image, snapshot, backup or custom image, in the state in which it was received. Properties never change;
 * `fetch()` returns a new object.
 *
 * ```ts
 * const image = await api.fetchImage(7555620);
 * await image.transfer('nyc3', { wait: true });
 * ```
 *
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Images
 */
export class Image extends Actionable<Image> {
  /** A literal, which minifiers keep. @internal */
  static override readonly name = 'Image';
  /** Unique among all images, public ones included. */
  @field.id() readonly id!: number;
  /** Need not be unique; `''` in responses to some creations. */
  @field.text({ absent: '' }) readonly name!: string;
  /** What kind of image it is, which is not the `type` of an ImageFilter; `null` when the API does not say. */
  @field.text({ absent: null }) readonly type!: ImageType | null;
  /** Such as `Ubuntu`; `null` when the API does not say. */
  @field.text({ absent: null }) readonly distribution!: string | null;
  /** Such as `ubuntu-24-04-x64`; only public images have one, for others it is `null` or `''`. */
  @field.text({ absent: null }) readonly slug!: string | null;
  /** Whether the image is available to every account. */
  @field.flag({ absent: false }) readonly public!: boolean;
  /** Slugs of the regions that have the image, each once. */
  @field.texts() readonly regions!: readonly string[];
  /** The smallest disk for the image, in gigabytes; `null` when the API does not say. */
  @field.number({ wire: 'min_disk_size', absent: null }) readonly minDiskSize!: number | null;
  /** What the image takes of the storage, in gigabytes, by which DigitalOcean charges; `null` while it is not known. */
  @field.number({ wire: 'size_gigabytes', absent: null }) readonly sizeGigabytes!: number | null;
  /** When it was created; `null` when the API does not say. */
  @field.date({ wire: 'created_at', absent: null }) readonly createdAt!: Date | null;
  /** Free text; `''` for none. Only that of a custom image can be changed. */
  @field.text({ absent: '' }) readonly description!: string;
  /** Names of its tags. */
  @field.texts() readonly tags!: readonly string[];
  /** Only an `available` image can be used; `null` when the API does not say. */
  @field.text({ absent: null }) readonly status!: ImageStatus | null;
  /** Why an import failed; `''` for all others. */
  @field.text({ wire: 'error_message', absent: '' }) readonly errorMessage!: string;

  /** `<endpoint>/v2/images/<id>`. */
  get url(): string {
    return `${this.api.endpoint}/v2/images/${this.id}`;
  }

  /**
   * Fetches the image's current state.
   * @returns a new Image
   * @throws NotFoundError when the image no longer exists
   */
  async fetch(options: CallOptions = {}): Promise<Image> {
    return this.api.send(this.url, { ...checkCallOptions(options), read: this.reader });
  }

  /**
   * Changes the image's name, and the description and distribution of a custom image.
   * @returns a new Image
   * @throws TypeError when there is no change, or the name is empty
   */
  async update(changes: ImageChanges, options: CallOptions = {}): Promise<Image> {
    const body = checkChanges(changes);
    return this.api.send(this.url, {
      ...checkCallOptions(options),
      method: 'PUT',
      body,
      read: this.reader,
    });
  }

  /**
   * Deletes the image in all regions, irreversibly.
   * @throws UnprocessableError when it was deleted already; a retry after a lost response resolves instead
   */
  async delete(options: CallOptions = {}): Promise<void> {
    const call = checkCallOptions(options);
    await this.api.send(this.url, { ...call, method: 'DELETE', read: () => undefined });
  }

  /**
   * Starts a copy of the image to another region, which takes from one to eighty minutes.
   * @param region a slug or a Region
   * @param options `wait: true` waits until the region has the image
   * @throws UnprocessableError when the region has the image already; also every error of `act`
   */
  async transfer(region: RegionLike, options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'transfer', region: regionSlugOf(region) }, options);
  }

  /**
   * Starts the conversion of a backup into a snapshot, which does not expire.
   * @param options `wait: true` waits until the conversion has ended
   * @throws every error of `act`
   */
  async convert(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'convert' }, options);
  }

  /**
   * Copies the image to many regions and waits for all of them. Regions that have the image are skipped, and a transfer
   * in progress is awaited, not started again. A failure in one region does not affect the others.
   * @param regions slugs or Regions; duplicates are ignored
   * @param options options of the wait, and `concurrency`: how many transfers to start at the same time (default 4)
   * @returns one entry per region, in the given order; failures of single regions are entries too
   * @throws AuthenticationError, NotFoundError when the image no longer exists, ClosedError, the signal's reason
   *
   * ```ts
   * for (const { region, outcome } of await image.replicate(['ams3', 'sgp1', 'nyc3'])) console.log(region, outcome);
   * ```
   */
  async replicate(regions: readonly RegionLike[], options: ReplicateOptions = {}): Promise<Replication[]> {
    const { replicate, REPLICATE_OPTIONS } = loadReplicate();
    const { concurrency, ...rest } = validateOptions(options, REPLICATE_OPTIONS);
    const slugs = new Set(checkList('regions', regions, (name, region) => regionSlugOf(region, name)));
    const policy = { api: this.api, concurrency, wait: ownOptions(rest as WaitOptions<Action>) };
    const run = (): Promise<Replication[]> => replicate(this, [...slugs], policy);
    const { group } = this.api;
    if (!group) return run();
    return group(
      { method: 'POST', url: this.actionUrl, body: { type: 'transfer', region: [...slugs] } },
      run,
    );
  }

  /**
   * Waits until the import of the image has ended. Sends no request when the image is available already.
   * @returns the image in its final state
   * @throws ImageImportError when the import failed (unless `throwOnError: false`), WaitTimeoutError after `timeout`, the
   *   signal's reason when it aborts
   */
  async waitUntilAvailable(options: WaitOptions<Image> = {}): Promise<Image> {
    const policy = checkWaitOptions(this.api, options);
    const image = await this.api.poller.wait<Image>(
      {
        name: `The import of image ${this.id}`,
        state: this,
        receivedAt: this.status === null ? null : this.receivedAt,
        ref: ({ id }) => ({ kind: 'image', id }),
        status: (state) => state.status,
        startedAt: ({ createdAt, api }) => createdAt && createdAt.getTime() - api.clockSkew,
        isDone: (state) => state.status === 'available' || state.importFailed,
        read: (json) => hydrate(Image, json, this.api, undefined, { id: this.id }),
      },
      policy,
    );
    if (policy.throwOnError && image.importFailed) throw new ImageImportError(image);
    return image;
  }

  /**
   * Creates a Droplet from the image.
   * @param droplet its `name`, `size` and more; `region` is by default the image's first
   * @returns the Droplet, as yet without addresses; with `wait` once it is active
   * @throws RangeError when the image is not in the region, or does not fit on the disk of the size; also every error of
   *   `api.createDroplet`
   */
  async createDroplet(droplet: NewDropletOfImage, options: CallOptions = {}): Promise<Resources['droplet']> {
    return this.api.createDropletOf(this, droplet, checkCallOptions(options));
  }

  /**
   * Offers the snapshot to another account. It is a move, not a copy: once accepted, the image has left this account.
   * @param recipient `{ email }` or `{ uuid }`
   * @returns the offer. Keep its `id`: no request lists offers
   * @throws TypeError for an image that is no snapshot, before a request where its type is known; UnknownOutcomeError when
   *   the response was lost: the offer may exist, and nothing can search for it
   */
  async offerTo(recipient: ImageRecipient, options: CallOptions = {}): Promise<ImageOffer> {
    return loadOffer().offerImage(this.api, this, recipient, options);
  }

  /** The slug, or the id as text when the image has no slug. */
  override toString(): string {
    // The API sends '' for none, too.
    return this.slug === null || this.slug === '' ? String(this.id) : this.slug;
  }

  /** `Number(image)` is the id, `${image}` the same as `toString()`. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'number' ? this.id : this.toString();
  }

  /** Reads an answer about this image. */
  private get reader(): (body: unknown) => Image {
    return (body) => unwrap(Image, 'image', body, this.api, { id: this.id });
  }

  private get importFailed(): boolean {
    return this.status === 'deleted' || this.status === 'retired';
  }

  protected override get resourceType(): string {
    return 'image';
  }
}

/** The import of an image failed. `message` contains DigitalOcean's reason. */
export class ImageImportError extends DOApiError {
  /** The image in its final state; its `errorMessage` is DigitalOcean's reason. */
  readonly image: Image;

  constructor(image: Image) {
    const reason =
      excerpt(image.errorMessage) ||
      `its status is ${String(image.status)}, and DigitalOcean gives no reason`;
    super(`The import of image ${image.id} (${excerpt(image.name) || 'without a name'}) failed: ${reason}`);
    this.image = image;
    // Not enumerable, so that it is not logged: DigitalOcean's reason may contain a presigned URL.
    Object.defineProperty(this, 'image', { enumerable: false });
  }
}
setName(ImageImportError, 'ImageImportError');
