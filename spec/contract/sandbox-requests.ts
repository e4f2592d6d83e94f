import type { Fault, Sandbox, SandboxOptions } from '../../lib/sandbox';
import type { SandboxRequest } from '../../lib/sandbox';
import { DROPLET_ROWS, DROPLETS } from './sandbox-droplet-requests';

/** A request to a sandbox and the expected status. */
export interface ContractRequest {
  /** As in the OpenAPI document: `GET /v2/images/{image_id}`. */
  operation: string;
  path: string;
  body?: object;
  status: number;
  /** Options of the sandbox besides `WORLD`. */
  options?: SandboxOptions;
  before?: (sandbox: Sandbox) => void;
  /** Sent first, without a check. */
  first?: Pick<SandboxRequest, 'method' | 'path' | 'body'>;
  token?: '';
  /** The example of the document that its response is like, if it has several. */
  example?: string;
}

const TEAM = '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf';

/** The account: a snapshot, a public image, a custom image, actions of different kinds. */
export const WORLD: SandboxOptions = {
  clock: 'virtual',
  teams: [TEAM],
  images: [
    { id: 5, name: 'golden', regions: ['nyc1'], tags: ['prod'] },
    { id: 6, slug: 'debian-13-x64', distribution: 'Debian' },
    { id: 7, type: 'custom', description: 'ours' },
    { id: 8, type: 'backup', regions: ['nyc1'] },
    ...Array.from({ length: 25 }, (_, index) => ({ id: 100 + index })),
  ],
  actions: [
    { id: 9, resource_id: 5, region_slug: 'nyc1' },
    { id: 10, resource_type: 'droplet', resource_id: 1, region_slug: 'nyc3' },
    { id: 11, resource_id: 5, status: 'in-progress', region_slug: 'nyc3' },
    { id: 12, resource_id: 5, type: 'convert', status: 'errored' },
    { id: 13, resource_type: 'droplet', resource_id: 15, type: 'reboot', region_slug: 'nyc1' },
  ],
  droplets: DROPLETS,
};

export type ContractRow = readonly [
  operation: string,
  path: string,
  status: number,
  more?: Partial<ContractRequest>,
];

const NEW = { name: 'mine', url: 'https://example.com/disk.qcow2', region: 'nyc3' };
const TAGGED = { resources: [{ resource_id: '5', resource_type: 'image' }] };
const OFFER = {
  method: 'POST',
  path: '/v2/images/5/account_transfer',
  body: { recipient_email: 'a@example.com' },
};
const OFFERED = { first: OFFER, body: { transfer_id: 3_164_444, recipient_uuid: TEAM } };

/** Successful requests and refused ones of each operation. */
const ROWS: readonly ContractRow[] = [
  ['GET /v2/account', '/v2/account', 200],
  ['GET /v2/actions', '/v2/actions', 200],
  ['GET /v2/actions', '/v2/actions?per_page=1&page=2', 200],
  ['GET /v2/actions/{action_id}', '/v2/actions/9', 200],
  ['GET /v2/actions/{action_id}', '/v2/actions/10', 200],
  ['GET /v2/actions/{action_id}', '/v2/actions/404', 404],
  ['GET /v2/images', '/v2/images', 200],
  ['GET /v2/images', '/v2/images?page=2&per_page=10', 200],
  ['GET /v2/images', '/v2/images?page=99', 200],
  ['GET /v2/images', '/v2/images?type=distribution', 200],
  ['GET /v2/images', '/v2/images?type=application', 200],
  ['GET /v2/images', '/v2/images?private=true&per_page=200', 200],
  ['GET /v2/images', '/v2/images?tag_name=prod', 200, { options: { lonePageLinks: 'absent' } }],
  ['GET /v2/images', '/v2/images?tag_name=prod', 200, { options: { lonePageLinks: 'empty' } }],
  ['POST /v2/images', '/v2/images', 202, { body: NEW }],
  [
    'POST /v2/images',
    '/v2/images',
    202,
    { body: { ...NEW, distribution: 'Ubuntu', description: 'x', tags: ['a'] } },
  ],
  ['POST /v2/images', '/v2/images', 422, { body: { name: 'mine' } }],
  ['GET /v2/images/{image_id}', '/v2/images/5', 200],
  ['GET /v2/images/{image_id}', '/v2/images/7', 200],
  ['GET /v2/images/{image_id}', '/v2/images/debian-13-x64', 200],
  ['GET /v2/images/{image_id}', '/v2/images/404', 404],
  ['PUT /v2/images/{image_id}', '/v2/images/7', 200, { body: { name: 'new', distribution: 'Debian' } }],
  ['PUT /v2/images/{image_id}', '/v2/images/404', 404, { body: {} }],
  ['DELETE /v2/images/{image_id}', '/v2/images/5', 204],
  ['DELETE /v2/images/{image_id}', '/v2/images/404', 404],
  [
    'DELETE /v2/images/{image_id}',
    '/v2/images/5',
    422,
    { first: { method: 'DELETE', path: '/v2/images/5', body: undefined } },
  ],
  ['GET /v2/images/{image_id}/actions', '/v2/images/5/actions', 200],
  ['GET /v2/images/{image_id}/actions', '/v2/images/7/actions', 200],
  ['GET /v2/images/{image_id}/actions', '/v2/images/404/actions', 404],
  [
    'POST /v2/images/{image_id}/actions',
    '/v2/images/5/actions',
    201,
    { body: { type: 'transfer', region: 'ams3' } },
  ],
  ['POST /v2/images/{image_id}/actions', '/v2/images/5/actions', 201, { body: { type: 'convert' } }],
  [
    'POST /v2/images/{image_id}/actions',
    '/v2/images/5/actions',
    422,
    { body: { type: 'transfer', region: 'nyc1' } },
  ],
  ['POST /v2/images/{image_id}/actions', '/v2/images/5/actions', 404, { body: { type: 'rename' } }],
  ['GET /v2/images/{image_id}/actions/{action_id}', '/v2/images/5/actions/9', 200],
  ['GET /v2/images/{image_id}/actions/{action_id}', '/v2/images/7/actions/9', 404],
  ['GET /v2/regions', '/v2/regions', 200],
  ['GET /v2/snapshots', '/v2/snapshots', 200],
  ['GET /v2/snapshots', '/v2/snapshots?resource_type=volume', 200],
  ['GET /v2/snapshots/{snapshot_id}', '/v2/snapshots/5', 200],
  ['GET /v2/snapshots/{snapshot_id}', '/v2/snapshots/7', 400],
  ['GET /v2/snapshots/{snapshot_id}', '/v2/snapshots/404', 404],
  ['DELETE /v2/snapshots/{snapshot_id}', '/v2/snapshots/5', 204],
  ['DELETE /v2/snapshots/{snapshot_id}', '/v2/snapshots/7', 400],
  ['DELETE /v2/snapshots/{snapshot_id}', '/v2/snapshots/404', 404],
  ['GET /v2/tags', '/v2/tags', 200],
  ['POST /v2/tags', '/v2/tags', 201, { body: { name: 'new' } }],
  ['POST /v2/tags', '/v2/tags', 400, { body: { name: 'no spaces' } }],
  ['GET /v2/tags/{tag_id}', '/v2/tags/prod', 200],
  ['GET /v2/tags/{tag_id}', '/v2/tags/none', 404],
  ['DELETE /v2/tags/{tag_id}', '/v2/tags/prod', 204],
  ['DELETE /v2/tags/{tag_id}', '/v2/tags/none', 404],
  ['POST /v2/tags/{tag_id}/resources', '/v2/tags/prod/resources', 204, { body: TAGGED }],
  ['POST /v2/tags/{tag_id}/resources', '/v2/tags/none/resources', 404, { body: TAGGED }],
  ['DELETE /v2/tags/{tag_id}/resources', '/v2/tags/prod/resources', 204, { body: TAGGED }],
  ['DELETE /v2/tags/{tag_id}/resources', '/v2/tags/none/resources', 404, { body: TAGGED }],
];

