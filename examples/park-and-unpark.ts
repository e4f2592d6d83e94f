/**
 * Parks a Droplet: takes a snapshot and destroys the Droplet. From then on only the gigabytes of the snapshot are paid for; a
 * Droplet that is merely off costs as much as one that is on. Unparks it: creates it again from the snapshot, in another
 * program and months later if you like.
 *
 *     npx ts-node -T examples/park-and-unpark.ts
 *
 * The Droplet is shut down for its snapshot and then on again until it is destroyed, seconds later: what it writes then is lost.
 * Stop its services first, or turn it off yourself.
 *
 * Kept: the disk with its users and SSH keys, the name, the size, the region and the tags.
 * Not kept: the id and the IP addresses (use a reserved IP or DNS), backups, which end with the Droplet, its firewalls unless they
 * go by tag, and the settings for IPv6, monitoring and backups. Volumes are not part of a snapshot: they stay, detached.
 */
import type { DOApi, Droplet, Image } from '../lib';
import { run } from './support/run';

/** The size is not a field of an image. A tag of the image keeps it. */
const SIZE = 'size:';

/** @returns the snapshot; the Droplet is gone */
export async function park(droplet: Droplet): Promise<Image> {
  // No `reuse`: an older snapshot of that name would lack what has been written since.
  const image = await droplet.takeSnapshot({ name: `parked-${droplet.name}`, powerOff: true });
  for (const tag of [...droplet.tags, `${SIZE}${String(droplet.sizeSlug)}`]) await image.tag(tag);
  await droplet.delete();
  return image.fetch();
}

/** @returns the new Droplet, active; the snapshot stays until you delete it */
export async function unpark(api: DOApi, name: string): Promise<Droplet> {
  const images = await api.fetchAllPrivateImages().toArray();
  const parked = images.filter((image) => image.name === `parked-${name}`);
  const [newest] = parked.sort((a, b) => Number(b.createdAt) - Number(a.createdAt));
  const size = newest?.tags.find((tag) => tag.startsWith(SIZE))?.slice(SIZE.length);
  if (!newest || size === undefined) throw new Error(`There is no parked Droplet ${name}.`);

  const tags = newest.tags.filter((tag) => !tag.startsWith(SIZE));
  return newest.createDroplet({ name, size, tags, wait: true }); // in the region of the snapshot
}

export async function parkAndUnpark(api: DOApi): Promise<void> {
  const droplet = await api.fetchAllDroplets({ name: 'web-1' }).first();
  if (!droplet) throw new Error('There is no Droplet of that name.');

  const image = await park(droplet);
  console.log(`${droplet.name} is parked as ${image.name}: ${String(image.sizeGigabytes)} GB.`);

  const again = await unpark(api, droplet.name);
  console.log(
    `${again.name} is ${String(again.status)} in ${String(again.region)} at ${String(again.publicIPv4)}.`,
  );
}

if (require.main === module) run(parkAndUnpark);
