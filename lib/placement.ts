import type { DropletSettings } from './droplet-params';
import { Image } from './image';
import type { JsonObject } from './model/fields';
import type { CallOptions, Requester } from './model/requester';
import { PermissionDeniedError } from './errors/errors';
import { Listing } from './pagination/listing';
import { regionSlugOf } from './region';
import { throwIfAborted } from './util/abort';
import { MINUTE } from './util/time-units';

/** For how long the sizes of a manager are remembered: many Droplets are created at once. */
const LIFETIME = 10 * MINUTE;

interface KnownSizes {
  at: number;
  disks: ReadonlyMap<string, number>;
}

const knownSizes = new WeakMap<Requester, KnownSizes>();

/**
 * Checks what is known of the image: whether the region has it, and whether it fits on the disk of the size.
 * @throws RangeError that names the argument
 */
export async function checkPlacement(
  api: Requester,
  { image, region, size }: Pick<DropletSettings, 'image' | 'region' | 'size'>,
  call: CallOptions,
): Promise<void> {
  if (!(image instanceof Image)) return;
  const slug = regionSlugOf(region);
  const { minDiskSize } = image;
  let { regions } = image;
  // It may have been copied there since the object was received.
  if (!hasRegion(regions, slug)) ({ regions } = await image.fetch(call));
  if (!hasRegion(regions, slug))
    throw new RangeError(
      `region: expected one that has image ${image.id} (${regions.join(', ')}), got ${slug}; image.transfer brings it there`,
    );
  if (minDiskSize === null) return;
  const disk = (await disksOf(api, call)).get(size);
  if (disk !== undefined && disk < minDiskSize)
    throw new RangeError(
      `size: expected a disk of at least ${minDiskSize} GB for image ${image.id}, got ${size} with ${disk} GB`,
    );
}

/** Whether one of the regions is meant, which may be a prefix, such as `nyc`. An image without regions is not known yet. */
function hasRegion(regions: readonly string[], slug: string): boolean {
  const isPrefix = !/\d$/.test(slug);
  return regions.length === 0 || regions.some((one) => one === slug || (isPrefix && one.startsWith(slug)));
}

/** The disk of each size in gigabytes; empty when the token may not read sizes. */
async function disksOf(api: Requester, call: CallOptions): Promise<ReadonlyMap<string, number>> {
  const known = knownSizes.get(api);
  if (known && api.clock.now() - known.at < LIFETIME) return known.disks;
  const sizes = new Listing(
    api,
    { url: `${api.endpoint}/v2/sizes`, key: 'sizes', item: (json) => json as JsonObject, identity: ['slug'] },
    {},
  );
  const disks = new Map<string, number>();
  try {
    for (const size of await sizes.toArray(call.signal && { signal: call.signal }))
      disks.set(String(size.slug), Number(size.disk));
  } catch (error) {
    // An abort may have any reason, also one that looks like an answer.
    throwIfAborted(call.signal);
    throwIfAborted(api.signal);
    if (!(error instanceof PermissionDeniedError)) throw error;
  }
  knownSizes.set(api, { at: api.clock.now(), disks });
  return disks;
}