const TRANSFER = 'POST /v2/images/{image_id}/account_transfer';
const AT = '/v2/images/5/account_transfer';

/** Account transfers, which only some of the documents have. */
const ACCOUNT_TRANSFERS: readonly ContractRow[] = [
  [TRANSFER, AT, 201, { body: { recipient_email: 'a@example.com' } }],
  [TRANSFER, AT, 201, { body: { recipient_uuid: TEAM } }],
  [TRANSFER, AT, 400, { body: {} }],
  [TRANSFER, '/v2/images/404/account_transfer', 404, { body: { recipient_uuid: TEAM } }],
  [`${TRANSFER}/accept`, `${AT}/accept`, 201, OFFERED],
  [`${TRANSFER}/accept`, `${AT}/accept`, 404, { ...OFFERED, first: undefined }],
  [`${TRANSFER}/cancel`, `${AT}/cancel`, 204, OFFERED],
  [`${TRANSFER}/cancel`, `${AT}/cancel`, 404, { ...OFFERED, first: undefined }],
  [`${TRANSFER}/decline`, `${AT}/decline`, 204, OFFERED],
  [`${TRANSFER}/decline`, `${AT}/decline`, 404, { ...OFFERED, first: undefined }],
];

/** Refusals of every operation. */
const REFUSALS: readonly (readonly [status: number, more: Partial<ContractRequest>])[] = [
  [401, { token: '' }],
  [403, { options: { scopes: [] } }],
  [
    429,
    { options: { rateLimit: { perMinute: 1 } }, first: { method: 'GET', path: '/v2/none', body: undefined } },
  ],
  [
    429,
    { options: { rateLimit: { perHour: 1 } }, first: { method: 'GET', path: '/v2/none', body: undefined } },
  ],
  [500, withFault({ with: 'status' })],
  [503, withFault({ with: 'status-after-execution' })],
];

function withFault(fault: Fault): Partial<ContractRequest> {
  return { before: (sandbox) => void sandbox.fail(fault) };
}

/** All requests for the operations of a document. */
export function requestsFor(operations: readonly string[]): ContractRequest[] {
  const rows = [...ROWS, ...ACCOUNT_TRANSFERS, ...DROPLET_ROWS].filter(([operation]) =>
    operations.includes(operation),
  );
  const own = rows.map(([operation, path, status, more]): ContractRequest => ({
    operation,
    path,
    status,
    ...more,
  }));
  const refused = operations.flatMap((operation) => {
    const example = own.find((request) => request.operation === operation);
    if (!example) return [];
    return REFUSALS.map(([status, more]): ContractRequest => ({
      ...example,
      first: undefined,
      ...more,
      status,
    }));
  });
  return [...own, ...refused];
}
