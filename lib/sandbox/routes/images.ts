import type { RouteContext, Reply } from './route-handler';
import { formatProblem } from './import-format';
import { parseRequestFields, queryValue, readId } from './request-fields';
import { page } from './page-links';
import { ApiError } from '../state/api-error';
import type { ImageJson } from '../state/api-json';
import type { ImageRecord } from '../state/world-state';

/** The values of `distribution` for a custom image. Any other value is accepted and becomes `Unknown`. */
const CUSTOM_IMAGE_DISTRIBUTIONS = new Set(
  'Arch Linux,CentOS,CoreOS,Debian,Fedora,Fedora Atomic,FreeBSD,Gentoo,openSUSE,RancherOS,Rocky Linux,Ubuntu'.split(
    ',',
  ),
);

/** The fields in the response to the creation of a custom image. */
const CREATED_FIELDS = [
  'created_at',
  'description',
  'distribution',
  'error_message',
  'id',
  'name',
  'regions',
  'type',
  'tags',
  'status',
] as const;

export function listImages(context: RouteContext): Reply {
  const type = queryValue(context.query, 'type', ['application', 'distribution']);
  const tag = context.query.get('tag_name')?.toLowerCase();
  const isPrivate = queryValue(context.query, 'private', ['true', 'false']) === 'true';
  const images = context.world.listedImages(
    (image) =>
      (type === null || (image.public && type === catalogueOf(image))) &&
      (!isPrivate || !image.public) &&
      (tag === undefined || image.tags.some((own) => own.toLowerCase() === tag)),
  );
  return page(context, 'images', images, ({ json }) => json);
}

/**
 * The value of `?type=` that lists a public image; it is unrelated to the image's own `type`. The slug of a distribution
 * begins with its name (`ubuntu-24-04-x64`), that of an application does not (`wordpress-22-04`).
 */
export function catalogueOf({ distribution, slug }: ImageJson): 'distribution' | 'application' {
  const name = distribution.toLowerCase().replaceAll(' ', '');
  return slug === null || slug.startsWith(name) ? 'distribution' : 'application';
}

/** Finds an image by id, or a public image by slug. */
export function getImage(context: RouteContext): Reply {
  const key = context.params.image ?? '';
  const record = /^\d+$/.test(key) ? context.world.image(readId(key)) : context.world.imageBySlug(key);
  return { status: 200, body: { image: record.json } };
}

export function createImage(context: RouteContext): Reply {
  const { world } = context;
  const { name, url, region, distribution, description, tags } = parseRequestFields(context.body, {
    name: 'text',
    url: 'text',
    region: 'text',
    distribution: 'text?',
    description: 'text?',
    tags: 'tags?',
  });
  if (!/^https?:\/\/[^/\s]+\/\S/.test(url) || !URL.canParse(url))
    throw new ApiError(422, 'URL is not valid.');
  if (!world.regions.has(region)) throw new ApiError(422, 'Region is not valid.');
  const { json } = world.addImage({
    name,
    type: 'custom',
    distribution: knownDistribution(distribution ?? 'Unknown'),
    slug: null,
    public: false,
    regions: [],
    created_at: world.time.stamp(),
    min_disk_size: null,
    size_gigabytes: null,
    description: description ?? '',
    tags: [],
    status: 'NEW',
    error_message: '',
  });
  for (const tag of tags ?? []) addTag(context, json, tag);
  scheduleImport(context, json, { url, region });
  return { status: 202, body: { image: Object.fromEntries(CREATED_FIELDS.map((key) => [key, json[key]])) } };
}

/**
 * NEW → pending → available or deleted. It is deleted for a host of `.invalid`, which cannot exist (RFC 2606), and for a
 * file of another format.
 */
function scheduleImport(
  context: RouteContext,
  image: ImageJson,
  { url, region }: { url: string; region: string },
): void {
  const { world, outcome } = context;
  const unreachable = new URL(url).hostname.endsWith('.invalid')
    ? `Could not download the image from ${url}.`
    : null;
  const now = world.time.now();
  const duration = world.importTime(image);
  world.events.add(now + duration / 4, { do: 'begin-import', id: image.id });
  world.events.add(now + duration, {
    do: 'end-import',
    id: image.id,
    region,
    error: outcome.failedImport ?? unreachable ?? formatProblem(url),
  });
}

export function updateImage(context: RouteContext): Reply {
  const { json } = ownImage(context);
  const { name, distribution, description } = parseRequestFields(context.body, {
    name: 'text?',
    distribution: 'text?',
    description: 'text?',
  });
  if (name === '') throw new ApiError(422, "Name can't be blank.");
  if (name !== undefined) json.name = name;
  // The other two have an effect for custom images only; for others the API accepts and ignores them.
  if (json.type === 'custom') {
    if (distribution !== undefined) json.distribution = knownDistribution(distribution);
    if (description !== undefined) json.description = description;
  }
  return { status: 200, body: { image: json } };
}

export function deleteImage(context: RouteContext): Reply {
  const record = context.world.images.get(readId(context.params.image));
  if (record && (record.goneSince !== null || record.json.status === 'deleted')) {
    throw new ApiError(422, 'Can not delete an already deleted image.');
  }
  context.world.remove(ownImage(context));
  return { status: 204 };
}

/** The image of the path. @throws ApiError if the account may not change it */
export function ownImage(context: RouteContext): ImageRecord {
  const record = context.world.image(readId(context.params.image));
  if (record.json.public) throw new ApiError(403, 'You do not have access for the attempted action.');
  return record;
}

/** Adds the tag to the image. Creates a tag that does not exist. */
export function addTag(context: RouteContext, image: ImageJson, name: string): void {
  const tag = context.world.tag(name);
  tag.lastImage = image.id;
  if (!image.tags.includes(tag.name)) image.tags.push(tag.name);
}

function knownDistribution(name: string): string {
  return CUSTOM_IMAGE_DISTRIBUTIONS.has(name) ? name : 'Unknown';
}
