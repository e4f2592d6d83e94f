import { getAccount, listRegions } from './account';
import {
  acceptAccountTransfer,
  cancelAccountTransfer,
  createAccountTransfer,
  declineAccountTransfer,
} from './account-transfers';
import { actOnImage, getAction, getImageAction, listActions, listImageActions } from './actions';
import type { Operate } from './call';
import { createImage, deleteImage, getImage, listImages, updateImage } from './images';
import { Route, type RouteParams } from './route';
import { deleteSnapshot, getSnapshot, listSnapshots } from './snapshots';
import { assignTag, createTag, deleteTag, getTag, listTags, unassignTag } from './tags';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** An operation of the API. */
export interface Operation {
  method: Method;
  path: string;
  /** Scopes the token must have, all of them. */
  scopes: readonly string[];
  run: Operate;
}

/** Every operation the sandbox knows: method and path, the scopes it needs, the rule. */
export const OPERATIONS: readonly Operation[] = [
  row('GET /v2/images', 'image:read', listImages),
  row('POST /v2/images', 'image:create', createImage),
  row('GET /v2/images/:image', 'image:read', getImage),
  row('PUT /v2/images/:image', 'image:update', updateImage),
  row('DELETE /v2/images/:image', 'image:delete', deleteImage),
  row('GET /v2/images/:image/actions', 'image:read', listImageActions),
  row('POST /v2/images/:image/actions', 'image:update', actOnImage),
  row('GET /v2/images/:image/actions/:action', 'image:read', getImageAction),
  row('POST /v2/images/:image/account_transfer', 'image:update image:delete', createAccountTransfer),
  row('POST /v2/images/:image/account_transfer/accept', 'image:create', acceptAccountTransfer),
  row('POST /v2/images/:image/account_transfer/cancel', 'image:update', cancelAccountTransfer),
  row('POST /v2/images/:image/account_transfer/decline', 'image:create', declineAccountTransfer),
  row('GET /v2/actions', 'actions:read', listActions),
  row('GET /v2/actions/:action', 'actions:read', getAction),
  row('GET /v2/regions', 'regions:read', listRegions),
  row('GET /v2/account', 'account:read', getAccount),
  row('GET /v2/snapshots', 'snapshot:read', listSnapshots),
  row('GET /v2/snapshots/:snapshot', 'snapshot:read', getSnapshot),
  row('DELETE /v2/snapshots/:snapshot', 'snapshot:delete', deleteSnapshot),
  row('GET /v2/tags', 'tag:read', listTags),
  row('POST /v2/tags', 'tag:create', createTag),
  row('GET /v2/tags/:tag', 'tag:read', getTag),
  row('DELETE /v2/tags/:tag', 'tag:delete', deleteTag),
  row('POST /v2/tags/:tag/resources', 'tag:create', assignTag),
  row('DELETE /v2/tags/:tag/resources', 'tag:delete', unassignTag),
];

/** Every scope some operation needs. */
export const SCOPES: ReadonlySet<string> = new Set(OPERATIONS.flatMap(({ scopes }) => scopes));

function row(on: string, scopes: string, run: Operate): Operation {
  const [method, path] = on.split(' ') as [Method, string];
  return { method, path, scopes: scopes.split(' '), run };
}

const routes = OPERATIONS.map((operation) => ({
  operation,
  route: new Route(operation.method, operation.path),
}));

/** The operation that a request is for, with the parts of its path decoded. */
export function findOperation(
  method: string,
  path: string,
): { operation: Operation; params: RouteParams } | null {
  for (const { operation, route } of routes) {
    const params = route.match(method, path);
    if (params) return decoded(operation, params);
  }
  return null;
}

function decoded(
  operation: Operation,
  raw: RouteParams,
): { operation: Operation; params: RouteParams } | null {
  try {
    const parts = Object.entries(raw).map(([name, part]) => [name, decodeURIComponent(part)]);
    return { operation, params: Object.fromEntries(parts) as RouteParams };
  } catch {
    return null; // a malformed escape: a path of nothing
  }
}
