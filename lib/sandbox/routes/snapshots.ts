import type { RouteContext, Reply } from './route-handler';
import { page } from './page-links';
import { ApiError } from './api-error';
import type { ImageJson, SnapshotJson } from '../state/api-json';
import type { ImageRecord } from '../state/world-state';

export function listSnapshots(call: RouteContext): Reply {
  const { world, query } = call;
  const type = query.get('resource_type');
  const region = query.get('region');
  const all = [...world.listedImages(isSnapshot).map(fromImage), ...world.volumeSnapshots];
  const snapshots = all.filter(
    (one) =>
      (type === null || one.resource_type === type) && (region === null || one.regions.includes(region)),
  );
  return page(call, 'snapshots', snapshots, (snapshot) => snapshot);
}

export function getSnapshot(call: RouteContext): Reply {
  const found = find(call);
  return { status: 200, body: { snapshot: found.image ? fromImage(found.image) : found.volume } };
}

export function deleteSnapshot(call: RouteContext): Reply {
  const { world } = call;
  const found = find(call);
  if (found.image) world.remove(found.image);
  else world.volumeSnapshots.splice(world.volumeSnapshots.indexOf(found.volume), 1);
  return { status: 204 };
}

/** A number is a Droplet's snapshot, anything else a volume's. */
function find({
  world,
  params,
}: RouteContext): { image: ImageRecord } | { image: null; volume: SnapshotJson } {
  const id = params.snapshot ?? '';
  const volume = world.volumeSnapshots.find((one) => one.id === id);
  if (volume) return { image: null, volume };
  const image = world.image(/^\d+$/.test(id) ? Number(id) : NaN);
  if (!isSnapshot(image.json)) throw new ApiError(400, 'the resource is not a snapshot');
  return { image };
}

function isSnapshot(image: ImageJson): boolean {
  return image.type === 'snapshot' && !image.public;
}

/** A Droplet's snapshot is an image under another name; here its id is text. */
function fromImage({ json, dropletId }: ImageRecord): SnapshotJson {
  return {
    id: String(json.id),
    name: json.name,
    created_at: json.created_at,
    regions: json.regions,
    min_disk_size: json.min_disk_size ?? 0,
    size_gigabytes: json.size_gigabytes ?? 0,
    resource_id: String(dropletId),
    resource_type: 'droplet',
    tags: json.tags,
  };
}
