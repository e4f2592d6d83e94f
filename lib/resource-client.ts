import { ApiClient } from './api-client';
import { Mismatch } from './model/fields';
import type { Params } from './model/requester';
import { hydrate, type Resource, type ResourceClass } from './model/resource';
import { Listing, type ListingOptions } from './pagination/listing';
import { checkId } from './util/validate';

/** The part of a manager that creates resources of any class. */
export abstract class ResourceClient extends ApiClient {
  /**
   * Creates a resource without a request.
   * @param name the argument, for messages
   * @param idOrJson an id, an instance of the class, or its JSON
   * @internal
   */
  protected create<T extends Resource>(Class: ResourceClass<T>, name: string, idOrJson: unknown): T {
    if (typeof idOrJson !== 'object' || idOrJson === null)
      return hydrate(Class, { id: checkId(name, idOrJson) }, this.requester);
    const json = idOrJson instanceof Class ? idOrJson.toJSON() : idOrJson;
    try {
      // The JSON may be days old, so that a wait polls at once.
      return hydrate(Class, json, this.requester, -Infinity);
    } catch (error) {
      throw error instanceof Mismatch ? new TypeError(error.within(name).message) : error;
    }
  }

  /** Lists the resources at a path. @internal */
  protected list<T extends Resource>(
    Class: ResourceClass<T>,
    source: { path: string; key: string; params?: Params },
    options: ListingOptions,
  ): Listing<T> {
    const { path, key, params = {} } = source;
    const item = (json: unknown, receivedAt: number): T => hydrate(Class, json, this.requester, receivedAt);
    return new Listing(this.requester, { url: this.endpoint + path, key, params, item }, options);
  }
}
