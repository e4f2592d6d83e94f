import { afterEach, expect, it } from '@jest/globals';
import { scaled } from '../support/scale';
import { describeWithRedis } from '../support/with-redis';
import { FleetBed } from './fleet-bed';
import { casesOf, killAt, POINTS, worldOf } from './fleet-kills';

/** How many jobs are at work at the same time, and how many workers do them. */
const [BATCH, WORKERS] = [100, 4];

const beds: FleetBed[] = [];
afterEach(async () => {
  await Promise.all(beds.splice(0).map((bed) => bed.close()));
});

async function open(options: Parameters<typeof FleetBed.open>[0], workers = WORKERS): Promise<FleetBed> {
  const bed = await FleetBed.open(options);
  beds.push(bed);
  await bed.startWorkers(workers);
  return bed;
}

describeWithRedis('the fleet', () => {
  it(
    'carries each thing out exactly once, whichever step of a job a worker is killed at',
    async () => {
      const cases = casesOf(POINTS, scaled(50, 1));
      const bed = await open({ sandbox: worldOf(cases) });
      const problems: string[] = [];
      for (let from = 0; from < cases.length; from += BATCH)
        problems.push(...(await killAt(bed, cases.slice(from, from + BATCH))));
      expect(problems).toEqual([]);
      expect(bed.ends).toEqual(
        Array.from({ length: WORKERS * Math.ceil(cases.length / BATCH) }, () => 'SIGKILL'),
      );
    },
    10 * 60_000,
  );
});
