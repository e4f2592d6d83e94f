import type { World } from './world';

/** Changes a list at its beginning, as another client could between two pages. */
export function mutateList(world: World, path: string, change: 'insert' | 'delete'): void {
  if (path === '/v2/actions') insertAction(world);
  else if (change === 'delete') deleteFirstImage(world);
  else insertImage(world);
}

/** Actions are listed newest first: a new one moves all others down. */
function insertAction(world: World): void {
  const date = world.time.stamp();
  world.addAction({
    status: 'completed',
    type: 'create',
    started_at: date,
    completed_at: date,
    resource_id: 200_000_000,
    resource_type: 'droplet',
    region: null,
    region_slug: null,
  });
}

/** Images are listed oldest first: one that another account hands over can be older than all others. */
function insertImage(world: World): void {
  world.addImage(
    {
      name: 'handed over by another account',
      type: 'snapshot',
      distribution: 'Ubuntu',
      slug: null,
      public: false,
      regions: [...world.regions.keys()].slice(0, 1),
      created_at: '2012-01-01T00:00:00Z',
      min_disk_size: 20,
      size_gigabytes: 2.34,
      description: '',
      tags: [],
      status: 'available',
      error_message: '',
    },
    { position: 'oldest' },
  );
}

function deleteFirstImage(world: World): void {
  const first = world.listedImages()[0];
  if (first) world.remove(first);
}
