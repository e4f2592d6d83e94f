import { checkList, checkObject, checkValue, defineCheck, is, unexpected } from '../../util/validate';
import { DAY } from '../../util/time-units';
import {
  anAction,
  anImage,
  dateOf,
  ownFields,
  regionNamed,
  type ActionSeed,
  type ImageSeed,
} from './builders';
import { APPLICATIONS, DISTRIBUTIONS, allRegions, type PublicImage } from './catalogue';
import { pastActions, volumeSnapshots } from './past-actions';
import { describeValue } from '../../util/text/sanitize';
import { VIRTUAL_START } from '../clock/virtual-clock';
import type { AccountJson, ImageJson, RegionJson } from './api-json';
import { dropletsOf, type DropletSeed } from './droplets/droplet-seeds';
import { dropletOf } from './world';
import type { WorldState } from './world-state';

/** What a world starts with: see `SandboxOptions`. */
export interface WorldSeeds {
  images?: number | readonly ImageSeed[];
  actions?: readonly ActionSeed[];
  droplets?: number | readonly DropletSeed[];
  regions?: readonly (string | RegionJson)[];
  account?: Partial<AccountJson>;
}

const DEFAULT_IMAGES = 60;
const MAX_IMAGES = 1_000_000;
const FIRST_DEFAULT_IMAGE_ID = 63_663_001;
const PROJECTS = ['web', 'api', 'worker', 'db', 'cache', 'mail', 'build', 'metrics'];

const IMAGES = defineCheck(
  `a whole number from 0 to ${MAX_IMAGES} or a list of images`,
  (value) => is.integer(0, MAX_IMAGES).test(value) || Array.isArray(value),
  { isRange: true },
);

/** The first state of a world. The same seeds give the same state. */
export function createWorldState({
  images = DEFAULT_IMAGES,
  actions,
  droplets,
  regions,
  account,
}: WorldSeeds): WorldState {
  checkValue('images', images, IMAGES);
  const regionJson = readRegions(regions);
  const slugs = regionJson.map(({ slug }) => slug);
  const imageJson = typeof images === 'number' ? generateImages(images, slugs) : readImages(images, slugs);
  const unsorted = actions
    ? Array.from(actions, anAction)
    : images === DEFAULT_IMAGES
      ? pastActions(imageJson, slugs)
      : [];
  const actionJson = unsorted.sort(
    (one, other) => one.started_at.localeCompare(other.started_at) || one.id - other.id,
  );
  checkUnique('actions', actionJson, ({ id }) => id);
  const imageRecords = imageJson.map((json) => ({
    json,
    since: null,
    goneSince: null,
    dropletId: dropletOf(json.id),
  }));
  const dropletRecords = dropletsOf(droplets, imageRecords, regionJson);
  return {
    images: imageRecords,
    droplets: dropletRecords,
    actions: actionJson.map((json) => ({ json, since: null })),
    regions: regionJson,
    tags: tagsOf(imageJson),
    volumeSnapshots: volumeSnapshots(slugs),
    accountTransfers: [],
    account: { ...ACCOUNT, ...account },
    events: [],
    nextId: {
      image: nextId(imageJson, FIRST_DEFAULT_IMAGE_ID),
      action: nextId(actionJson, 36_804_636),
      droplet: nextId(
        dropletRecords.map(({ json }) => json),
        3_164_444,
      ),
      transfer: 3_164_444,
    },
  };
}

const ACCOUNT: AccountJson = {
  droplet_limit: 25,
  floating_ip_limit: 5,
  reserved_ip_limit: 5,
  volume_limit: 10,
  email: 'sammy@example.com',
  name: 'Sammy the Shark',
  uuid: 'b6f0c4dd-9c1f-4c56-8a3e-1f2d3c4b5a69',
  email_verified: true,
  status: 'active',
  status_message: '',
  team: { uuid: '5df3e300-4a17-4e24-b7c2-0ca6c9fc25b7', name: 'My Team' },
};

