import { Action } from '../action';
import { DOApiError, NotFoundError } from '../errors/errors';
import type { CallOptions, Requester } from '../model/requester';
import { hydrate } from '../model/resource';
import { forEachConcurrently } from '../util/concurrency';
import { excerpt } from '../util/text/sanitize';
import { readWhole } from './consistent-list';

/** How many Droplets are asked for their actions at the same time. */
const CONCURRENCY = 8;

/** A Droplet that may be about to change its image. */
interface ChangingDroplet {
  id: number;
  name: string;
}

/**
 * Which of some Droplets are being restored, from an image of their own. Until the end of a restore or a rebuild, a Droplet
 * shows the image that it had before.
 * @param locked Droplets that are locked: no other has an action in progress
 * @returns their ids
 * @throws DOApiError when one is being rebuilt: its action does not name the image
 */
export async function readRestores(
  api: Requester,
  locked: readonly ChangingDroplet[],
  call: CallOptions,
): Promise<Set<number>> {
  const restored = new Set<number>();
  await forEachConcurrently(locked, CONCURRENCY, async ({ id, name }) => {
    for (const action of await actionsOf(api, id, call)) {
      if (action.done) continue;
      if (action.type === 'restore') restored.add(id);
      if (action.type === 'rebuild')
        throw new DOApiError(
          `Droplet ${id} (${excerpt(name)}) is being rebuilt, and nothing tells from which image. Nothing was deleted; try again when it has ended.`,
        );
    }
  });
  return restored;
}

/** No actions of a Droplet that was deleted meanwhile. */
async function actionsOf(api: Requester, id: number, call: CallOptions): Promise<Action[]> {
  const path = `/v2/droplets/${id}/actions`;
  const item = (json: unknown, receivedAt: number): Action => hydrate(Action, json, api, receivedAt);
  const list = { what: `actions of Droplet ${id}`, path, key: 'actions', item };
  return readWhole(api, list, call).catch((error: unknown) => {
    if (error instanceof NotFoundError) return [];
    throw error;
  });
}
