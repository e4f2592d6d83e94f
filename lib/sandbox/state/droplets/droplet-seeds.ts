import { checkValue, defineCheck, is, unexpected } from '../../../util/validate';
import { DAY } from '../../../util/time-units';
import { VIRTUAL_START } from '../../clock/virtual-clock';
import type { AddressJson, DropletJson, ImageJson, RegionJson } from '../api-json';
import { checkSeed, DATE, dateOf, givenFields, NAME, ownFields } from '../builders';
import { allSizes, SIZE_SLUGS, sizeOf } from './sizes';
import type { DropletRecord, DropletState, ImageRecord } from '../world-state';

/** Any fields of a Droplet, in the API's own names. `image` and `region` may be an id and a slug. */
export type DropletSeed = Partial<Omit<DropletJson, 'image' | 'region'>> & {
  /** The image it was created from: its id, its slug, or all of it. */
  readonly image?: number | string | ImageJson;
  /** Where it runs: a slug, or all of the region. */
  readonly region?: string | RegionJson;
};

export const DEFAULT_DROPLETS = 12;
const MAX_DROPLETS = 100_000;
const FIRST_DROPLET_ID = 3_164_444;
const ROLES = ['web', 'api', 'worker', 'db'];

const DROPLETS = defineCheck(
  `a whole number from 0 to ${MAX_DROPLETS} or a list of Droplets`,
  (value) => is.integer(0, MAX_DROPLETS).test(value) || Array.isArray(value),
  { isRange: true },
);

const DROPLET_FIELDS = {
  id: is.id,
  name: NAME,
  status: is.oneOf('new', 'active', 'off', 'archive'),
  created_at: DATE,
  features: is.listOf(is.string),
  snapshot_ids: is.listOf(is.id),
  backup_ids: is.listOf(is.id),
  size_slug: is.oneOf(...SIZE_SLUGS),
  tags: is.listOf(is.string),
  volume_ids: is.listOf(is.string),
};

/** The first Droplets of a world. They become the origins of images without one of their own in the same region. */
export function dropletsOf(
  seeds: number | readonly DropletSeed[] = DEFAULT_DROPLETS,
  images: readonly ImageRecord[],
  regions: readonly RegionJson[],
): DropletRecord[] {
  checkValue('droplets', seeds, DROPLETS);
  // Array.from does not skip holes, as map does.
  const given: DropletSeed[] =
    typeof seeds === 'number' ? Array.from({ length: seeds }, () => ({})) : Array.from(seeds);
  const records = given.map((seed, index) => recordOf(seed, index, images, regions));
  const ids = new Set(records.map(({ json }) => json.id));
  if (ids.size < records.length) throw new TypeError(unexpected('droplets', 'each id once', 'an id twice'));
  adopt(given, records, images);
  return records;
}

/** Gives the images their Droplets: as a seed names them, else one in the same region. */
function adopt(
  seeds: readonly DropletSeed[],
  records: readonly DropletRecord[],
  images: readonly ImageRecord[],
): void {
  const named = new Set<number>();
  for (const [index, { json }] of records.entries()) {
    const { snapshot_ids: snapshots = [], backup_ids: backups = [] } = ownFields(seeds[index] ?? {});
    const own = new Set([...snapshots, ...backups]);
    for (const image of images) {
      if (!own.has(image.json.id)) continue;
      image.dropletId = json.id;
      named.add(image.json.id);
    }
  }
  for (const [index, image] of images.entries()) {
    const { id, public: isPublic, type, regions } = image.json;
    if (isPublic || type === 'custom' || named.has(id)) continue;
    const neighbours = records.filter(
      ({ json }, at) => json.region.slug === regions[0] && !namesImages(seeds[at]),
    );
    const origin = neighbours[index % neighbours.length];
    if (origin) image.dropletId = origin.json.id;
  }
}

/** Whether the seed says which images are its Droplet's. */
function namesImages(seed: DropletSeed = {}): boolean {
  const { snapshot_ids: snapshots, backup_ids: backups } = ownFields(seed);
  return (snapshots ?? backups) !== undefined;
}

