import type { RouteContext, Reply } from './route-handler';
import { addTag } from './images';
import { page } from './page-links';
import { ApiError } from './api-error';
import type { TagRecord } from '../state/world-state';

const TAG_NAME = /^[a-zA-Z0-9_:-]{1,255}$/;

export function listTags(call: RouteContext): Reply {
  return page(call, 'tags', [...call.world.tags.values()], (tag) => describe(call, tag));
}

export function getTag(call: RouteContext): Reply {
  return { status: 200, body: { tag: describe(call, find(call)) } };
}

/** An existing tag keeps the case in which it was created first. */
export function createTag(call: RouteContext): Reply {
  const { name } = call.body;
  if (typeof name !== 'string' || !TAG_NAME.test(name)) {
    // This operation alone answers with another kind of error body.
    const error =
      'validation failed: Tag name may only contain letters, numbers, colons, dashes, and underscores';
    throw new ApiError(400, error, { error, messages: null, root_causes: [] });
  }
  return { status: 201, body: { tag: describe(call, call.world.tag(name)) } };
}

export function deleteTag(call: RouteContext): Reply {
  const tag = find(call);
  for (const tags of tagLists(call)) drop(tags, tag.name);
  call.world.tags.delete(tag.name.toLowerCase());
  return { status: 204 };
}

export function assignTag(call: RouteContext): Reply {
  const tag = find(call);
  const resources = readResources(call);
  for (const { image, tags } of resources) {
    if (image) addTag(call, image, tag.name);
    else if (!tags.includes(tag.name)) tags.push(tag.name);
  }
  return { status: 204 };
}

export function unassignTag(call: RouteContext): Reply {
  const tag = find(call);
  for (const { tags } of readResources(call)) drop(tags, tag.name);
  return { status: 204 };
}

function find(call: RouteContext): TagRecord {
  const tag = call.world.tags.get((call.params.tag ?? '').toLowerCase());
  if (!tag) throw new ApiError(404);
  return tag;
}

/** The resources that the body names, all of them or none: one that is not there refuses the request. */
function readResources({ world, body }: RouteContext) {
  if (!Array.isArray(body.resources)) throw new ApiError(422, 'resources is required.');
  return body.resources.map((entry: unknown) => {
    const { resource_id: id, resource_type: type } = Object(entry) as Record<string, unknown>;
    if (type === 'image') {
      const { json } = world.image(Number(id));
      if (!json.public) return { image: json, tags: json.tags };
    }
    const snapshot = world.volumeSnapshots.find((one) => type === 'volume_snapshot' && one.id === id);
    if (!snapshot) throw new ApiError(404);
    return { tags: snapshot.tags };
  });
}

function describe({ world, url }: RouteContext, tag: TagRecord): Record<string, unknown> {
  const images = world.listedImages(({ tags }) => tags.includes(tag.name));
  const snapshots = world.volumeSnapshots.filter(({ tags }) => tags.includes(tag.name));
  const lastImage = images.find(({ json }) => json.id === tag.lastImage) ?? images.at(-1);
  const root = url.slice(0, url.indexOf('/v2/') + '/v2'.length);
  const ofImages = counted(images.length, lastImage && `${root}/images/${lastImage.json.id}`);
  const lastSnapshot = snapshots.at(-1);
  const ofSnapshots = counted(snapshots.length, lastSnapshot && `${root}/snapshots/${lastSnapshot.id}`);
  const last = ofImages.last_tagged_uri ?? ofSnapshots.last_tagged_uri;
  return {
    name: tag.name,
    resources: {
      ...counted(images.length + snapshots.length, last),
      droplets: counted(0),
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
  for (const { tags } of world.volumeSnapshots) yield tags;
}

function drop(tags: string[], name: string): void {
  const place = tags.indexOf(name);
  if (place >= 0) tags.splice(place, 1);
}
