import { DAY, MINUTE } from '../../util/time-units';
import { anAction, dateOf } from './builders';
import { seededRandom, uuid } from './random';
import { VIRTUAL_START } from '../clock/virtual-clock';
import type { ActionJson, ImageJson, SnapshotJson } from './api-json';

const FIRST_PAST_ACTION_ID = 36_804_000;

/** Actions other than transfers. */
const OTHER_ACTIONS: readonly (readonly [resourceType: string, type: string])[] = [
  ['droplet', 'create'],
  ['droplet', 'snapshot'],
  ['droplet', 'power_cycle'],
  ['droplet', 'resize'],
  ['floating_ip', 'assign_ip'],
  ['volume', 'attach_volume'],
  ['image', 'image_destroy'],
];

/** A history of actions from before the sandbox was created: transfers of private images, and other kinds. */
export function pastActions(images: readonly ImageJson[], slugs: readonly string[]): ActionJson[] {
  const transferred = images.filter((image) => !image.public && image.type === 'snapshot').slice(0, 12);
  const length = transferred.length + OTHER_ACTIONS.length * 4;
  return Array.from({ length }, (_, index) => {
    const image = index % 3 === 0 ? transferred[index / 3] : undefined;
    const started = VIRTUAL_START - (length - index) * (DAY / 2);
    return anAction({
      id: FIRST_PAST_ACTION_ID + index,
      started_at: dateOf(started),
      completed_at: dateOf(started + (5 + (index % 20)) * MINUTE),
      region_slug: image?.regions.at(-1) ?? slugs[index % slugs.length],
      ...(image ? transferOf(image, index) : otherAction(index)),
    });
  });
}

function transferOf(image: ImageJson, index: number): Partial<ActionJson> {
  // One action has failed.
  return { type: 'transfer', resource_id: image.id, status: index === 9 ? 'errored' : 'completed' };
}

function otherAction(index: number): Partial<ActionJson> {
  const [resource_type, type] = OTHER_ACTIONS[index % OTHER_ACTIONS.length] ?? [];
  return { resource_type, type, resource_id: 200_000_000 + index };
}

/** Snapshots of volumes: they are in the list of snapshots, and are not images. */
export function volumeSnapshots(slugs: readonly string[]): SnapshotJson[] {
  const random = seededRandom(7);
  return ['pvc-01', 'pvc-02', 'backup-disk'].map((name, index) => ({
    id: uuid(random),
    name,
    created_at: dateOf(VIRTUAL_START - (40 - index) * DAY),
    regions: slugs.slice(index, index + 1),
    min_disk_size: 2 + index,
    size_gigabytes: 0.1008,
    resource_id: uuid(random),
    resource_type: 'volume',
    tags: index === 0 ? ['k8s'] : [],
  }));
}
