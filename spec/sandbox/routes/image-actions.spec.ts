import { describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../../lib/sandbox';
import { send, withOneImage } from '../support';

const transfer = { type: 'transfer', region: 'nyc3' };

describe('POST /v2/images/:id/actions', () => {
  it('starts a transfer, which copies the image: it is in both regions afterwards', async () => {
    const sandbox = withOneImage({ actionTime: 90_000 });
    const { status, body } = await send(sandbox, 'POST /v2/images/5/actions', transfer);
    expect(status).toBe(201);
    expect(body.action).toMatchObject({
      status: 'in-progress',
      type: 'transfer',
      started_at: '2026-01-01T00:00:00Z',
      completed_at: null,
      resource_id: 5,
      resource_type: 'image',
      region: { slug: 'nyc3', name: 'New York 3' },
      region_slug: 'nyc3',
    });
    await sandbox.advance(89_999);
    expect(sandbox.actions[0]?.status).toBe('in-progress');
    expect(sandbox.images[0]?.regions).toEqual(['nyc1']);
    await sandbox.advance(1);
    expect(sandbox.actions[0]).toMatchObject({ status: 'completed', completed_at: '2026-01-01T00:01:30Z' });
    expect(sandbox.images[0]?.regions).toEqual(['nyc1', 'nyc3']);
  });

  it('converts a backup into a snapshot', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, type: 'backup' }] });
    const { status, body } = await send(sandbox, 'POST /v2/images/5/actions', { type: 'convert' });
    expect(status).toBe(201);
    expect(body.action).toMatchObject({ type: 'convert', region: null, region_slug: null });
    expect(sandbox.images[0]?.type).toBe('backup');
    await sandbox.settle();
    expect(sandbox.images[0]?.type).toBe('snapshot');
  });

  it('refuses to transfer a backup until it has been converted', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, type: 'backup', regions: ['nyc1'] }] });
    const refused = {
      status: 422,
      body: { id: 'unprocessable_entity', message: 'Backups can not be transferred to other regions' },
    };
    expect(await send(sandbox, 'POST /v2/images/5/actions', transfer)).toMatchObject(refused);
    await send(sandbox, 'POST /v2/images/5/actions', { type: 'convert' });
    expect(await send(sandbox, 'POST /v2/images/5/actions', transfer)).toMatchObject(refused);
    await sandbox.settle();
    expect((await send(sandbox, 'POST /v2/images/5/actions', transfer)).status).toBe(201);
    await sandbox.settle();
    expect(sandbox.images[0]?.regions).toEqual(['nyc1', 'nyc3']);
  });

  it.each(['NEW', 'pending', 'deleted', 'retired'])(
    'refuses to transfer or convert an image that is %s',
    async (status) => {
      const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'], status }], importTime: 60_000 });
      for (const action of [transfer, { type: 'convert' }]) {
        expect(await send(sandbox, 'POST /v2/images/5/actions', action)).toMatchObject({
          status: 422,
          body: { id: 'unprocessable_entity', message: 'Image is not available.' },
        });
      }
      expect(sandbox.actions).toEqual([]);
    },
  );

  it('starts the same action twice for a repeated request', async () => {
    const sandbox = withOneImage();
    await send(sandbox, 'POST /v2/images/5/actions', transfer);
    expect((await send(sandbox, 'POST /v2/images/5/actions', transfer)).status).toBe(201);
    expect(sandbox.actions).toHaveLength(2);
    await sandbox.settle();
    expect(sandbox.images[0]?.regions).toEqual(['nyc1', 'nyc3']);
  });

  it.each([
    [
      'the region the image is in',
      { type: 'transfer', region: 'nyc1' },
      'Image is already available in region nyc1.',
    ],
    ['a region that does not exist', { type: 'transfer', region: 'mars1' }, 'Region is not valid.'],
    ['no region', { type: 'transfer' }, 'Region is not valid.'],
    ['a whole region', { type: 'transfer', region: { slug: 'nyc3' } }, 'Region is not valid.'],
  ])('refuses a transfer to %s', async (_, body, message) => {
    const sandbox = withOneImage();
    expect(await send(sandbox, 'POST /v2/images/5/actions', body)).toMatchObject({
      status: 422,
      body: { id: 'unprocessable_entity', message },
    });
    expect(sandbox.actions).toEqual([]);
  });

  it.each([[{ type: 'rename' }], [{}], [undefined], [{ type: 5 }]])('has no action %p', async (body) => {
    expect(await send(withOneImage(), 'POST /v2/images/5/actions', body)).toMatchObject({
      status: 404,
      body: { id: 'not_found', message: 'The specified action type is not available.' },
    });
  });

  it('refuses public images and images that are not available', async () => {
    const sandbox = new Sandbox({
      images: [
        { id: 5, status: 'pending' },
        { id: 6, slug: 'debian-13-x64', regions: ['nyc1'] },
      ],
    });
    expect((await send(sandbox, 'POST /v2/images/5/actions', transfer)).status).toBe(422);
    expect((await send(sandbox, 'POST /v2/images/6/actions', transfer)).status).toBe(422);
    expect((await send(sandbox, 'POST /v2/images/7/actions', transfer)).status).toBe(404);
  });

  it('takes as long as actionTime says: a number, a pair, or a function of the action', async () => {
    const took = async (sandbox: Sandbox): Promise<number> => {
      await send(sandbox, 'POST /v2/images/5/actions', transfer);
      await sandbox.settle();
      return sandbox.clock.now();
    };
    expect(await took(withOneImage())).toBe(60_000);
    expect(await took(withOneImage({ actionTime: 0 }))).toBe(0);
    expect(
      await took(withOneImage({ actionTime: ({ region_slug }) => (region_slug === 'nyc3' ? 7 : 8) })),
    ).toBe(7);
    const random = await took(withOneImage({ actionTime: [1_000, 2_000] }));
    expect(random).toBeGreaterThanOrEqual(1_000);
    expect(random).toBeLessThanOrEqual(2_000);
    expect(await took(withOneImage({ actionTime: [1_000, 2_000] }))).toBe(random);
    expect(await took(withOneImage({ actionTime: [1_000, 2_000], seed: 2 }))).not.toBe(random);
  });
});

