import { Actionable, type ActOptions } from './actionable';
import type { Action } from './action';
import { checkInteger, checkList, checkObject, checkTag } from './util/validate';
import { DOApiError, NotFoundError } from './errors/errors';
import { field } from './model/fields';
import type { Cancellable } from './model/requester';
import { hydrate, unwrap } from './model/resource';
import { excerpt } from './util/sanitize';
import { type RegionLike, regionSlugOf } from './region';
import { checkChanges, type ImageChanges } from './image-params';
import { replicate, type ReplicateOptions, type Replication } from './replicate';
import { checkWaitOptions, type WaitOptions } from './polling/wait-options';

/** An open set: what DigitalOcean adds tomorrow is a type too. */
export type ImageType = 'base' | 'snapshot' | 'backup' | 'custom' | 'admin' | (string & {});

/** An open set. An import goes from `NEW` over `pending` to `available`, or ends as `deleted`. */
export type ImageStatus = 'NEW' | 'available' | 'pending' | 'deleted' | 'retired' | (string & {});

declare module './model/requester' {
  interface Resources {
    image: Image;
  }
}

/**
 * An image: DigitalOcean's own, a snapshot, a backup, or one of your making. A snapshot of its state: properties never
 * change, and `fetch()` gives a new object.
 *
 * ```ts
 * const image = await api.fetchImage(7555620);
 * await image.transfer('nyc3', { wait: true });
 * ```
 *
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Images
 */
export class Image extends Actionable<Image> {
  @field.id() readonly id!: number;
  @field.text({ absent: '' }) readonly name!: string;
  /** What it is; not what the listings' filter of the same name means. */
  @field.text({ absent: null }) readonly type!: ImageType | null;
  /** Such as `Ubuntu`. */
  @field.text({ absent: null }) readonly distribution!: string | null;
  /** Such as `ubuntu-24-04-x64`; only public images have one. */
  @field.text({ absent: null }) readonly slug!: string | null;
  /** Whether every account can see it. */
  @field.flag({ absent: false }) readonly public!: boolean;
  /** Slugs of the regions it is in, without repeats. */
  @field.texts() readonly regions!: readonly string[];
  /** The smallest disk it fits on, in gigabytes. */
  @field.number({ wire: 'min_disk_size', absent: null }) readonly minDiskSize!: number | null;
  @field.number({ wire: 'size_gigabytes', absent: null }) readonly sizeGigabytes!: number | null;
  @field.date({ wire: 'created_at', absent: null }) readonly createdAt!: Date | null;
  @field.text({ absent: '' }) readonly description!: string;
  @field.texts() readonly tags!: readonly string[];
  @field.text({ absent: null }) readonly status!: ImageStatus | null;
  /** Why an import failed. */
  @field.text({ wire: 'error_message', absent: '' }) readonly errorMessage!: string;

  /** `<endpoint>/v2/images/<id>`. */
  get url(): string {
    return `${this.api.endpoint}/v2/images/${this.id}`;
  }

  /**
   * Fetches the image's present state.
   * @returns a new Image
   * @throws NotFoundError when it is gone, and whatever else a request can reject with
   */
  async fetch({ signal }: Cancellable = {}): Promise<Image> {
    return this.api.send(this.url, { signal, read: (body) => unwrap(Image, 'image', body, this.api) });
  }

  /**
   * Changes the image's name; of a custom image also description and distribution.
   * @returns the image as it is now, a new object
   * @throws TypeError when nothing is to be changed, or the name is empty
   */
  async update(changes: ImageChanges, { signal }: Cancellable = {}): Promise<Image> {
    const body = checkChanges(changes);
    return this.api.send(this.url, {
      method: 'PUT',
      body,
      signal,
      read: (answer) => unwrap(Image, 'image', answer, this.api),
    });
  }

  /**
   * Deletes the image, in all regions and for good.
   * @throws UnprocessableError when it was deleted before; after an attempt whose answer was lost that counts as done
   */
  async delete({ signal }: Cancellable = {}): Promise<void> {
    await this.api.send(this.url, { method: 'DELETE', signal, read: () => undefined });
  }

