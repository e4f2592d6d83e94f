import { Action } from './action';
import { newest } from './actionable';
import { checkId, checkList, checkSegment, is } from './util/validate';
import { withoutPollution } from './util/options/own-options';
import { validateOptions } from './util/options/validate-options';
import { checkCallOptions } from './model/call-options';
import type { CallOptions } from './model/requester';
import { unwrap } from './model/resource';
import { excerpt } from './util/text/sanitize';
import { Image } from './image';
import { type Listing, LISTING_OPTIONS, type ListingOptions } from './pagination/listing';
import type { Droplet } from './droplet';
import { PruneClient } from './prune-client';
import { checkNewImage, type NewImage } from './image-params';
import { fitsImport } from './fits';
import { adoptLost, searchLost } from './reconcile';
import { Region } from './region';
import { checkWaitOptions, GROUP_WAIT_OPTIONS, type WaitOptions } from './polling/wait-options';
import type * as AsCompletedModule from './polling/as-completed';

/** A program that waits for no group of actions does not pay for it. */
const loadAsCompleted = (): typeof AsCompletedModule =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use, synchronously
  withoutPollution(() => require('./polling/as-completed') as typeof AsCompletedModule);

/** Selects the images of a listing. */
export interface ImageFilter extends ListingOptions {
  /** Only public images: operating systems or 1-Click applications. Not the same as `image.type`. */
  type?: 'distribution' | 'application' | undefined;
  /** `true`: only images of this account. */
  private?: boolean | undefined;
  /** Only images with this tag. */
  tagName?: string | undefined;
}

const IMAGE_FILTER = {
  ...LISTING_OPTIONS,
  // Closed: an API that ignored another value would list every image.
  type: is.oneOf('distribution', 'application'),
  private: is.flag,
  tagName: is.tag,
};

/**
 * The manager: it creates `Image`, `Droplet`, `Snapshot`, `Action` and `Region` objects, whose methods send their requests
 * through it.
 *
 * ```ts
 * const api = new DOApi();                       // reads the token from DIGITALOCEAN_TOKEN
 * const image = await api.fetchImage(7555620);
 * await image.transfer('nyc3', { wait: true });
 * ```
 *
 * Every method that sends a request can reject with a `ResponseError` (the API responded with an error status),
 * `ConnectionError`, `TimeoutError`, `UnexpectedResponseError`, `UnknownOutcomeError` (the response to a POST was lost),
 * `ClosedError`, or the reason of the signal that aborted it. It rejects with a TypeError or RangeError for an invalid
 * argument, before it sends a request.
 */
export class DOApi extends PruneClient {
  /** A literal, which minifiers keep. @internal */
  static override readonly name = 'DOApi';
  // ---------------------------------------------------------------- images

  /**
   * Creates an Image without a request.
   * @param idOrJson an id, an Image, or the JSON that `image.toJSON()` returned, in any process
   * @throws TypeError, RangeError for any other value
   */
  image(idOrJson: number | object): Image {
    return this.create(Image, 'image', idOrJson);
  }

  /**
   * Fetches an image.
   * @param image an id, a slug, or an Image to fetch again; a string of digits is an id
   */
  async fetchImage(image: number | string | Image, options: CallOptions = {}): Promise<Image> {
    if (image instanceof Image) return this.#fetchImage(checkId('image', image.id), options);
    if (typeof image === 'string' && !/^\d+$/.test(image)) return this.fetchImageBySlug(image, options);
    return this.#fetchImage(checkId('image', typeof image === 'string' ? Number(image) : image), options);
  }

  /** Fetches a public image by its slug, such as `ubuntu-24-04-x64`. Private images have no slug. */
  async fetchImageBySlug(slug: string, options: CallOptions = {}): Promise<Image> {
    return this.#fetchImage(checkSegment('slug', slug), options);
  }

  /** Lists the images of the account and the public images. */
  fetchAllImages(filter: ImageFilter = {}): Listing<Image> {
    const { type, private: isPrivate, tagName, ...options } = validateOptions(filter, IMAGE_FILTER);
    const params = { type, private: isPrivate, tag_name: tagName };
    return this.list(Image, { path: '/v2/images', key: 'images', params }, options);
  }

  /** Lists the public images of operating systems. */
  fetchAllDistributionImages(options: ListingOptions = {}): Listing<Image> {
    return this.fetchAllImages({ ...validateOptions(options, LISTING_OPTIONS), type: 'distribution' });
  }

  /** Lists the public images of 1-Click applications. */
  fetchAllApplicationImages(options: ListingOptions = {}): Listing<Image> {
    return this.fetchAllImages({ ...validateOptions(options, LISTING_OPTIONS), type: 'application' });
  }

  /** Lists the account's own images: snapshots, backups and custom images. */
  fetchAllPrivateImages(options: ListingOptions = {}): Listing<Image> {
    return this.fetchAllImages({ ...validateOptions(options, LISTING_OPTIONS), private: true });
  }

