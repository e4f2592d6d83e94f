import type { Action, DOApi, DOApiOptions } from '../../lib';
import { Sandbox, type SandboxOptions, type SandboxSnapshot, VIRTUAL_START } from '../../lib/sandbox';
import { seededRandom } from '../../lib/sandbox/state/random';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** Actions that all start when the clock starts. */
export interface Crowd {
  actions: number;
  images: number;
  /** The shortest and the longest duration of an action, in milliseconds. */
  takes: readonly [shortest: number, longest: number];
  /** Every n-th action fails; default: none. */
  oneFailsIn?: number;
  seed?: number;
}

/** When and how an action ends. */
export interface Job {
  id: number;
  image: number;
  /** Milliseconds of the clock. */
  endsAt: number;
  outcome: 'completed' | 'errored';
}

/** A request as the server received it. */
export interface Seen {
  at: number;
  method: string;
  path: string;
  status: number | null;
}

const FIRST_IMAGE = 1_001;
const FIRST_ACTION = 500_001;

/** An account in a sandbox, at the start of its actions. */
export class Account {
  readonly jobs: Job[];
  readonly sandbox: Sandbox;
  /** Every request and its time. */
  readonly seen: Seen[] = [];

  constructor(crowd: Crowd, options: SandboxOptions = {}) {
    this.jobs = jobsOf(crowd);
    this.sandbox = new Sandbox({
      ...options,
      from: snapshotOf(crowd, this.jobs),
      onRequest: ({ method, path, status }) => this.seen.push({ at: this.now, method, path, status }),
    });
  }

  get now(): number {
    return this.sandbox.clock.now();
  }

  /** The actions as they were at the start. */
  actionsOf(api: DOApi): Action[] {
    const byId = new Map(this.sandbox.actions.map((json) => [json.id, json]));
    return this.jobs.map(({ id }) => api.action(byId.get(id) ?? id));
  }

  api(options: DOApiOptions = {}): DOApi {
    return this.sandbox.api({ waitTime: Infinity, ...options });
  }
}

function jobsOf({
  actions,
  images,
  takes: [shortest, longest],
  oneFailsIn = Infinity,
  seed = 1,
}: Crowd): Job[] {
  const random = seededRandom(seed);
  return Array.from({ length: actions }, (_, index) => ({
    id: FIRST_ACTION + index,
    image: FIRST_IMAGE + (index % images),
    endsAt: shortest + Math.floor(random() * (longest - shortest + 1)),
    outcome: (index + 1) % oneFailsIn === 0 ? 'errored' : 'completed',
  }));
}

/** A sandbox completes the actions that it starts with; its snapshot can let them fail. */
function snapshotOf({ images }: Crowd, jobs: readonly Job[]): SandboxSnapshot {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const snapshot = new Sandbox({
    regions: ['nyc1', 'ams3'],
    images: Array.from({ length: images }, (_, index) => ({ id: FIRST_IMAGE + index, regions: ['nyc1'] })),
    actions: jobs.map(({ id, image }) => ({
      id,
      status: 'in-progress',
      started_at: new Date(VIRTUAL_START).toISOString(),
      resource_id: image,
      region_slug: 'ams3',
    })),
    actionTime: ({ id }) => byId.get(id)?.endsAt ?? 0,
  }).snapshot();
  for (const { event } of snapshot.events) {
    const job = byId.get(event.id);
    if (job && event.do === 'end-action') event.as = job.outcome;
  }
  return snapshot;
}
