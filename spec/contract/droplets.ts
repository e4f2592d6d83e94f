import type { DOApi } from '../../lib';
import { aDroplet, anAction, anImage, aSnapshot, jsonWith, listOf, nothing } from './hydrated';
import { type Operation, pages } from './operation';

const ID = 3164494;
const DROPLET = `/v2/droplets/${ID}`;
const SNAPSHOT = '6372321';
const NEW = { region: 'nyc3', size: 's-1vcpu-1gb', image: 'ubuntu-20-04-x64' };

type Row = [name: string, run: Operation['run'], gives: Operation['gives'], ...requests: string[]];

/** Every verb of a Droplet that starts an action. */
const VERBS: Readonly<Record<string, (droplet: ReturnType<DOApi['droplet']>) => Promise<unknown>>> = {
  power_on: (droplet) => droplet.powerOn(),
  power_off: (droplet) => droplet.powerOff(),
  power_cycle: (droplet) => droplet.powerCycle(),
  shutdown: (droplet) => droplet.shutdown(),
  reboot: (droplet) => droplet.reboot(),
  enable_backups: (droplet) => droplet.enableBackups(),
  disable_backups: (droplet) => droplet.disableBackups(),
  rename: (droplet) => droplet.rename('web-2'),
  resize: (droplet) => droplet.resize('s-2vcpu-2gb'),
  'resize with its disk': (droplet) => droplet.resize('s-2vcpu-2gb', { disk: true }),
  'rebuild from an id': (droplet) => droplet.rebuild(7555620),
  'rebuild from a slug': (droplet) => droplet.rebuild('ubuntu-20-04-x64'),
  restore: (droplet) => droplet.restore(12389723),
  snapshot: (droplet) => droplet.snapshot('nightly'),
};

const ROWS: Row[] = [
  ['a Droplet', (api) => api.fetchDroplet(ID), aDroplet, `GET ${DROPLET}`],
  ['a Droplet again', (api) => api.droplet(ID).fetch(), aDroplet, `GET ${DROPLET}`],
  ['a Droplet destroyed', (api) => api.droplet(ID).delete(), nothing, `DELETE ${DROPLET}`],
  [
    'a Droplet created',
    (api) => api.createDroplet({ ...NEW, name: 'example.com' }),
    aDroplet,
    'POST /v2/droplets',
  ],
  [
    'a Droplet created with every setting',
    (api) =>
      api.createDroplet({
        ...NEW,
        name: 'example.com',
        sshKeys: [289794, '3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45'],
        backups: true,
        ipv6: true,
        monitoring: true,
        tags: ['env:prod', 'web'],
        userData: '#cloud-config\nruncmd:\n  - touch /test.txt\n',
        volumes: ['12e97116-7280-11ed-b3d0-0a58ac146812'],
        vpcUuid: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
        withDropletAgent: true,
      }),
    aDroplet,
    'POST /v2/droplets',
  ],
  ...Object.entries(VERBS).map(([name, run]): Row => [
    `${name} of a Droplet`,
    (api) => run(api.droplet(ID)),
    anAction,
    `POST ${DROPLET}/actions`,
  ]),
  [
    'an action by its Droplet',
    (api) => api.droplet(ID).fetchAction(36804636),
    anAction,
    `GET ${DROPLET}/actions/36804636`,
  ],
  ['a snapshot', (api) => api.fetchSnapshot(SNAPSHOT), aSnapshot, `GET /v2/snapshots/${SNAPSHOT}`],
  [
    'a snapshot deleted',
    async (api) => (await api.fetchSnapshot(SNAPSHOT)).delete(),
    nothing,
    `GET /v2/snapshots/${SNAPSHOT}`,
    `DELETE /v2/snapshots/${SNAPSHOT}`,
  ],
  [
    'Droplets destroyed by tag, by request',
    (api) => api.request('/v2/droplets', { method: 'DELETE', params: { tag_name: 'web' } }),
    nothing,
    'DELETE /v2/droplets?tag_name=web',
  ],
];

