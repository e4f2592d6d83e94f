import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  type DOApi,
  Droplet,
  DropletCreationError,
  Image,
  NotFoundError,
  Region,
  WaitTimeoutError,
} from '../lib';
import { UnexpectedResponseError } from '../lib';
import { Sandbox } from '../lib/sandbox';
import { sleep } from '../lib/util/clock';
import { MINUTE, SECOND } from '../lib/util/time-units';
import wrong from './fixtures/droplet/wrong.json';
import { behavesLikeASnapshot } from './support/behaves-like-a-snapshot';
import {
  eachWrong,
  NO_IDS,
  NO_SLUGS,
  NO_TAGS,
  rejectsWrongInput,
  wrongTypes,
} from './support/behaves-like-strict-input';
import {
  actionJson,
  anApi,
  anyDropletJson,
  dropletJson,
  ENDPOINT,
  fieldsOf,
  imageJson,
  MemoryServer,
  rejection,
} from './support/builders';
import { fakeServer } from './support/nock';

const server = fakeServer();
const api = anApi();
const droplet = api.droplet(dropletJson());

describe('Droplet: its fields', () => {
  behavesLikeASnapshot({
    json: dropletJson(),
    make: (client, json) => client.droplet(json),
    fields: [
      ...['id', 'name', 'status', 'memory', 'vcpus', 'disk', 'locked', 'createdAt', 'features', 'backupIds'],
      ...['snapshotIds', 'image', 'sizeSlug', 'region', 'networks', 'tags', 'volumeIds', 'vpcUuid'],
      'nextBackupWindow',
    ],
    any: anyDropletJson,
    wrong,
    path: 'droplet',
  });

  it('have JavaScript types', () => {
    const { image, region, ...fields } = fieldsOf(droplet);
    expect(fields).toStrictEqual({
      ...{ id: 3164444, name: 'web-1', status: 'active', memory: 1024, vcpus: 1, disk: 25, locked: false },
      createdAt: new Date('2026-01-31T12:00:00Z'),
      features: ['backups', 'monitoring'],
      backupIds: [53893572],
      snapshotIds: [67512819, 67512820],
      sizeSlug: 's-1vcpu-1gb',
      networks: {
        v4: [
          { ipAddress: '10.128.192.124', netmask: '255.255.0.0', gateway: null, type: 'private' },
          {
            ipAddress: '192.241.165.154',
            netmask: '255.255.255.0',
            gateway: '192.241.165.1',
            type: 'public',
          },
        ],
        v6: [
          {
            ipAddress: '2604:a880:0:1010::18a:a001',
            netmask: 64,
            gateway: '2604:a880:0:1010::1',
            type: 'public',
          },
        ],
      },
      tags: ['web', 'env:prod'],
      volumeIds: ['506f78a4-e098-11e5-ad9f-000f53306ae1'],
      vpcUuid: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
      nextBackupWindow: { start: new Date('2026-02-01T00:00:00Z'), end: new Date('2026-02-01T23:00:00Z') },
    });
    expect(image).toBeInstanceOf(Image);
    expect(region).toBeInstanceOf(Region);
  });

  it('may all be absent or null, except the id', () => {
    const nulls = Object.fromEntries(Object.keys(dropletJson()).map((key) => [key, null]));
    const nothing = {
      ...{ name: '', status: null, memory: null, vcpus: null, disk: null, locked: false, createdAt: null },
      ...{ features: [], backupIds: [], snapshotIds: [], image: null, sizeSlug: null, region: null },
      ...{ networks: { v4: [], v6: [] }, tags: [], volumeIds: [], vpcUuid: null, nextBackupWindow: null },
    };
    for (const known of [5, { id: 5 }, { ...nulls, id: 5 }])
      expect(fieldsOf(api.droplet(known))).toStrictEqual({ id: 5, ...nothing });
  });

  it('read a gateway that says "nil" as none, and empty networks', () => {
    const v4 = [{ ip_address: '10.0.0.2', netmask: '255.0.0.0', gateway: 'nil', type: 'private' }];
    expect(api.droplet({ id: 5, networks: { v4 } }).networks.v4[0]?.gateway).toBeNull();
    expect(api.droplet({ id: 5, networks: {} }).networks).toEqual({ v4: [], v6: [] });
  });

  it('have an image and a region that send their requests through the same manager', async () => {
    server.replies({ body: { image: imageJson({ id: 63663980 }) } });
    expect((await droplet.image?.fetch())?.id).toBe(63663980);
  });

  it('tell the status and the addresses', () => {
    expect([droplet.active, droplet.off]).toEqual([true, false]);
    expect([droplet.publicIPv4, droplet.privateIPv4, droplet.publicIPv6]).toEqual([
      '192.241.165.154',
      '10.128.192.124',
      '2604:a880:0:1010::18a:a001',
    ]);
    const off = api.droplet({ id: 5, status: 'off' });
    expect([off.active, off.off, off.publicIPv4, off.privateIPv4, off.publicIPv6]).toEqual([
      ...[false, true, null, null, null],
    ]);
  });

  it('are shown as a block', () => {
    expect(inspect(droplet)).toMatch(/^Droplet \{/);
  });
});

describe('Droplet: its methods', () => {
  it('has absolute URLs', () => {
    expect(droplet.url).toBe(`${ENDPOINT}/v2/droplets/3164444`);
    expect(droplet.actionUrl).toBe(`${ENDPOINT}/v2/droplets/3164444/actions`);
  });

  it('is its name as text, and its id as a number', () => {
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- users write this
    expect([`${droplet}`, droplet.toString(), Number(droplet)]).toEqual(['web-1', 'web-1', 3164444]);
  });

  it('fetch() returns a new object', async () => {
    server.replies({ body: { droplet: dropletJson({ name: 'web-2' }) } });
    const now = await droplet.fetch();
    expect([now, now === droplet, now.name, droplet.name]).toEqual([now, false, 'web-2', 'web-1']);
    expect(now).toBeInstanceOf(Droplet);
    expect(server.asked).toMatchObject([{ method: 'GET', path: '/v2/droplets/3164444', query: {} }]);
  });

  it('fetch() takes no other Droplet for its own', async () => {
    server.replies({ body: { droplet: dropletJson({ id: 6 }) } });
    expect(await rejection(droplet.fetch())).toBeInstanceOf(UnexpectedResponseError);
  });

  it('delete() sends one request without a body, and again after a lost response', async () => {
    const flaky = new MemoryServer((_request, nth) =>
      nth === 1 ? new Error('socket hang up') : { status: 404 },
    );
    await expect(flaky.api({ retries: 1 }).droplet(5).delete()).resolves.toBeUndefined();
    expect(flaky.lines).toEqual(['DELETE /v2/droplets/5', 'DELETE /v2/droplets/5']);
    expect(flaky.requests[0]?.body).toBeUndefined();
  });

  it('tag() and untag() say that it is a Droplet', async () => {
    server.replies({ status: 204 }, { status: 204 });
    await droplet.tag('env:prod');
    await droplet.untag('env:prod');
    const body = { resources: [{ resource_id: '3164444', resource_type: 'droplet' }] };
    expect(server.asked).toMatchObject([
      { method: 'POST', path: '/v2/tags/env:prod/resources', body },
      { method: 'DELETE', path: '/v2/tags/env:prod/resources', body },
    ]);
  });

  it.each<[string, (one: Droplet) => Promise<unknown>, object]>([
    ['powerOn()', (one) => one.powerOn(), { type: 'power_on' }],
    ['powerOff()', (one) => one.powerOff(), { type: 'power_off' }],
    ['shutdown()', (one) => one.shutdown(), { type: 'shutdown' }],
    ['reboot()', (one) => one.reboot(), { type: 'reboot' }],
    ['powerCycle()', (one) => one.powerCycle(), { type: 'power_cycle' }],
    ['enableBackups()', (one) => one.enableBackups(), { type: 'enable_backups' }],
    ['disableBackups()', (one) => one.disableBackups(), { type: 'disable_backups' }],
    ['rename()', (one) => one.rename('web-2'), { type: 'rename', name: 'web-2' }],
    ['resize()', (one) => one.resize('s-2vcpu-4gb'), { type: 'resize', size: 's-2vcpu-4gb' }],
    [
      'resize() with the disk',
      (one) => one.resize('s-2vcpu-4gb', { disk: true }),
      { type: 'resize', size: 's-2vcpu-4gb', disk: true },
    ],
    ['rebuild() from an id', (one) => one.rebuild(7), { type: 'rebuild', image: 7 }],
    [
      'rebuild() from a slug',
      (one) => one.rebuild('debian-13-x64'),
      { type: 'rebuild', image: 'debian-13-x64' },
    ],
    ['rebuild() from an Image', (one) => one.rebuild(api.image(7)), { type: 'rebuild', image: 7 }],
    ['rebuild() from an id of /v2/snapshots', (one) => one.rebuild('7'), { type: 'rebuild', image: 7 }],
    ['restore()', (one) => one.restore(53893572), { type: 'restore', image: 53893572 }],
    ['restore() of an Image', (one) => one.restore(api.image(7)), { type: 'restore', image: 7 }],
    ['snapshot()', (one) => one.snapshot('golden'), { type: 'snapshot', name: 'golden' }],
  ])('%s starts an action', async (_what, call, body) => {
    const action = actionJson({ resource_id: 3164444, resource_type: 'droplet', type: 'power_on' });
    server.replies({ status: 201, body: { action } });
    await call(droplet);
    expect(server.asked).toMatchObject([{ method: 'POST', path: '/v2/droplets/3164444/actions' }]);
    expect(server.asked[0]?.body).toStrictEqual(body);
  });

  it('snapshot() sends a name in any case', async () => {
    const action = actionJson({ resource_id: 3164444, resource_type: 'droplet', type: 'snapshot' });
    server.replies({ status: 201, body: { action } });
    await droplet.snapshot();
    expect(server.asked[0]?.body).toEqual({
      type: 'snapshot',
      name: expect.stringMatching(/^web-1-\d{13}$/),
    });
  });

  it('fetchAllSnapshots() and fetchAllBackups() list Images', async () => {
    const few = { id: 7, name: 'golden', type: 'snapshot', regions: ['nyc3'] };
    server.replies({ body: { snapshots: [few] } }, { body: { backups: [few] } });
    const [snapshot] = await droplet.fetchAllSnapshots().toArray();
    const [backup] = await droplet.fetchAllBackups({ perPage: 10 }).toArray();
    expect([snapshot, backup]).toEqual([expect.any(Image), expect.any(Image)]);
    expect(server.asked.map(({ path, query }) => [path, query.per_page])).toEqual([
      ['/v2/droplets/3164444/snapshots', '200'],
      ['/v2/droplets/3164444/backups', '10'],
    ]);
  });

  it('waitForAction() and fetchLastAction() are those of every resource with actions', async () => {
    const sandbox = new Sandbox({ images: 1, droplets: [{ id: 5, status: 'active' }] });
    const one = sandbox.api().droplet(5);
    const started = await one.powerOff();
    expect((await one.fetchCurrentAction())?.id).toBe(started.id);
    expect((await one.waitForAction())?.off).toBe(true);
    expect((await one.fetchLastAction())?.completed).toBe(true);
    expect((await one.fetchAction(started.id)).type).toBe('power_off');
  });

  it('an action gives back its Droplet', async () => {
    const sandbox = new Sandbox({ images: 1, droplets: [{ id: 5, status: 'active' }] });
    const action = await sandbox.api().droplet(5).reboot({ wait: true });
    const found = await action.fetchResource<Droplet>();
    expect(found).toBeInstanceOf(Droplet);
    await found?.delete();
    expect(await action.fetchResource()).toBeNull();
  });
});

describe('droplet.waitUntilActive()', () => {
  const anAccount = (): Sandbox =>
    new Sandbox({
      images: [{ id: 7, regions: ['nyc1'], min_disk_size: 7 }],
      droplets: 0,
      actionTime: MINUTE,
    });
  const create = (sandbox: Sandbox): Promise<Droplet> =>
    sandbox.api().createDroplet({ name: 'web', region: 'nyc1', size: 's-1vcpu-1gb', image: 7 });

  it('waits until it is active and unlocked, and has an address', async () => {
    const created = await create(anAccount());
    expect([created.status, created.locked, created.publicIPv4]).toEqual(['new', true, null]);
    const active = await created.waitUntilActive();
    expect([active.status, active.locked]).toEqual(['active', false]);
    expect(active.publicIPv4).not.toBeNull();
  });

  it('sends no request when it is', async () => {
    expect(await droplet.waitUntilActive()).toBe(droplet);
    expect(server.asked).toEqual([]);
  });

  it('waits for an address for a minute at most', async () => {
    const sandbox = anAccount();
    const strip = (body: unknown): unknown => {
      const { droplet: one, droplets = [one] } = body as { droplet?: object; droplets?: object[] };
      for (const each of droplets) Object.assign(each ?? {}, { networks: { v4: [], v6: [] } });
      return body;
    };
    const created = await create(sandbox);
    sandbox.fail({ on: 'GET /v2/droplets', with: 'altered', alter: strip });
    sandbox.fail({ on: 'GET /v2/droplets/:id', with: 'altered', alter: strip });
    const began = sandbox.clock.now();
    const active = await created.waitUntilActive();
    expect([active.active, active.publicIPv4]).toEqual([true, null]);
    const waited = sandbox.clock.now() - began;
    expect(waited).toBeGreaterThanOrEqual(2 * MINUTE);
    expect(waited).toBeLessThan(2 * MINUTE + 20 * SECOND);
  });

  it.each([
    ['unlocked', { locked: true }, { locked: false }],
    ['with an address', { networks: { v4: [], v6: [] } }, {}],
  ])('reads each poll of an active Droplet until it is %s', async (_what, early, late) => {
    const now = (): number => server.clock.now();
    const server: MemoryServer = new MemoryServer(({ path }) => {
      const droplet = dropletJson({ id: 5, ...(now() < 50_000 ? early : late) });
      return { body: path === '/v2/droplets' ? { droplets: [droplet], meta: { total: 1 } } : { droplet } };
    });
    const active = await server.api().droplet(5).waitUntilActive();
    expect([active.locked, active.publicIPv4]).toEqual([false, '192.241.165.154']);
    expect(now()).toBeLessThanOrEqual(56_000);
  });

  it('waits while the Droplet is not found, in its first minute', async () => {
    const sandbox = new Sandbox({
      images: [{ id: 7, regions: ['nyc1'] }],
      droplets: 0,
      lag: 50 * SECOND,
      actionTime: MINUTE,
    });
    expect((await (await create(sandbox)).waitUntilActive()).active).toBe(true);
  });

  it('says that DigitalOcean found no place when the Droplet disappears', async () => {
    const sandbox = anAccount();
    sandbox.fail({ on: 'POST /v2/droplets', with: 'errored-action' });
    const created = await create(sandbox);
    await sleep(sandbox.clock, 2 * MINUTE);
    const error = await rejection(created.waitUntilActive());
    expect(error).toBeInstanceOf(DropletCreationError);
    expect((error as Error).message).toBe(
      `Droplet ${created.id} has disappeared: DigitalOcean had no capacity for it, or it was deleted; try another region or size`,
    );
    expect((error as Error).cause).toBeInstanceOf(NotFoundError);
  });

  it('ends with the reason of a signal, whatever it is', async () => {
    const sandbox = anAccount();
    const reason = await rejection(sandbox.api().fetchDroplet(99));
    expect(reason).toBeInstanceOf(NotFoundError);
    const controller = new AbortController();
    const wait = (await create(sandbox)).waitUntilActive({ signal: controller.signal });
    wait.catch(() => undefined);
    controller.abort(reason);
    expect(await rejection(wait)).toBe(reason);
  });

  it('ends when its time is up', async () => {
    const created = await create(anAccount());
    const error = await rejection(created.waitUntilActive({ timeout: 30 * SECOND }));
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect((error as WaitTimeoutError).inProgress).toEqual([expect.any(Droplet)]);
  });
});

describe('Droplet: invalid input is rejected before a request is sent', () => {
  const NO_NAMES = wrongTypes('', 'a b', 'a_b', 'ä', 'a'.repeat(256), 5, null, undefined);
  const UUID = '8eb4d51a-873f-11e6-bd32-000f53315a41';
  const of = (client: DOApi): Droplet => client.droplet(5);
  rejectsWrongInput([
    ...eachWrong('rename()', 'name', NO_NAMES, (client, bad) => of(client).rename(bad)),
    ...eachWrong('resize()', 'size', NO_SLUGS, (client, bad) => of(client).resize(bad)),
    ...eachWrong('rebuild()', 'image', wrongTypes(UUID, '', 'a b', null, {}, true), (client, bad) =>
      of(client).rebuild(bad),
    ),
    ...eachWrong('restore()', 'image', NO_IDS, (client, bad) => of(client).restore(bad)),
    ...eachWrong('snapshot()', 'name', wrongTypes('', 5, null), (client, bad) => of(client).snapshot(bad)),
    ...eachWrong('tag()', 'name', NO_TAGS, (client, bad) => of(client).tag(bad)),
    ...eachWrong('resize()', 'disk', wrongTypes('yes', 1), (client, bad) =>
      of(client).resize('s-1vcpu-1gb', { disk: bad }),
    ),
    ...eachWrong(
      'fetchDroplet()',
      'droplet',
      NO_IDS.filter(([id]) => !Array.isArray(id)),
      (client, bad) => client.fetchDroplet(bad),
    ),
  ]);
});
