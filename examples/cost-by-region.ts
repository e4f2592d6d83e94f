/**
 * Reports the account's images by region: how many gigabytes there are, and what they cost a month.
 *
 *     npx ts-node -T examples/cost-by-region.ts
 *
 * An image is charged once, by its size: its copies in further regions cost nothing. So its cost is listed in its first region,
 * and its gigabytes in each. Prices change: pass those of your invoice.
 */
import type { DOApi, Image } from '../lib';
import { run } from './support/run';

/** What a gigabyte costs a month, by the type of an image. A type that is not listed is not charged by its size. */
export type Prices = Readonly<Record<string, number>>;

/** Backups have a share of the Droplet's price instead. */
export const PRICES: Prices = { snapshot: 0.06, custom: 0.06 };

export interface RegionReport {
  region: string;
  images: number;
  /** All that is there, copies included. */
  gigabytes: number;
  /** A month, of the images whose first region it is. */
  cost: number;
}

/** @returns one entry for each region that has an image, the most expensive first */
export function reportOf(images: readonly Image[], prices: Prices): RegionReport[] {
  const reports = new Map<string, RegionReport>();
  for (const { regions, sizeGigabytes, type } of images) {
    const size = sizeGigabytes ?? 0; // not known while it is being made
    for (const [index, region] of (regions.length > 0 ? regions : ['in no region']).entries()) {
      const report = reports.get(region) ?? { region, images: 0, gigabytes: 0, cost: 0 };
      report.images += 1;
      report.gigabytes += size;
      if (index === 0) report.cost += size * (prices[type ?? ''] ?? 0);
      reports.set(region, report);
    }
  }
  return [...reports.values()].sort((a, b) => b.cost - a.cost || a.region.localeCompare(b.region));
}

export async function costByRegion(api: DOApi, prices = PRICES): Promise<void> {
  const images = await api.fetchAllPrivateImages({ consistent: true }).toArray();
  const reports = reportOf(images, prices);
  for (const { region, images, gigabytes, cost } of reports)
    console.log(`${region}: $${cost.toFixed(2)} a month, ${gigabytes.toFixed(2)} GB, images: ${images}`);
  const total = reports.reduce((sum, { cost }) => sum + cost, 0);
  console.log(`All: $${total.toFixed(2)} a month, images: ${images.length}`);
}

if (require.main === module) run(costByRegion);
