import { Droplet } from '../../lib';
import images from '../fixtures/image/list.json';
import listedSnapshot from '../fixtures/droplet/listed-snapshot.json';
import type { ForeignCall, Sent } from './behaves-like-a-foreign-call';
import { actionJson, dropletJson, ENDPOINT, type Json, type Reply } from './builders';

const ID = 3164444;
const DROPLET = `/v2/droplets/${ID}`;
const ACTIONS = `${DROPLET}/actions`;
const GET = (path: string, query?: Json): Sent => ({
  method: 'GET',
  path,
  ...(query && { query: query as never }),
});
const POST = (path: string, body: unknown): Sent => ({ method: 'POST', path, body });
const page = { page: '1', per_page: '200' };

const documented = { droplet: dropletJson() };
const own: Reply = { body: documented };
const listed: Reply = { body: { droplets: [documented.droplet], links: {}, meta: { total: 1 } } };
const made = (key: string): Reply => ({ body: { [key]: images.images, links: {}, meta: images.meta } });
const startedOf = (type: string): Json => actionJson({ type, resource_type: 'droplet', resource_id: ID });
const settings = {
  size: 's-1vcpu-1gb',
  image: 'ubuntu-20-04-x64',
  region: 'nyc3',
};

/** Methods that start an action: those of this library, and `act` for types without a method. */
const ACTS: [call: string, body: Json & { type: string }, here: (droplet: Droplet) => unknown][] = [
  ['enable_backups()', { type: 'enable_backups' }, (droplet) => droplet.enableBackups()],
  ['disable_backups()', { type: 'disable_backups' }, (droplet) => droplet.disableBackups()],
  ['reboot()', { type: 'reboot' }, (droplet) => droplet.reboot()],
  ['power_cycle()', { type: 'power_cycle' }, (droplet) => droplet.powerCycle()],
  ['shutdown()', { type: 'shutdown' }, (droplet) => droplet.shutdown()],
  ['power_off()', { type: 'power_off' }, (droplet) => droplet.powerOff()],
  ['power_on()', { type: 'power_on' }, (droplet) => droplet.powerOn()],
  ['snapshot(name)', { type: 'snapshot', name: 'Nightly' }, (droplet) => droplet.snapshot('Nightly')],
  ['restore(image)', { type: 'restore', image: 53893572 }, (droplet) => droplet.restore(53893572)],
  ['rebuild(id)', { type: 'rebuild', image: 67512819 }, (droplet) => droplet.rebuild(67512819)],
  [
    'rebuild(slug)',
    { type: 'rebuild', image: 'debian-13-x64' },
    (droplet) => droplet.rebuild('debian-13-x64'),
  ],
  ['resize(size)', { type: 'resize', size: 's-2vcpu-4gb' }, (droplet) => droplet.resize('s-2vcpu-4gb')],
  [
    'resize(size, disk)',
    { type: 'resize', size: 's-2vcpu-4gb', disk: true },
    (droplet) => droplet.resize('s-2vcpu-4gb', { disk: true }),
  ],
  ['rename(name)', { type: 'rename', name: 'web-2' }, (droplet) => droplet.rename('web-2')],
  ['password_reset()', { type: 'password_reset' }, (droplet) => droplet.act({ type: 'password_reset' })],
  ['enable_ipv6()', { type: 'enable_ipv6' }, (droplet) => droplet.act({ type: 'enable_ipv6' })],
  [
    'enable_private_networking()',
    { type: 'enable_private_networking' },
    (droplet) => droplet.act({ type: 'enable_private_networking' }),
  ],
  [
    'change_kernel(id)',
    { type: 'change_kernel', kernel: 9 },
    (droplet) => droplet.act({ type: 'change_kernel', kernel: 9 }),
  ],
];

