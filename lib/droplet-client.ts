import type * as CreationModule from './droplet-creation';
import type * as DropletModule from './droplet';
import type { Droplet } from './droplet';
import type { NewDroplet, NewDroplets } from './droplet-params';
import type { NewDropletOfImage } from './new-droplet';
import type { Image } from './image';
import { checkCallOptions } from './model/call-options';
import type { CallOptions } from './model/requester';
import { type Listing, LISTING_OPTIONS, type ListingOptions } from './pagination/listing';
import { SnapshotClient } from './snapshot-client';
import { withoutPollution } from './util/options/own-options';
import { validateOptions } from './util/options/validate-options';
import { is } from './util/validate';

/** A program without Droplets does not pay for them: these are loaded at their first use. */
/* eslint-disable @typescript-eslint/no-require-imports -- loaded at its first use, synchronously */
const lazy = {
  droplet: () => withoutPollution(() => require('./droplet') as typeof DropletModule),
  creation: () => withoutPollution(() => require('./droplet-creation') as typeof CreationModule),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** Selects the Droplets of a listing. */
export interface DropletFilter extends ListingOptions {
  /** Only those of exactly this name; upper and lower case are the same. */
  name?: string | undefined;
  /** Only those with this tag; not together with `name` or `type`. */
  tagName?: string | undefined;
  /** `gpus`: only those with a GPU, which no other list has. Default `droplets`. */
  type?: 'droplets' | 'gpus' | undefined;
}

const DROPLET_FILTER = {
  ...LISTING_OPTIONS,
  name: is.text,
  tagName: is.tag,
  type: is.oneOf('droplets', 'gpus'),
};

/** The part of a manager that serves Droplets. */
export abstract class DropletClient extends SnapshotClient {
  /**
   * Creates a Droplet object without a request.
   * @param idOrJson an id, a Droplet, or the JSON that `droplet.toJSON()` returned, in any process
   * @throws TypeError, RangeError for any other value
   */
  droplet(idOrJson: number | object): Droplet {
    return this.create(lazy.droplet().Droplet, 'droplet', idOrJson);
  }

  /**
   * Fetches a Droplet.
   * @param droplet an id, or a Droplet to fetch again
   * @throws NotFoundError when it does not exist
   */
  async fetchDroplet(droplet: number | Droplet, options: CallOptions = {}): Promise<Droplet> {
    return this.droplet(droplet).fetch(options);
  }

  /**
   * Lists the Droplets of the account. Those with a GPU are a list of their own: `type: 'gpus'`.
   * @throws TypeError for `name` or `type` beside `tagName`, which DigitalOcean does not combine
   */
  fetchAllDroplets(filter: DropletFilter = {}): Listing<Droplet> {
    const { name, tagName, type, ...options } = validateOptions(filter, DROPLET_FILTER);
    if (tagName !== undefined && (name !== undefined || type !== undefined))
      throw new TypeError('tagName: cannot be combined with name or type');
    const params = { name, tag_name: tagName, type };
    return this.list(lazy.droplet().Droplet, { path: '/v2/droplets', key: 'droplets', params }, options);
  }

  /**
   * Creates a Droplet. The region and the size are checked against `image` before, when it is an Image that knows them.
   * @returns the Droplet, as yet without addresses; with `wait` once it is active
   * @throws RangeError when the image is not in the region, or does not fit on the disk of the size; UnprocessableError when
   *   the API refuses; UnknownOutcomeError when the response was lost and the Droplet is not found, after a search of at
   *   least a minute: `mayHaveExecuted` is `false` when there is none; LookupError as its `cause` when several may be it;
   *   with `wait` every error of `droplet.waitUntilActive`
   * @see https://docs.digitalocean.com/reference/api/digitalocean/#operation/droplets_create
   */
  async createDroplet(droplet: NewDroplet, options: CallOptions = {}): Promise<Droplet> {
    return lazy.creation().createFrom(this.#creation(options), droplet);
  }

  /**
   * Creates many Droplets that differ in their names only, ten in each request.
   * @returns one Droplet for each name, in the given order
   * @throws what `createDroplet` throws; CreateDropletsError when only some were created: it names them
   */
  async createDroplets(droplets: NewDroplets, options: CallOptions = {}): Promise<Droplet[]> {
    return lazy.creation().createMany(this.#creation(options), droplets);
  }

  /** @internal */
  protected override async createDropletOf(
    image: object,
    droplet: object,
    options: CallOptions,
  ): Promise<Droplet> {
    const creation = this.#creation(options);
    return lazy.creation().createFromImage(creation, image as Image, droplet as NewDropletOfImage);
  }

  #creation(options: CallOptions): Parameters<typeof CreationModule.createFrom>[0] {
    const list = (filter: DropletFilter): Listing<Droplet> => this.fetchAllDroplets(filter);
    return { api: this.requester, list, call: checkCallOptions(options) };
  }
}