describe('Reading actions', () => {
  it('lists the actions of the account on all kinds of resources, newest first', async () => {
    const { body } = await send(new Sandbox(), 'GET /v2/actions?per_page=200');
    const dates = body.actions.map((action) => action.started_at);
    expect(dates).toEqual([...dates].sort().reverse());
    const kinds = new Set(body.actions.map((action) => action.resource_type));
    expect(kinds).toEqual(new Set(['image', 'droplet', 'floating_ip', 'volume']));
  });

  it('lists the actions of one image, newest first', async () => {
    const sandbox = new Sandbox({
      images: [
        { id: 5, regions: ['nyc1'] },
        { id: 6, regions: ['nyc1'] },
      ],
    });
    await send(sandbox, 'POST /v2/images/5/actions', transfer);
    await send(sandbox, 'POST /v2/images/6/actions', transfer);
    await send(sandbox, 'POST /v2/images/5/actions', { type: 'convert' });
    const { body } = await send(sandbox, 'GET /v2/images/5/actions');
    expect(body.actions.map(({ type }) => type)).toEqual(['convert', 'transfer']);
    expect(body.meta.total).toBe(2);
  });

  it('does not find an action under another image', async () => {
    const sandbox = new Sandbox({
      images: [
        { id: 5, regions: ['nyc1'] },
        { id: 6, regions: ['nyc1'] },
      ],
    });
    const { id } = (await send(sandbox, 'POST /v2/images/5/actions', transfer)).body.action;
    expect((await send(sandbox, `GET /v2/images/5/actions/${id}`)).body.action.id).toBe(id);
    expect((await send(sandbox, `GET /v2/actions/${id}`)).body.action.id).toBe(id);
    expect((await send(sandbox, `GET /v2/images/6/actions/${id}`)).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/actions/1')).status).toBe(404);
  });

  it('does not find an action of a Droplet with the number of the image', async () => {
    const sandbox = withOneImage({ actions: [{ id: 9, resource_type: 'droplet', resource_id: 5 }] });
    expect((await send(sandbox, 'GET /v2/images/5/actions/9')).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/images/5/actions')).body.actions).toEqual([]);
    expect((await send(sandbox, 'GET /v2/actions/9')).status).toBe(200);
  });
});

describe('Eventual consistency', () => {
  it('is off by default', async () => {
    const sandbox = withOneImage();
    const { id } = (await send(sandbox, 'POST /v2/images/5/actions', transfer)).body.action;
    expect((await send(sandbox, `GET /v2/actions/${id}`)).status).toBe(200);
  });

  it('does not find new items for as long as lag.items says', async () => {
    const sandbox = withOneImage({ lag: { items: 10_000 } });
    const { id } = (await send(sandbox, 'POST /v2/images/5/actions', transfer)).body.action;
    const image = (
      await send(sandbox, 'POST /v2/images', { name: 'n', url: 'http://a.b/c.raw', region: 'nyc3' })
    ).body.image;
    expect((await send(sandbox, `GET /v2/actions/${id}`)).status).toBe(404);
    expect((await send(sandbox, `GET /v2/images/${image.id}`)).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/actions')).body.meta.total).toBe(1);
    await sandbox.advance(10_000);
    expect((await send(sandbox, `GET /v2/actions/${id}`)).status).toBe(200);
    expect((await send(sandbox, `GET /v2/images/${image.id}`)).status).toBe(200);
  });

  it('keeps new items out of lists, and deleted items in them, for as long as lag.lists says', async () => {
    const sandbox = withOneImage({ lag: { lists: 10_000 } });
    await send(sandbox, 'POST /v2/images/5/actions', transfer);
    await send(sandbox, 'DELETE /v2/images/5');
    expect((await send(sandbox, 'GET /v2/actions')).body.actions).toEqual([]);
    expect((await send(sandbox, 'GET /v2/images')).body.images).toHaveLength(1);
    expect((await send(sandbox, 'GET /v2/images/5')).status).toBe(404);
    await sandbox.advance(10_000);
    expect((await send(sandbox, 'GET /v2/actions')).body.actions).toHaveLength(1);
    expect((await send(sandbox, 'GET /v2/images')).body.images).toEqual([]);
  });

  it('takes one number for both', async () => {
    const sandbox = withOneImage({ lag: 5 });
    const { id } = (await send(sandbox, 'POST /v2/images/5/actions', transfer)).body.action;
    expect((await send(sandbox, `GET /v2/actions/${id}`)).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/images/5/actions')).body.actions).toEqual([]);
  });
});
