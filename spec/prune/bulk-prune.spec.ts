import { expect, it } from '@jest/globals';
import { Sandbox } from '../../lib/sandbox';
import { scaled } from '../support/scale';

const DELETED = scaled(5_000, 600);
const KEPT = 20;

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** The requests that a manager sends at most in an hour and in a minute. */
const [PER_HOUR, PER_MINUTE] = [4_900, 240];

/** The earliest time at which request number `count` can be sent. */
const earliest = (count: number): number =>
  Math.floor((count - 1) / PER_HOUR) * HOUR + Math.floor(((count - 1) % PER_HOUR) / PER_MINUTE) * 60_000;

it(`a plan that deletes ${DELETED} images needs at most 1.05 times the fewest requests and the shortest time`, async () => {
  const images = Array.from({ length: DELETED + KEPT }, (_, index) => ({
    id: 100 + index,
    name: `web-${index}`,
    type: 'snapshot',
    regions: ['nyc1'],
    created_at:
      new Date(Date.parse('2020-01-01') + Math.floor(index / 10) * DAY).toISOString().slice(0, -5) + 'Z',
  }));
  const sandbox = new Sandbox({ images, droplets: 0 });
  const api = sandbox.api();
  const start = sandbox.clock.now();
  const results = await (await api.planPrune({ keep: KEPT })).apply();
  expect(results.filter(({ outcome }) => outcome === 'deleted')).toHaveLength(DELETED);
  expect(sandbox.requests.filter(({ status }) => status === 429)).toEqual([]);
  // Twice the images and the four lists of the guards, then one deletion each.
  const fewest = 2 * (Math.ceil((DELETED + KEPT) / 200) + 4) + DELETED;
  expect(sandbox.requests.length).toBeLessThanOrEqual(1.05 * fewest);
  expect(sandbox.clock.now() - start).toBeLessThanOrEqual(1.05 * earliest(fewest) + 1_000);
});
