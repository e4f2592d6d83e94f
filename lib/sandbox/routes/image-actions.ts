import type { RouteContext, Reply } from './route-handler';
import { readId } from './request-fields';
import { page } from './page-links';
import { ApiError } from '../state/api-error';
import type { ActionJson } from '../state/api-json';
import type { ImageRecord } from '../state/world-state';

/** The actions of all kinds of resources, newest first. */
export function listActions(context: RouteContext): Reply {
  return page(context, 'actions', context.world.listedActions(), ({ json }) => json);
}

export function getAction(context: RouteContext): Reply {
  return { status: 200, body: { action: context.world.action(readId(context.params.action)).json } };
}

export function listImageActions(context: RouteContext): Reply {
  const { json } = context.world.image(readId(context.params.image));
  return page(
    context,
    'actions',
    context.world.listedActions({ type: 'image', id: json.id }),
    (action) => action.json,
  );
}

/** Responds with 404 to an action of another image. */
export function getImageAction(context: RouteContext): Reply {
  const image = context.world.image(readId(context.params.image)).json;
  const action = context.world.action(readId(context.params.action)).json;
  if (action.resource_type !== 'image' || action.resource_id !== image.id) throw new ApiError(404);
  return { status: 200, body: { action } };
}

/** The actions of an image. Each returns the region in which it happens. */
const IMAGE_ACTIONS = new Map<unknown, (context: RouteContext, image: ImageRecord) => string | null>([
  ['transfer', transferTarget],
  ['convert', () => null],
]);

/** Starts an action. A repeated request starts it twice: the API has no idempotency keys. */
export function startImageAction(context: RouteContext): Reply {
  const { world } = context;
  // The image is checked first: an unknown image is a 404 for every action.
  const image = world.image(readId(context.params.image));
  const target = IMAGE_ACTIONS.get(context.body.type);
  if (!target) throw new ApiError(404, 'The specified action type is not available.');
  if (image.json.public) throw new ApiError(422, 'Public images can not be transferred or converted.');
  if (image.json.status !== 'available') throw new ApiError(422, 'Image is not available.');
  const region = target(context, image);
  const { json } = world.addAction({
    status: 'in-progress',
    type: String(context.body.type),
    started_at: world.time.stamp(),
    completed_at: null,
    resource_id: image.json.id,
    resource_type: 'image',
    region: (region === null ? undefined : world.regions.get(region)) ?? null,
    region_slug: region,
  });
  const reply = { status: 201, body: { action: { ...json } } };
  scheduleEnd(context, json);
  return reply;
}

function transferTarget({ world, body }: RouteContext, { json }: ImageRecord): string {
  const { region } = body;
  // They stay in the data centre of their Droplet until they are converted.
  if (json.type === 'backup') throw new ApiError(422, 'Backups can not be transferred to other regions');
  if (typeof region !== 'string' || !world.regions.has(region))
    throw new ApiError(422, 'Region is not valid.');
  if (json.regions.includes(region))
    throw new ApiError(422, `Image is already available in region ${region}.`);
  return region;
}

function scheduleEnd({ world, outcome }: RouteContext, action: ActionJson): void {
  world.events.add(world.time.now() + world.actionTime(action), {
    do: 'end-action',
    id: action.id,
    as: outcome.erroredAction ? 'errored' : 'completed',
  });
}