  /**
   * Copies the image to another region; it stays where it is. Takes from one to eighty minutes.
   * @param region a slug, or a Region
   * @param options `wait`: return only when it has arrived
   * @throws UnprocessableError when it is there already, and whatever `act` throws
   */
  async transfer(region: RegionLike, options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'transfer', region: regionSlugOf(region) }, options);
  }

  /**
   * Turns a backup into a snapshot, which is kept until you delete it.
   * @param options `wait`: return only when that is done
   */
  async convert(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'convert' }, options);
  }

  /**
   * Copies the image to many regions at once. Regions it is in cost nothing, transfers under way are adopted and not
   * started twice, one failure never hides another's result.
   * @param regions slugs or Regions; one that stands there twice counts once
   * @param options of the wait, and `concurrency`: how many transfers are started at once (default 4)
   * @returns one entry for each distinct region, in the order given
   * @throws AuthenticationError, NotFoundError when the image is gone, the signal's reason; the rest is in the entries
   *
   * ```ts
   * for (const { region, outcome } of await image.replicate(['ams3', 'sgp1', 'nyc3'])) console.log(region, outcome);
   * ```
   */
  async replicate(regions: readonly RegionLike[], options: ReplicateOptions = {}): Promise<Replication[]> {
    const { concurrency = 4, ...wait } = checkObject('options', options) as ReplicateOptions;
    const slugs = new Set(checkList('regions', regions, (name, region) => regionSlugOf(region, name)));
    checkWaitOptions(this.api, wait);
    const policy = {
      concurrency: checkInteger('concurrency', concurrency, 1, 100),
      wait: { ...wait, throwOnError: true },
    };
    const run = (): Promise<Replication[]> => replicate(this, [...slugs], policy);
    const { group } = this.api;
    if (!group) return run();
    return group(
      { method: 'POST', url: this.actionUrl, body: { type: 'transfer', region: [...slugs] } },
      run,
    );
  }

  /**
   * Waits until an import has ended and the image can be used.
   * @returns the image as it is then; one that is available already costs no request
   * @throws ImageImportError when the import failed (unless `throwOnError: false`), WaitTimeoutError when patience ran
   *   out, the signal's own reason on an abort
   */
  async waitUntilAvailable(options: WaitOptions<Image> = {}): Promise<Image> {
    const patience = checkWaitOptions(this.api, options);
    const image = await this.api.poller.wait<Image>(
      {
        name: `The import of image ${this.id}`,
        state: this,
        seenAt: this.status === null ? null : this.receivedAt,
        target: ({ id }) => ({ kind: 'image', id }),
        status: (state) => state.status,
        beganAt: ({ createdAt, api }) => createdAt && createdAt.getTime() - api.clockSkew,
        isDone: (state) => state.status === 'available' || state.importFailed,
        read: (json) => hydrate(Image, json, this.api),
      },
      patience,
    );
    if (patience.throwOnError && image.importFailed) throw new ImageImportError(image);
    return image;
  }

  /**
   * Puts a tag on the image; a tag that does not exist yet is made.
   * @param name letters, digits, `:`, `-`, `_`; at most 255
   */
  async tag(name: string, { signal }: Cancellable = {}): Promise<void> {
    const put = (): Promise<void> =>
      this.api.send(this.tagUrl(name), {
        method: 'POST',
        body: this.asTagged,
        idempotent: true,
        signal,
        read: () => undefined,
      });
    try {
      await put();
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      const body = { name };
      await this.api.send(`${this.api.endpoint}/v2/tags`, {
        method: 'POST',
        body,
        idempotent: true,
        signal,
        read: () => undefined,
      });
      await put();
    }
  }

  /** Takes a tag off the image. @throws NotFoundError when there is no such tag */
  async untag(name: string, { signal }: Cancellable = {}): Promise<void> {
    await this.api.send(this.tagUrl(name), {
      method: 'DELETE',
      body: this.asTagged,
      signal,
      read: () => undefined,
    });
  }

  /** The slug; an image without one gives its id as text. */
  override toString(): string {
    return this.slug ?? String(this.id);
  }

  /** `Number(image)` is its id, `${image}` its slug. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'number' ? this.id : this.toString();
  }

  private get importFailed(): boolean {
    return this.status === 'deleted' || this.status === 'retired';
  }

  private tagUrl(name: string): string {
    return `${this.api.endpoint}/v2/tags/${checkTag('name', name)}/resources`;
  }

  private get asTagged(): object {
    return { resources: [{ resource_id: String(this.id), resource_type: 'image' }] };
  }
}

/** An import failed; `message` holds DigitalOcean's reason. */
export class ImageImportError extends DOApiError {
  /** The image in its last state; `errorMessage` is the reason. */
  readonly image: Image;

  constructor(image: Image) {
    const reason =
      excerpt(image.errorMessage) ||
      `its status is ${String(image.status)}, and DigitalOcean gives no reason`;
    super(`The import of image ${image.id} (${excerpt(image.name) || 'without a name'}) failed: ${reason}`);
    this.image = image;
    // Not to be printed along: DigitalOcean's words may hold the whole URL, with the secrets in its query.
    Object.defineProperty(this, 'image', { enumerable: false });
  }
}
