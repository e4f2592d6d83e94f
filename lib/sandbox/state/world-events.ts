import { endDropletAction } from './droplets/droplet-events';
import type { World } from './world';
import type { WorldEvent } from './world-state';

/** Applies all events that are due, in order, in every account. Called before each read of a world. */
export function applyDueEvents({ accounts }: World): void {
  for (const world of accounts) applyEvents(world);
}

function applyEvents(world: World): void {
  const now = world.time.now();
  for (let entry = world.events.take(now); entry; entry = world.events.take(now)) {
    applyEvent(world, entry.event, entry.due);
  }
}

/** @param at when it was due: that may be long before the request that applies it */
function applyEvent(world: World, event: WorldEvent, at: number): void {
  if (event.do === 'end-action') endAction(world, event.id, event.as, at);
  else if (event.do === 'change-droplet') Object.assign(world.droplets.get(event.id)?.json ?? {}, event.to);
  else if (event.do === 'begin-import') beginImport(world, event.id);
  else endImport(world, event.id, event.region, event.error);
}

function endAction(world: World, id: number, as: 'completed' | 'errored', at: number): void {
  const record = world.actions.get(id);
  if (!record) return;
  const { json: action } = record;
  action.status = as;
  action.completed_at = world.time.stamp(at);
  if (action.resource_type === 'droplet') endDropletAction(world, record, as, at);
  const image = action.resource_id === null ? undefined : world.images.get(action.resource_id)?.json;
  if (as === 'errored' || action.resource_type !== 'image' || !image) return;
  if (action.type === 'convert') image.type = 'snapshot';
  // A transfer is a copy: the image is in both regions afterwards.
  if (action.type === 'transfer' && action.region_slug && !image.regions.includes(action.region_slug)) {
    image.regions.push(action.region_slug);
  }
}

function beginImport(world: World, id: number): void {
  const image = world.images.get(id)?.json;
  if (image) image.status = 'pending';
}

function endImport(world: World, id: number, region: string, error: string | null): void {
  const image = world.images.get(id)?.json;
  if (!image) return;
  if (error !== null) {
    image.status = 'deleted';
    image.error_message = error;
    return;
  }
  image.status = 'available';
  image.regions = [region];
  image.min_disk_size = 15;
  image.size_gigabytes = 2.34;
}

/** Schedules the end of the seeded actions and imports that are in progress. */
export function scheduleSeededEvents(world: World): void {
  const now = world.time.now();
  for (const { json } of world.actions.values()) {
    if (json.status !== 'in-progress') continue;
    world.events.add(now + world.actionTime(json), { do: 'end-action', id: json.id, as: 'completed' });
  }
  for (const { json } of world.images.values()) {
    if (json.status !== 'NEW' && json.status !== 'pending') continue;
    const region = json.regions[0] ?? [...world.regions.keys()][0] ?? '';
    world.events.add(now + world.importTime(json), { do: 'end-import', id: json.id, region, error: null });
  }
}