function readRegions(given: WorldSeeds['regions']): RegionJson[] {
  if (given === undefined) return allRegions();
  const regions = checkList('regions', given, (name, one) => {
    if (typeof one === 'string') return regionNamed(name, one);
    const region = ownFields(checkObject(name, one)) as unknown as RegionJson;
    return regionNamed(`${name}.slug`, region.slug, region);
  });
  if (regions.length === 0) throw new TypeError(unexpected('regions', 'at least one region', 'none'));
  checkUnique('regions', regions, ({ slug }) => slug);
  return regions;
}

function readImages(seeds: readonly ImageSeed[], slugs: readonly string[]): ImageJson[] {
  const regionList = is.listOf(is.oneOf(...slugs));
  // Array.from does not skip holes, as map does.
  const images = Array.from(seeds, (seed: ImageSeed | undefined, index) => {
    const image = anImage(seed, index);
    if (!seed || !ownFields(seed).regions) image.regions = image.public ? [...slugs] : slugs.slice(0, 1);
    checkValue(`images[${index}].regions`, image.regions, regionList);
    return image;
  });
  checkUnique('images', images, ({ id }) => id);
  checkUnique(
    'images',
    images.filter((image) => image.public && image.slug !== null),
    (image) => image.slug,
  );
  return images;
}

/** Of five images, two are snapshots, one a distribution, one an application, one a backup or custom image. */
function generateImages(count: number, slugs: readonly string[]): ImageJson[] {
  const step = (2 * 365 * DAY) / Math.max(1, count);
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / 5);
    const offered = [undefined, DISTRIBUTIONS[round], undefined, APPLICATIONS[round]][index % 5];
    const own = offered ? publicFields(offered, index % 5 === 1, slugs) : privateFields(index, slugs);
    return {
      id: FIRST_DEFAULT_IMAGE_ID + index,
      ...own,
      created_at: dateOf(VIRTUAL_START - 30 * DAY - (count - index) * step),
      min_disk_size: 20 + 5 * (index % 3),
      size_gigabytes: Math.round(100 * (1.2 + ((index * 37) % 100) / 20)) / 100,
      status: 'available',
      error_message: '',
    };
  });
}

type OwnFields = Pick<
  ImageJson,
  'name' | 'type' | 'distribution' | 'slug' | 'public' | 'regions' | 'description' | 'tags'
>;

function publicFields(
  [distribution, name, slug]: PublicImage,
  isBase: boolean,
  slugs: readonly string[],
): OwnFields {
  const description = isBase ? `${distribution} ${name}` : '';
  const type = isBase ? 'base' : 'snapshot';
  return { name, type, distribution, slug, public: true, regions: [...slugs], description, tags: [] };
}

function privateFields(index: number, slugs: readonly string[]): OwnFields {
  const type = index % 5 < 4 ? 'snapshot' : index % 2 === 0 ? 'backup' : 'custom';
  const project = PROJECTS[index % PROJECTS.length] ?? '';
  const home = slugs[index % slugs.length] ?? '';
  const second = slugs[(index + 4) % slugs.length] ?? '';
  return {
    name:
      type === 'custom'
        ? `${project}-golden-${index}`
        : `${project}-${String(index).padStart(2, '0')}-${type}`,
    type,
    distribution: DISTRIBUTIONS[index % DISTRIBUTIONS.length]?.[0] ?? 'Unknown',
    slug: null,
    public: false,
    regions: index % 10 === 2 && second !== home ? [home, second] : [home],
    description: type === 'custom' ? `Golden image of ${project}` : '',
    tags: index % 4 === 0 ? [project, 'env:production'] : [],
  };
}

function tagsOf(images: readonly ImageJson[]): WorldState['tags'] {
  const last = new Map<string, { name: string; lastImage: number }>();
  for (const { id, tags } of images) {
    for (const name of tags) last.set(name.toLowerCase(), { name, lastImage: id });
  }
  return [...last.values()];
}

function nextId(items: readonly { id: number }[], min: number): number {
  return items.reduce((next, { id }) => Math.max(next, id + 1), min);
}

function checkUnique<T>(name: string, items: readonly T[], key: (item: T) => unknown): void {
  const seen = new Set<unknown>();
  for (const item of items) {
    const value = key(item);
    if (seen.has(value))
      throw new TypeError(unexpected(name, 'each id or slug once', `${describeValue(value)} twice`));
    seen.add(value);
  }
}
