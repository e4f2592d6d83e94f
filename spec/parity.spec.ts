import { describe, expect, it } from '@jest/globals';
import { Image, Region } from '../lib';
import { Sandbox } from '../lib/sandbox';
import started from './fixtures/action/start.json';
import { refusesLike, waitsLike, worksLike } from './support/behaves-like-a-foreign-call';
import { IMAGE_CALLS, WAIT_CALLS } from './support/behaves-like-doapi';
import { DROPLET_CALLS, DROPLET_MANAGER_CALLS } from './support/behaves-like-doapi-droplet';
import { MANAGER_CALLS } from './support/behaves-like-doapi-manager';
import { DOBOTO_CALLS, DOBOTO_WAITS } from './support/behaves-like-doboto';
import {
  ACTIONS_CALLS,
  ACTIONS_STATUSES,
  IMAGES_CALLS,
  IMAGES_STATUSES,
} from './support/behaves-like-generated-client';
import { actionJson, anApi, dropletJson, imageJson, publicImageJson } from './support/builders';
import { fakeServer } from './support/nock';

// Every call of other libraries for DigitalOcean's images has a counterpart here with the same requests and results.
const server = fakeServer();

describe('doapi (Python)', () => {
  worksLike(server, [...IMAGE_CALLS, ...MANAGER_CALLS]);
  waitsLike(WAIT_CALLS);

  it('Image: all ten documented fields, with their types', () => {
    expect(anApi().image(publicImageJson())).toMatchObject({
      id: 6918990,
      createdAt: new Date('2014-10-17T20:24:33Z'),
      distribution: 'Ubuntu',
      minDiskSize: 20,
      name: '14.04 x64',
      public: true,
      regions: ['nyc1', 'ams1', 'sfo1', 'nyc2', 'nyc3'],
      sizeGigabytes: 2.34,
      slug: 'ubuntu-16-04-x64',
      type: 'base',
    });
    expect(anApi().image(imageJson())).toMatchObject({ slug: null, type: 'snapshot', public: false });
  });

  it('wait_interval and wait_time can be set and read', () => {
    expect(anApi({ waitInterval: 2_000, waitTime: Infinity })).toMatchObject({
      waitInterval: 2_000,
      waitTime: Infinity,
    });
  });
});

describe('doapi (Python): Droplets', () => {
  worksLike(server, [...DROPLET_CALLS, ...DROPLET_MANAGER_CALLS]);

  it('Droplet: all fields that the API still has, with their types', () => {
    const droplet = anApi().droplet(dropletJson());
    expect(droplet).toMatchObject({
      id: 3164444,
      name: 'web-1',
      memory: 1024,
      vcpus: 1,
      disk: 25,
      locked: false,
      status: 'active',
      createdAt: new Date('2026-01-31T12:00:00Z'),
      features: ['backups', 'monitoring'],
      backupIds: [53893572],
      snapshotIds: [67512819, 67512820],
      sizeSlug: 's-1vcpu-1gb',
      nextBackupWindow: { start: new Date('2026-02-01T00:00:00Z'), end: new Date('2026-02-01T23:00:00Z') },
      networks: { v6: [{ ipAddress: '2604:a880:0:1010::18a:a001', netmask: 64, type: 'public' }] },
      tags: ['web', 'env:prod'],
    });
    expect(droplet.image).toBeInstanceOf(Image);
    expect(droplet.region).toBeInstanceOf(Region);
  });

  it('Droplet.wait(status="active"): the Droplet once it is active, with its address', async () => {
    const api = new Sandbox().api();
    const created = await api.createDroplet({
      name: 'a',
      size: 's-4vcpu-8gb',
      region: 'fra1',
      image: 'debian-13-x64',
    });
    expect([created.active, created.publicIPv4]).toEqual([false, null]);
    const droplet = await created.waitUntilActive();
    expect([droplet.active, droplet.locked, droplet.publicIPv4]).toEqual([
      true,
      false,
      expect.stringMatching(/^203\.0\.113\./),
    ]);
  });

  it('doapi.wait_droplets(droplets, status="active"): all of them, with shared polls', async () => {
    const sandbox = new Sandbox();
    const api = sandbox.api();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const settings = { size: 's-4vcpu-8gb', region: 'fra1', image: 'debian-13-x64' };
    const created = await api.createDroplets({ names, ...settings });
    sandbox.clearRequests();
    const active = await Promise.all(created.map((droplet) => droplet.waitUntilActive()));
    expect(active.map((droplet) => droplet.active)).toEqual(names.map(() => true));
    const [one] = await api.createDroplets({ names: ['f'], ...settings });
    const shared = sandbox.requests.length;
    sandbox.clearRequests();
    await one?.waitUntilActive();
    // One Droplet costs one request in each round, and so do five.
    expect(shared).toBeLessThanOrEqual(sandbox.requests.length + 2);
  });
});

