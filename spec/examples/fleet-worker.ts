// A worker of the fleet as a process of its own, in the fast time of a sandbox that listens. Its argument is a FleetSettings.
import { Job } from 'bullmq';
import { Redis } from 'ioredis';
import { Leases } from '../../examples/fleet/leases';
import { FleetWorker } from '../../examples/fleet/worker';
import { RedisStore } from '../../lib/redis/redis-store';
import { RunningClock } from '../../lib/sandbox/clock/running-clock';

/** How the workers of a fleet work. */
export interface FleetSettings {
  redisUrl: string;
  prefix: string;
  /** Seconds of the sandbox in a second of the machine. */
  speed: number;
  concurrency: number;
  /** Milliseconds of the machine. */
  lease: number;
  /** Milliseconds of the machine. */
  listLag: number;
  /** How long a worker that is told to end tries to give its jobs back, in milliseconds of the machine. */
  closeTime: number;
  /** Of all workers together, in time of the sandbox. */
  rateLimit: { perMinute: number; perHour: number };
}

/** Moments at which a worker can stand still for ever, once for each key of Redis `<prefix>:hang:<moment>:<name>`. */
export type Moment = 'lease' | 'note' | 'noted' | 'complete' | 'completed';

const settings = JSON.parse(process.argv[2] ?? '') as FleetSettings;
const { redisUrl, prefix, speed, rateLimit, closeTime, ...options } = settings;
const redis = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
redis.on('error', () => undefined);

/** Stands still if that is asked for, and says so. */
async function pass(moment: Moment, name: string): Promise<void> {
  if (!(await redis.del(`${prefix}:hang:${moment}:${name}`))) return;
  process.stdout.write(`${moment} ${name}\n`);
  await new Promise(() => undefined);
}

/* eslint-disable @typescript-eslint/unbound-method -- they are called with their own `this` below */
const { hold } = Leases.prototype;
const { updateData, moveToCompleted } = Job.prototype;
/* eslint-enable @typescript-eslint/unbound-method */
Leases.prototype.hold = async function (name, signal, work) {
  await pass('lease', name);
  return hold.call(this, name, signal, work) as ReturnType<typeof work>;
};
Job.prototype.updateData = async function (data) {
  await pass('note', String(this.id));
  await updateData.call(this, data);
  await pass('noted', String(this.id));
};
Job.prototype.moveToCompleted = async function (...given) {
  await pass('complete', String(this.id));
  const next = await moveToCompleted.apply(this, given);
  await pass('completed', String(this.id));
  return next;
};

const clock = new RunningClock({ speed, now: 0 });
const store = new RedisStore(redis, {}, { speed, offset: 0 });
const { polls } = store;
const exchange = polls.exchange.bind(polls);
let leads = false;
/** Says when it begins to poll for all. */
polls.exchange = async (...given) => {
  const news = await exchange(...given);
  if (news.leads && !leads) process.stdout.write('leads\n');
  leads = news.leads;
  return news;
};
const worker = new FleetWorker({
  redis,
  prefix,
  ...options,
  client: {
    clock,
    store,
    rateLimit,
    waitInterval: 10_000,
    // The machine is no faster than ever, so an attempt needs more of this time.
    timeout: 3_600_000,
    deadline: Infinity,
  },
});
process.once('SIGTERM', () => {
  void worker.close(closeTime).then((isClosed) => {
    redis.disconnect();
    if (!isClosed) process.exit(1);
  });
});
process.stdout.write('ready\n');
