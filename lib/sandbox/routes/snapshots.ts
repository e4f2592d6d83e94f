import type { RouteContext, Reply } from './route-handler';
import { page } from './page-links';
import { queryValue } from './request-fields';
import { ApiError } from '../state/api-error';
import type { ImageJson, SnapshotJson } from '../state/api-json';
import type { ImageRecord } from '../state/world-state';

export function listSnapshots(context: RouteContext): Reply {
  const { world, query } = context;
  const type = queryValue(query, 'resource_type', ['droplet', 'volume']);
  const region = query.get('region');
  const all = [...world.listedImages(isDropletSnapshot).map(fromImage), ...world.volumeSnapshots];
  const snapshots = all.filter(
    (one) =>
      (type === null || one.resource_type === type) && (region === null || one.regions.includes(region)),
  );
  return page(context, 'snapshots', snapshots, (snapshot) => snapshot);
}

export function getSnapshot(context: RouteContext): Reply {
  const found = findSnapshot(context);
  return { status: 200, body: { snapshot: found.image ? fromImage(found.image) : found.volume } };
}

export function deleteSnapshot(context: RouteContext): Reply {
  const { world } = context;
  const found = findSnapshot(context);
  if (found.image) world.remove(found.image);
  else world.volumeSnapshots.splice(world.volumeSnapshots.indexOf(found.volume), 1);
  return { status: 204 };
}

/** A number is the id of a Droplet's snapshot, any other text that of a volume's. */
function findSnapshot({
  world,
  params,
}: RouteContext): { image: ImageRecord } | { image: null; volume: SnapshotJson } {
  const id = params.snapshot ?? '';
  const volume = world.volumeSnapshots.find((one) => one.id === id);
  if (volume) return { image: null, volume };
  const image = world.image(/^\d+$/.test(id) ? Number(id) : NaN);
  if (!isDropletSnapshot(image.json)) throw new ApiError(400, 'the resource is not a snapshot');
  return { image };
}

function isDropletSnapshot(image: ImageJson): boolean {
  return image.type === 'snapshot' && !image.public;
}

/** A Droplet's snapshot is an image. As a snapshot, its id is text. */
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
