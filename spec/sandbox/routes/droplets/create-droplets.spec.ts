import { describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../../../lib/sandbox';
import { send } from '../../support';

const body = { name: 'web-1', size: 's-1vcpu-1gb', image: 5, region: 'nyc1' };
const create = (sandbox: Sandbox, more: object = {}): ReturnType<typeof send> =>
  send(sandbox, 'POST /v2/droplets', { ...body, ...more });
const anAccount = (options = {}): Sandbox =>
  new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }], droplets: 0, actionTime: 30_000, ...options });

describe('POST /v2/droplets', () => {
  it('creates a Droplet, which is new and locked, then active with addresses', async () => {
    const sandbox = anAccount();
    const { status, body } = await create(sandbox, { tags: ['prod'], monitoring: true });
    expect(status).toBe(202);
    expect(body.droplet).toMatchObject({
      name: 'web-1',
      status: 'new',
      locked: true,
      networks: { v4: [], v6: [] },
      image: { id: 5 },
      tags: ['prod'],
      features: ['monitoring', 'private_networking'],
    });
    expect(body.links).toEqual({
      actions: [
        {
          id: sandbox.actions[0]?.id,
          rel: 'create',
          href: `https://api.digitalocean.com/v2/actions/${String(sandbox.actions[0]?.id)}`,
        },
      ],
    });
    await sandbox.advance(30_000);
    expect(sandbox.droplets[0]).toMatchObject({ status: 'active', locked: false });
    expect(sandbox.droplets[0]?.networks.v4).toHaveLength(2);
    expect(sandbox.actions[0]).toMatchObject({
      type: 'create',
      status: 'completed',
      resource_type: 'droplet',
    });
  });

  it('takes a prefix of a region, or none: then it finds one that has the image', async () => {
    const sandbox = anAccount({ images: [{ id: 5, regions: ['nyc3'] }] });
    for (const region of ['nyc', '', undefined, null])
      expect((await create(sandbox, { region })).body.droplet.region.slug).toBe('nyc3');
    expect((await create(sandbox, { region: 'mars' })).body.message).toBe('Region is not available');
    expect((await create(sandbox, { region: 'ams' })).body.message).toBe(
      'You specified an invalid image for Droplet creation.',
    );
  });

  it('becomes active before its addresses can be read, with a lag', async () => {
    const sandbox = anAccount({ lag: 5_000 });
    const { id } = (await create(sandbox)).body.droplet;
    await sandbox.advance(35_000);
    const early = (await send(sandbox, `GET /v2/droplets/${id}`)).body.droplet;
    expect(early).toMatchObject({ status: 'active', locked: false, networks: { v4: [], v6: [] } });
    expect(Object.keys(early)[0]).toBe('id');
    await sandbox.advance(5_000);
    expect((await send(sandbox, `GET /v2/droplets/${id}`)).body.droplet.networks.v4).toHaveLength(2);
  });

  it('creates up to ten at once', async () => {
    const sandbox = anAccount();
    const names = Array.from({ length: 10 }, (_, index) => `web-${index}`);
    const { status, body } = await create(sandbox, { name: undefined, names });
    expect(status).toBe(202);
    expect(body.droplets.map(({ name }) => name)).toEqual(names);
    expect((await create(sandbox, { name: undefined, names: [...names, 'web-11'] })).status).toBe(422);
  });

  it('creates two of the same name for a repeated request', async () => {
    const sandbox = anAccount();
    await create(sandbox);
    await create(sandbox);
    expect(sandbox.droplets.map(({ name }) => name)).toEqual(['web-1', 'web-1']);
  });

  it('does not find the Droplet for a while with a lag', async () => {
    const sandbox = anAccount({ lag: 10_000 });
    const { body } = await create(sandbox);
    const { id } = body.droplet;
    expect((await send(sandbox, `GET /v2/droplets/${id}`)).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/droplets')).body.droplets).toEqual([]);
    await sandbox.advance(10_000);
    expect((await send(sandbox, `GET /v2/droplets/${id}`)).status).toBe(200);
    // It shows its new status a while after its action has completed.
    await sandbox.advance(20_000);
    expect(sandbox.actions[0]?.status).toBe('completed');
    expect(sandbox.droplets[0]?.status).toBe('new');
    await sandbox.advance(10_000);
    expect(sandbox.droplets[0]?.status).toBe('active');
  });

  it('lets a Droplet disappear for which there is no place', async () => {
    const sandbox = anAccount();
    sandbox.fail({ on: 'POST /v2/droplets', with: 'errored-action', times: 1 });
    const { body } = await create(sandbox);
    await sandbox.settle();
    expect((await send(sandbox, `GET /v2/droplets/${body.droplet.id}`)).status).toBe(404);
  });

  it.each<[what: string, more: object, message: string]>([
    [
      'a name with a blank',
      { name: 'web 1' },
      'Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)',
    ],
    ['the name of an image', { image: 'golden' }, 'You specified an invalid image for Droplet creation.'],
    ['an image that is gone', { image: 6 }, 'You specified an invalid image for Droplet creation.'],
    [
      'a region without the image',
      { region: 'fra1' },
      'You specified an invalid image for Droplet creation.',
    ],
    ['a region that is closed', { region: 'nyc2' }, 'Region is not available'],
    ['an unknown size', { size: 'x' }, 'You specified an invalid size for Droplet creation.'],
    ['no size', { size: undefined }, 'size is required.'],
    ['name and names', { names: ['a'] }, 'Exactly one of name and names is required.'],
  ])('refuses %s', async (_what, more, message) => {
    expect(await create(anAccount(), more)).toMatchObject({
      status: 422,
      body: { id: 'unprocessable_entity', message },
    });
  });

  it('refuses a disk that is smaller than the image needs', async () => {
    const sandbox = anAccount({ images: [{ id: 5, regions: ['nyc1'], min_disk_size: 50 }] });
    expect((await create(sandbox)).body.message).toBe(
      'Cannot create a droplet with a smaller disk than the image.',
    );
    expect((await create(sandbox, { size: 's-1vcpu-2gb' })).status).toBe(202);
  });

  it('refuses more than the account may have', async () => {
    const sandbox = anAccount({ account: { droplet_limit: 1 } });
    await create(sandbox);
    expect((await create(sandbox)).body.message).toBe(
      'creating this/these droplet(s) will exceed your droplet limit',
    );
  });
});
