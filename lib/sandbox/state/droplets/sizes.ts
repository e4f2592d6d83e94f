import type { DiskJson, SizeJson } from '../api-json';

/** The sizes of the sandbox: memory in megabytes, disk in gigabytes, price in dollars a month. */
const SIZES: readonly (readonly [
  slug: string,
  vcpus: number,
  memory: number,
  disk: number,
  price: number,
])[] = [
  ['s-1vcpu-1gb', 1, 1_024, 25, 6],
  ['s-1vcpu-2gb', 1, 2_048, 50, 12],
  ['s-2vcpu-2gb', 2, 2_048, 60, 18],
  ['s-2vcpu-4gb', 2, 4_096, 80, 24],
  ['s-4vcpu-8gb', 4, 8_192, 160, 48],
  ['s-8vcpu-16gb', 8, 16_384, 320, 96],
];

const HOURS_A_MONTH = 672;

/** The slugs of all sizes. */
export const SIZE_SLUGS: readonly string[] = SIZES.map(([slug]) => slug);

/** The only disk, of so many gigabytes. */
export function diskInfo(amount: number): DiskJson[] {
  return [{ type: 'local', size: { amount, unit: 'gib' } }];
}

/** All sizes, each available in `regions`. */
export function allSizes(regions: readonly string[]): SizeJson[] {
  return SIZES.map(([slug, vcpus, memory, disk, price]) => ({
    slug,
    memory,
    vcpus,
    disk,
    disk_info: diskInfo(disk),
    transfer: vcpus,
    price_monthly: price,
    price_hourly: price / HOURS_A_MONTH,
    regions: [...regions],
    available: true,
    description: 'Basic',
  }));
}

/** The size with this slug, if there is one. */
export function sizeOf(slug: unknown, regions: readonly string[]): SizeJson | null {
  return allSizes(regions).find((size) => size.slug === slug) ?? null;
}
