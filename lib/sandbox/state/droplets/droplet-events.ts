import { addressesOf } from './droplet-seeds';
import { sizeOf } from './sizes';
import type { World } from '../world';
import type { ActionRecord, DropletRecord, DropletState } from '../world-state';

type Change = Partial<DropletState>;

/** What each action changes in its Droplet once it has completed. Other actions change nothing that the API shows. */
const CHANGES: Readonly<
  Record<string, (world: World, droplet: DropletState, args: ActionRecord['args']) => Change>
> = {
  create: ({ ids }, { id }) => ({ status: 'active', networks: addressesOf(1 + (id % ids.droplet)) }),
  power_on: () => ({ status: 'active' }),
  power_off: () => ({ status: 'off' }),
  shutdown: () => ({ status: 'off' }),
  power_cycle: () => ({ status: 'active' }),
  enable_backups: (_world, { features }) => ({ features: [...new Set([...features, 'backups'])] }),
  disable_backups: (_world, { features }) => ({ features: features.filter((one) => one !== 'backups') }),
  enable_ipv6: (_world, { features }) => ({ features: [...new Set([...features, 'ipv6'])] }),
  rename: (_world, _droplet, args) => ({ name: String(args?.name) }),
  resize: (world, { disk }, args) => {
    const size = sizeOf(args?.size, [...world.regions.keys()]);
    if (!size) return {};
    const { slug, memory, vcpus } = size;
    return { size, size_slug: slug, memory, vcpus, disk: args?.disk === true ? size.disk : disk };
  },
  rebuild: ({ images }, { image }, args) => {
    const found = [...images.values()].find(
      ({ json }) => json.id === Number(args?.image) || json.slug === args?.image,
    );
    return { image: structuredClone(found?.json ?? image) };
  },
};

/** The end of an action of a Droplet. `lag.items` later the Droplet shows what it has changed, its addresses later still. */
export function endDropletAction(
  world: World,
  { json, args }: ActionRecord,
  as: 'completed' | 'errored',
  at: number,
): void {
  const record = world.droplets.get(json.resource_id ?? 0);
  if (!record) return;
  if (record.pending === json.id) record.pending = null;
  if (as === 'errored') {
    // A Droplet for which there is no place disappears.
    if (json.type === 'create') record.goneSince = at;
    return;
  }
  if (record.goneSince !== null) return;
  if (json.type === 'snapshot') addSnapshot(world, record, { json, args, at });
  if (json.type === 'disable_backups') world.removeBackups(record.json.id);
  const to = CHANGES[json.type]?.(world, record.json, args);
  if (!to) return;
  const { networks, ...others } = to;
  const lag = world.lag.items;
  change(world, record, others, { at, lag });
  // A Droplet becomes active before its addresses can be read.
  if (networks) change(world, record, { networks }, { at, lag: 2 * lag });
}

function change(
  world: World,
  { json }: DropletRecord,
  to: Change,
  { at, lag }: { at: number; lag: number },
): void {
  if (lag === 0) Object.assign(json, to);
  else world.events.add(at + lag, { do: 'change-droplet', id: json.id, to });
}

/** The image of a snapshot: `created_at` is the action's `started_at`. Nothing else connects the two. */
function addSnapshot(
  world: World,
  { json }: DropletRecord,
  { json: action, args, at }: Pick<ActionRecord, 'json' | 'args'> & { at: number },
): void {
  const name = args?.name;
  world.addImage(
    {
      name: typeof name === 'string' ? name : `${json.name}-${action.started_at}`,
      type: 'snapshot',
      distribution: json.image.distribution,
      slug: null,
      public: false,
      regions: [json.region.slug],
      created_at: action.started_at,
      min_disk_size: json.disk,
      size_gigabytes: 2.34,
      description: '',
      tags: [],
      status: 'available',
      error_message: '',
    },
    { dropletId: json.id, since: at },
  );
}
