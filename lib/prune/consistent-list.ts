import { DOApiError } from '../errors/errors';
import type { CallOptions, Params, Requester } from '../model/requester';
import { Listing } from '../pagination/listing';
import { MAX_PER_PAGE } from '../pagination/page-response';

/** A list of the account. */
interface ListOf<T> {
  /** What it lists, for messages. */
  what: string;
  path: string;
  key: string;
  params?: Params;
  item: (json: unknown, receivedAt: number) => T;
}

/** How a list is read. */
export interface Reading extends CallOptions {
  /**
   * Whether to read it twice if it has several pages, the second time from its end. While items come and go, one of them can
   * move past the page that is being read; nothing shows that if the total stays and what came is not new.
   */
  twice?: boolean;
}

/**
 * Reads a whole list, with as few requests as there can be.
 * @throws DOApiError when the list still changed when it was read for the last time: what to delete is never a guess
 */
export async function readWhole<T>(
  api: Requester,
  list: ListOf<T>,
  { twice, ...call }: Reading,
): Promise<T[]> {
  const { what, path, ...source } = list;
  const options = { ...call, perPage: MAX_PER_PAGE, consistent: true };
  return toWhole(new Listing<T>(api, { ...source, url: api.endpoint + path, twice }, options), what);
}

/**
 * All items of a listing that is read consistently.
 * @param what it lists, for messages
 * @throws DOApiError as {@link readWhole}
 */
export async function toWhole<T>(listing: Listing<T>, what: string): Promise<T[]> {
  const items = await listing.toArray();
  if (listing.drifted)
    throw new DOApiError(
      `The list of ${what} changed each time it was read, so that some may be missing from it. Nothing was deleted; try again.`,
    );
  return items;
}
