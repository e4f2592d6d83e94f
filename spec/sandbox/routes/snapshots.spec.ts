import { describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../../lib/sandbox';
import { send } from '../support';

describe('Snapshots', () => {
  it('are images of Droplets, with their ids as text, and snapshots of volumes', async () => {
    const sandbox = new Sandbox();
    const all = await send(sandbox, 'GET /v2/snapshots?per_page=200');
    const droplets = await send(sandbox, 'GET /v2/snapshots?resource_type=droplet&per_page=200');
    const volumes = await send(sandbox, 'GET /v2/snapshots?resource_type=volume');
    expect(all.body.meta.total).toBe(droplets.body.meta.total + volumes.body.meta.total);
    const ids = (droplets.body.snapshots as { id: string }[]).map(({ id }) => id);
    const images = sandbox.images.filter((image) => image.type === 'snapshot' && !image.public);
    expect(ids).toEqual(images.map(({ id }) => String(id)));
    expect(volumes.body.meta.total).toBe(3);
    expect((await send(sandbox, 'GET /v2/snapshots?resource_type=volume&region=nyc1')).body.meta.total).toBe(
      1,
    );
  });

  it('are the same resource as the image: deleting one deletes the other', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, name: 'golden', min_disk_size: 25 }] });
    const { body } = await send(sandbox, 'GET /v2/snapshots/5');
    expect(body.snapshot).toMatchObject({
      id: '5',
      name: 'golden',
      min_disk_size: 25,
      resource_type: 'droplet',
      resource_id: expect.any(String),
    });
    expect((await send(sandbox, 'DELETE /v2/snapshots/5')).status).toBe(204);
    expect((await send(sandbox, 'GET /v2/images/5')).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/snapshots/5')).status).toBe(404);
  });

  it('of volumes can be deleted', async () => {
    const sandbox = new Sandbox();
    const [{ id } = { id: '' }] = (await send(sandbox, 'GET /v2/snapshots?resource_type=volume')).body
      .snapshots as { id: string }[];
    expect((await send(sandbox, `DELETE /v2/snapshots/${id}`)).status).toBe(204);
    expect((await send(sandbox, `GET /v2/snapshots/${id}`)).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/snapshots?resource_type=volume')).body.meta.total).toBe(2);
  });

  it('are not found by an unknown id', async () => {
    expect((await send(new Sandbox(), 'GET /v2/snapshots/no-such-snapshot')).status).toBe(404);
  });

  it('have the size 0 if the image has none', async () => {
    const snapshot = new Sandbox({ images: [{ id: 5 }] }).snapshot();
    Object.assign(snapshot.images[0]?.json ?? {}, { min_disk_size: null, size_gigabytes: null });
    const { body } = await send(new Sandbox({ from: snapshot }), 'GET /v2/snapshots/5');
    expect(body.snapshot).toMatchObject({ min_disk_size: 0, size_gigabytes: 0 });
  });

  it('are read and deleted with the scopes of both kinds of snapshots', async () => {
    const scopes = ['snapshot:read', 'snapshot:delete', 'block_storage_snapshot:read', 'image:delete'];
    const status = async (on: string, missing: string): Promise<number> => {
      const options = { images: [{ id: 5 }], tokens: { some: scopes.filter((one) => one !== missing) } };
      return (await send(new Sandbox(options), on, undefined, { token: 'some' })).status;
    };
    for (const missing of ['snapshot:read', 'block_storage_snapshot:read'])
      expect([missing, await status('GET /v2/snapshots/5', missing)]).toEqual([missing, 403]);
    for (const missing of ['snapshot:delete', 'image:delete'])
      expect([missing, await status('DELETE /v2/snapshots/5', missing)]).toEqual([missing, 403]);
    expect(await status('GET /v2/snapshots/5', 'image:delete')).toBe(200);
    expect(await status('DELETE /v2/snapshots/5', 'snapshot:read')).toBe(204);
    expect(await status('GET /v2/snapshots', 'block_storage_snapshot:read')).toBe(200);
  });

  it('can be listed by the two kinds of resources, and by no other', async () => {
    expect(await send(new Sandbox(), 'GET /v2/snapshots?resource_type=image')).toMatchObject({
      status: 422,
      body: { message: 'resource_type is invalid.' },
    });
  });

  it('are not images of other types', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, type: 'backup' }] });
    expect(await send(sandbox, 'GET /v2/snapshots/5')).toMatchObject({
      status: 400,
      body: { id: 'bad_request', message: 'the resource is not a snapshot' },
    });
  });
});

describe('The account and its regions', () => {
  it('can be read, and have the fields of the options', async () => {
    const sandbox = new Sandbox({
      account: { email: 'me@example.com' },
      regions: ['nyc1', { name: 'Mars', slug: 'mars1', features: [], available: false, sizes: [] }],
    });
    expect((await send(sandbox, 'GET /v2/account')).body.account).toMatchObject({
      email: 'me@example.com',
      status: 'active',
      droplet_limit: 25,
    });
    const { body } = await send(sandbox, 'GET /v2/regions');
    expect(body.regions).toMatchObject([
      {
        slug: 'nyc1',
        name: 'New York 1',
        available: true,
        features: expect.arrayContaining(['image_transfer']),
      },
      { slug: 'mars1', name: 'Mars', available: false, features: [], sizes: [] },
    ]);
  });

  it('are fourteen regions by default; an unknown region is named after its slug', async () => {
    expect((await send(new Sandbox(), 'GET /v2/regions')).body.meta.total).toBe(14);
    const { body } = await send(new Sandbox({ regions: ['xyz9'] }), 'GET /v2/regions');
    expect(body.regions).toMatchObject([{ slug: 'xyz9', name: 'XYZ9' }]);
  });
});