  /**
   * Starts the import of an image from a URL. `image.waitUntilAvailable()` waits until it has ended.
   * @returns the image, as yet without size and regions
   * @throws UnknownOutcomeError when the response was lost and the image is not found, after a search of at least a minute:
   *   `mayHaveExecuted` is `false` when there is none
   * @see https://docs.digitalocean.com/reference/api/digitalocean/#operation/images_create_custom
   */
  async createCustomImage(image: NewImage, options: CallOptions = {}): Promise<Image> {
    const body = checkNewImage(image);
    const call = checkCallOptions(options);
    const fits = fitsImport(body);
    const list = (listing: ListingOptions): Listing<Image> => this.fetchAllPrivateImages(listing);
    const dateOf = ({ createdAt }: Image): Date | null => createdAt;
    const search = { noun: 'image', list, fits, dateOf } as const;
    const created = this.requester.send(`${this.endpoint}/v2/images`, {
      ...call,
      method: 'POST',
      body,
      fits,
      reconcile: (lost, options) => searchLost(this.requester, search, lost, options),
      read: (json) => unwrap(Image, 'image', json, this.requester),
    });
    const { clock, waitInterval: interval, signal } = this.requester;
    // No step of a wait: the search is sent as a call is.
    const until = { clock, interval, deadline: -Infinity, signals: [call.signal, signal] };
    return created.catch((error: unknown) => adoptLost<Image>(error, call, until));
  }

  // --------------------------------------------------------------- actions

  /**
   * Creates an Action without a request.
   * @param idOrJson an id, an Action, or the JSON that `action.toJSON()` returned, in any process
   * @throws TypeError, RangeError for any other value
   */
  action(idOrJson: number | object): Action {
    return this.create(Action, 'action', idOrJson);
  }

  /** Fetches an action. @param action an id, or an Action to fetch again */
  async fetchAction(action: number | Action, options: CallOptions = {}): Promise<Action> {
    return this.action(action).fetch(options);
  }

  /** Lists all actions of the account, on resources of every type. */
  fetchAllActions(options: ListingOptions = {}): Listing<Action> {
    return this.list(Action, { path: '/v2/actions', key: 'actions' }, options);
  }

  /**
   * Fetches the latest action of the account: the one with the latest start, then the highest id, of the first page.
   * @returns `null` when there are no actions
   */
  async fetchLastAction(options: CallOptions = {}): Promise<Action | null> {
    const { items } = await this.fetchAllActions(checkCallOptions(options)).page(1);
    return newest(items);
  }

  /**
   * Waits for many actions and yields each when it ends, whether completed or errored. Actions that are done already are
   * yielded first, without a request. A wait that fails, such as for an action that does not exist, does not end the
   * others. Leaving the loop ends the waits; it does not affect the actions.
   * @param actions Actions or their ids
   * @throws after the last action was yielded: WaitActionsError, whose `failures` lists the actions that could not be
   *   waited for, or after `timeout` WaitTimeoutError, whose `inProgress` lists the remaining actions. At once:
   *   AuthenticationError, ClosedError, the signal's reason, the error of `onProgress`
   */
  waitActions(
    actions: readonly (Action | number)[],
    options: Omit<WaitOptions<Action>, 'throwOnError'> = {},
  ): AsyncGenerator<Action, void, undefined> {
    const policy = checkWaitOptions(this.requester, options, GROUP_WAIT_OPTIONS);
    const all = checkList('actions', actions, (name, action) =>
      action instanceof Action ? action : this.action(checkId(name, action)),
    );
    const targets = all.map((action) => action.waitTarget);
    return loadAsCompleted().asCompleted(this.requester, targets, policy);
  }

  // --------------------------------------------------------------- regions

  /** Lists all regions. An image can be copied to those whose `features` include `image_transfer`, `available` or not. */
  fetchAllRegions(options: ListingOptions = {}): Listing<Region> {
    return this.list(Region, { path: '/v2/regions', key: 'regions' }, options);
  }

  /** @internal */
  protected override async fetchResource(
    type: string,
    id: number,
    options: CallOptions,
  ): Promise<Image | Droplet> {
    if (type === 'image') return this.image(id).fetch(options);
    if (type === 'droplet') return this.droplet(id).fetch(options);
    throw new TypeError(
      `resourceType: expected image or droplet, got ${excerpt(type)}; fetch it with api.request('/v2/${excerpt(type)}s/${id}')`,
    );
  }

  /** @internal */
  protected override declaredFields(kind: 'action' | 'image' | 'droplet', json: object): object {
    return this[kind](json).toJSON();
  }

  async #fetchImage(idOrSlug: number | string, options: CallOptions): Promise<Image> {
    const call = checkCallOptions(options);
    const url = `${this.endpoint}/v2/images/${encodeURIComponent(idOrSlug)}`;
    const asked = typeof idOrSlug === 'number' ? { id: idOrSlug } : { slug: idOrSlug };
    return this.requester.send(url, {
      ...call,
      read: (body) => unwrap(Image, 'image', body, this.requester, asked),
    });
  }
}
