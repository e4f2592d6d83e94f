import { describe, expect, it } from '@jest/globals';
import type { PruneOptions } from '../../lib';
import { type Json, MemoryServer, pageJson, stamp } from '../support/builders';

const DAY = 24 * 3_600_000;

const images = [1, 2, 3].map((id) => ({
  id,
  name: `web-${id}`,
  type: 'snapshot',
  status: 'available',
  regions: ['nyc1'],
  created_at: stamp(-id * DAY),
}));

/** A list that is read over more than one page. */
interface MovingList {
  path: string;
  key: string;
  type?: string;
  item: (index: number, imageId: number) => Json;
}

const droplet = (index: number, imageId: number): Json => ({
  id: index,
  name: `d-${index}`,
  image: { id: imageId },
});

const LISTS: Readonly<Record<string, MovingList>> = {
  Droplets: { path: '/v2/droplets', key: 'droplets', item: droplet },
  'Droplets with a GPU': { path: '/v2/droplets', key: 'droplets', type: 'gpus', item: droplet },
  'autoscale pools': {
    path: '/v2/droplets/autoscale',
    key: 'autoscale_pools',
    item: (index, imageId) => ({
      id: `pool-${index}`,
      name: `p-${index}`,
      droplet_template: { image: `${imageId}` },
    }),
  },
};

/**
 * An account of which a list loses its first item and gains another one while it is read: the total stays the same, and the
 * item that uses image 3 moves from page two to page one.
 * @param age of the item that is gained, in milliseconds: a list that lags shows it late
 */
function serverOf({ path, key, type, item }: MovingList, age = 0): MemoryServer {
  const listed = Array.from({ length: 201 }, (_, index) => ({
    ...item(index + 1, index === 200 ? 3 : 900),
    created_at: stamp(-30 * DAY),
  }));
  let isRead = false;
  return new MemoryServer((request) => {
    if (request.path === '/v2/images') return { body: pageJson('images', images, request) };
    if (request.path === path && request.query.type === type) {
      const body = pageJson(key, listed, request);
      if (!isRead) {
        listed.shift();
        listed.push({ ...item(202, 900), created_at: stamp(-age) });
      }
      isRead = true;
      return { body };
    }
    const other = { '/v2/droplets/autoscale': 'autoscale_pools', '/v2/actions': 'actions' }[request.path];
    return { body: pageJson(other ?? 'droplets', [], request) };
  });
}

describe.each(Object.entries(LISTS))(
  'a list of %s that moves while it is read, with the same total',
  (_, list) => {
    const options: PruneOptions = { keep: 1 };

    it('is read again by a plan, so that an image in use stays', async () => {
      const plan = await serverOf(list).api().planPrune(options);
      expect(plan.delete.map(({ image }) => image.id)).toEqual([2]);
      expect(plan.keep.at(-1)).toMatchObject({
        image: { id: 3 },
        reason: expect.stringMatching(/^in use by /),
      });
    });

    it('is read again by apply', async () => {
      const quiet = serverOf({ path: '', key: '', item: () => ({}) });
      const saved = (await quiet.api().planPrune(options)).toJSON();
      expect(saved.delete).toHaveLength(2);
      for (const age of [0, DAY]) {
        const results = await serverOf(list, age).api().prunePlan(saved).apply();
        expect(results.map(({ image, outcome }) => `${image.id} ${outcome}`)).toEqual([
          '2 deleted',
          '3 in-use',
        ]);
      }
    });
  },
);
