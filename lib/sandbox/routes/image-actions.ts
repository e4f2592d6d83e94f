import type { RouteContext, Reply } from './route-handler';
import { readId } from './request-fields';
import { page } from './page-links';
import { ApiError } from './api-error';
import type { ActionJson } from '../state/api-json';
import type { ImageRecord } from '../state/world-state';

/** Actions of all kinds of resources, newest first. */
export function listActions(call: RouteContext): Reply {
  return page(call, 'actions', call.world.listedActions(), ({ json }) => json);
}

export function getAction(call: RouteContext): Reply {
  return { status: 200, body: { action: call.world.action(readId(call.params.action)).json } };
}

export function listImageActions(call: RouteContext): Reply {
  const { json } = call.world.image(readId(call.params.image));
  return page(call, 'actions', call.world.listedActions(json.id), (action) => action.json);
}

/** An action of another image is not found. */
export function getImageAction(call: RouteContext): Reply {
  const image = call.world.image(readId(call.params.image)).json;
  const action = call.world.action(readId(call.params.action)).json;
  if (action.resource_type !== 'image' || action.resource_id !== image.id) throw new ApiError(404);
  return { status: 200, body: { action } };
}

/** What may be done with an image; gives the region in which it happens. */
const IMAGE_ACTIONS = new Map<unknown, (call: RouteContext, image: ImageRecord) => string | null>([
  ['transfer', transferTarget],
  ['convert', () => null],
]);

/** Starts an action. One that is asked for twice is started twice: the API knows no idempotency keys. */
export function actOnImage(call: RouteContext): Reply {
  const { world } = call;
  // The image comes first: an unknown one is "not found" whatever the action.
  const image = world.image(readId(call.params.image));
  const target = IMAGE_ACTIONS.get(call.body.type);
  if (!target) throw new ApiError(404, 'The specified action type is not available.');
  if (image.json.public) throw new ApiError(422, 'Public images can not be transferred or converted.');
  if (image.json.status !== 'available') throw new ApiError(422, 'Image is not available.');
  const region = target(call, image);
  const { json } = world.addAction({
    status: 'in-progress',
    type: String(call.body.type),
    started_at: world.time.stamp(),
    completed_at: null,
    resource_id: image.json.id,
    resource_type: 'image',
    region: (region === null ? undefined : world.regions.get(region)) ?? null,
    region_slug: region,
  });
  const reply = { status: 201, body: { action: { ...json } } };
  scheduleEnd(call, json);
  return reply;
}

function transferTarget({ world, body }: RouteContext, { json }: ImageRecord): string {
  const { region } = body;
  if (typeof region !== 'string' || !world.regions.has(region))
    throw new ApiError(422, 'Region is not valid.');
  if (json.regions.includes(region))
    throw new ApiError(422, `Image is already available in region ${region}.`);
  return region;
}

function scheduleEnd({ world, outcome: fate }: RouteContext, action: ActionJson): void {
  world.events.add(world.time.now() + world.actionTime(action), {
    do: 'end-action',
    id: action.id,
    as: fate.erroredAction ? 'errored' : 'completed',
  });
}
