import type { SandboxOptions } from '../../lib/sandbox';
import type { ContractRow } from './sandbox-requests';

/** The Droplets of the account: one with images and a tag, one that is off, one with an action in progress. */
export const DROPLETS: SandboxOptions['droplets'] = [
  { id: 15, name: 'web-1', region: 'nyc1', tags: ['web'], snapshot_ids: [5], backup_ids: [8] },
  { id: 16, name: 'web-2', region: 'nyc1', status: 'off', snapshot_ids: [], backup_ids: [] },
  { id: 17, name: 'db-1', region: 'nyc3', tags: ['db'], snapshot_ids: [], backup_ids: [] },
];

const NEW = { region: 'nyc1', size: 's-1vcpu-1gb', image: 5 };
const LIST = 'GET /v2/droplets';
const CREATE = 'POST /v2/droplets';
const DESTROY = 'DELETE /v2/droplets';
const ONE = '/v2/droplets/{droplet_id}';
const ACT = `POST ${ONE}/actions`;
const BY_TAG = 'POST /v2/droplets/actions';
const BUSY = { method: 'POST', path: '/v2/droplets/15/actions', body: { type: 'reboot' } } as const;

/** An action of Droplet 15, or of 16, which is off. */
const act = (body: object, status = 201, id = 15): ContractRow => [
  ACT,
  `/v2/droplets/${id}/actions`,
  status,
  { body },
];

/** Successful requests and refused ones of each operation on Droplets, which only some of the documents have. */
export const DROPLET_ROWS: readonly ContractRow[] = [
  [LIST, '/v2/droplets', 200],
  [LIST, '/v2/droplets?per_page=1&page=2', 200],
  [LIST, '/v2/droplets?name=WEB-1', 200],
  [LIST, '/v2/droplets?tag_name=web', 200],
  [LIST, '/v2/droplets?type=gpus', 200],
  [LIST, '/v2/droplets?tag_name=web&name=web-1', 422],
  [CREATE, '/v2/droplets', 202, { body: { ...NEW, name: 'web-3' } }],
  [
    CREATE,
    '/v2/droplets',
    202,
    { body: { ...NEW, names: ['web-3', 'web-4'] }, example: 'Multiple Droplet Create Response' },
  ],
  [
    CREATE,
    '/v2/droplets',
    202,
    {
      body: {
        ...NEW,
        name: 'web-3',
        backups: true,
        ipv6: true,
        monitoring: true,
        tags: ['web'],
        user_data: 'x',
      },
    },
  ],
  [CREATE, '/v2/droplets', 422, { body: { ...NEW, name: 'web-3', region: 'ams3' } }],
  [CREATE, '/v2/droplets', 422, { body: { ...NEW, name: 'no_underscore' } }],
  [DESTROY, '/v2/droplets?tag_name=web', 204],
  [DESTROY, '/v2/droplets?tag_name=none', 404],
  [`GET ${ONE}`, '/v2/droplets/15', 200],
  [`GET ${ONE}`, '/v2/droplets/16', 200],
  [`GET ${ONE}`, '/v2/droplets/404', 404],
  [`DELETE ${ONE}`, '/v2/droplets/15', 204],
  [`DELETE ${ONE}`, '/v2/droplets/404', 404],
  [`DELETE ${ONE}`, '/v2/droplets/15', 422, { first: BUSY }],
  [`GET ${ONE}/snapshots`, '/v2/droplets/15/snapshots', 200],
  [`GET ${ONE}/snapshots`, '/v2/droplets/16/snapshots', 200],
  [`GET ${ONE}/snapshots`, '/v2/droplets/404/snapshots', 404],
  [`GET ${ONE}/backups`, '/v2/droplets/15/backups', 200],
  [`GET ${ONE}/backups`, '/v2/droplets/404/backups', 404],
  [`GET ${ONE}/actions`, '/v2/droplets/15/actions', 200],
  [`GET ${ONE}/actions`, '/v2/droplets/404/actions', 404],
  ...['power_cycle', 'reboot', 'shutdown', 'password_reset', 'enable_ipv6'].map((type) => act({ type })),
  ...['power_off', 'enable_backups', 'disable_backups', 'snapshot'].map((type) => act({ type })),
  act({ type: 'snapshot', name: 'nightly' }),
  act({ type: 'rename', name: 'web-9' }),
  act({ type: 'rebuild', image: 5 }),
  act({ type: 'rebuild', image: 'debian-13-x64' }),
  act({ type: 'restore', image: 8 }),
  act({ type: 'power_on' }, 201, 16),
  act({ type: 'resize', size: 's-2vcpu-4gb', disk: true }, 201, 16),
  act({ type: 'resize', size: 's-2vcpu-4gb' }, 422),
  act({ type: 'power_on' }, 422),
  act({ type: 'rebuild', image: 8 }, 422),
  act({ type: 'restore', image: 5 }, 422, 16),
  act({ type: 'reboot' }, 404, 404),
  [ACT, '/v2/droplets/15/actions', 422, { first: BUSY, body: { type: 'snapshot' } }],
  [`GET ${ONE}/actions/{action_id}`, '/v2/droplets/15/actions/13', 200],
  [`GET ${ONE}/actions/{action_id}`, '/v2/droplets/16/actions/13', 404],
  [BY_TAG, '/v2/droplets/actions?tag_name=web', 201, { body: { type: 'snapshot', name: 'nightly' } }],
  [BY_TAG, '/v2/droplets/actions?tag_name=web', 422, { first: BUSY, body: { type: 'power_cycle' } }],
  ['GET /v2/sizes', '/v2/sizes', 200],
];
