import { createHash } from 'node:crypto';
import { ErrorCode, type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Brings an image to regions. */
export interface ReplicateJob {
  kind: 'replicate';
  image: number;
  /** Slugs. */
  regions: readonly string[];
}

/** Takes a snapshot of a Droplet and brings it to regions. */
export interface SnapshotJob {
  kind: 'snapshot';
  droplet: number;
  /** The name of the image. A Droplet gets one image of a name: it says which one is meant when the job runs again. */
  name: string;
  /** Slugs. */
  regions: readonly string[];
}

export type FleetJob = ReplicateJob | SnapshotJob;

/** What the queue keeps of a job. */
export interface JobData {
  order: FleetJob;
  /** The image that the snapshot has made, once that is known. */
  image?: number;
}

/** The result of a job: the image is in all these regions. */
export interface JobResult {
  image: number;
  regions: readonly string[];
}

/** What a job is doing: `regions` has the status of each transfer that is under way. */
export type JobProgress =
  | { step: 'snapshot'; status: string }
  | { step: 'transfer'; image: number; regions: Readonly<Record<string, string>> };

export type FleetQueue = Queue<JobData, JobResult, FleetJob['kind']>;

/** The name of the queue. */
export const QUEUE = 'images';

/** How long a job is tried again: ten attempts with pauses from 30 s to about two hours, the last one after about four hours. */
const JOB_OPTIONS: JobsOptions = {
  attempts: 10,
  backoff: { type: 'exponential', delay: 30_000 },
  removeOnComplete: { age: 24 * 60 * 60 },
  removeOnFail: { age: 7 * 24 * 60 * 60 },
};

/**
 * @param prefix of the keys in Redis
 * @param jobs what differs from the options above
 */
export function openQueue(redis: Redis, prefix = 'bull', jobs: JobsOptions = {}): FleetQueue {
  return new Queue(QUEUE, { connection: redis, prefix, defaultJobOptions: { ...JOB_OPTIONS, ...jobs } });
}

/**
 * Adds a job. An equal one that waits or runs is not added again; one that has ended runs again, which changes nothing if
 * all is done.
 * @returns the id of the job
 */
export async function enqueue(queue: FleetQueue, order: FleetJob): Promise<string> {
  const jobId = idOf(order);
  const job = await queue.add(order.kind, { order }, { jobId });
  const state = await job.getState();
  if (state !== 'completed' && state !== 'failed') return jobId;
  // The image may have been removed since: the name shows whether it is there.
  await job.updateData({ order });
  try {
    await job.retry(state, { resetAttemptsMade: true });
  } catch (error) {
    // Another call for the same job has been faster.
    if ((error as { code?: unknown }).code !== ErrorCode.JobNotInState) throw error;
  }
  return jobId;
}

/** Equal jobs have equal ids. */
export function idOf(order: FleetJob): string {
  const regions = [...new Set(order.regions)].sort();
  const words = order.kind === 'replicate' ? ['image', order.image] : ['droplet', order.droplet, order.name];
  const digest = createHash('sha256').update(JSON.stringify([words, regions]));
  return `${words.slice(0, 2).join('-')}-${digest.digest('hex').slice(0, 12)}`;
}
