import { anAction, anImage, aRegion, dateOf, type ActionSeed, type ImageSeed } from './builders';
import { APPLICATIONS, DISTRIBUTIONS, allRegions, type PublicImage } from './catalogue';
import { pastActions, volumeSnapshots } from './past-actions';
import { show } from './checks';
import { VIRTUAL_START } from '../clock/virtual-clock';
import type { AccountJson, ActionJson, ImageJson, RegionJson } from './api-json';
import { dropletOf } from './world';
import type { WorldState } from './world-state';

/** What a world is made of: see `SandboxOptions`. */
export interface WorldSeeds {
  images?: number | readonly ImageSeed[];
  actions?: readonly ActionSeed[];
  regions?: readonly (string | RegionJson)[];
  account?: Partial<AccountJson>;
}

const DEFAULT_IMAGES = 60;
const MOST_IMAGES = 1_000_000;
const FIRST_ID = 63_663_001;
const DAY = 86_400_000;
const PROJECTS = ['web', 'api', 'worker', 'db', 'cache', 'mail', 'build', 'metrics'];

/** The world at its beginning. The same seeds make the same world. */
export function createWorldState({ images = DEFAULT_IMAGES, actions, regions, account }: WorldSeeds): WorldState {
  const places = readRegions(regions);
  const slugs = places.map(({ slug }) => slug);
  const allImages = typeof images === 'number' ? grow(images, slugs) : readImages(images, slugs);
  const past = actions ? actions.map(anAction) : images === DEFAULT_IMAGES ? pastActions(allImages, slugs) : [];
  const allActions = past.sort(
    (one, other) => one.started_at.localeCompare(other.started_at) || one.id - other.id,
  );
  distinct('actions', allActions, ({ id }) => id);
  return {
    images: allImages.map((json) => ({ json, since: null, goneSince: null, dropletId: dropletOf(json.id) })),
    actions: allActions.map((json) => ({ json, since: null })),
    regions: places,
    tags: tagsOf(allImages),
    volumeSnapshots: volumeSnapshots(slugs),
    accountTransfers: [],
    account: { ...ACCOUNT, ...account },
    events: [],
    nextId: {
      image: nextId(allImages, FIRST_ID),
      action: nextId(allActions, 36_804_636),
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
  if (!Array.isArray(given) || given.length === 0) {
    throw new TypeError(`regions must be a list of slugs or regions, at least one; got ${show(given)}.`);
  }
  // Array.from does not pass over holes, as map does.
  const regions = Array.from(given, (one: string | RegionJson) =>
    typeof one === 'string' ? aRegion(one) : aRegion((Object(one) as RegionJson).slug, one),
  );
  distinct('regions', regions, ({ slug }) => slug);
  return regions;
}

function readImages(given: readonly ImageSeed[], slugs: readonly string[]): ImageJson[] {
  if (!Array.isArray(given))
    throw new TypeError(`images must be a number or a list of images, got ${show(given)}.`);
  const images = Array.from(given, (seed: ImageSeed | undefined, index) => {
    const image = anImage(seed, index);
    if (!seed?.regions) image.regions = image.public ? [...slugs] : slugs.slice(0, 1);
    const unknown = image.regions.find((slug) => !slugs.includes(slug));
    if (unknown !== undefined) {
      throw new TypeError(
        `images[${index}].regions must be among ${slugs.join(', ')}; got ${show(unknown)}.`,
      );
    }
    return image;
  });
  distinct('images', images, ({ id }) => id);
  distinct(
    'images',
    images.filter((image) => image.public && image.slug !== null),
    ({ slug }) => slug,
  );
  return images;
}

/** Images as an account has them: of five, two snapshots, a distribution, an application, a backup or custom image. */
function grow(count: number, slugs: readonly string[]): ImageJson[] {
  if (!Number.isInteger(count) || count < 0 || count > MOST_IMAGES) {
    throw new RangeError(
      `images must be a whole number from 0 to ${MOST_IMAGES}, or a list of images; got ${count}.`,
    );
  }
  const step = (2 * 365 * DAY) / Math.max(1, count);
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / 5);
    const offered = [undefined, DISTRIBUTIONS[round], undefined, APPLICATIONS[round]][index % 5];
    const own = offered ? publicFields(offered, index % 5 === 1, slugs) : privateFields(index, slugs);
    return {
      id: FIRST_ID + index,
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

function nextId(things: readonly (ImageJson | ActionJson)[], least: number): number {
  return things.reduce((next, { id }) => Math.max(next, id + 1), least);
}

function distinct<T>(name: string, things: readonly T[], key: (thing: T) => unknown): void {
  const seen = new Set<unknown>();
  for (const thing of things) {
    const value = key(thing);
    if (seen.has(value)) throw new TypeError(`${name} must not hold ${show(value)} twice.`);
    seen.add(value);
  }
}
