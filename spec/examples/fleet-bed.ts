import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type JobsOptions, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { enqueue, type FleetJob, type FleetQueue, openQueue, QUEUE } from '../../examples/fleet/jobs';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';
import { COMPILE, ROOT } from '../support/program';
import { RedisServer } from '../support/redis-server';
import type { FleetSettings, Moment } from './fleet-worker';

/** Seconds of the sandbox in a second of the machine. */
export const SPEED = 100;

/** The rate limit of the sandbox: as many in its fast time as this machine sends in the real one. */
const RATE_LIMIT = { perMinute: 50 * SPEED, perHour: 2_000 * SPEED };

/** How a test bed is set up. */
interface BedOptions {
  sandbox: SandboxOptions;
  settings?: Partial<FleetSettings>;
  /** Whether Redis keeps everything when it is killed. */
  durable?: boolean;
  jobs?: JobsOptions;
}

/** A Redis, a sandbox over HTTP, a queue, and workers that are processes. */
export class FleetBed {
  /** The running workers, by the id of their process. */
  readonly workers = new Map<number, ChildProcess>();
  /** The worker that polls for all. */
  leader: ChildProcess | null = null;
  /** What workers have printed to their standard error. */
  errors = '';
  /** How the workers ended: code or signal. */
  readonly ends: (number | NodeJS.Signals | null)[] = [];
  /** The moments at which a worker stands still: `<moment> <name>`. */
  readonly hanging = new Set<string>();

  private constructor(
    readonly redisServer: RedisServer,
    readonly redis: Redis,
    readonly queue: FleetQueue,
    readonly events: QueueEvents,
    readonly sandbox: Sandbox,
    private readonly listening: Awaited<ReturnType<Sandbox['listen']>>,
    private readonly settings: FleetSettings,
    /** Emits `change` when something has happened. */
    private readonly news: EventEmitter,
    /** How many POSTs were carried out, by path. */
    readonly posts: ReadonlyMap<string, number>,
  ) {}

