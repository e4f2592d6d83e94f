import { Action } from './action';
import { newest } from './actionable';
import {
  checkFlag,
  checkId,
  checkList,
  checkObject,
  checkSegment,
  checkTag,
  checkText,
} from './util/validate';
import { Mismatch } from './model/fields';
import type { Cancellable, Params } from './model/requester';
import { hydrate, type Resource, type ResourceClass, unwrap } from './model/resource';
import { excerpt } from './util/sanitize';
import { Image } from './image';
import { Listing, type ListingOptions } from './pagination/listing';
import { ApiClient } from './api-client';
import { checkNewImage, type NewImage } from './image-params';
import { findCreatedImage } from './reconcile';
import { Region } from './region';
import { checkWaitOptions, type WaitOptions } from './polling/wait-options';
import { asCompleted } from './polling/as-completed';

/** Which images a listing holds. */
export interface ImageFilter extends ListingOptions {
  /** DigitalOcean's own: operating systems or 1-Click applications. Not the same as an image's own `type`. */
  type?: 'distribution' | 'application';
  /** `true`: only images of this account. */
  private?: boolean;
  /** Only images that carry this tag. */
  tagName?: string;
}

/**
 * The manager: makes `Image`, `Action` and `Region` objects, whose methods send their requests back through it.
 *
 * ```ts
 * const api = new DOApi();                       // the token is in DIGITALOCEAN_TOKEN
 * const image = await api.fetchImage(7555620);
 * await image.transfer('nyc3', { wait: true });
 * ```
 *
 * Every method that sends something can reject with a `ResponseError` (DigitalOcean said no), `ConnectionError`,
 * `TimeoutError`, `UnexpectedResponseError`, `UnknownOutcomeError` (a POST whose answer was lost), `ClosedError`, or
 * the reason of the signal that ended it. Bad arguments are a TypeError or RangeError, before anything is sent.
 */
export class DOApi extends ApiClient {
  // ---------------------------------------------------------------- images

  /**
   * An Image by its id or from what `toJSON()` gave, in this process or another. No request.
   * @throws TypeError, RangeError for anything else
   */
  image(idOrJson: number | object): Image {
    return this.#make(Image, 'image', idOrJson);
  }

  /**
   * Fetches an image.
   * @param image a number is an id, a string a slug (one of digits is an id); an Image is fetched anew
   */
  async fetchImage(image: number | string | Image, options: Cancellable = {}): Promise<Image> {
    if (image instanceof Image) return this.#fetchImage(checkId('image', image.id), options);
    if (typeof image === 'string' && !/^\d+$/.test(image)) return this.fetchImageBySlug(image, options);
    return this.#fetchImage(checkId('image', typeof image === 'string' ? Number(image) : image), options);
  }

  /** Fetches a public image by its slug, such as `ubuntu-24-04-x64`. Private images have none. */
  async fetchImageBySlug(slug: string, options: Cancellable = {}): Promise<Image> {
    return this.#fetchImage(checkSegment('slug', slug), options);
  }

  /** All images the token can see. */
  fetchAllImages(filter: ImageFilter = {}): Listing<Image> {
    const { type, private: own, tagName, ...options } = checkObject('options', filter) as ImageFilter;
    const params = {
      type: type === undefined ? undefined : checkText('type', type),
      private: own === undefined ? undefined : checkFlag('private', own),
      tag_name: tagName === undefined ? undefined : checkTag('tagName', tagName),
    };
    return this.#list(Image, '/v2/images', 'images', options, params);
  }

  /** Operating systems. */
  fetchAllDistributionImages(options: ListingOptions = {}): Listing<Image> {
    return this.fetchAllImages({ ...options, type: 'distribution' });
  }

  /** 1-Click applications. */
  fetchAllApplicationImages(options: ListingOptions = {}): Listing<Image> {
    return this.fetchAllImages({ ...options, type: 'application' });
  }

  /** The account's own: snapshots, backups, custom images. */
  fetchAllPrivateImages(options: ListingOptions = {}): Listing<Image> {
    return this.fetchAllImages({ ...options, private: true });
  }

