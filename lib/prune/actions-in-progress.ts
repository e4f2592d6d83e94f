import { Action } from '../action';
import { NotFoundError, PermissionDeniedError } from '../errors/errors';
import type { Image } from '../image';
import type { CallOptions, Requester } from '../model/requester';
import { hydrate } from '../model/resource';
import { Listing } from '../pagination/listing';
import { MAX_PER_PAGE } from '../pagination/page-response';
import { forEachConcurrently } from '../util/concurrency';
import { excerpt } from '../util/text/sanitize';
import { toWhole } from './consistent-list';

/** How many images are asked for their actions at the same time. */
const CONCURRENCY = 8;

/**
 * Which of some images have an action in progress; a status that is not known does not end one.
 *
 * The account's list of actions tells for all images at once, and each image's own list for one. The one with fewer
 * requests is read; where the account's list is closed to the token or does not stand still, the images' own.
 * @returns the reason for each such image, such as `transfer 36805527 is in progress`
 */
export async function readActionsInProgress(
  api: Requester,
  images: readonly Image[],
  call: CallOptions,
): Promise<Map<number, string>> {
  if (images.length === 0) return new Map();
  const actions =
    (await readAccountActions(api, images.length, call)) ?? (await readImageActions(images, call));
  const wanted = new Set(images.map(({ id }) => id));
  return new Map(
    actions.flatMap((action) => {
      const { resourceId, resourceType, done } = action;
      // One that does not say what it is about may be about an image.
      const isOther = resourceType !== null && resourceType !== 'image';
      if (done || isOther || resourceId === null || !wanted.has(resourceId)) return [];
      return [[resourceId, `${excerpt(action.type ?? 'action')} ${action.id} is in progress`]];
    }),
  );
}

/** @returns `null` when the list has more pages than `maxPages`, changed all the time, or is closed to the token */
async function readAccountActions(
  api: Requester,
  maxPages: number,
  call: CallOptions,
): Promise<Action[] | null> {
  const source = {
    url: `${api.endpoint}/v2/actions`,
    key: 'actions',
    item: (json: unknown, receivedAt: number) => hydrate(Action, json, api, receivedAt),
  };
  const listing = new Listing(api, source, { ...call, perPage: MAX_PER_PAGE, consistent: true });
  const actions: Action[] = [];
  try {
    for await (const { items, total } of listing.pages()) {
      if (total === null || total > maxPages * MAX_PER_PAGE) return null;
      actions.push(...items);
    }
  } catch (error) {
    if (error instanceof PermissionDeniedError) return null;
    throw error;
  }
  return listing.drifted ? null : actions;
}

async function readImageActions(images: readonly Image[], call: CallOptions): Promise<Action[]> {
  const actions: Action[] = [];
  await forEachConcurrently(images, CONCURRENCY, async (image) => {
    try {
      const listing = image.fetchAllActions({ ...call, perPage: MAX_PER_PAGE, consistent: true });
      for (const action of await toWhole(listing, `actions of image ${image.id}`)) actions.push(action);
    } catch (error) {
      // It has been deleted meanwhile.
      if (!(error instanceof NotFoundError)) throw error;
    }
  });
  return actions;
}
