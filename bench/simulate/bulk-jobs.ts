import type { Image } from '../../lib';
import type { SandboxOptions } from '../../lib/sandbox';
import { type BulkJob, type BulkResult, runBulk, runLoop } from './bulk';
import { newDroplets, newSnapshots, pruning } from './bulk-droplets';
import { formatNumber } from './row';

const DESTINATIONS = ['ams3', 'fra1', 'lon1', 'sgp1', 'tor1', 'blr1'];

/** An account with so many images in one region. */
const withImages = (images: number): SandboxOptions => ({
  regions: ['nyc1', ...DESTINATIONS],
  images: Array.from({ length: images }, (_, index) => ({ id: index + 1, regions: ['nyc1'] })),
});

const transferTo = (region: string): object => ({ type: 'transfer', region });

export function deletesAtOnce(images = 1_000): BulkJob {
  return {
    name: `${formatNumber(images)} deletes at once`,
    account: withImages(images),
    run: (_api, all) => all.map((image) => image.delete()),
    loop: (loop) => loop.images.map((id) => loop.limited(() => loop.send('DELETE', `images/${id}`))),
    requests: images,
    untilLastWait: 0,
  };
}

/** One after another, each whether or not the one before has failed. */
function inTurn<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<unknown>[] {
  let last: Promise<unknown> = Promise.resolve();
  return all.map((one) => {
    const next = (): Promise<unknown> => work(one);
    return (last = last.then(next, next));
  });
}

export function deletesInTurn(images = 5_000): BulkJob {
  return {
    name: `${formatNumber(images)} deletes, one after another`,
    account: withImages(images),
    run: (_api, all) => inTurn(all, (image) => image.delete()),
    loop: (loop) => inTurn(loop.images, (id) => loop.send('DELETE', `images/${id}`)),
    requests: images,
    untilLastWait: 0,
  };
}

export function replications(images = 150): BulkJob {
  const replicate = async (image: Image): Promise<void> => {
    const results = await image.replicate(DESTINATIONS);
    const failed = results.find(({ outcome }) => outcome !== 'completed');
    if (failed) throw new Error(`${failed.region}: ${failed.outcome}`);
  };
  // For each image, its actions are read before the first transfer: one in progress is not started again.
  const requests = images * (1 + DESTINATIONS.length);
  return {
    name: `${formatNumber(images)} images to ${DESTINATIONS.length} regions, waited for`,
    account: withImages(images),
    run: (_api, all) => all.map(replicate),
    loop: (loop) =>
      loop.images.map(async (id) => {
        const transfers = DESTINATIONS.map((region) =>
          loop.limited(() => loop.act(`images/${id}`, transferTo(region))),
        );
        const results = await Promise.allSettled(transfers);
        if (results.some(({ status }) => status === 'rejected')) throw new Error(`image ${id}`);
      }),
    requests,
    untilLastWait: requests,
  };
}

export function transfers(images = 800): BulkJob {
  return {
    name: `${formatNumber(images)} transfers, waited for`,
    account: withImages(images),
    run: (_api, all) => all.map((image) => image.transfer('ams3', { wait: true })),
    loop: (loop) => loop.images.map((id) => loop.limited(() => loop.act(`images/${id}`, transferTo('ams3')))),
    requests: images,
    untilLastWait: images,
  };
}

/** Each image is transferred and waited for, and meanwhile fetched four times. */
export function callsAndWaits(images = 400): BulkJob {
  const fetches = 4;
  const requests = images * (1 + fetches);
  return {
    name: `${formatNumber(images)} transfers, waited for, among ${formatNumber(images * fetches)} other calls`,
    account: withImages(images),
    run: (_api, all) =>
      all.flatMap((image): Promise<unknown>[] => [
        image.transfer('ams3', { wait: true }),
        ...Array.from({ length: fetches }, () => image.fetch()),
      ]),
    loop: (loop) =>
      loop.images.flatMap((id): Promise<unknown>[] => [
        loop.limited(() => loop.act(`images/${id}`, transferTo('ams3'))),
        ...Array.from({ length: fetches }, () => loop.limited(() => loop.send('GET', `images/${id}`))),
      ]),
    requests,
    untilLastWait: requests - fetches,
  };
}

/** The jobs of the table, with their full numbers. */
export const BULK_JOBS: readonly (() => BulkJob)[] = [
  deletesAtOnce,
  deletesInTurn,
  replications,
  transfers,
  callsAndWaits,
  pruning,
  newDroplets,
  newSnapshots,
];

export async function runAllBulk(): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  for (const job of BULK_JOBS) results.push({ ...(await runBulk(job())), loop: await runLoop(job()) });
  return results;
}
