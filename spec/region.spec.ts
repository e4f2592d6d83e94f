import { describe, expect, it } from '@jest/globals';
import { Region } from '../lib';
import listed from './fixtures/region/list.json';
import wrong from './fixtures/region/wrong.json';
import { behavesLikeASnapshot } from './support/behaves-like-a-snapshot';
import { anApi, anyRegionJson, fieldsOf, type Json, MemoryServer, regionJson } from './support/builders';

/** The API sends regions in lists only. */
const regionsOf = (...regions: Json[]): Promise<Region[]> =>
  new MemoryServer(() => ({ body: { regions, meta: { total: regions.length } } }))
    .api()
    .fetchAllRegions()
    .toArray();

const regionOf = async (json: Json): Promise<Region> => {
  const [region] = await regionsOf(json);
  if (!region) throw new Error('there is no region');
  return region;
};

describe('Region', () => {
  behavesLikeASnapshot({
    json: regionJson(),
    make: (_api, json) => regionOf(json),
    fields: ['slug', 'name', 'available', 'features', 'sizes'],
    any: anyRegionJson,
    wrong,
    path: 'regions[0]',
  });

  it('has the fields of the API', async () => {
    const regions = await regionsOf(...listed.regions);
    expect(regions).toHaveLength(2);
    expect(regions[0]).toBeInstanceOf(Region);
    expect(fieldsOf(regions[1] ?? {})).toStrictEqual({
      slug: 'ams2',
      name: 'Amsterdam 2',
      available: false,
      features: ['backups', 'image_transfer'],
      sizes: [],
    });
  });

  it('may lack every field except the slug', async () => {
    expect(fieldsOf(await regionOf({ slug: 'ric1' }))).toStrictEqual({
      slug: 'ric1',
      name: '',
      available: false,
      features: [],
      sizes: [],
    });
  });

  it('is its slug as text', async () => {
    const region = await regionOf(regionJson());
    expect(region.toString()).toBe('nyc3');
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- users write this
    expect(`to ${region}`).toBe('to nyc3');
  });

  it('is accepted in place of a slug', async () => {
    const server = new MemoryServer(() => ({ body: { action: { id: 1 }, image: { id: 2 } } }));
    const api = server.api();
    const region = await regionOf(regionJson());
    await api.image(5).transfer(region);
    await api.image(5).act({ type: 'transfer', region });
    await api.createCustomImage({ name: 'mine', url: 'https://example.com/disk.raw', region });
    expect(server.requests.map(({ body }) => (body as Json).region)).toEqual(['nyc3', 'nyc3', 'nyc3']);
  });

  it('cannot be created with new', () => {
    expect(() => new Region().raw).toThrow(new TypeError('Region: made by a DOApi, never with new'));
    expect(anApi()).not.toHaveProperty('region');
  });
});
