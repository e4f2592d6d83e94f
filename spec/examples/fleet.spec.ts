import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import type { FleetJob } from '../../examples/fleet/jobs';
import type { SandboxOptions } from '../../lib/sandbox';
import { seededRandom } from '../../lib/sandbox/state/random';
import { scaled } from '../support/scale';
import { describeWithRedis } from '../support/describe-with-redis';
import { FleetBed } from './fleet-bed';
import { casesOf, freezeAt, killAt, POINTS, STARTING, WAITING, worldOf } from './fleet-kills';

/** How many jobs are at work at the same time, and how many workers do them. */
const [BATCH, WORKERS] = [100, 4];

const SEEDS = scaled(50, 1);
const LONG = 10 * 60_000;

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

/** Images with these ids, in nyc3. */
const images = (...ids: readonly number[]): object[] =>
  ids.map((id) => ({ id, name: `image-${id}`, type: 'snapshot', regions: ['nyc3'] }));

const replicate = (image: number, ...regions: string[]): FleetJob => ({ kind: 'replicate', image, regions });

/** Jobs that come four at a time, each for an image of its own, and the sandbox for them. */
function stream(times: number): Pick<SandboxOptions, 'images' | 'actionTime'> & { jobs: FleetJob[][] } {
  const random = seededRandom(3);
  const regions = (): string[] => ['ams3', 'sgp1', 'fra1'].filter(() => random() < 0.7);
  const jobs = Array.from({ length: times }, (_, time) =>
    [1, 2, 3, 4].map((one) => replicate(4 * time + one, ...regions(), 'tor1')),
  );
  const ids = Array.from({ length: 4 * times }, (_, index) => index + 1);
  return { jobs, images: images(...ids), actionTime: [5_000, 60_000] };
}

async function problemsOf(
  bed: FleetBed,
  ids: readonly string[],
  jobs: readonly FleetJob[],
): Promise<string[]> {
  const world = { images: bed.sandbox.images, actions: bed.sandbox.actions };
  const problems = await Promise.all(
    jobs.map((order, index) => bed.problemsOf(String(ids[index]), { order, home: 'nyc3' }, world)),
  );
  return problems.flat();
}

