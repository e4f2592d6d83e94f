import { describe, expect, it } from '@jest/globals';
import { Sandbox, type DropletJson } from '../../../../lib/sandbox';
import { send, withOneDroplet } from '../../support';

const act = (sandbox: Sandbox, type: string, more: object = {}): ReturnType<typeof send> =>
  send(sandbox, 'POST /v2/droplets/7/actions', { type, ...more });

/** The Droplet once the action has ended. */
async function after(sandbox: Sandbox, type: string, more?: object): Promise<DropletJson | undefined> {
  expect((await act(sandbox, type, more)).status).toBe(201);
  await sandbox.settle();
  return sandbox.droplets[0];
}

describe('POST /v2/droplets/:id/actions', () => {
  it('starts an action of the Droplet, which is locked until it ends', async () => {
    const sandbox = withOneDroplet({ actionTime: 30_000 });
    const { body } = await act(sandbox, 'reboot');
    expect(body.action).toMatchObject({
      status: 'in-progress',
      type: 'reboot',
      resource_id: 7,
      resource_type: 'droplet',
      region_slug: 'nyc1',
    });
    expect(sandbox.droplets[0]?.locked).toBe(true);
    expect((await send(sandbox, 'GET /v2/droplets/7/actions')).body.actions).toHaveLength(1);
    expect((await send(sandbox, `GET /v2/droplets/7/actions/${body.action.id}`)).status).toBe(200);
    await sandbox.settle();
    expect(sandbox.droplets[0]?.locked).toBe(false);
  });

  it('refuses another one meanwhile', async () => {
    const sandbox = withOneDroplet();
    await act(sandbox, 'reboot');
    expect(await act(sandbox, 'snapshot')).toMatchObject({
      status: 422,
      body: { id: 'unprocessable_entity', message: 'Droplet already has a pending event.' },
    });
  });

  it('turns off and on', async () => {
    const sandbox = withOneDroplet();
    expect((await after(sandbox, 'power_off'))?.status).toBe('off');
    expect((await act(sandbox, 'power_off')).body.message).toBe('Droplet is already powered off.');
    expect((await after(sandbox, 'shutdown'))?.status).toBe('off');
    expect((await after(sandbox, 'power_on'))?.status).toBe('active');
    expect((await after(sandbox, 'shutdown'))?.status).toBe('off');
  });

  it('completes before the Droplet shows its new status, with a lag', async () => {
    const sandbox = withOneDroplet({ actionTime: 30_000, lag: 5_000 });
    await act(sandbox, 'power_off');
    await sandbox.advance(30_000);
    expect(sandbox.actions[0]?.status).toBe('completed');
    expect(sandbox.droplets[0]?.status).toBe('active');
    await sandbox.advance(5_000);
    expect(sandbox.droplets[0]?.status).toBe('off');
  });

  it('renames', async () => {
    expect((await after(withOneDroplet(), 'rename', { name: 'db-1' }))?.name).toBe('db-1');
    expect((await act(withOneDroplet(), 'rename', { name: 'db 1' })).status).toBe(422);
  });

  it('resizes a Droplet that is off; the disk grows only with disk: true', async () => {
    const sandbox = withOneDroplet({ droplets: [{ id: 7, status: 'off', size_slug: 's-1vcpu-1gb' }] });
    expect(await after(sandbox, 'resize', { size: 's-2vcpu-4gb' })).toMatchObject({
      size_slug: 's-2vcpu-4gb',
      memory: 4_096,
      disk: 25,
    });
    expect(await after(sandbox, 'resize', { size: 's-2vcpu-4gb', disk: true })).toMatchObject({ disk: 80 });
    expect((await act(sandbox, 'resize', { size: 's-1vcpu-1gb' })).body.message).toBe(
      "Size can not decrease size of Droplet's disk image",
    );
    expect((await act(withOneDroplet(), 'resize', { size: 's-2vcpu-4gb' })).body.message).toBe(
      'Droplet is currently on. Please power it off to run this event.',
    );
  });

  it('rebuilds from an image, but not from a backup', async () => {
    const sandbox = withOneDroplet({ images: [{ id: 5 }, { id: 6 }, { id: 8, type: 'backup' }] });
    expect((await after(sandbox, 'rebuild', { image: 6 }))?.image.id).toBe(6);
    expect((await act(sandbox, 'rebuild')).body.message).toBe("Image can't be blank");
    expect((await act(sandbox, 'rebuild', { image: 8 })).status).toBe(422);
    expect((await act(sandbox, 'rebuild', { image: 99 })).status).toBe(404);
  });

  it('restores a backup of this Droplet only', async () => {
    const sandbox = new Sandbox({
      images: [
        { id: 5, type: 'backup' },
        { id: 6, type: 'backup' },
      ],
      droplets: [{ id: 7, backup_ids: [5] }],
    });
    await after(sandbox, 'restore', { image: 5 });
    expect((await act(sandbox, 'restore', { image: 6 })).status).toBe(422);
    expect((await act(sandbox, 'restore', { image: 'ubuntu-24-04-x64' })).status).toBe(422);
  });

  it('disables backups, and deletes those there are', async () => {
    const sandbox = new Sandbox({
      images: [{ id: 5, type: 'backup' }],
      droplets: [{ id: 7, backup_ids: [5], features: ['backups'] }],
    });
    expect(await after(sandbox, 'disable_backups')).toMatchObject({ features: [], backup_ids: [] });
    expect(sandbox.images).toEqual([]);
    expect((await after(sandbox, 'enable_backups'))?.features).toEqual(['backups']);
  });

  it('refuses an unknown type, and a Droplet that is gone', async () => {
    expect((await act(withOneDroplet(), 'explode')).status).toBe(422);
    expect((await send(withOneDroplet(), 'POST /v2/droplets/8/actions', { type: 'reboot' })).status).toBe(
      404,
    );
  });

  it('leaves the Droplet as it was when it ends as errored', async () => {
    const sandbox = withOneDroplet();
    sandbox.fail({ on: 'POST /v2/droplets/:id/actions', with: 'errored-action', times: 1 });
    expect(await after(sandbox, 'power_off')).toMatchObject({ status: 'active', locked: false });
    expect(sandbox.actions[0]?.status).toBe('errored');
  });
});