  /**
   * Imports an image from a URL. DigitalOcean fetches it in its own time: wait with `image.waitUntilAvailable()`.
   * @returns the image, still without size and regions
   * @throws UnknownOutcomeError when the answer was lost; its `reconcile()` looks for the image
   * @see https://docs.digitalocean.com/reference/api/digitalocean/#operation/images_create_custom
   */
  async createCustomImage(image: NewImage, { signal }: Cancellable = {}): Promise<Image> {
    const body = checkNewImage(image);
    const list = (options: Cancellable): Listing<Image> =>
      this.fetchAllPrivateImages({ ...options, consistent: true });
    return this.requester.send(`${this.endpoint}/v2/images`, {
      method: 'POST',
      body,
      signal,
      reconcile: (sentAt, options) => findCreatedImage(this.requester, list, body.name, sentAt, options),
      read: (answer) => unwrap(Image, 'image', answer, this.requester),
    });
  }

  // --------------------------------------------------------------- actions

  /**
   * An Action by its id or from what `toJSON()` gave, in this process or another. No request.
   * @throws TypeError, RangeError for anything else
   */
  action(idOrJson: number | object): Action {
    return this.#make(Action, 'action', idOrJson);
  }

  /** Fetches an action. @param action its id, or an Action to be fetched anew */
  async fetchAction(action: number | Action, options: Cancellable = {}): Promise<Action> {
    return this.action(action).fetch(options);
  }

  /** All actions of the account, on all kinds of resources. */
  fetchAllActions(options: ListingOptions = {}): Listing<Action> {
    return this.#list(Action, '/v2/actions', 'actions', options);
  }

  /** The account's newest action, by its start, then its id, of the list's first page; `null` when there was never one. */
  async fetchLastAction(options: Cancellable = {}): Promise<Action | null> {
    const { items } = await this.fetchAllActions(options).page(1);
    return newest(items);
  }

  /**
   * Waits for many actions and yields each as it ends, completed or errored. Those done already come first, without a
   * request. Leaving the loop ends the waits, not the actions.
   * @param actions actions, or their ids
   * @throws WaitTimeoutError when patience runs out; its `inProgress` lists the rest
   */
  waitActions(
    actions: readonly (Action | number)[],
    options: WaitOptions<Action> = {},
  ): AsyncGenerator<Action, void, undefined> {
    const patience = checkWaitOptions(this.requester, options);
    const all = checkList('actions', actions, (name, action) =>
      action instanceof Action ? action : this.action(checkId(name, action)),
    );
    const what = `Of ${all.length} actions some`;
    const { requester } = this;
    return asCompleted(
      requester,
      requester.poller,
      all.map((action) => action.waitTarget),
      patience,
      what,
    );
  }

  // --------------------------------------------------------------- regions

  /** All regions, with what each of them offers. */
  fetchAllRegions(options: ListingOptions = {}): Listing<Region> {
    return this.#list(Region, '/v2/regions', 'regions', options);
  }

  /** @internal */
  protected override async fetchResource(type: string, id: number, options: Cancellable): Promise<Image> {
    if (type !== 'image') {
      throw new TypeError(
        `resourceType: expected image, got ${excerpt(type)}; fetch it with api.request('/v2/${excerpt(type)}s/${id}')`,
      );
    }
    return this.image(id).fetch(options);
  }

  #fetchImage(name: number | string, { signal }: Cancellable): Promise<Image> {
    const url = `${this.endpoint}/v2/images/${encodeURIComponent(name)}`;
    return this.requester.send(url, { signal, read: (body) => unwrap(Image, 'image', body, this.requester) });
  }

  #make<T extends Resource>(Class: ResourceClass<T>, name: string, idOrJson: unknown): T {
    if (typeof idOrJson !== 'object' || idOrJson === null)
      return hydrate(Class, { id: checkId(name, idOrJson) }, this.requester);
    const json = idOrJson instanceof Class ? idOrJson.toJSON() : idOrJson;
    try {
      // It may have been kept for days: a wait looks at once.
      return hydrate(Class, json, this.requester, -Infinity);
    } catch (error) {
      throw error instanceof Mismatch ? new TypeError(error.within(name).message) : error;
    }
  }

  #list<T extends Resource>(
    Class: ResourceClass<T>,
    path: string,
    key: string,
    options: ListingOptions,
    params: Params = {},
  ): Listing<T> {
    const item = (json: unknown, receivedAt: number): T => hydrate(Class, json, this.requester, receivedAt);
    return new Listing(this.requester, { url: this.endpoint + path, key, params, item }, options);
  }
}