/** The listings; Prism sends the same example for each page. */
const LISTINGS: Operation[] = [
  {
    name: 'all Droplets',
    run: (api) => api.fetchAllDroplets().toArray(),
    gives: listOf(aDroplet),
    prefer: ['example=All Droplets'],
    requests: pages('/v2/droplets'),
  },
  {
    name: 'Droplets by name',
    run: (api) => api.fetchAllDroplets({ name: 'example.com', type: 'droplets' }).toArray(),
    gives: listOf(aDroplet),
    prefer: ['example=All Droplets'],
    requests: pages('/v2/droplets', { query: 'name=example.com&type=droplets&' }),
  },
  {
    name: 'Droplets by tag',
    run: (api) => api.fetchAllDroplets({ tagName: 'env:prod' }).toArray(),
    gives: listOf(aDroplet),
    prefer: ['example=Droplets Filtered By Tag'],
    requests: pages('/v2/droplets', { query: 'tag_name=env%3Aprod&' }),
  },
  {
    name: 'Droplets with a GPU',
    run: (api) => api.fetchAllDroplets({ type: 'gpus' }).toArray(),
    gives: listOf(aDroplet),
    prefer: ['example=GPU Droplets'],
    requests: pages('/v2/droplets', { query: 'type=gpus&' }),
  },
  {
    name: 'several Droplets created',
    run: (api) => api.createDroplets({ ...NEW, names: ['sub-01.example.com', 'sub-02.example.com'] }),
    gives: listOf(aDroplet, 2),
    requests: ['POST /v2/droplets'],
    prefer: ['example=Multiple Droplet Create Response'],
  },
  {
    name: 'the snapshots of a Droplet',
    run: (api) => api.droplet(ID).fetchAllSnapshots().toArray(),
    gives: listOf(anImage),
    requests: pages(`${DROPLET}/snapshots`),
  },
  {
    name: 'the backups of a Droplet',
    run: (api) => api.droplet(ID).fetchAllBackups().toArray(),
    gives: listOf(anImage),
    requests: pages(`${DROPLET}/backups`),
  },
  {
    name: 'the actions of a Droplet',
    run: (api) => api.droplet(ID).fetchAllActions().toArray(),
    gives: listOf(anAction),
    requests: pages(`${DROPLET}/actions`),
  },
  {
    name: 'all snapshots',
    run: (api) => api.fetchAllSnapshots({ resourceType: 'droplet' }).toArray(),
    gives: listOf(aSnapshot),
    requests: pages('/v2/snapshots', { query: 'resource_type=droplet&' }),
  },
  {
    name: 'the sizes, before an image is started on one',
    run: async (api) => {
      const image = api.image({
        ...(await api.fetchImage(7555620)).toJSON(),
        min_disk_size: 20,
        regions: ['nyc3'],
      });
      return image.createDroplet({ name: 'example.com', size: 's-1vcpu-1gb' });
    },
    gives: aDroplet,
  },
  {
    name: 'sizes, by paginate',
    run: (api) => api.paginate('/v2/sizes', 'sizes').toArray(),
    gives: jsonWith('0'),
    requests: pages('/v2/sizes', { last: 64 }),
  },
];

/** Everything on Droplets and their snapshots. */
export const DROPLETS: Operation[] = [
  ...ROWS.map(([name, run, gives, ...requests]) => ({ name, run, gives, requests })),
  ...LISTINGS,
];

/** Why the library and the sandbox have no part in an operation. */
const REASONS = {
  volumes: 'volumes are no images; their snapshots are in /v2/snapshots',
  autoscale: 'pools of Droplets manage themselves',
  policies: 'only whether backups are on is an action of a Droplet',
  destroy: 'it deletes what belongs to others, golden images included',
};

/** Operations of the documents that neither the library nor the sandbox has. */
export const LEFT_OUT: ReadonlyMap<string, string> = new Map(
  (
    [
      ['DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/dangerous', 'destroy'],
      ['DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/selective', 'destroy'],
      ['GET /v2/droplets/{droplet_id}/destroy_with_associated_resources', 'destroy'],
      ['GET /v2/droplets/{droplet_id}/destroy_with_associated_resources/status', 'destroy'],
      ['POST /v2/droplets/{droplet_id}/destroy_with_associated_resources/retry', 'destroy'],
      ['GET /v2/droplets/autoscale', 'autoscale'],
      ['GET /v2/droplets/autoscale/{autoscale_pool_id}', 'autoscale'],
      ['GET /v2/droplets/autoscale/{autoscale_pool_id}/members', 'autoscale'],
      ['PUT /v2/droplets/autoscale/{autoscale_pool_id}', 'autoscale'],
      ['GET /v2/droplets/backups/policies', 'policies'],
      ['GET /v2/droplets/backups/supported_policies', 'policies'],
      ['GET /v2/droplets/{droplet_id}/backups/policy', 'policies'],
      ['GET /v2/volumes', 'volumes'],
      ['POST /v2/volumes', 'volumes'],
      ['DELETE /v2/volumes', 'volumes'],
      ['GET /v2/volumes/{volume_id}', 'volumes'],
      ['DELETE /v2/volumes/{volume_id}', 'volumes'],
      ['GET /v2/volumes/{volume_id}/snapshots', 'volumes'],
      ['POST /v2/volumes/{volume_id}/snapshots', 'volumes'],
      ['GET /v2/volumes/snapshots/{snapshot_id}', 'volumes'],
      ['DELETE /v2/volumes/snapshots/{snapshot_id}', 'volumes'],
    ] as const
  ).map(([operation, reason]) => [operation, REASONS[reason]]),
);

/**
 * Operations that the sandbox has and the library cannot request without a violation. Actions by tag: the schema of the body
 * is a oneOf whose two parts match every valid body (contradiction 12.2 of the reference on Droplets).
 */
export const UNREQUESTABLE: ReadonlySet<string> = new Set(['POST /v2/droplets/actions']);
