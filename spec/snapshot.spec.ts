import { describe, expect, it } from '@jest/globals';
import { type DOApi, Image, Snapshot } from '../lib';
import { UnexpectedResponseError } from '../lib';
import { Sandbox } from '../lib/sandbox';
import snapshotFixture from './fixtures/droplet/listed-snapshot.json';
import wrong from './fixtures/droplet/wrong-snapshot.json';
import { behavesLikeASnapshot } from './support/behaves-like-a-snapshot';
import { eachWrong, NO_SLUGS, rejectsWrongInput } from './support/behaves-like-strict-input';
import { anySnapshotJson, ENDPOINT, fieldsOf, type Json, MemoryServer, rejection } from './support/builders';

const UUID = '8eb4d51a-873f-11e6-bd32-000f53315a41';

const snapshotJson = (changes: Json = {}): Json => ({ ...snapshotFixture.snapshot, ...changes });

/** Makes a Snapshot as the API sends it. */
async function aSnapshot(json: Json, api?: DOApi): Promise<Snapshot> {
  const server = new MemoryServer(() => ({ body: { snapshot: json } }));
  return (api ?? server.api()).fetchSnapshot(typeof json.id === 'string' ? json.id : '67512819');
}

describe('Snapshot: its fields', () => {
  behavesLikeASnapshot({
    json: snapshotJson(),
    make: (_api, json) => aSnapshot(json),
    fields: [
      ...['id', 'name', 'createdAt', 'regions', 'resourceId', 'resourceType', 'minDiskSize', 'sizeGigabytes'],
      'tags',
    ],
    any: anySnapshotJson,
    wrong,
    path: 'snapshot',
  });

  it('may be absent or null, except the id', async () => {
    const nulls = Object.fromEntries(Object.keys(snapshotJson()).map((key) => [key, null]));
    const nothing = {
      ...{ name: '', createdAt: null, regions: [], resourceId: '', resourceType: null },
      ...{ minDiskSize: null, sizeGigabytes: null, tags: [] },
    };
    for (const json of [{ id: UUID }, { ...nulls, id: UUID }])
      expect(fieldsOf(await aSnapshot(json))).toStrictEqual({ id: UUID, ...nothing });
  });
});

describe('Snapshot: its methods', () => {
  it('has an absolute URL, and its name as text', async () => {
    const snapshot = await aSnapshot(snapshotJson());
    expect([snapshot.url, snapshot.toString()]).toEqual([
      `${ENDPOINT}/v2/snapshots/67512819`,
      'web-1-1769860800000',
    ]);
  });

  it('fetch() returns a new object, and takes no other snapshot for its own', async () => {
    const server = new MemoryServer((_request, nth) => ({
      body: {
        snapshot: snapshotJson({ ...(nth > 1 && { tags: [] }), ...(nth === 3 && { id: '5' }) }),
      },
    }));
    const before = await aSnapshot(snapshotJson(), server.api());
    const now = await before.fetch();
    expect([now, now.tags, before.tags]).toEqual([expect.any(Snapshot), [], ['golden']]);
    expect(await rejection(before.fetch())).toBeInstanceOf(UnexpectedResponseError);
  });

  it('delete() sends one request', async () => {
    const sandbox = new Sandbox({ images: [{ id: 7, type: 'snapshot' }] });
    const snapshot = await sandbox.api().fetchSnapshot(7);
    await snapshot.delete();
    expect(sandbox.images).toEqual([]);
    expect(sandbox.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/v2/snapshots/7' });
  });

  it('image() is the Image of a snapshot of a Droplet, without a request', async () => {
    const sandbox = new Sandbox({ images: [{ id: 7, type: 'snapshot', regions: ['nyc1'] }] });
    const image = (await sandbox.api().fetchSnapshot('7')).image();
    expect(image).toBeInstanceOf(Image);
    expect(sandbox.requests).toHaveLength(1);
    expect((await image.fetch()).regions).toEqual(['nyc1']);
  });

  it('image() of a snapshot of a volume is a TypeError', async () => {
    const snapshot = await aSnapshot({ id: UUID, resource_type: 'volume' });
    expect(() => snapshot.image()).toThrow(
      new TypeError(`Snapshot ${UUID}: is of a volume, which is no image`),
    );
  });
});

describe('the snapshots of a manager', () => {
  it('are fetched by number, text or UUID, or again', async () => {
    const server = new MemoryServer(({ path }) => ({
      body: { snapshot: { id: path.split('/').at(-1), name: 'golden' } },
    }));
    const api = server.api();
    const again = await api.fetchSnapshot(7);
    expect((await api.fetchSnapshot('8')).id).toBe('8');
    expect((await api.fetchSnapshot(UUID)).id).toBe(UUID);
    await api.fetchSnapshot(again);
    expect(server.lines).toEqual(['7', '8', UUID, '7'].map((id) => `GET /v2/snapshots/${id}`));
  });

  it('are listed, all or those of one kind of resource', async () => {
    const server = new MemoryServer(() => ({ body: { snapshots: [], meta: { total: 0 } } }));
    await server.api().fetchAllSnapshots().toArray();
    await server.api().fetchAllSnapshots({ resourceType: 'volume' }).toArray();
    expect(server.requests.map(({ query }) => query.resource_type)).toEqual([undefined, 'volume']);
    expect(() => server.api().fetchAllSnapshots({ resourceType: 'image' } as never)).toThrow(
      'resourceType: expected',
    );
  });

  rejectsWrongInput(
    eachWrong(
      'fetchSnapshot()',
      'snapshot',
      NO_SLUGS.filter(([id]) => id !== 5),
      (client, bad) => client.fetchSnapshot(bad),
    ),
  );
});

describe('a snapshot of a volume where an image is due', () => {
  it('is refused before a request, and does not compile', async () => {
    const sandbox = new Sandbox({ images: 1 });
    const volume = await aSnapshot({ id: UUID, resource_type: 'volume' });
    const droplet = sandbox.api().droplet(5);
    // @ts-expect-error -- a Snapshot is no Image
    await expect(droplet.rebuild(volume)).rejects.toThrow('image: expected');
    // @ts-expect-error -- its id is no number
    await expect(droplet.restore(volume.id)).rejects.toThrow('image: expected');
    await expect(droplet.rebuild(volume.id)).rejects.toThrow('image: expected');
    // @ts-expect-error -- its id is no number
    expect(() => sandbox.api().image(volume.id)).toThrow('image: expected');
    expect(sandbox.requests).toEqual([]);
  });
});
