import { ApiError } from '../../state/api-error';
import type { ActionJson } from '../../state/api-json';
import { sizeOf } from '../../state/droplets/sizes';
import type { DropletRecord } from '../../state/world-state';
import { checkAllIdle, checkIdle, dropletOfPath, dropletsOfTag } from './droplets';
import type { Reply, RouteContext } from '../route-handler';

/** The checks of each action, which throw an ApiError for a request that the API refuses. */
const DROPLET_ACTIONS = new Map<unknown, (context: RouteContext, droplet: DropletRecord) => void>([
  ['power_on', (_context, { json }) => refuseIf(json.status === 'active', 'Droplet is already powered on.')],
  ['power_off', (_context, { json }) => refuseIf(json.status === 'off', 'Droplet is already powered off.')],
  ['power_cycle', () => undefined],
  ['reboot', () => undefined],
  ['shutdown', () => undefined],
  ['password_reset', () => undefined],
  ['enable_ipv6', () => undefined],
  ['enable_backups', () => undefined],
  ['disable_backups', () => undefined],
  ['snapshot', checkSnapshot],
  [
    'rename',
    ({ body }) =>
      refuseUnless(
        isHostName(body.name),
        'Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)',
      ),
  ],
  ['resize', checkResize],
  ['rebuild', checkRebuild],
  ['restore', checkRestore],
]);

/** The actions that can be started on all Droplets with a tag. */
const ACTIONS_BY_TAG: ReadonlySet<unknown> = new Set([
  'power_cycle',
  'power_on',
  'power_off',
  'shutdown',
  'enable_ipv6',
  'enable_backups',
  'disable_backups',
  'snapshot',
]);

/** Starts an action. A repeated request starts it twice, unless the first one still runs. */
export function startDropletAction(context: RouteContext): Reply {
  const droplet = dropletOfPath(context);
  const check = checkOf(context);
  checkIdle(droplet);
  check(context, droplet);
  return { status: 201, body: { action: start(context, droplet) } };
}

/** Starts an action on each Droplet with a tag, or on none. */
export function startDropletActionsByTag(context: RouteContext): Reply {
  const check = checkOf(context);
  if (!ACTIONS_BY_TAG.has(context.body.type)) throw new ApiError(422, 'type is invalid.');
  const droplets = dropletsOfTag(context);
  checkAllIdle(droplets);
  for (const droplet of droplets) check(context, droplet);
  return { status: 201, body: { actions: droplets.map((droplet) => start(context, droplet)) } };
}

function checkOf({ body }: RouteContext): (context: RouteContext, droplet: DropletRecord) => void {
  const check = DROPLET_ACTIONS.get(body.type);
  if (!check) throw new ApiError(422, 'type is invalid.');
  return check;
}

function start({ world, body, outcome }: RouteContext, droplet: DropletRecord): ActionJson {
  const { json } = world.addAction(
    {
      status: 'in-progress',
      type: String(body.type),
      started_at: world.time.stamp(),
      completed_at: null,
      resource_id: droplet.json.id,
      resource_type: 'droplet',
      region: droplet.json.region,
      region_slug: droplet.json.region.slug,
    },
    structuredClone(body),
  );
  droplet.pending = json.id;
  const shown = { ...json };
  world.events.add(world.time.now() + world.actionTime(json), {
    do: 'end-action',
    id: json.id,
    as: outcome.erroredAction ? 'errored' : 'completed',
  });
  return shown;
}

function refuseIf(isRefused: boolean, message: string): void {
  if (isRefused) throw new ApiError(422, message);
}

function refuseUnless(isAccepted: boolean, message: string): void {
  refuseIf(!isAccepted, message);
}

function isHostName(name: unknown): boolean {
  return typeof name === 'string' && /^[a-z0-9.-]{1,255}$/i.test(name);
}

function checkSnapshot({ body, requireScope }: RouteContext): void {
  requireScope('image:create');
  refuseIf(body.name !== undefined && typeof body.name !== 'string', 'name is invalid.');
}

function checkResize({ world, body, requireScope }: RouteContext, { json }: DropletRecord): void {
  requireScope('droplet:create');
  refuseIf(json.status !== 'off', 'Droplet is currently on. Please power it off to run this event.');
  const size = sizeOf(body.size, [...world.regions.keys()]);
  if (!size) throw new ApiError(422, 'You specified an invalid size.');
  refuseIf(size.disk < json.disk, "Size can not decrease size of Droplet's disk image");
}

/** A backup must be converted first. */
function checkRebuild({ world, body, requireScope }: RouteContext): void {
  requireScope('droplet:admin');
  const { image } = body;
  refuseIf(image === undefined || image === null || image === '', "Image can't be blank");
  const isSlug = typeof image === 'string' && !/^\d+$/.test(image);
  const { json } = isSlug ? world.imageBySlug(image) : world.image(Number(image));
  refuseIf(json.type === 'backup', 'Backups can not be used to rebuild a Droplet.');
}

/** From a backup or a snapshot of this Droplet. */
function checkRestore({ world, body, requireScope }: RouteContext, droplet: DropletRecord): void {
  requireScope('droplet:admin');
  refuseUnless(typeof body.image === 'number', 'image is invalid.');
  const image = world.image(body.image as number);
  refuseUnless(image.dropletId === droplet.json.id, 'The image is not a backup of this Droplet.');
}
