import type { Method } from '../../model/requester';
import { getAccount, listRegions } from './account';
import {
  acceptAccountTransfer,
  cancelAccountTransfer,
  createAccountTransfer,
  declineAccountTransfer,
} from './account-transfers';
import { startImageAction, getAction, getImageAction, listActions, listImageActions } from './image-actions';
import type { RouteHandler } from './route-handler';
import { createImage, deleteImage, getImage, listImages, updateImage } from './images';
import { RoutePattern, type RouteParams } from './route-pattern';
import { createDroplets } from './droplets/create-droplets';
import { startDropletAction, startDropletActionsByTag } from './droplets/droplet-actions';
import {
  deleteDroplet,
  deleteDropletsByTag,
  getDroplet,
  getDropletAction,
  listDropletActions,
  listDropletBackups,
  listDroplets,
  listDropletSnapshots,
  listSizes,
} from './droplets/droplets';
import { deleteSnapshot, getSnapshot, listSnapshots } from './snapshots';
import { assignTag, createTag, deleteTag, getTag, listTags, unassignTag } from './tags';

/** A route and the operation behind it. */
export interface RouteEntry {
  method: Method;
  path: string;
  /** The scopes that the token must have. */
  scopes: readonly string[];
  run: RouteHandler;
}

/** All routes: method and path, the scopes they need, and the handler. */
export const ROUTE_TABLE: readonly RouteEntry[] = [
  row('GET /v2/images', 'image:read', listImages),
  row('POST /v2/images', 'image:create', createImage),
  row('GET /v2/images/:image', 'image:read', getImage),
  row('PUT /v2/images/:image', 'image:update', updateImage),
  row('DELETE /v2/images/:image', 'image:delete', deleteImage),
  row('GET /v2/images/:image/actions', 'image:read', listImageActions),
  row('POST /v2/images/:image/actions', 'image:update', startImageAction),
  row('GET /v2/images/:image/actions/:action', 'image:read', getImageAction),
  row('POST /v2/images/:image/account_transfer', 'image:update image:delete', createAccountTransfer),
  row('POST /v2/images/:image/account_transfer/accept', 'image:create', acceptAccountTransfer),
  row('POST /v2/images/:image/account_transfer/cancel', 'image:update', cancelAccountTransfer),
  row('POST /v2/images/:image/account_transfer/decline', 'image:create', declineAccountTransfer),
  row('GET /v2/actions', 'actions:read', listActions),
  row('GET /v2/actions/:action', 'actions:read', getAction),
  row('GET /v2/regions', 'regions:read', listRegions),
  row('GET /v2/droplets', 'droplet:read', listDroplets),
  row('POST /v2/droplets', 'droplet:create', createDroplets),
  row('DELETE /v2/droplets', 'droplet:delete', deleteDropletsByTag),
  row('POST /v2/droplets/actions', 'droplet:update', startDropletActionsByTag),
  row('GET /v2/droplets/:droplet', 'droplet:read', getDroplet),
  row('DELETE /v2/droplets/:droplet', 'droplet:delete', deleteDroplet),
  row('GET /v2/droplets/:droplet/snapshots', 'droplet:read', listDropletSnapshots),
  row('GET /v2/droplets/:droplet/backups', 'droplet:read', listDropletBackups),
  row('GET /v2/droplets/:droplet/actions', 'droplet:read', listDropletActions),
  row('POST /v2/droplets/:droplet/actions', 'droplet:update', startDropletAction),
  row('GET /v2/droplets/:droplet/actions/:action', 'droplet:read', getDropletAction),
  row('GET /v2/sizes', 'sizes:read', listSizes),
  row('GET /v2/account', 'account:read', getAccount),
  row('GET /v2/snapshots', 'snapshot:read', listSnapshots),
  row('GET /v2/snapshots/:snapshot', 'snapshot:read block_storage_snapshot:read', getSnapshot),
  row('DELETE /v2/snapshots/:snapshot', 'image:delete snapshot:delete', deleteSnapshot),
  row('GET /v2/tags', 'tag:read', listTags),
  row('POST /v2/tags', 'tag:create', createTag),
  row('GET /v2/tags/:tag', 'tag:read', getTag),
  row('DELETE /v2/tags/:tag', 'tag:delete', deleteTag),
  row('POST /v2/tags/:tag/resources', 'tag:create', assignTag),
  row('DELETE /v2/tags/:tag/resources', 'tag:delete', unassignTag),
];

/** The scopes of all routes. */
export const ROUTE_SCOPES: ReadonlySet<string> = new Set(ROUTE_TABLE.flatMap(({ scopes }) => scopes));

function row(on: string, scopes: string, run: RouteHandler): RouteEntry {
  const [method, path] = on.split(' ') as [Method, string];
  return { method, path, scopes: scopes.split(' '), run };
}

const PATTERNS = ROUTE_TABLE.map((operation) => ({
  operation,
  pattern: new RoutePattern(operation.method, operation.path),
}));

/** The route of a request, with the decoded parameters of its path; `null` if there is none. */
export function findRoute(
  method: string,
  path: string,
): { operation: RouteEntry; params: RouteParams } | null {
  for (const { operation, pattern } of PATTERNS) {
    const params = pattern.match(method, path);
    if (params) return decoded(operation, params);
  }
  return null;
}

function decoded(
  operation: RouteEntry,
  raw: RouteParams,
): { operation: RouteEntry; params: RouteParams } | null {
  try {
    const parts = Object.entries(raw).map(([name, part]) => [name, decodeURIComponent(part)]);
    return { operation, params: Object.fromEntries(parts) as RouteParams };
  } catch {
    return null; // a malformed escape
  }
}
