import { Image } from '../image';
import type { CallOptions, Requester, Resources } from '../model/requester';
import { hydrate } from '../model/resource';
import { readWhole } from './consistent-list';

/** Reads the images of the account. @param params the query of the list */
export function readImages(
  api: Requester,
  params: { private?: boolean },
  call: CallOptions,
): Promise<Image[]> {
  const item = (json: unknown, receivedAt: number): Image => hydrate(Image, json, api, receivedAt);
  return readWhole(api, { what: 'images', path: '/v2/images', key: 'images', params, item }, call);
}

/** The ids of the images that were made of a Droplet. @throws NotFoundError when the Droplet does not exist */
export async function readImageIds(
  api: Requester,
  dropletId: number,
  call: CallOptions,
): Promise<readonly number[]> {
  const droplet = (await api.fetchResource('droplet', dropletId, call)) as Resources['droplet'];
  return [...droplet.snapshotIds, ...droplet.backupIds];
}