function recordOf(
  given: DropletSeed,
  index: number,
  images: readonly ImageRecord[],
  regions: readonly RegionJson[],
): DropletRecord {
  const seed = checkSeed(`droplets[${index}]`, given, DROPLET_FIELDS);
  const { image, region } = seed;
  const home = regionOfSeed(`droplets[${index}].region`, region, index, regions);
  const slugs = regions.map(({ slug }) => slug);
  const size = sizeOf(seed.size_slug ?? SIZE_SLUGS[index % 3], slugs) ?? allSizes(slugs)[0];
  if (!size) throw new TypeError('droplets: there is no size');
  const json: DropletState = {
    id: FIRST_DROPLET_ID + index,
    name: `${ROLES[index % ROLES.length] ?? ''}-${Math.floor(index / ROLES.length) + 1}`,
    memory: size.memory,
    vcpus: size.vcpus,
    disk: size.disk,
    status: 'active',
    kernel: null,
    created_at: dateOf(VIRTUAL_START - (400 - index) * DAY),
    features: ['monitoring', 'private_networking'],
    next_backup_window: null,
    image: imageOfSeed(`droplets[${index}].image`, image, images),
    volume_ids: [],
    size,
    size_slug: size.slug,
    networks: addressesOf(index + 1),
    region: home,
    tags: [],
    vpc_uuid: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
    ...ownFieldsOf(seed),
  };
  return { json, since: null, goneSince: null, pending: null };
}

/** The fields that are taken as they are: the others follow from the rest of the world. */
function ownFieldsOf(seed: DropletSeed): Partial<DropletState> {
  const given = Object.entries(givenFields(seed)).filter(([name]) => !DERIVED.has(name));
  return Object.fromEntries(given);
}

const DERIVED: ReadonlySet<string> = new Set([
  'image',
  'region',
  'locked',
  'disk_info',
  'snapshot_ids',
  'backup_ids',
]);

function regionOfSeed(
  name: string,
  region: DropletSeed['region'],
  index: number,
  regions: readonly RegionJson[],
): RegionJson {
  const slug = typeof region === 'object' ? ownFields(region).slug : region;
  const found =
    slug === undefined ? regions[index % regions.length] : regions.find((one) => one.slug === slug);
  if (!found)
    throw new TypeError(unexpected(name, 'the slug of a region of the sandbox', JSON.stringify(slug)));
  return found;
}

/** Without one: a public image, else any. */
function imageOfSeed(name: string, image: DropletSeed['image'], images: readonly ImageRecord[]): ImageJson {
  if (typeof image === 'object') return image;
  const all = images.map(({ json }) => json);
  const found =
    image === undefined
      ? (all.find((one) => one.public) ?? all[0] ?? NO_IMAGE)
      : all.find(({ id, slug }) => id === image || slug === image);
  if (!found)
    throw new TypeError(unexpected(name, 'the id or slug of an image of the sandbox', JSON.stringify(image)));
  return structuredClone(found);
}

/** The API goes on describing an image that is no longer there. */
const NO_IMAGE: ImageJson = {
  id: 1,
  name: '22.04 (LTS) x64',
  type: 'base',
  distribution: 'Ubuntu',
  slug: null,
  public: true,
  regions: [],
  created_at: '2022-04-21T00:00:00Z',
  min_disk_size: 20,
  size_gigabytes: 2.34,
  description: '',
  tags: [],
  status: 'retired',
  error_message: '',
};

/** The addresses of the nth Droplet, from ranges that are reserved for documentation and private use. */
export function addressesOf(nth: number): { v4: AddressJson[]; v6: AddressJson[] } {
  const [high, low] = [(nth >> 8) & 255, nth & 255];
  return {
    v4: [
      { ip_address: `10.128.${high}.${low}`, netmask: '255.255.0.0', gateway: 'nil', type: 'private' },
      { ip_address: `203.0.113.${low}`, netmask: '255.255.240.0', gateway: '203.0.113.1', type: 'public' },
    ],
    v6: [
      { ip_address: `2001:db8::${nth.toString(16)}`, netmask: 64, gateway: '2001:db8::1', type: 'public' },
    ],
  };
}
