import { describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../../../lib/sandbox';
import { send, withOneDroplet } from '../../support';

describe('the Droplets of a sandbox', () => {
  it('are twelve by default, the origins of the images in their regions', async () => {
    const sandbox = new Sandbox();
    expect(sandbox.droplets).toHaveLength(12);
    const { body } = await send(sandbox, 'GET /v2/droplets?per_page=200');
    expect(body.droplets).toEqual(sandbox.droplets);
    const origins = sandbox.droplets.filter(({ snapshot_ids }) => snapshot_ids.length > 0);
    expect(origins.length).toBeGreaterThan(3);
    for (const { snapshot_ids, region } of origins)
      for (const id of snapshot_ids)
        expect(sandbox.images.find((image) => image.id === id)).toMatchObject({
          type: 'snapshot',
          regions: expect.arrayContaining([region.slug]) as unknown,
        });
  });

  it('are as seeded: a number, or fields of each', () => {
    expect(new Sandbox({ droplets: 3 }).droplets).toHaveLength(3);
    const [droplet] = withOneDroplet({
      droplets: [
        { id: 7, name: 'db-1', status: 'off', region: 'fra1', size_slug: 's-2vcpu-4gb', tags: ['db'] },
      ],
    }).droplets;
    expect(droplet).toMatchObject({
      id: 7,
      name: 'db-1',
      status: 'off',
      region: { slug: 'fra1' },
      size: { slug: 's-2vcpu-4gb' },
      disk: 80,
      locked: false,
      tags: ['db'],
    });
  });

  it('can be named as the origins of images', () => {
    const sandbox = new Sandbox({
      images: [{ id: 5 }, { id: 6, type: 'backup' }, { id: 8 }],
      droplets: [{ id: 7, snapshot_ids: [5], backup_ids: [6] }],
    });
    expect(sandbox.droplets[0]).toMatchObject({ snapshot_ids: [5], backup_ids: [6] });
  });

  it.each([
    [[{ id: 7 }, { id: 7 }], 'droplets: expected each id once, got an id twice'],
    [[{ region: 'mars1' }], 'droplets[0].region: expected the slug of a region of the sandbox, got "mars1"'],
    [
      [{ image: 'mars' }],
      'droplets[0].image: expected the id or slug of an image of the sandbox, got "mars"',
    ],
    [[{ sizeSlug: 'x' }], /^droplets\[0\]: expected fields of the API such as id, name/],
    [-1, 'droplets: expected a whole number from 0 to 100000 or a list of Droplets, got -1'],
  ])('are refused when the API could not have them: %j', (droplets, message) => {
    expect(() => new Sandbox({ droplets: droplets as never })).toThrow(message);
  });

  it('survive snapshot() and a new sandbox from it', () => {
    const sandbox = withOneDroplet();
    expect(new Sandbox({ from: sandbox.snapshot() }).droplets).toEqual(sandbox.droplets);
  });
});

describe('GET /v2/droplets', () => {
  const sandbox = new Sandbox({
    droplets: [{ name: 'web-1', tags: ['Prod'] }, { name: 'WEB-1' }, { name: 'db-1' }],
  });
  const names = async (query: string): Promise<string[]> => {
    const { body } = await send(sandbox, `GET /v2/droplets?${query}`);
    return body.droplets.map(({ name }) => name);
  };

  it('filters by the exact name without regard to case, by tag, and has no GPU Droplets', async () => {
    expect(await names('name=web-1')).toEqual(['web-1', 'WEB-1']);
    expect(await names('name=web')).toEqual([]);
    expect(await names('tag_name=prod')).toEqual(['web-1']);
    expect(await names('type=gpus')).toEqual([]);
    expect(await names('type=droplets')).toHaveLength(3);
  });

  it('refuses a tag beside a name', async () => {
    expect((await send(sandbox, 'GET /v2/droplets?tag_name=prod&name=web-1')).status).toBe(422);
  });
});

describe('DELETE /v2/droplets/:id', () => {
  it('destroys the Droplet and its backups, and keeps its snapshots', async () => {
    const sandbox = new Sandbox({
      images: [{ id: 5 }, { id: 6, type: 'backup' }],
      droplets: [{ id: 7, snapshot_ids: [5], backup_ids: [6] }],
    });
    expect((await send(sandbox, 'DELETE /v2/droplets/7')).status).toBe(204);
    expect((await send(sandbox, 'GET /v2/droplets/7')).status).toBe(404);
    expect(sandbox.droplets).toEqual([]);
    expect(sandbox.images.map(({ id }) => id)).toEqual([5]);
    expect((await send(sandbox, 'DELETE /v2/droplets/7')).status).toBe(404);
  });

  it('is refused while an action runs', async () => {
    const sandbox = withOneDroplet();
    await send(sandbox, 'POST /v2/droplets/7/actions', { type: 'reboot' });
    expect(await send(sandbox, 'DELETE /v2/droplets/7')).toMatchObject({
      status: 422,
      body: { message: 'Droplet already has a pending event.' },
    });
  });

  it('by tag destroys all that have it', async () => {
    const sandbox = new Sandbox({ droplets: [{ tags: ['old'] }, { tags: ['old'] }, {}] });
    expect((await send(sandbox, 'DELETE /v2/droplets?tag_name=old')).status).toBe(204);
    expect(sandbox.droplets).toHaveLength(1);
    expect((await send(sandbox, 'DELETE /v2/droplets?tag_name=old')).status).toBe(404);
  });
});

describe('a destroyed Droplet', () => {
  it('is shown for a while with a lag, then it is not found', async () => {
    const sandbox = withOneDroplet({ lag: 5_000 });
    expect((await send(sandbox, 'DELETE /v2/droplets/7')).status).toBe(204);
    expect((await send(sandbox, 'GET /v2/droplets/7')).status).toBe(200);
    expect((await send(sandbox, 'POST /v2/droplets/7/actions', { type: 'reboot' })).status).toBe(404);
    await sandbox.advance(5_000);
    expect((await send(sandbox, 'GET /v2/droplets/7')).status).toBe(404);
  });

  it('takes its backups along when it is destroyed by its tag, in any case of letters', async () => {
    const sandbox = withOneDroplet({
      images: [
        { id: 5, type: 'backup', regions: ['nyc1'] },
        { id: 6, regions: ['nyc1'] },
      ],
      droplets: [{ id: 7, region: 'nyc1', tags: ['web'], backup_ids: [5], snapshot_ids: [6] }],
    });
    expect((await send(sandbox, 'DELETE /v2/droplets?tag_name=WEB')).status).toBe(204);
    expect((await send(sandbox, 'GET /v2/images/5')).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/images/6')).status).toBe(200);
    expect((await send(sandbox, 'DELETE /v2/droplets')).body.message).toBe('tag_name is required.');
  });
});

describe('the tags of Droplets', () => {
  it('are added and removed by name, and counted', async () => {
    const sandbox = withOneDroplet();
    const resources = [{ resource_id: '7', resource_type: 'droplet' }];
    await send(sandbox, 'POST /v2/tags', { name: 'prod' });
    expect((await send(sandbox, 'POST /v2/tags/prod/resources', { resources })).status).toBe(204);
    expect(sandbox.droplets[0]?.tags).toEqual(['prod']);
    const { body } = await send(sandbox, 'GET /v2/tags/prod');
    expect(body.tag).toMatchObject({
      resources: {
        count: 1,
        droplets: { count: 1, last_tagged_uri: 'https://api.digitalocean.com/v2/droplets/7' },
      },
    });
    await send(sandbox, 'DELETE /v2/tags/prod/resources', { resources });
    expect(sandbox.droplets[0]?.tags).toEqual([]);
  });
});

describe('GET /v2/sizes', () => {
  it('lists the sizes, each with its regions', async () => {
    const { body } = await send(new Sandbox({ regions: ['nyc1'] }), 'GET /v2/sizes');
    expect(body.sizes).toHaveLength(6);
    expect(body.sizes).toContainEqual(
      expect.objectContaining({
        slug: 's-1vcpu-1gb',
        memory: 1_024,
        disk: 25,
        regions: ['nyc1'],
        available: true,
      }),
    );
  });
});
