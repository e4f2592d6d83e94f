/**
 * A worker of the fleet. Any number of them share the jobs of one queue, and one token.
 *
 *     npx ts-node -T examples/fleet/worker.ts
 */
import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { DOApi, type DOApiOptions, type SharedStore } from '../../lib';
import { redisStore } from '../../lib/redis';
import { type JobData, type JobProgress, type JobResult, QUEUE } from './jobs';
import { LeaseError, Leases } from './leases';
import { isFinal, replicateImage, snapshotDroplet, type StepContext } from './steps';

/** How a worker works. Times are milliseconds. */
export interface WorkerOptions {
  /** With `maxRetriesPerRequest: null`, which BullMQ requires. */
  redis: Redis;
  /** Options of the client for DigitalOcean; by default, all workers share its rate limit and its polls in this Redis. */
  client?: DOApiOptions;
  /** How many jobs at the same time; default 50. A job waits most of the time. */
  concurrency?: number;
  /** After how long a worker that does not answer is taken for dead; default 30,000. */
  lease?: number;
  /** How long the lists of DigitalOcean may lack what is new; default 90,000. */
  listLag?: number;
  /** Of the keys in Redis; default `bull`. */
  prefix?: string;
  /** Of the worker, as jobs show it; default: the id of the process. */
  name?: string;
}

/**
 * How often workers may die while they do one job. A job that kills its worker must not go round for ever; a fleet that is
 * installed anew, on the other hand, may take a long transfer from many workers.
 */
const MAX_STALLED = 20;

type FleetWorkerJob = Job<JobData, JobResult>;

/** Takes jobs from the queue until it is closed. */
export class FleetWorker {
  readonly #worker: Worker<JobData, JobResult>;
  readonly #api: DOApi;
  readonly #store: SharedStore;
  readonly #leases: Leases;
  readonly #stop = new AbortController();

  constructor({
    redis,
    client = {},
    concurrency = 50,
    lease = 30_000,
    listLag = 90_000,
    prefix = 'bull',
    name = String(process.pid),
  }: WorkerOptions) {
    setMaxListeners(0, this.#stop.signal); // each job listens
    this.#leases = new Leases(redis, { duration: lease, listLag, prefix: `${prefix}:lease` });
    this.#store = client.store ?? redisStore(redis);
    this.#api = new DOApi({ ...client, store: this.#store, onRequest: () => this.#leases.check() });
    this.#worker = new Worker(QUEUE, (job, token) => this.#process(job, token), {
      connection: redis,
      prefix,
      name,
      concurrency,
      lockDuration: lease,
      stalledInterval: lease,
      maxStalledCount: MAX_STALLED,
    });
    // Redis is away, or a lock was lost: the worker goes on, and the queue gives the job to another one.
    this.#worker.on('error', ({ message }) => console.error(message));
  }

  /**
   * Gives its jobs back to the queue at once and ends. What they have started continues, and the next worker joins it.
   * @param limit how long it tries, in milliseconds; a Redis that is away must not keep it
   * @returns whether the queue has its jobs; if not, they stall, and another worker takes them then
   */
  async close(limit = 10_000): Promise<boolean> {
    const closed = this.#worker.close().then(() => true);
    this.#stop.abort(new Error('the worker stops'));
    const timer = new AbortController();
    const late = setTimeout(limit, false, { signal: timer.signal }).catch(() => false);
    const isClosed = await Promise.race([closed, late]);
    timer.abort();
    await this.#api.close();
    await this.#store.close();
    return isClosed;
  }

  async #process(job: FleetWorkerJob, token: string | undefined): Promise<JobResult> {
    try {
      return await this.#run(job);
    } catch (error) {
      if (this.#stop.signal.aborted) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (error instanceof LeaseError) {
        await job.moveToDelayed(Date.now() + error.retryIn, token);
        throw new DelayedError();
      }
      if (isFinal(error))
        throw new UnrecoverableError(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  async #run(job: FleetWorkerJob): Promise<JobResult> {
    const { order } = job.data;
    const context = {
      api: this.#api,
      leases: this.#leases,
      signal: this.#stop.signal,
      onProgress: progressOf(job),
    };
    const image = order.kind === 'replicate' ? order.image : await this.#imageOf(job, context);
    return replicateImage(context, image, order.regions);
  }

  /** The image of the Droplet. The job keeps its id, so that it need not be found again. */
  async #imageOf(job: FleetWorkerJob, context: StepContext): Promise<number> {
    const { order, image } = job.data;
    if (image !== undefined || order.kind !== 'snapshot') return Number(image);
    const made = await snapshotDroplet(context, order.droplet, order.name);
    await job.updateData({ order, image: made });
    return made;
  }
}

/** Writes the progress of a job when it has changed. It is a view: a failure to write it does not end the job. */
function progressOf(job: FleetWorkerJob): StepContext['onProgress'] {
  let last = '';
  return (progress: JobProgress) => {
    const text = JSON.stringify(progress);
    if (text === last) return;
    last = text;
    job.updateProgress(progress).catch(() => undefined);
  };
}

/** Runs until SIGTERM or SIGINT. */
function main(): void {
  const { REDIS_URL = 'redis://127.0.0.1:6379', FLEET_PREFIX, FLEET_LEASE, FLEET_LIST_LAG } = process.env;
  const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
  redis.on('error', ({ message }: Error) => console.error(`Redis: ${message}`));
  const worker = new FleetWorker({
    redis,
    ...(FLEET_PREFIX !== undefined && { prefix: FLEET_PREFIX }),
    ...(FLEET_LEASE !== undefined && { lease: Number(FLEET_LEASE) }),
    ...(FLEET_LIST_LAG !== undefined && { listLag: Number(FLEET_LIST_LAG) }),
  });
  const stop = (): void => {
    void worker.close().then((isClosed) => {
      redis.disconnect();
      if (!isClosed) process.exit(1);
    });
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

if (require.main === module) main();
