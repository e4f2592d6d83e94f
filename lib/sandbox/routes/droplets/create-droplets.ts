import { ApiError } from '../../state/api-error';
import type { ImageJson, RegionJson, SizeJson } from '../../state/api-json';
import { sizeOf } from '../../state/droplets/sizes';
import type { DropletRecord } from '../../state/world-state';
import { shown } from './droplets';
import { isTagName, parseRequestFields } from '../request-fields';
import type { Reply, RouteContext } from '../route-handler';

/** The most Droplets of one request. */
const MAX_NAMES = 10;

/** Creates one Droplet (`name`) or several (`names`). A repeated request creates them twice. */
export function createDroplets(context: RouteContext): Reply {
  const { world, body, url } = context;
  const names = readNames(body);
  const settings = readSettings(context);
  if (world.droplets.present.length + names.length > world.account.droplet_limit)
    throw new ApiError(422, 'creating this/these droplet(s) will exceed your droplet limit');
  const records = names.map((name) => create(context, name, settings));
  const actions = records.map((record) => startCreation(context, record));
  const root = url.slice(0, url.indexOf('/v2/') + '/v2'.length);
  const rel = typeof body.name === 'string' ? 'create' : 'multiple_create';
  const links = { actions: actions.map((id) => ({ id, rel, href: `${root}/actions/${id}` })) };
  const droplets = records.map((record) => shown(context, record));
  return {
    status: 202,
    body: typeof body.name === 'string' ? { droplet: droplets[0], links } : { droplets, links },
  };
}

function readNames({ name, names }: RouteContext['body']): string[] {
  if ((name === undefined) === (names === undefined))
    throw new ApiError(422, 'Exactly one of name and names is required.');
  const list: unknown = name === undefined ? names : [name];
  if (!Array.isArray(list) || list.length === 0) throw new ApiError(422, 'names is invalid.');
  if (list.length > MAX_NAMES)
    throw new ApiError(422, `You can create at most ${MAX_NAMES} droplets at once.`);
  for (const one of list as unknown[]) {
    if (typeof one !== 'string' || !/^[a-z0-9.-]{1,255}$/i.test(one))
      throw new ApiError(422, 'Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)');
  }
  return list as string[];
}

interface Settings {
  image: ImageJson;
  size: SizeJson;
  region: RegionJson;
  tags: string[];
  features: string[];
}

function readSettings(context: RouteContext): Settings {
  const { world, body } = context;
  const { size: slug, tags = [] } = parseRequestFields(body, { size: 'text', tags: 'tags?' });
  const size = sizeOf(slug, [...world.regions.keys()]);
  if (!size) throw new ApiError(422, 'You specified an invalid size for Droplet creation.');
  const image = readImage(context, body.image);
  const region = readRegion(context, image);
  // As DigitalOcean words it, for an image that is elsewhere.
  if (!image.regions.includes(region.slug))
    throw new ApiError(422, 'You specified an invalid image for Droplet creation.');
  if (size.disk < (image.min_disk_size ?? 0))
    throw new ApiError(422, 'Cannot create a droplet with a smaller disk than the image.');
  const features = ['backups', 'ipv6', 'monitoring'].filter((feature) => body[feature] === true);
  return { image, size, region, tags: tags.filter(isTagName), features: [...features, 'private_networking'] };
}

function readImage({ world }: RouteContext, image: unknown): ImageJson {
  const invalid = new ApiError(422, 'You specified an invalid image for Droplet creation.');
  try {
    const isSlug = typeof image === 'string' && !/^\d+$/.test(image);
    const { json } = isSlug ? world.imageBySlug(image) : world.image(Number(image));
    if (json.status !== 'available') throw invalid;
    return json;
  } catch {
    throw invalid;
  }
}

/** A region may be given as a prefix (`nyc`), or not at all: then one that has the image. */
function readRegion({ world, body }: RouteContext, image: ImageJson): RegionJson {
  const region = body.region ?? '';
  const all = [...world.regions.values()].filter(({ available }) => available);
  const isNamed = typeof region === 'string' && /\d$/.test(region);
  const wanted = all.filter(({ slug }) =>
    isNamed ? slug === region : typeof region === 'string' && slug.startsWith(region),
  );
  const [first] = wanted;
  if (!first) throw new ApiError(422, 'Region is not available');
  return wanted.find(({ slug }) => image.regions.includes(slug)) ?? first;
}

function create({ world }: RouteContext, name: string, settings: Settings): DropletRecord {
  const { image, size, region, tags, features } = settings;
  const record = world.droplets.add({
    name,
    memory: size.memory,
    vcpus: size.vcpus,
    disk: size.disk,
    status: 'new',
    kernel: null,
    created_at: world.time.stamp(),
    features,
    next_backup_window: null,
    image: structuredClone(image),
    volume_ids: [],
    size,
    size_slug: size.slug,
    networks: { v4: [], v6: [] },
    region,
    tags: [],
    vpc_uuid: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
  });
  for (const tag of tags) record.json.tags.push(world.tag(tag).name);
  return record;
}

function startCreation({ world, outcome }: RouteContext, record: DropletRecord): number {
  const { json } = world.addAction({
    status: 'in-progress',
    type: 'create',
    started_at: world.time.stamp(),
    completed_at: null,
    resource_id: record.json.id,
    resource_type: 'droplet',
    region: record.json.region,
    region_slug: record.json.region.slug,
  });
  record.pending = json.id;
  world.events.add(world.time.now() + world.actionTime(json), {
    do: 'end-action',
    id: json.id,
    as: outcome.erroredAction ? 'errored' : 'completed',
  });
  return json.id;
}
