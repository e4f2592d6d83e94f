import { addressesOf } from './droplet-seeds';
import { sizeOf } from './sizes';
import type { World } from './world';
import type { ActionRecord, DropletRecord, DropletState } from './world-state';

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

/** The end of an action of a Droplet. `lag.items` later the Droplet shows what it has changed. */
export function endDropletAction(
  world: World,
  { json, args }: ActionRecord,
  as: 'completed' | 'errored',
): void {
  const record = world.droplets.get(json.resource_id ?? 0);
  if (!record) return;
  if (record.pending === json.id) record.pending = null;
  if (as === 'errored') {
    // A Droplet for which there is no place disappears.
    if (json.type === 'create') record.goneSince = world.time.now();
    return;
  }
  if (record.goneSince !== null) return;
  if (json.type === 'snapshot') addSnapshot(world, record, { json, args: args ?? {}, since: null });
  if (json.type === 'disable_backups')
    for (const image of world.imagesOf(record.json.id)) if (image.json.type === 'backup') world.remove(image);
  const to = CHANGES[json.type]?.(world, record.json, args);
  if (!to) return;
  if (world.lag.items === 0) Object.assign(record.json, to);
  else world.events.add(world.time.now() + world.lag.items, { do: 'change-droplet', id: record.json.id, to });
}

/** The image of a snapshot: `created_at` is the action's `started_at`. Nothing else connects the two. */
function addSnapshot(world: World, { json }: DropletRecord, action: ActionRecord): void {
  const { name } = action.args ?? {};
  world.addImage(
    {
      name: typeof name === 'string' ? name : `${json.name}-${action.json.started_at}`,
      type: 'snapshot',
      distribution: json.image.distribution,
      slug: null,
      public: false,
      regions: [json.region.slug],
      created_at: action.json.started_at,
      min_disk_size: json.disk,
      size_gigabytes: 2.34,
      description: '',
      tags: [],
      status: 'available',
      error_message: '',
    },
    { dropletId: json.id },
  );
}
