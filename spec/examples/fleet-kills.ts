import { setTimeout } from 'node:timers/promises';
import { type FleetJob, idOf } from '../../examples/fleet/jobs';
import type { Sandbox } from '../../lib/sandbox';
import { type Random, seededRandom } from '../../lib/sandbox/state/random';
import type { FleetBed } from './fleet-bed';
import type { Moment } from './fleet-worker';

/** A moment of a job at which its worker is killed. */
export interface Point {
  kind: FleetJob['kind'];
  name: string;
  /** Makes the job stand still there. @returns whether it does */
  stop: (bed: FleetBed, one: KillCase) => Promise<() => boolean>;
}

/** A job, and the moment at which its worker is killed. */
export interface KillCase {
  point: Point;
  seed: number;
  order: FleetJob;
  /** The region that has the image already. */
  home: string;
  /** The image, or the Droplet. */
  resource: number;
  /** Milliseconds of the sandbox. */
  actionTime: number;
  /** Of the job, once it has been added. */
  id: string;
}

const HOME = 'nyc3';
const REGIONS = ['ams3', 'sgp1', 'lon1', 'fra1', 'tor1', 'syd1'];

type Phase = 'before' | 'after';

/** At a request: before the API carries it out, or after that and before its response. */
function request(kind: FleetJob['kind'], what: string, phase: Phase, number?: 'first' | 'last'): Point {
  const [method, rest = ''] = what.split(' ');
  return {
    kind,
    name: `${kind}: ${phase} ${number ? `the ${number} ` : ''}${what}`,
    stop: ({ sandbox }, { resource, order }) => {
      const path = `/v2/${kind === 'replicate' ? 'images' : 'droplets'}/${resource}${rest}`;
      const after = number === 'last' ? order.regions.length - 1 : 0;
      const rule = sandbox.fail({
        on: `${String(method)} ${path}`,
        with: `stall-${phase}-execution`,
        times: 1,
        after,
      });
      return Promise.resolve(() => rule.met > 0);
    },
  };
}

/** In the worker, between two requests. */
function moment(kind: FleetJob['kind'], name: string, at: Moment): Point {
  return {
    kind,
    name: `${kind}: ${name}`,
    stop: async (bed, one) => {
      const resource = `${kind === 'replicate' ? 'image' : 'droplet'}-${one.resource}`;
      const named = at === 'lease' ? resource : idOf(one.order);
      await bed.hangAt(at, named);
      return () => bed.hanging.has(`${at} ${named}`);
    },
  };
}

/** While it waits for what it has started. */
function waiting(kind: FleetJob['kind']): Point {
  return {
    kind,
    name: `${kind}: while it waits`,
    stop: ({ posts }, { resource, order }) => {
      const [path, count] =
        kind === 'replicate'
          ? [`/v2/images/${resource}`, order.regions.length]
          : [`/v2/droplets/${resource}`, 1];
      return Promise.resolve(() => posts.get(`${path}/actions`) === count);
    },
  };
}

/** What waits for its actions. They last long enough for that. */
export const WAITING = [waiting('replicate'), waiting('snapshot')] as const;

/** Every moment at which a worker is killed. */
export const POINTS: readonly Point[] = [
  moment('replicate', 'before it has the lease', 'lease'),
  request('replicate', 'GET', 'after'),
  request('replicate', 'GET /actions', 'before'),
  request('replicate', 'GET /actions', 'after'),
  request('replicate', 'POST /actions', 'before', 'first'),
  request('replicate', 'POST /actions', 'after', 'first'),
  request('replicate', 'POST /actions', 'before', 'last'),
  request('replicate', 'POST /actions', 'after', 'last'),
  moment('replicate', 'before its end is in the queue', 'complete'),
  moment('replicate', 'after its end is in the queue', 'completed'),
  moment('snapshot', 'before it has the lease', 'lease'),
  request('snapshot', 'GET', 'after'),
  request('snapshot', 'GET /snapshots', 'after'),
  request('snapshot', 'GET /actions', 'before'),
  request('snapshot', 'POST /actions', 'before'),
  request('snapshot', 'POST /actions', 'after'),
  moment('snapshot', 'before the image is noted', 'note'),
  moment('snapshot', 'after the image is noted', 'noted'),
  moment('snapshot', 'before its end is in the queue', 'complete'),
  ...WAITING,
];

/** While a POST is under way. */
export const STARTING = POINTS.filter(({ name }) => name.includes('POST'));

