import { DropletClient } from './droplet-client';
import { Image } from './image';
import type * as ImageQueryModule from './image-query';
import type { ImageQuery, ImageSource } from './image-query';
import type * as OfferModule from './image-offer';
import type { ImageOffer } from './image-offer';
import type { CallOptions } from './model/requester';
import { withoutPollution } from './util/options/own-options';
import { checkId } from './util/validate';

/** A program that finds nothing and is offered nothing does not pay for it. */
/* eslint-disable @typescript-eslint/no-require-imports -- loaded at its first use, synchronously */
const lazy = {
  query: () => withoutPollution(() => require('./image-query') as typeof ImageQueryModule),
  offer: () => withoutPollution(() => require('./image-offer') as typeof OfferModule),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The part of a manager that finds images, and takes images that other accounts offer. */
export abstract class ImageClient extends DropletClient {
  /**
   * Finds images, newest first: by the time they were created, then by their id. The list is read consistently, so that a
   * list that changes meanwhile leaves nothing out.
   * @param query conditions that all must hold, and the options of a call; `private` is `true` by default
   * @throws DOApiError when the list kept changing while it was read; NotFoundError when the Droplet of the query does not
   *   exist any more
   *
   * ```ts
   * const old = await api.findImages({ name: /^web-/, type: 'snapshot', olderThan: '14d' });
   * ```
   */
  async findImages(query: ImageQuery & CallOptions = {}): Promise<Image[]> {
    return lazy.query().findImages(this.#source, query);
  }

  /**
   * Finds the newest image: by the time it was created, then by its id.
   * @param query as for `findImages`
   * @throws LookupError when there is none; also every error of `findImages`
   */
  async findImage(query: ImageQuery & CallOptions = {}): Promise<Image> {
    return lazy.query().findNewestImage(this.#source, query);
  }

  /**
   * Fetches the only image of exactly this name.
   * @param query further conditions, as for `findImages`
   * @throws LookupError when there is none, or when there are several: its `candidates` are the images, newest first; also
   *   every error of `findImages`
   */
  async fetchImageByName(name: string, query: Omit<ImageQuery, 'name'> & CallOptions = {}): Promise<Image> {
    return lazy.query().imageByName(this.#source, name, query);
  }

  /**
   * An offer that another account has made with `image.offerTo()`, to accept or decline it. Sends nothing, and no request
   * can list the offers: the sender tells both ids.
   * @param imageId the id of the image
   * @param offerId the `id` of the sender's ImageOffer
   * @throws TypeError, RangeError naming the argument
   */
  imageOffer(imageId: number, offerId: number): ImageOffer {
    const image = this.create(Image, 'imageId', imageId);
    return new (lazy.offer().ImageOffer)(this.requester, image, checkId('offerId', offerId));
  }

  get #source(): ImageSource {
    const { clock } = this.requester;
    return {
      list: (params, options) => this.list(Image, { path: '/v2/images', key: 'images', params }, options),
      imageIdsOf: async (id, options) => {
        const { snapshotIds, backupIds } = await this.fetchDroplet(id, options);
        return [...snapshotIds, ...backupIds];
      },
      now: () => clock.date() + this.requester.clockSkew,
    };
  }
}
