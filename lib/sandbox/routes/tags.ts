import type { RouteContext, Reply } from './route-handler';
import { addTag } from './images';
import { page } from './page-links';
import { isTagName, readId } from './request-fields';
import { ApiError } from '../state/api-error';
import type { TagRecord } from '../state/world-state';

/** The resources that can be tagged. There are no volumes here. */
const TAGGABLE: readonly unknown[] = ['droplet', 'image', 'volume', 'volume_snapshot'];

export function listTags(context: RouteContext): Reply {
  return page(context, 'tags', [...context.world.tags.values()], (tag) => tagJson(context, tag));
}

export function getTag(context: RouteContext): Reply {
  return { status: 200, body: { tag: tagJson(context, findTag(context)) } };
}

/** An existing tag keeps the case of its name. */
export function createTag(context: RouteContext): Reply {
  const { name } = context.body;
  if (!isTagName(name)) {
    // Only this operation has this form of an error body.
    const error =
      'validation failed: Tag name may only contain letters, numbers, colons, dashes, and underscores';
    throw new ApiError(400, error, { error, messages: null, root_causes: [] });
  }
  return { status: 201, body: { tag: tagJson(context, context.world.tag(name)) } };
}

export function deleteTag(context: RouteContext): Reply {
  const tag = findTag(context);
  for (const tags of tagLists(context)) removeTag(tags, tag.name);
  context.world.tags.delete(tag.name.toLowerCase());
  return { status: 204 };
}

export function assignTag(context: RouteContext): Reply {
  const tag = findTag(context);
  const resources = readResources(context);
  for (const { image, tags } of resources) {
    if (image) addTag(context, image, tag.name);
    else if (!tags.includes(tag.name)) tags.push(tag.name);
  }
  return { status: 204 };
}

export function unassignTag(context: RouteContext): Reply {
  const tag = findTag(context);
  for (const { tags } of readResources(context)) removeTag(tags, tag.name);
  return { status: 204 };
}

function findTag(context: RouteContext): TagRecord {
  const tag = context.world.tags.get((context.params.tag ?? '').toLowerCase());
  if (!tag) throw new ApiError(404);
  return tag;
}

/**
 * The resources that the body names.
 * @throws ApiError 404 if one of them does not exist, 422 if one of them is not named by a type and the id as text
 */
function readResources({ world, body, requireScope }: RouteContext) {
  if (!Array.isArray(body.resources)) throw new ApiError(422, 'resources is required.');
  return body.resources.map((entry: unknown) => {
    const { resource_id: id, resource_type: type } = Object(entry) as Record<string, unknown>;
    if (!TAGGABLE.includes(type)) throw new ApiError(422, 'resource_type is invalid.');
    if (typeof id !== 'string') throw new ApiError(422, 'resource_id is invalid.');
    if (type === 'image') {
      requireScope('image:update');
      const { json } = world.image(readId(id));
      if (!json.public) return { image: json, tags: json.tags };
    }
    if (type === 'droplet') {
      requireScope('droplet:update');
      return { tags: world.droplet(readId(id)).json.tags };
    }
    const snapshot = world.volumeSnapshots.find((one) => type === 'volume_snapshot' && one.id === id);
    if (!snapshot) throw new ApiError(404);
    return { tags: snapshot.tags };
  });
}

function tagJson({ world, url }: RouteContext, tag: TagRecord): Record<string, unknown> {
  const images = world.listedImages(({ tags }) => tags.includes(tag.name));
  const snapshots = world.volumeSnapshots.filter(({ tags }) => tags.includes(tag.name));
  const droplets = world.droplets.listed.filter(({ json }) => json.tags.includes(tag.name));
  const lastImage = images.find(({ json }) => json.id === tag.lastImage) ?? images.at(-1);
  const root = url.slice(0, url.indexOf('/v2/') + '/v2'.length);
  const ofImages = counted(images.length, lastImage && `${root}/images/${lastImage.json.id}`);
  const lastSnapshot = snapshots.at(-1);
  const ofSnapshots = counted(snapshots.length, lastSnapshot && `${root}/snapshots/${lastSnapshot.id}`);
  const lastDroplet = droplets.at(-1);
  const ofDroplets = counted(droplets.length, lastDroplet && `${root}/droplets/${lastDroplet.json.id}`);
  const last = ofDroplets.last_tagged_uri ?? ofImages.last_tagged_uri ?? ofSnapshots.last_tagged_uri;
  return {
    name: tag.name,
    resources: {
      ...counted(images.length + snapshots.length + droplets.length, last),
      droplets: ofDroplets,
      images: ofImages,
      volumes: counted(0),
      volume_snapshots: ofSnapshots,
      databases: counted(0),
    },
  };
}

function counted(count: number, uri?: string): { count: number; last_tagged_uri?: string } {
  return uri === undefined ? { count } : { count, last_tagged_uri: uri };
}

function* tagLists({ world }: RouteContext): Generator<string[]> {
  for (const { json } of world.images.values()) yield json.tags;
  for (const { json } of world.droplets.present) yield json.tags;
  for (const { tags } of world.volumeSnapshots) yield tags;
}

function removeTag(tags: string[], name: string): void {
  const index = tags.indexOf(name);
  if (index >= 0) tags.splice(index, 1);
}