/** The methods of doapi's Droplet. */
export const DROPLET_CALLS: ForeignCall[] = [
  { call: 'Droplet.url', here: (api) => api.droplet(ID).url, gives: `${ENDPOINT}${DROPLET}` },
  { call: 'Droplet.action_url', here: (api) => api.droplet(ID).actionUrl, gives: `${ENDPOINT}${ACTIONS}` },
  { call: 'int(droplet)', here: (api) => api.droplet(dropletJson()).id, gives: ID },
  {
    call: 'Droplet.active, off, new, archive',
    here: (api) =>
      ['active', 'off', 'new', 'archive'].map((status) => {
        const droplet = api.droplet(dropletJson({ status }));
        return [droplet.active, droplet.off, droplet.status === 'new', droplet.status === 'archive'];
      }),
    gives: [
      [true, false, false, false],
      [false, true, false, false],
      [false, false, true, false],
      [false, false, false, true],
    ],
  },
  {
    call: 'Droplet.region_slug, image_slug',
    here: (api) => {
      const { region, image } = api.droplet(dropletJson());
      return [region?.slug, image?.slug];
    },
    gives: ['nyc3', 'ubuntu-24-04-x64'],
  },
  {
    call: 'Droplet.ip_address, ipv4_address, ipv6_address (its ip_address may be the private one)',
    here: (api) => {
      const { publicIPv4, privateIPv4, publicIPv6 } = api.droplet(dropletJson());
      return [publicIPv4, privateIPv4, publicIPv6];
    },
    gives: ['192.241.165.154', '10.128.192.124', '2604:a880:0:1010::18a:a001'],
  },
  {
    call: 'Droplet.fetch()',
    here: (api) => api.droplet(ID).fetch(),
    replies: [own],
    sends: [GET(DROPLET)],
    gives: dropletJson(),
  },
  {
    call: 'Droplet.fetch_all_snapshots()',
    here: (api) => api.droplet(ID).fetchAllSnapshots().toArray(),
    replies: [made('snapshots')],
    sends: [GET(`${DROPLET}/snapshots`, page)],
    gives: images.images,
  },
  {
    call: 'Droplet.fetch_all_backups()',
    here: (api) => api.droplet(ID).fetchAllBackups().toArray(),
    replies: [made('backups')],
    sends: [GET(`${DROPLET}/backups`, page)],
    gives: images.images,
  },
  ...ACTS.map(([call, body, here]): ForeignCall => ({
    call: `Droplet.${call}`,
    here: (api) => here(api.droplet(ID)),
    replies: [{ status: 201, body: { action: startedOf(body.type) } }],
    sends: [POST(ACTIONS, body)],
    gives: startedOf(body.type),
  })),
  {
    call: 'Droplet.delete()',
    here: (api) => api.droplet(ID).delete(),
    replies: [{ status: 204 }],
    sends: [{ method: 'DELETE', path: DROPLET }],
    gives: undefined,
  },
  ...(['tag', 'untag'] as const).map((method): ForeignCall => ({
    call: `Droplet.${method}(name)`,
    here: (api) => api.droplet(ID)[method]('blue'),
    replies: [{ status: 204 }],
    sends: [
      {
        method: method === 'tag' ? 'POST' : 'DELETE',
        path: '/v2/tags/blue/resources',
        // doapi sends the id as a number, which the API does not take.
        body: { resources: [{ resource_id: String(ID), resource_type: 'droplet' }] },
      },
    ],
    gives: undefined,
  })),
  {
    call: 'Droplet.fetch_all_actions()',
    here: (api) => api.droplet(ID).fetchAllActions().toArray(),
    replies: [{ body: { actions: [startedOf('reboot')], links: {}, meta: { total: 1 } } }],
    sends: [GET(ACTIONS, page)],
    gives: [startedOf('reboot')],
  },
  ...(['fetchLastAction', 'fetchCurrentAction'] as const).map((method): ForeignCall => ({
    call: method === 'fetchLastAction' ? 'Droplet.fetch_last_action()' : 'Droplet.fetch_current_action()',
    here: (api) => api.droplet(ID)[method](),
    replies: [{ body: { actions: [startedOf('reboot')], links: {}, meta: { total: 1 } } }],
    sends: [GET(ACTIONS, page)],
    gives: startedOf('reboot'),
  })),
  {
    call: 'Droplet.wait_for_action(), wait(locked=False)',
    here: async (api) => (await api.droplet(dropletJson()).waitForAction())?.id,
    replies: [{ body: { actions: [{ ...startedOf('reboot'), status: 'completed' }] } }, own],
    sends: [GET(ACTIONS, page), GET(DROPLET)],
    gives: ID,
  },
  {
    call: 'Droplet.wait(status="active"): self when it is active',
    here: (api) => api.droplet(dropletJson()).waitUntilActive(),
    gives: dropletJson(),
  },
  {
    call: 'Action.fetch_resource() of a Droplet',
    here: (api) => api.action(startedOf('snapshot')).fetchResource(),
    replies: [own],
    sends: [GET(DROPLET)],
    gives: dropletJson(),
  },
];