describe('DOBOTO', () => {
  worksLike(server, DOBOTO_CALLS);
  waitsLike(DOBOTO_WAITS);

  it('Image dict: all documented fields', () => {
    const { id, name, type, distribution, slug, regions, min_disk_size, size_gigabytes, created_at } =
      imageJson();
    const image = anApi().image(imageJson());
    expect(image).toMatchObject({ id, name, type, distribution, slug, public: false, regions });
    expect(image).toMatchObject({ minDiskSize: min_disk_size, sizeGigabytes: size_gigabytes });
    expect(image.createdAt).toEqual(new Date(created_at as string));
  });

  it('Action dict: all documented fields', () => {
    const action = anApi().action(actionJson({ status: 'completed', completed_at: '2014-11-14T16:50:00Z' }));
    expect(action).toMatchObject({
      id: 36805527,
      status: 'completed',
      type: 'transfer',
      startedAt: new Date('2014-11-14T16:42:45Z'),
      completedAt: new Date('2014-11-14T16:50:00Z'),
      resourceId: 7938269,
      resourceType: 'image',
      regionSlug: 'nyc3',
    });
    expect(action.region).toBeInstanceOf(Region);
    expect(anApi().action(actionJson({ region: 'nyc3', region_slug: null }))).toMatchObject({
      region: null,
      regionSlug: 'nyc3',
    });
  });
});

describe('the generated client: ImagesApi', () => {
  worksLike(server, IMAGES_CALLS);
  refusesLike(server, IMAGES_STATUSES);
});

describe('the generated client: ImageActionsApi', () => {
  worksLike(server, ACTIONS_CALLS);
  refusesLike(server, ACTIONS_STATUSES);

  it('the rate limit of the latest response can be read', async () => {
    const headers = {
      'ratelimit-limit': '5000',
      'ratelimit-remaining': '4999',
      'ratelimit-reset': '1767229200',
    };
    server.replies({ body: started, headers });
    const api = anApi();
    await api.image(7938269).fetchAction(36805527);
    expect(api.rateLimit).toEqual({
      limit: 5000,
      remaining: 4999,
      resetAt: new Date('2026-01-01T01:00:00Z'),
    });
  });
});

describe('pydo', () => {
  const path = '/v2/images/7938269/actions';
  worksLike(
    server,
    [{ type: 'convert' }, { type: 'transfer', region: 'nyc3' }].map((body) => ({
      call: `client.image_actions.post(image_id=7938269, body=${JSON.stringify(body)})`,
      here: (api) => api.image(7938269).act(body),
      replies: [{ status: 201, body: { action: { ...started.action, type: body.type } } }],
      sends: [{ method: 'POST', path, body }],
      gives: { ...started.action, type: body.type },
    })),
  );
  refusesLike(server, [
    {
      call: 'client.image_actions.post()',
      here: (api) => api.image(7938269).act({ type: 'convert' }),
      sends: { method: 'POST', path, body: { type: 'convert' } },
      statuses: [404],
    },
  ]);

  it('client.image_actions.post() without a body is rejected before a request is sent', async () => {
    await expect(
      anApi()
        .image(7938269)
        .act(undefined as never),
    ).rejects.toBeInstanceOf(TypeError);
  });
});
