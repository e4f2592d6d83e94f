import type { DropletJson, ImageJson } from '../../state/api-json';
import { ApiError } from '../../state/api-error';
import { allSizes } from '../../state/droplets/sizes';
import type { DropletRecord } from '../../state/world-state';
import { page } from '../page-links';
import { readId } from '../request-fields';
import type { Reply, RouteContext } from '../route-handler';

/** `name` is compared without regard to case. GPU Droplets are a list of their own; the sandbox has none. */
export function listDroplets(context: RouteContext): Reply {
  const { query, world } = context;
  const [tag, name, type] = ['tag_name', 'name', 'type'].map((key) => query.get(key));
  if (tag != null && (name != null || type != null))
    throw new ApiError(422, 'tag_name cannot be used together with name or type.');
  const matches = ({ json }: DropletRecord): boolean =>
    type !== 'gpus' &&
    (name == null || json.name.toLowerCase() === name.toLowerCase()) &&
    (tag == null || json.tags.some((own) => own.toLowerCase() === tag.toLowerCase()));
  return page(context, 'droplets', world.droplets.listed.filter(matches), (one) =>
    world.droplets.toJson(one),
  );
}

/** A destroyed Droplet is shown a little longer, as lists show it. */
export function getDroplet({ world, params }: RouteContext): Reply {
  const id = readId(params.droplet);
  const record = world.droplets.findLingering(id) ?? world.droplet(id);
  return { status: 200, body: { droplet: world.droplets.toJson(record) } };
}

export function deleteDroplet(context: RouteContext): Reply {
  const record = dropletOfPath(context);
  checkIdle(record);
  destroy(context, record);
  return { status: 204 };
}

/** Destroys all Droplets with a tag. */
export function deleteDropletsByTag(context: RouteContext): Reply {
  const tagged = dropletsOfTag(context);
  if (tagged.length === 0) throw new ApiError(404);
  checkAllIdle(tagged);
  for (const record of tagged) destroy(context, record);
  return { status: 204 };
}

/** Backups end with the Droplet, snapshots stay. */
function destroy({ world }: RouteContext, record: DropletRecord): void {
  record.goneSince = world.time.now();
  world.removeBackups(record.json.id);
}

/** The Droplets with the tag of the query, which exist whatever lists show. */
export function dropletsOfTag({ query, world }: RouteContext): DropletRecord[] {
  const tag = query.get('tag_name')?.toLowerCase();
  if (!tag) throw new ApiError(422, 'tag_name is required.');
  return world.droplets.present.filter(({ json }) => json.tags.some((own) => own.toLowerCase() === tag));
}

/** @throws ApiError 422 while an action runs on one of them, in other words than for a single Droplet */
export function checkAllIdle(records: readonly DropletRecord[]): void {
  if (records.some(({ pending }) => pending !== null))
    throw new ApiError(422, 'there are currently blocking events processing for one or more of the droplets');
}

/** @throws ApiError 422 while an action runs */
export function checkIdle({ pending }: DropletRecord): void {
  if (pending !== null) throw new ApiError(422, 'Droplet already has a pending event.');
}

export function dropletOfPath({ world, params }: RouteContext): DropletRecord {
  return world.droplet(readId(params.droplet));
}

export function listDropletSnapshots(context: RouteContext): Reply {
  return listImagesOf(context, 'snapshot');
}

export function listDropletBackups(context: RouteContext): Reply {
  return listImagesOf(context, 'backup');
}

function listImagesOf(context: RouteContext, type: 'snapshot' | 'backup'): Reply {
  const { json } = dropletOfPath(context);
  const images = context.world.imagesOf(json.id).filter((image) => image.json.type === type);
  return page(context, `${type}s`, images, (image) => dropletImage(image.json));
}

/** An image in the list of its Droplet has fewer fields. */
function dropletImage(image: ImageJson): object {
  const { id, name, created_at, regions, min_disk_size, size_gigabytes, type } = image;
  return { id, name, created_at, regions, min_disk_size, size_gigabytes, type };
}

export function listDropletActions(context: RouteContext): Reply {
  const { json } = dropletOfPath(context);
  const actions = context.world.listedActions({ type: 'droplet', id: json.id });
  return page(context, 'actions', actions, (action) => action.json);
}

/** Responds with 404 to an action of another Droplet. */
export function getDropletAction(context: RouteContext): Reply {
  const { json } = dropletOfPath(context);
  const action = context.world.action(readId(context.params.action)).json;
  if (action.resource_type !== 'droplet' || action.resource_id !== json.id) throw new ApiError(404);
  return { status: 200, body: { action } };
}

export function listSizes(context: RouteContext): Reply {
  const sizes = allSizes([...context.world.regions.keys()]);
  return page(context, 'sizes', sizes, (size) => size);
}

/** The Droplet as the response to a request shows it. */
export function shown({ world }: RouteContext, record: DropletRecord): DropletJson {
  return world.droplets.toJson(record);
}