  static async open({ sandbox: world, settings = {}, durable = false, jobs }: BedOptions): Promise<FleetBed> {
    const redisServer = await RedisServer.start({ durable });
    const redis = new Redis(redisServer.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
    redis.on('error', () => undefined);
    const all: FleetSettings = {
      redisUrl: redisServer.url,
      prefix: 'fleet',
      speed: SPEED,
      concurrency: 25,
      lease: 1_500,
      listLag: 1_000,
      closeTime: 10_000,
      rateLimit: { perMinute: 0.96 * RATE_LIMIT.perMinute, perHour: 0.98 * RATE_LIMIT.perHour },
      ...settings,
    };
    const news = new EventEmitter();
    const posts = new Map<string, number>();
    const tell = (): unknown => news.emit('change');
    const sandbox = new Sandbox({
      rateLimit: RATE_LIMIT,
      speed: SPEED,
      ...world,
      onRequest: (request) => {
        const { method, path, executed } = request;
        if (method === 'POST' && executed) posts.set(path, (posts.get(path) ?? 0) + 1);
        tell();
      },
    });
    const listening = await sandbox.listen();
    const queue = openQueue(redis, all.prefix, jobs);
    const events = new QueueEvents(QUEUE, { connection: redis, prefix: all.prefix });
    queue.on('error', () => undefined);
    events.on('error', () => undefined);
    await events.waitUntilReady();
    for (const event of ['completed', 'failed', 'active', 'progress', 'stalled', 'waiting'] as const)
      events.on(event, tell);
    return new FleetBed(redisServer, redis, queue, events, sandbox, listening, all, news, posts);
  }

  /** Starts a worker. @returns its process, which is ready */
  async startWorker(): Promise<ChildProcess> {
    const { url, token } = this.listening;
    const env = { PATH: process.env.PATH, DIGITALOCEAN_API_URL: url, DIGITALOCEAN_TOKEN: token };
    const child = spawn(
      process.execPath,
      [...COMPILE, 'spec/examples/fleet-worker.ts', JSON.stringify(this.settings)],
      { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const pid = Number(child.pid);
    this.workers.set(pid, child);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    child.once('exit', (code, signal) => {
      this.workers.delete(pid);
      if (this.leader === child) this.leader = null;
      this.ends.push(signal ?? code);
      this.news.emit('change');
    });
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`The worker ended at its start:\n${this.errors}`)));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.trim().split('\n'))
          if (line === 'ready') resolve();
          else if (line === 'leads') this.leader = child;
          else this.hanging.add(line);
        this.news.emit('change');
      });
    });
    return child;
  }

  async startWorkers(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.startWorker()));
  }

  /** Ends a worker. */
  async end(worker: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ended = once(worker, 'exit');
    worker.kill(signal);
    await ended;
  }

  enqueue(order: FleetJob): Promise<string> {
    return enqueue(this.queue, order);
  }

  /** Lets the first worker that comes to this moment stand still there. */
  async hangAt(moment: Moment, name: string): Promise<void> {
    await this.redis.set(`${this.settings.prefix}:hang:${moment}:${name}`, '');
  }

  /** The worker that has the job. */
  async workerOf(id: string): Promise<ChildProcess> {
    const worker = this.workers.get(Number((await this.queue.getJob(id))?.processedBy));
    if (!worker) throw new Error(`No worker has the job ${id}.`);
    return worker;
  }

  /** Resolves when it is so; it is looked at again after each request, event of the queue and line of a worker. */
  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (;;) {
      const woken = once(this.news, 'change');
      if (await isSo()) return;
      await woken;
    }
  }

  /** Resolves when all these jobs have ended. */
  async ended(ids: readonly string[]): Promise<void> {
    const open = new Set(ids);
    await this.until(async () => {
      for (const id of open) {
        const state = await this.queue.getJobState(id);
        if (state === 'completed' || state === 'failed') open.delete(id);
        else break;
      }
      return open.size === 0;
    });
  }

  /**
   * What is wrong with a job that has ended and with what was carried out for it; nothing, if all is well.
   * @param world the images and actions, if they have been read
   */
  async problemsOf(
    id: string,
    { order, home }: { order: FleetJob; home: string },
    { images, actions }: Pick<Sandbox, 'images' | 'actions'> = this.sandbox,
  ): Promise<string[]> {
    const problems: string[] = [];
    const job = await this.queue.getJob(id);
    const { failedReason, finishedOn, returnvalue: result } = job ?? {};
    if (finishedOn === undefined || failedReason !== undefined || !result)
      return [`${id}: ${String(failedReason)}`];
    const { image: imageId } = result;
    const image = images.find((one) => one.id === imageId);
    const [wanted, is] = [[home, ...order.regions].sort(), [...(image?.regions ?? [])].sort()];
    if (wanted.join() !== is.join()) problems.push(`${id}: it is in ${is.join()}`);
    if (String([...result.regions]) !== String([...order.regions]))
      problems.push(`${id}: it says ${String(result.regions)}`);
    const transfers = actions.filter((one) => one.type === 'transfer' && one.resource_id === imageId);
    const carriedOut = transfers.map(({ region_slug: slug }) => String(slug)).sort();
    if (carriedOut.join() !== [...order.regions].sort().join())
      problems.push(`${id}: transfers ${carriedOut.join()}`);
    if (order.kind === 'snapshot') {
      const made = actions.filter((one) => one.type === 'snapshot' && one.resource_id === order.droplet);
      const named = images.filter(({ name }) => name === order.name);
      if (made.length !== 1 || named.length !== 1 || named[0]?.id !== imageId)
        problems.push(`${id}: ${made.length} snapshots, ${named.length} images`);
    }
    return problems;
  }

  /** Ends the workers, and all the rest. */
  async close(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => this.end(worker)));
    await this.events.close();
    await this.queue.close();
    this.redis.disconnect();
    await this.redisServer.stop();
    await this.listening.close();
  }
}