/** The cases of some points, with so many seeds each. What waits for long comes last. */
export function casesOf(points: readonly Point[], seeds: number): KillCase[] {
  const all = points.flatMap((point) => Array.from({ length: seeds }, (_, seed) => ({ point, seed })));
  const shuffle = seededRandom(1);
  const ordered = all
    .map((one) => ({ ...one, at: shuffle() + (WAITING.includes(one.point) ? 1 : 0) }))
    .sort((a, b) => a.at - b.at);
  return ordered.map(({ point, seed }, index) => caseOf(point, seed, index + 1));
}

function caseOf(point: Point, seed: number, resource: number): KillCase {
  const random = seededRandom(1_000 * seed + POINTS.indexOf(point));
  const regions = REGIONS.filter(() => random() < 0.5);
  if (regions.length === 0) regions.push('ams3');
  const order: FleetJob =
    point.kind === 'replicate'
      ? { kind: 'replicate', image: resource, regions }
      : { kind: 'snapshot', droplet: resource, name: `golden-${resource}`, regions };
  const actionTime = WAITING.includes(point) ? 600_000 : between(random, 5_000, 60_000);
  return { point, seed, order, home: HOME, resource, actionTime, id: '' };
}

const between = (random: Random, from: number, to: number): number =>
  Math.floor(from + random() * (to - from));

/** What the sandbox has to begin with: an image or a Droplet for each case. */
export function worldOf(cases: readonly KillCase[]): ConstructorParameters<typeof Sandbox>[0] {
  const times = new Map(cases.map(({ resource, actionTime }) => [resource, actionTime]));
  const of = (kind: FleetJob['kind']): KillCase[] => cases.filter(({ order }) => order.kind === kind);
  return {
    images: [
      { id: 1_000_000, slug: 'debian-13-x64', public: true, type: 'base', regions: [HOME] },
      ...of('replicate').map(({ resource: id }) => ({
        id,
        name: `image-${id}`,
        type: 'snapshot',
        regions: [HOME],
      })),
    ],
    droplets: of('snapshot').map(({ resource: id }) => ({ id, name: `web-${id}`, region: HOME })),
    actionTime: ({ resource_id: id }) => times.get(Number(id)) ?? 20_000,
  };
}

/**
 * Adds the jobs, waits until each stands still at its moment, and then ends all workers, one after the other; each is replaced
 * at once.
 * @returns what is wrong when all jobs have ended
 */
export async function killAt(
  bed: FleetBed,
  cases: readonly KillCase[],
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<string[]> {
  const stopped = await Promise.all(cases.map((one) => one.point.stop(bed, one)));
  await addAll(bed, cases);
  await bed.until(() => stopped.every((isStopped) => isStopped()));
  const random = seededRandom(Number(cases[0]?.resource));
  for (const worker of [...bed.workers.values()]) {
    await bed.end(worker, signal);
    await bed.startWorker();
    await setTimeout(between(random, 0, 200));
  }
  return problemsAfter(bed, cases);
}

/**
 * Adds the jobs. The workers are frozen between the list of what is in progress and the transfers that they would start, and
 * wake up when others have started them.
 * @returns what is wrong when all jobs have ended
 */
export async function freezeAt(bed: FleetBed, cases: readonly KillCase[]): Promise<string[]> {
  const rules = cases.map(({ resource }) =>
    bed.sandbox.fail({ on: `GET /v2/images/${resource}/actions`, with: 'delay', ms: FROZEN, times: 1 }),
  );
  await addAll(bed, cases);
  await bed.until(() => rules.every(({ met }) => met > 0));
  const frozen = [...bed.workers.values()];
  for (const worker of frozen) worker.kill('SIGSTOP');
  await bed.startWorkers(frozen.length);
  await bed.until(() =>
    cases.every(({ resource, order }) => startedFor(bed, resource) === order.regions.length),
  );
  for (const worker of frozen) worker.kill('SIGCONT');
  return problemsAfter(bed, cases);
}

/** Milliseconds of the sandbox: long enough that all workers are frozen, and short enough that they find the response. */
const FROZEN = 100_000;

function startedFor({ posts }: FleetBed, image: number): number {
  return posts.get(`/v2/images/${image}/actions`) ?? 0;
}

async function addAll(bed: FleetBed, cases: readonly KillCase[]): Promise<void> {
  for (const one of cases) one.id = await bed.enqueue(one.order);
}

/** What is wrong when all jobs have ended. */
async function problemsAfter(bed: FleetBed, cases: readonly KillCase[]): Promise<string[]> {
  await bed.ended(cases.map(({ id }) => id));
  bed.sandbox.heal();
  const { images, actions } = bed.sandbox;
  const problems: string[] = [];
  for (const one of cases)
    for (const problem of await bed.problemsOf(one.id, one, { images, actions }))
      problems.push(`${one.point.name}, seed ${one.seed}: ${problem}`);
  return problems;
}
