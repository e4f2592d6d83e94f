import type { Method } from './model/requester';

/** The token scopes that calls need, by path. DigitalOcean's 403 does not name them. */
const REQUIRED_SCOPES: readonly [path: RegExp, scopes: Partial<Record<Method, string>>][] = [
  [/^\/v2\/images$/, { GET: 'image:read', POST: 'image:create' }],
  [/^\/v2\/images\/[^/]+$/, { GET: 'image:read', PUT: 'image:update', DELETE: 'image:delete' }],
  [/^\/v2\/images\/[^/]+\/actions(\/|$)/, { GET: 'image:read', POST: 'image:update' }],
  [/^\/v2\/images\/[^/]+\/account_transfer(\/cancel)?$/, { POST: 'image:update' }],
  [/^\/v2\/images\/[^/]+\/account_transfer\/(accept|decline)$/, { POST: 'image:create' }],
  [/^\/v2\/droplets$/, { GET: 'droplet:read', POST: 'droplet:create', DELETE: 'droplet:delete' }],
  [/^\/v2\/droplets\/autoscale$/, { GET: 'droplet:read' }],
  [/^\/v2\/droplets\/[^/]+$/, { GET: 'droplet:read', DELETE: 'droplet:delete' }],
  [/^\/v2\/droplets\/[^/]+\/actions(\/|$)/, { GET: 'droplet:read', POST: 'droplet:update' }],
  [/^\/v2\/droplets\/[^/]+\/(snapshots|backups)$/, { GET: 'droplet:read' }],
  [/^\/v2\/sizes$/, { GET: 'sizes:read' }],
  [/^\/v2\/actions(\/|$)/, { GET: 'actions:read' }],
  [/^\/v2\/regions$/, { GET: 'regions:read' }],
  [/^\/v2\/tags$/, { GET: 'tag:read', POST: 'tag:create' }],
  [/^\/v2\/tags\/[^/]+$/, { GET: 'tag:read', DELETE: 'tag:delete' }],
  [/^\/v2\/tags\/[^/]+\/resources$/, { POST: 'tag:create', DELETE: 'tag:delete' }],
  [/^\/v2\/snapshots(\/|$)/, { GET: 'snapshot:read', DELETE: 'snapshot:delete' }],
  [/^\/v2\/account$/, { GET: 'account:read' }],
];

/** The scope that `method` needs on a path under the endpoint, such as `image:update`; `null` when it is not known. */
export function scopeOf(method: string, path: string): string | null {
  const row = REQUIRED_SCOPES.find(([pattern]) => pattern.test(path));
  return row?.[1][method === 'HEAD' ? 'GET' : (method as Method)] ?? null;
}