describeWithRedis('the fleet', () => {
  describe('carries each thing out exactly once, and each job ends with the truth', () => {
    it(
      'whichever step of a job a worker is killed at',
      async () => {
        const cases = casesOf(POINTS, SEEDS);
        const bed = await open({ sandbox: worldOf(cases) });
        const problems: string[] = [];
        for (let from = 0; from < cases.length; from += BATCH)
          problems.push(...(await killAt(bed, cases.slice(from, from + BATCH))));
        expect(problems).toEqual([]);
        const kills = WORKERS * Math.ceil(cases.length / BATCH);
        expect(bed.ends).toEqual(Array.from({ length: kills }, () => 'SIGKILL'));
      },
      LONG,
    );

    it(
      'when workers are stopped in order and hand their jobs on at once, though lists lag',
      async () => {
        const cases = casesOf([...STARTING, ...WAITING], SEEDS);
        const bed = await open({ sandbox: { ...worldOf(cases), lag: { lists: 30_000 } } });
        const problems: string[] = [];
        for (let from = 0; from < cases.length; from += BATCH)
          problems.push(...(await killAt(bed, cases.slice(from, from + BATCH), 'SIGTERM')));
        expect(problems).toEqual([]);
        expect(new Set(bed.ends)).toEqual(new Set([0]));
      },
      LONG,
    );

    it(
      'when workers are frozen for longer than their leases, and wake up in the middle',
      async () => {
        const cases = casesOf([WAITING[0]], SEEDS);
        const bed = await open({ sandbox: worldOf(cases) }, 2);
        expect(await freezeAt(bed, cases)).toEqual([]);
        expect(bed.ends).toEqual([]);
      },
      LONG,
    );

    it(
      'when several jobs want the same image at the same time',
      async () => {
        const ids = Array.from({ length: SEEDS }, (_, index) => index + 1);
        const bed = await open({ sandbox: { images: images(...ids), actionTime: [5_000, 20_000] } });
        const wishes = [
          ['ams3', 'sgp1'],
          ['sgp1', 'fra1'],
          ['fra1', 'ams3', 'tor1'],
        ];
        const jobs = ids.flatMap((id) => wishes.map((regions) => replicate(id, ...regions)));
        const added = await Promise.all(jobs.map((job) => bed.enqueue(job)));
        await bed.ended(added);
        const ends = await Promise.all(added.map((id) => bed.queue.getJobState(id)));
        expect(new Set(ends)).toEqual(new Set(['completed']));
        const carriedOut = bed.sandbox.actions.map(
          ({ resource_id: id, region_slug: to }) => `${String(id)} ${String(to)}`,
        );
        expect(carriedOut.sort()).toEqual(
          ids.flatMap((id) => ['ams3', 'fra1', 'sgp1', 'tor1'].map((region) => `${id} ${region}`)).sort(),
        );
      },
      LONG,
    );

    it(
      'when the worker that polls for all is killed again and again',
      async () => {
        const { jobs, ...world } = stream(SEEDS);
        const bed = await open({ sandbox: world });
        const random = seededRandom(2);
        const added: string[] = [];
        for (const few of jobs) {
          for (const job of few) added.push(await bed.enqueue(job));
          await bed.until(() => bed.leader !== null);
          await setTimeout(200 * random());
          await bed.until(() => bed.leader !== null);
          if (bed.leader) await bed.end(bed.leader);
          await bed.startWorker();
        }
        await bed.ended(added);
        expect(await problemsOf(bed, added, jobs.flat())).toEqual([]);
        expect(bed.ends).toEqual(jobs.map(() => 'SIGKILL'));
      },
      LONG,
    );

    it(
      'when Redis is killed again and again, and started again',
      async () => {
        const { jobs, ...world } = stream(SEEDS);
        const bed = await open({ sandbox: world, durable: true });
        const random = seededRandom(1);
        const added: string[] = [];
        for (const few of jobs) {
          for (const job of few) added.push(await bed.enqueue(job));
          await setTimeout(600 * random());
          await bed.redisServer.kill();
          await setTimeout(300 * random());
          await bed.redisServer.start();
        }
        await bed.ended(added);
        expect(await problemsOf(bed, added, jobs.flat())).toEqual([]);
        expect(bed.ends).toEqual([]);
      },
      LONG,
    );
  });

  it('ends in its time when it is told to while Redis is away, and a job is done by the next worker', async () => {
    const bed = await open(
      {
        sandbox: { images: images(5), actionTime: 60_000 },
        settings: { closeTime: 500 },
        durable: true,
      },
      1,
    );
    const order = replicate(5, 'ams3');
    const id = await bed.enqueue(order);
    await bed.until(() => bed.posts.size > 0);
    const worker = await bed.workerOf(id);
    await bed.redisServer.kill();
    await bed.end(worker, 'SIGTERM');
    expect(bed.ends).toEqual([1]);
    await bed.redisServer.start();
    await bed.startWorker();
    await bed.ended([id]);
    expect(await bed.problemsOf(id, { order, home: 'nyc3' })).toEqual([]);
  });

  describe('a job', () => {
    it('is added once while it waits or runs, and runs again when it has ended', async () => {
      const bed = await open({ sandbox: { images: images(5) } }, 0);
      const id = await bed.enqueue(replicate(5, 'ams3', 'sgp1'));
      expect(await bed.enqueue(replicate(5, 'sgp1', 'ams3', 'sgp1'))).toBe(id);
      expect(await bed.enqueue(replicate(5, 'sgp1'))).not.toBe(id);
      expect(await bed.queue.getJobCountByTypes('waiting')).toBe(2);
      await bed.startWorker();
      await bed.ended([id]);
      expect(await bed.problemsOf(id, { order: replicate(5, 'ams3', 'sgp1'), home: 'nyc3' })).toEqual([]);
      await bed.enqueue(replicate(5, 'ams3', 'sgp1'));
      await bed.ended([id]);
      expect(bed.posts.get('/v2/images/5/actions')).toBe(2);
    });

    it('that has ended may be added by several at the same time: it runs again once', async () => {
      const bed = await open({ sandbox: { images: images(5) } }, 1);
      const order = replicate(5, 'ams3');
      const id = await bed.enqueue(order);
      await bed.ended([id]);
      const all = await Promise.all(Array.from({ length: 5 }, () => bed.enqueue(order)));
      expect(all).toEqual(all.map(() => id));
      await bed.ended([id]);
      expect(await bed.problemsOf(id, { order, home: 'nyc3' })).toEqual([]);
    });

    it('takes the snapshot again when it has ended and the image was removed', async () => {
      const droplets = [{ id: 7, name: 'web-1', region: 'nyc3' }];
      const bed = await open({ sandbox: { droplets } }, 1);
      const order: FleetJob = { kind: 'snapshot', droplet: 7, name: 'web-v8', regions: ['ams3'] };
      const id = await bed.enqueue(order);
      await bed.ended([id]);
      const first = (await bed.queue.getJob(id))?.returnvalue.image;
      const api = bed.sandbox.api();
      await api.image(Number(first)).delete();
      await api.close();
      await bed.enqueue(order);
      await bed.ended([id]);
      const job = await bed.queue.getJob(id);
      expect(job?.failedReason).toBeUndefined();
      expect(job?.returnvalue.image).not.toBe(first);
      expect(bed.sandbox.images.map(({ name, regions }) => ({ name, regions }))).toContainEqual({
        name: 'web-v8',
        regions: ['nyc3', 'ams3'],
      });
    });

    it('shows what it is doing', async () => {
      const bed = await open({ sandbox: { images: images(5), actionTime: 30_000 } }, 1);
      const seen: unknown[] = [];
      bed.events.on('progress', ({ data }) => seen.push(data));
      await bed.ended([await bed.enqueue(replicate(5, 'ams3'))]);
      expect(seen).toEqual(
        ['in-progress', 'completed'].map((ams3) => ({ step: 'transfer', image: 5, regions: { ams3 } })),
      );
    });

    it('fails at once, and says why, when it cannot succeed', async () => {
      const bed = await open({ sandbox: { images: images(5) } }, 1);
      const id = await bed.enqueue(replicate(6, 'ams3'));
      await bed.ended([id]);
      const job = await bed.queue.getJob(id);
      expect(job?.failedReason).toMatch(/^GET .*\/v2\/images\/6: 404 not_found/);
      expect(job?.attemptsMade).toBe(1);
    });

    it('is tried again when a transfer has failed, and starts only that one again', async () => {
      const bed = await open({ sandbox: { images: images(5) }, jobs: { backoff: 100 } }, 1);
      bed.sandbox.fail({ on: 'POST /v2/images/5/actions', with: 'errored-action', times: 1 });
      const id = await bed.enqueue(replicate(5, 'ams3', 'sgp1'));
      await bed.ended([id]);
      const job = await bed.queue.getJob(id);
      expect(job?.returnvalue.regions).toEqual(['ams3', 'sgp1']);
      expect(job?.attemptsMade).toBe(2);
      const ends = bed.sandbox.actions.map(({ status }) => status);
      expect(ends.sort()).toEqual(['completed', 'completed', 'errored']);
    });

    it('names the regions that it has not reached when its attempts are used up', async () => {
      const bed = await open({ sandbox: { images: images(5) }, jobs: { backoff: 100, attempts: 2 } }, 1);
      const isToSgp1 = ({ body }: { body: unknown }): boolean =>
        (body as { region?: string }).region === 'sgp1';
      bed.sandbox.fail({ on: 'POST /v2/images/5/actions', with: 'errored-action', when: isToSgp1 });
      const id = await bed.enqueue(replicate(5, 'ams3', 'sgp1'));
      await bed.ended([id]);
      expect((await bed.queue.getJob(id))?.failedReason).toMatch(
        /^Image 5 is not in all regions\. sgp1: errored \(Action \d+ .*\)$/,
      );
      expect(bed.sandbox.images[0]?.regions).toEqual(['nyc3', 'ams3']);
    });
  });
});