describe('POST /v2/droplets/actions', () => {
  const three = (): Sandbox =>
    withOneDroplet({
      droplets: [
        { id: 7, region: 'nyc1', tags: ['web'] },
        { id: 8, region: 'nyc1', tags: ['Web', 'eu'] },
        { id: 9, region: 'nyc1' },
      ],
    });
  const all = (sandbox: Sandbox, tag: string, body: object): ReturnType<typeof send> =>
    send(sandbox, `POST /v2/droplets/actions?tag_name=${tag}`, body);

  it('starts an action on each Droplet with the tag', async () => {
    const sandbox = three();
    const { status, body } = await all(sandbox, 'web', { type: 'snapshot', name: 'nightly' });
    expect(status).toBe(201);
    expect(body.actions.map(({ resource_id, type }) => [resource_id, type])).toEqual([
      [7, 'snapshot'],
      [8, 'snapshot'],
    ]);
    expect(sandbox.droplets.map(({ locked }) => locked)).toEqual([true, true, false]);
    await sandbox.settle();
    const made = (await send(sandbox, 'GET /v2/snapshots?per_page=200')).body.snapshots as Record<
      string,
      unknown
    >[];
    const nightly = made.filter(({ name }) => name === 'nightly');
    expect(nightly.map(({ resource_id }) => resource_id)).toEqual(['7', '8']);
    expect((await all(sandbox, 'none', { type: 'reboot' })).body.message).toBe('type is invalid.');
    expect((await all(sandbox, 'none', { type: 'power_off' })).body.actions).toEqual([]);
    expect((await all(sandbox, '', { type: 'power_off' })).status).toBe(422);
  });

  it('starts none when an action runs on one of them, and words that in its own way', async () => {
    const sandbox = three();
    await send(sandbox, 'POST /v2/droplets/8/actions', { type: 'reboot' });
    const refused = await all(sandbox, 'web', { type: 'power_cycle' });
    expect(refused).toMatchObject({
      status: 422,
      body: { message: 'there are currently blocking events processing for one or more of the droplets' },
    });
    expect(sandbox.droplets[0]?.locked).toBe(false);
    const kept = await send(sandbox, 'DELETE /v2/droplets?tag_name=web');
    expect([kept.status, kept.body.message]).toEqual([422, refused.body.message]);
    expect(sandbox.droplets).toHaveLength(3);
  });
});

describe('a snapshot of a Droplet', () => {
  it('is an image once its action has completed: created when the action started', async () => {
    const sandbox = withOneDroplet({ actionTime: 90_000 });
    await sandbox.advance(10_000);
    await act(sandbox, 'snapshot', { name: 'golden' });
    await sandbox.advance(89_999);
    expect(sandbox.images).toHaveLength(1);
    await sandbox.advance(1);
    const [action] = sandbox.actions;
    const made = sandbox.images[1];
    expect(made).toMatchObject({
      name: 'golden',
      type: 'snapshot',
      regions: ['nyc1'],
      created_at: action?.started_at,
      min_disk_size: sandbox.droplets[0]?.disk,
      status: 'available',
    });
    expect(sandbox.droplets[0]?.snapshot_ids).toContain(made?.id);
    const { body } = await send(sandbox, 'GET /v2/droplets/7/snapshots');
    expect(body.snapshots).toContainEqual({
      id: made?.id,
      name: 'golden',
      created_at: made?.created_at,
      regions: ['nyc1'],
      min_disk_size: made?.min_disk_size,
      size_gigabytes: made?.size_gigabytes,
      type: 'snapshot',
    });
    const snapshot = await send(sandbox, `GET /v2/snapshots/${String(made?.id)}`);
    expect(snapshot.body.snapshot).toMatchObject({ resource_id: '7', resource_type: 'droplet' });
  });

  it('is missing from lists for a while, with a lag', async () => {
    const sandbox = withOneDroplet({ actionTime: 30_000, lag: { lists: 20_000 } });
    const before = (await send(sandbox, 'GET /v2/droplets/7/snapshots')).body.snapshots as unknown[];
    await act(sandbox, 'snapshot', { name: 'golden' });
    await sandbox.advance(30_000);
    expect((await send(sandbox, 'GET /v2/droplets/7/snapshots')).body.snapshots).toHaveLength(before.length);
    await sandbox.advance(20_000);
    expect((await send(sandbox, 'GET /v2/droplets/7/snapshots')).body.snapshots).toHaveLength(
      before.length + 1,
    );
  });

  it('lags from the end of its action, not from the request that sees it first', async () => {
    const sandbox = withOneDroplet({ actionTime: 30_000, lag: { lists: 20_000, items: 20_000 } });
    const before = (await send(sandbox, 'GET /v2/droplets/7/snapshots')).body.snapshots as unknown[];
    await act(sandbox, 'snapshot', { name: 'golden' });
    await sandbox.advance(50_000);
    expect((await send(sandbox, 'GET /v2/droplets/7/snapshots')).body.snapshots).toHaveLength(
      before.length + 1,
    );
    await act(sandbox, 'power_off');
    await sandbox.advance(50_000);
    expect(sandbox.droplets[0]?.status).toBe('off');
  });
});
