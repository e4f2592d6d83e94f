import { describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../../lib/sandbox';
import { send } from '../support';

const resources = (...ids: string[]) => ({
  resources: ids.map((id) => ({ resource_id: id, resource_type: 'image' })),
});

function twoImages(): Sandbox {
  return new Sandbox({ images: [{ id: 5 }, { id: 6, tags: ['old'] }, { id: 7, slug: 'debian-13-x64' }] });
}

describe('Tags', () => {
  it('are created once: an existing tag keeps the case of its name', async () => {
    const sandbox = twoImages();
    const { status, body } = await send(sandbox, 'POST /v2/tags', { name: 'Prod' });
    expect(status).toBe(201);
    expect(body.tag).toEqual({
      name: 'Prod',
      resources: {
        count: 0,
        droplets: { count: 0 },
        images: { count: 0 },
        volumes: { count: 0 },
        volume_snapshots: { count: 0 },
        databases: { count: 0 },
      },
    });
    expect((await send(sandbox, 'POST /v2/tags', { name: 'PROD' })).body.tag).toMatchObject({ name: 'Prod' });
    expect((await send(sandbox, 'GET /v2/tags/prod')).body.tag).toMatchObject({ name: 'Prod' });
    expect((await send(sandbox, 'GET /v2/tags')).body.meta.total).toBe(2);
  });

  it.each([[{ name: 'no spaces' }], [{ name: '' }], [{ name: 'x'.repeat(256) }], [{ name: 5 }], [{}]])(
    'refuse the name of %p with an error of another form',
    async (body) => {
      const refused = await send(twoImages(), 'POST /v2/tags', body);
      expect(refused.status).toBe(400);
      expect(refused.body).toEqual({ error: expect.any(String), messages: null, root_causes: [] });
      expect(refused.headers['x-request-id']).toBeDefined();
    },
  );

  it('are assigned to images and removed again', async () => {
    const sandbox = twoImages();
    await send(sandbox, 'POST /v2/tags', { name: 'prod' });
    expect((await send(sandbox, 'POST /v2/tags/prod/resources', resources('5', '6'))).status).toBe(204);
    expect((await send(sandbox, 'POST /v2/tags/prod/resources', resources('5'))).status).toBe(204);
    expect(sandbox.images.map(({ tags }) => tags)).toEqual([['prod'], ['old', 'prod'], []]);
    const { body } = await send(sandbox, 'GET /v2/tags/prod');
    expect(body.tag).toMatchObject({
      resources: {
        count: 2,
        last_tagged_uri: 'https://api.digitalocean.com/v2/images/5',
        images: { count: 2, last_tagged_uri: 'https://api.digitalocean.com/v2/images/5' },
      },
    });
    expect((await send(sandbox, 'DELETE /v2/tags/prod/resources', resources('5', '6'))).status).toBe(204);
    expect((await send(sandbox, 'DELETE /v2/tags/prod/resources', resources('5'))).status).toBe(204);
    expect(sandbox.images.map(({ tags }) => tags)).toEqual([[], ['old'], []]);
  });

  it('are assigned to all resources of a request, or to none', async () => {
    const sandbox = twoImages();
    for (const wrong of ['404', '7', 'x']) {
      expect((await send(sandbox, 'POST /v2/tags/old/resources', resources('5', wrong))).status).toBe(404);
    }
    expect(sandbox.images[0]?.tags).toEqual([]);
    expect((await send(sandbox, 'POST /v2/tags/old/resources', {})).status).toBe(422);
    expect((await send(sandbox, 'POST /v2/tags/none/resources', resources('5'))).status).toBe(404);
  });

  it.each([
    ['a resource that is none', null, 422],
    ['a type that does not exist', { resource_id: '5', resource_type: 'snapshot' }, 422],
    ['an id that is a number', { resource_id: 5, resource_type: 'image' }, 422],
    ['an id in another notation', { resource_id: '0x5', resource_type: 'image' }, 404],
    ['a Droplet, of which there are none', { resource_id: '5', resource_type: 'droplet' }, 404],
  ])('are not assigned to %s', async (_, resource, status) => {
    const sandbox = twoImages();
    const refused = await send(sandbox, 'POST /v2/tags/old/resources', { resources: [resource] });
    expect(refused.status).toBe(status);
    expect(sandbox.images[0]?.tags).toEqual([]);
  });

  it('need the scope of the tag and that of the resource', async () => {
    const sandbox = new Sandbox({
      images: [{ id: 5, tags: ['old'] }],
      tokens: { tags: ['tag:create', 'tag:delete'], both: ['tag:create', 'tag:delete', 'image:update'] },
    });
    for (const method of ['POST', 'DELETE']) {
      const on = `${method} /v2/tags/old/resources`;
      expect((await send(sandbox, on, resources('5'), { token: 'tags' })).status).toBe(403);
      expect((await send(sandbox, on, { resources: [] }, { token: 'tags' })).status).toBe(204);
      expect((await send(sandbox, on, resources('5'), { token: 'both' })).status).toBe(204);
    }
  });

  it('are assigned to snapshots of volumes too, and are removed from all resources when deleted', async () => {
    const sandbox = new Sandbox();
    const { body } = await send(sandbox, 'GET /v2/snapshots?resource_type=volume');
    const [first, second] = body.snapshots as { id: string; tags: string[] }[];
    const named = { resources: [{ resource_id: second?.id, resource_type: 'volume_snapshot' }] };
    expect((await send(sandbox, 'POST /v2/tags/web/resources', named)).status).toBe(204);
    expect((await send(sandbox, 'POST /v2/tags/web/resources', named)).status).toBe(204);
    const tagged = (await send(sandbox, 'GET /v2/tags/web')).body.tag;
    expect(tagged).toMatchObject({ resources: { volume_snapshots: { count: 1 }, images: { count: 4 } } });
    expect(first?.tags).toEqual(['k8s']);
    expect((await send(sandbox, 'DELETE /v2/tags/web')).status).toBe(204);
    expect((await send(sandbox, 'GET /v2/tags/web')).status).toBe(404);
    expect(sandbox.images.filter(({ tags }) => tags.includes('web'))).toEqual([]);
    expect((await send(sandbox, `GET /v2/snapshots/${second?.id ?? ''}`)).body.snapshot).toMatchObject({
      tags: [],
    });
  });
});