/** The methods for Droplets and snapshots of doapi's manager and Tag. */
export const DROPLET_MANAGER_CALLS: ForeignCall[] = [
  {
    call: 'doapi.fetch_droplet(id)',
    here: (api) => api.fetchDroplet(ID),
    replies: [own],
    sends: [GET(DROPLET)],
    gives: dropletJson(),
  },
  {
    call: 'doapi.fetch_droplet(Droplet)',
    here: (api) => api.fetchDroplet(api.droplet(ID)),
    replies: [own],
    sends: [GET(DROPLET)],
    gives: Droplet,
  },
  {
    call: 'doapi.fetch_droplet(dict)',
    here: (api) => api.droplet({ id: ID }).fetch(),
    replies: [own],
    sends: [GET(DROPLET)],
    gives: dropletJson(),
  },
  {
    call: 'doapi.fetch_all_droplets()',
    here: (api) => api.fetchAllDroplets().toArray(),
    replies: [listed],
    sends: [GET('/v2/droplets', page)],
    gives: [dropletJson()],
  },
  {
    call: 'doapi.fetch_all_droplets(tag_name), Tag.fetch_all_droplets()',
    here: (api) => api.fetchAllDroplets({ tagName: 'web' }).toArray(),
    replies: [listed],
    sends: [GET('/v2/droplets', { tag_name: 'web', ...page })],
    gives: [dropletJson()],
  },
  {
    call: 'doapi.create_droplet(name, image, size, region)',
    here: (api) => api.createDroplet({ name: 'web-1', ...settings }),
    replies: [{ status: 202, body: { ...documented, links: { actions: [] } } }],
    sends: [POST('/v2/droplets', { name: 'web-1', ...settings })],
    gives: dropletJson(),
  },
  {
    call: 'doapi.create_droplet(…, ssh_keys, backups, ipv6, user_data)',
    here: (api) =>
      api.createDroplet({
        name: 'web-1',
        ...settings,
        sshKeys: [289794, '3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45'],
        backups: true,
        ipv6: true,
        userData: '#cloud-config',
      }),
    replies: [{ status: 202, body: { ...documented, links: { actions: [] } } }],
    sends: [
      POST('/v2/droplets', {
        name: 'web-1',
        ...settings,
        ssh_keys: [289794, '3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45'],
        backups: true,
        ipv6: true,
        user_data: '#cloud-config',
      }),
    ],
    gives: dropletJson(),
  },
  {
    call: 'doapi.create_multiple_droplets(names, image, size, region)',
    here: (api) => api.createDroplets({ names: ['a', 'b'], ...settings }),
    replies: [
      {
        status: 202,
        body: {
          // In any order.
          droplets: ['b', 'a'].map((name) => ({ ...documented.droplet, name })),
          links: { actions: [] },
        },
      },
    ],
    sends: [POST('/v2/droplets', { names: ['a', 'b'], ...settings })],
    gives: ['a', 'b'].map((name) => dropletJson({ name })),
  },
  {
    call: 'Tag.delete_all_droplets()',
    here: (api) => api.request('/v2/droplets', { method: 'DELETE', params: { tag_name: 'web' } }),
    replies: [{ status: 204 }],
    sends: [{ ...GET('/v2/droplets', { tag_name: 'web' }), method: 'DELETE' }],
    gives: null,
  },
  {
    call: 'Tag.act_on_droplets(**data)',
    here: (api) =>
      api.request('/v2/droplets/actions', {
        method: 'POST',
        params: { tag_name: 'web' },
        body: { type: 'power_cycle' },
      }),
    replies: [{ status: 201, body: { actions: [startedOf('power_cycle')] } }],
    sends: [{ ...POST('/v2/droplets/actions', { type: 'power_cycle' }), query: { tag_name: 'web' } }],
    gives: { actions: [startedOf('power_cycle')] },
  },
  {
    call: '/v2/snapshots, which doapi does not have',
    here: (api) => api.fetchAllSnapshots().toArray(),
    replies: [{ body: { snapshots: [listedSnapshot.snapshot], links: {}, meta: { total: 1 } } }],
    sends: [GET('/v2/snapshots', page)],
    gives: [listedSnapshot.snapshot],
  },
];
