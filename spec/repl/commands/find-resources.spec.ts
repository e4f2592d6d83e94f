import { describe, expect, it } from '@jest/globals';
import { type Droplet, Listing, ServerError } from '../../../lib';
import {
  droplets,
  findDroplet,
  findImage,
  images,
  snapshots,
} from '../../../lib/repl/commands/find-resources';
import { Sandbox } from '../../../lib/sandbox';
import { MemoryServer, pageJson } from '../../support/builders';

const sandbox = new Sandbox({
  images: [
    { id: 5, name: 'golden', tags: ['Nightly'] },
    { id: 6, name: '7', public: false },
  ],
  droplets: [
    { id: 11, name: 'web-1', tags: ['Blue'] },
    { id: 12, name: 'web-2' },
    { id: 13, name: 'WEB-2' },
    { id: 14, name: '15' },
  ],
});
const api = sandbox.api();
const idsOf = async (found: Promise<Listing<{ id: unknown }> | { id: unknown }[]>): Promise<unknown[]> => {
  const all = await found;
  return (Array.isArray(all) ? all : await all.toArray()).map(({ id }) => id);
};

describe('.droplets', () => {
  it.each([
    ['', [11, 12, 13, 14]],
    ['all', [11, 12, 13, 14]],
    ['web', [11, 12, 13]],
    ['WEB-2', [12, 13]],
    ['blue', [11]],
    ['gpus', []],
    ['none', []],
  ])('with the filter %j lists %j', async (filter, ids) => {
    expect(await idsOf(droplets(api, filter))).toEqual(ids);
  });

  it('reads nothing before it is shown, without a filter', async () => {
    const before = sandbox.requests.length;
    expect(await droplets(api, '')).toBeInstanceOf(Listing);
    expect(sandbox.requests).toHaveLength(before);
  });
});

describe('.droplet', () => {
  const ids = async (which: string): Promise<unknown> => {
    const found = await findDroplet(api, which);
    return Array.isArray(found) ? found.map(({ id }) => id) : found.id;
  };

  it.each<[string, unknown]>([
    ['11', 11],
    ['web-1', 11],
    // A name of digits that is no id.
    ['15', 14],
    // Names are not unique: it does not guess.
    ['web-2', [12, 13]],
  ])('%s gives %j', async (which, found) => {
    expect(await ids(which)).toEqual(found);
  });

  it.each([
    ['', /Usage: \.droplet <id\|name>/],
    ['nope', /There is no Droplet nope; \.droplets nope lists/],
    ['0', /There is no Droplet 0/],
    ['99999999999999999999', /There is no Droplet 9+/],
  ])('%j is an error that says what to do', async (which, message) => {
    await expect(findDroplet(api, which)).rejects.toThrow(message);
  });

  it('finds one with a GPU, which no other list has', async () => {
    const gpu = { id: 16, name: 'brain' };
    const server = new MemoryServer((request) => ({
      body: pageJson('droplets', request.query.type === 'gpus' ? [gpu] : [], request),
    }));
    expect(await findDroplet(server.api(), 'brain')).toMatchObject(gpu);
    expect(server.requests.map(({ query: { name, type } }) => [name, type])).toEqual([
      ['brain', undefined],
      ['brain', 'gpus'],
    ]);
  });

  it('does not take another failure for a missing Droplet', async () => {
    const failing = new Sandbox({ droplets: 1 });
    failing.fail({ on: 'GET /v2/droplets/:id', with: 'status', times: 9 });
    const [droplet] = (await failing.api().fetchAllDroplets().toArray()) as [Droplet];
    await expect(findDroplet(failing.api({ retries: 0 }), String(droplet.id))).rejects.toThrow(ServerError);
  });
});

describe('.snapshots', () => {
  /** Those that every sandbox has. */
  const VOLUMES = [
    '00fb8673-8b42-4c83-a548-4f3e32248c1e',
    'ae8dae18-aefd-49ff-a8d0-85b8cf8d6ab8',
    '9bf739cd-3878-4247-a720-201ef0267b55',
  ];

  it.each([
    ['', ['5', '6', ...VOLUMES]],
    ['all', ['5', '6', ...VOLUMES]],
    ['droplet', ['5', '6']],
    ['volume', VOLUMES],
    ['GOLD', ['5']],
    ['nightly', ['5']],
    ['none', []],
  ])('with the filter %j lists %j', async (filter, ids) => {
    expect(await idsOf(snapshots(api, filter))).toEqual(ids);
  });
});

describe('.images and .image', () => {
  it('find by kind, text, id and name', async () => {
    expect(await idsOf(images(api, 'private'))).toEqual([5, 6]);
    expect(await idsOf(images(api, 'night'))).toEqual([5]);
    expect((await findImage(api, '5')).id).toBe(5);
    expect((await findImage(api, 'golden')).id).toBe(5);
    expect((await findImage(api, '7')).id).toBe(6);
    await expect(findImage(api, 'nope')).rejects.toThrow(/There is no image nope/);
  });
});
