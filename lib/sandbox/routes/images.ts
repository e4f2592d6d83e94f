import type { RouteContext, Reply } from './route-handler';
import { parseRequestFields, readId } from './request-fields';
import { page } from './page-links';
import { ApiError } from './api-error';
import type { ImageJson } from '../state/api-json';
import type { ImageRecord } from '../state/world-state';

/** What `distribution` may say of a custom image; anything else is accepted and becomes `Unknown`. */
const DISTRIBUTIONS = new Set(
  'Arch Linux,CentOS,CoreOS,Debian,Fedora,Fedora Atomic,FreeBSD,Gentoo,openSUSE,RancherOS,Rocky Linux,Ubuntu'.split(
    ',',
  ),
);

/** Only these fields are in the answer to the creation of a custom image. */
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

export function listImages(call: RouteContext): Reply {
  const type = call.query.get('type');
  const tag = call.query.get('tag_name')?.toLowerCase();
  const isPrivate = call.query.get('private') === 'true';
  const images = call.world.listedImages(
    (image) =>
      (type === null || (image.public && type === catalogueOf(image))) &&
      (!isPrivate || !image.public) &&
      (tag === undefined || image.tags.some((own) => own.toLowerCase() === tag)),
  );
  return page(call, 'images', images, ({ json }) => json);
}

/**
 * What `?type=` means by a public image; it has nothing to do with the image's own `type`. A distribution's slug
 * begins with its name (`ubuntu-24-04-x64`), an application's does not (`wordpress-22-04`).
 */
export function catalogueOf({ distribution, slug }: ImageJson): 'distribution' | 'application' {
  const name = distribution.toLowerCase().replaceAll(' ', '');
  return slug === null || slug.startsWith(name) ? 'distribution' : 'application';
}

/** By id, or by slug for public images. */
export function getImage(call: RouteContext): Reply {
  const key = call.params.image ?? '';
  const record = /^\d+$/.test(key) ? call.world.image(Number(key)) : call.world.imageBySlug(key);
  return { status: 200, body: { image: record.json } };
}

export function createImage(call: RouteContext): Reply {
  const { world } = call;
  const { name, url, region, distribution, description, tags } = parseRequestFields(call.body, {
    name: 'text',
    url: 'text',
    region: 'text',
    distribution: 'text?',
    description: 'text?',
    tags: 'texts?',
  });
  if (!/^https?:\/\/[^/\s]+\/\S/.test(url)) throw new ApiError(422, 'URL is not valid.');
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
  for (const tag of tags ?? []) addTag(call, json, tag);
  scheduleImport(call, json, { url, region });
  return { status: 202, body: { image: Object.fromEntries(CREATED_FIELDS.map((key) => [key, json[key]])) } };
}

/** NEW → pending → available, or → deleted: always so for a host that cannot exist (`.invalid`, RFC 2606). */
function scheduleImport(
  call: RouteContext,
  image: ImageJson,
  { url, region }: { url: string; region: string },
): void {
  const { world, outcome: fate } = call;
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
    error: fate.failedImport ?? unreachable,
  });
}

export function updateImage(call: RouteContext): Reply {
  const { json } = ownImage(call);
  const { name, distribution, description } = parseRequestFields(call.body, {
    name: 'text?',
    distribution: 'text?',
    description: 'text?',
  });
  if (name === '') throw new ApiError(422, "Name can't be blank.");
  if (name !== undefined) json.name = name;
  // The other two can be changed for custom images alone; for others they are accepted without effect.
  if (json.type === 'custom') {
    if (distribution !== undefined) json.distribution = knownDistribution(distribution);
    if (description !== undefined) json.description = description;
  }
  return { status: 200, body: { image: json } };
}

export function deleteImage(call: RouteContext): Reply {
  const record = call.world.images.get(readId(call.params.image));
  if (record && (record.goneSince !== null || record.json.status === 'deleted')) {
    throw new ApiError(422, 'Can not delete an already deleted image.');
  }
  call.world.remove(ownImage(call));
  return { status: 204 };
}

/** The image of the path, when the account may change it. */
export function ownImage(call: RouteContext): ImageRecord {
  const record = call.world.image(readId(call.params.image));
  if (record.json.public) throw new ApiError(403, 'You do not have access for the attempted action.');
  return record;
}

/** Puts the tag on the image; a tag that does not exist is created. */
export function addTag(call: RouteContext, image: ImageJson, name: string): void {
  const tag = call.world.tag(name);
  tag.lastImage = image.id;
  if (!image.tags.includes(tag.name)) image.tags.push(tag.name);
}

function knownDistribution(name: string): string {
  return DISTRIBUTIONS.has(name) ? name : 'Unknown';
}
