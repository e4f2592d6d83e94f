import type { BulkJob } from './bulk';
import type { AxiosLoop } from './axios-loop';
import { formatNumber } from './row';

const DAY = 86_400_000;
const PAGE = 200;
/** Lists that tell which images are used: Droplets, GPU Droplets, autoscale pools, and actions in progress. */
const GUARDS = 4;

/** A date as DigitalOcean writes it. */
const dateOf = (ms: number): string => new Date(ms).toISOString().replace('.000', '');

/** All but the newest images are deleted: planned first, and decided once more when the plan is applied. */
export function pruning(deleted = 5_000, kept = 20): BulkJob {
  const images = Array.from({ length: deleted + kept }, (_, index) => ({
    id: 100 + index,
    name: `web-${index}`,
    type: 'snapshot',
    regions: ['nyc1'],
    created_at: dateOf(Date.UTC(2020, 0, 1) + Math.floor(index / 10) * DAY),
  }));
  return {
    name: `${formatNumber(deleted)} images planned and pruned`,
    account: { images },
    run: (api) => {
      const results = api.planPrune({ keep: kept }).then((plan) => plan.apply());
      return images.slice(0, deleted).map(async (_, index) => {
        const { outcome } = (await results)[index] ?? {};
        if (outcome !== 'deleted') throw new Error(outcome);
      });
    },
    // It reads the list once and deletes what it has seen, without a look at who uses it.
    loop: (loop) => {
      const wanted = oldest(loop, kept);
      return images.slice(0, deleted).map(async (_, index) => {
        const id = (await wanted)[index];
        await loop.limited(() => loop.send('DELETE', `images/${id}`));
      });
    },
    // The lists are read for the plan, and again before the first deletion.
    requests: 2 * (Math.ceil((deleted + kept) / PAGE) + GUARDS) + deleted,
    untilLastWait: 0,
  };
}

/** The ids of all images but the newest, oldest first. */
async function oldest(loop: AxiosLoop, kept: number): Promise<number[]> {
  const ids: number[] = [];
  for (let page = 1, isLast = false; !isLast; page++) {
    const { images = [] } = await loop.send('GET', `images?private=true&per_page=${PAGE}&page=${page}`);
    const found = (images as unknown as { id: number }[]).map(({ id }) => id);
    ids.push(...found);
    isLast = found.length < PAGE;
  }
  return ids.sort((one, other) => one - other).slice(0, -kept);
}

const DROPLET = { region: 'nyc1', size: 's-1vcpu-1gb', image: 1 };

export function newDroplets(count = 300): BulkJob {
  const names = Array.from({ length: count }, (_, index) => `web-${index + 1}`);
  // Ten names each.
  const requests = Math.ceil(count / 10);
  return {
    name: `${formatNumber(count)} Droplets created and waited for`,
    account: { images: [{ id: 1, regions: ['nyc1'] }], account: { droplet_limit: count } },
    run: (api) => {
      const droplets = api.createDroplets({ ...DROPLET, names, wait: true });
      return names.map(async (_, index) => {
        if ((await droplets)[index]?.active !== true) throw new Error('not active');
      });
    },
    loop: (loop) =>
      names.map((name) =>
        loop.limited(async () => {
          const { droplet } = await loop.send('POST', 'droplets', { ...DROPLET, name });
          const state = async (): Promise<string | undefined> =>
            (await loop.send('GET', `droplets/${droplet?.id}`)).droplet?.status;
          await loop.poll(async () => (await state()) === 'active');
        }),
      ),
    requests,
    untilLastWait: requests,
  };
}

export function newSnapshots(count = 50): BulkJob {
  const droplets = Array.from({ length: count }, (_, index) => ({ id: index + 1, region: 'nyc1', image: 1 }));
  return {
    name: `${formatNumber(count)} takeSnapshots at once`,
    account: { images: [{ id: 1, regions: ['nyc1'], public: true, slug: 'debian-13-x64' }], droplets },
    run: (api) => droplets.map(({ id }) => api.droplet(id).takeSnapshot({ name: `web-${id}` })),
    loop: (loop) =>
      loop.droplets.map((id) =>
        loop.limited(async () => {
          await loop.act(`droplets/${id}`, { type: 'snapshot', name: `web-${id}` });
          const { snapshots = [] } = await loop.send('GET', `droplets/${id}/snapshots`);
          if ((snapshots as unknown as unknown[]).length === 0)
            throw new Error(`Droplet ${id} has no snapshot`);
        }),
      ),
    // Each Droplet's list of snapshots is read before and after, since the action does not say which image it makes.
    requests: 3 * count,
    untilLastWait: 2 * count,
  };
}
