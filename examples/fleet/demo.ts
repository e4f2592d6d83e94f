/**
 * A fleet of three workers, one of which is killed at work. DigitalOcean is a sandbox here.
 *
 *     npx ts-node -T examples/fleet/demo.ts
 *
 * It needs a Redis: at REDIS_URL, or at redis://127.0.0.1:6379. It removes its jobs there; what the workers share expires by
 * itself within two hours.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { Sandbox } from '../../lib/sandbox';
import { enqueue, type FleetJob, openQueue, QUEUE } from './jobs';

/** The orders: one is given twice, two concern the same image, one begins with a snapshot. */
const ORDERS: readonly FleetJob[] = [
  { kind: 'replicate', image: 101, regions: ['ams3', 'sgp1'] },
  { kind: 'replicate', image: 101, regions: ['ams3', 'sgp1'] },
  { kind: 'replicate', image: 101, regions: ['sgp1', 'syd1'] },
  { kind: 'replicate', image: 102, regions: ['fra1', 'lon1', 'tor1'] },
  { kind: 'snapshot', droplet: 7, name: 'web-v8', regions: ['ams3', 'fra1'] },
];

/** @param print is given each line of the report */
export async function fleetDemo(redisUrl: string, print: (line: string) => void): Promise<void> {
  const sandbox = new Sandbox({
    images: [101, 102].map((id) => ({ id, name: `web-${id}`, type: 'snapshot', regions: ['nyc3'] })),
    droplets: [{ id: 7, name: 'web-1', region: 'nyc3' }],
    actionTime: [3_000, 6_000],
  });
  const { url, token, close } = await sandbox.listen();
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const prefix = `doapi-demo-${process.pid}`;
  const env = {
    ...process.env,
    DIGITALOCEAN_API_URL: url,
    DIGITALOCEAN_TOKEN: token,
    REDIS_URL: redisUrl,
    FLEET_PREFIX: prefix,
    // Short, so that nothing is waited for long. The lists of the sandbox do not lag.
    FLEET_LEASE: '2000',
    FLEET_LIST_LAG: '1000',
  };
  const workers = [1, 2, 3].map(() => startWorker(env));
  const queue = openQueue(redis, prefix);
  const events = new QueueEvents(QUEUE, { connection: redis, prefix });
  try {
    await events.waitUntilReady();
    events.on('progress', ({ jobId, data }) => print(`${jobId}: ${JSON.stringify(data)}`));
    events.on('stalled', ({ jobId }) => print(`${jobId}: its worker is gone, another one takes it`));
    const ids = new Set<string>();
    for (const order of ORDERS) ids.add(await enqueue(queue, order));
    print(`${ORDERS.length} orders are ${ids.size} jobs.`);

    const ended = Promise.all([...ids].map((id) => endOf(queue, events, id)));
    // In the middle of the first transfers.
    await once(events, 'progress');
    await setTimeout(500);
    const victim = await workerOf(queue, workers);
    victim?.kill('SIGKILL');
    print(`kill -9 ${String(victim?.pid)}`);

    for (const line of await ended) print(line);
    for (const line of carriedOut(sandbox)) print(line);
  } finally {
    for (const worker of workers) worker.kill('SIGTERM');
    await Promise.all(workers.filter(isRunning).map((worker) => once(worker, 'exit')));
    await events.close();
    await queue.obliterate({ force: true });
    await queue.close();
    redis.disconnect();
    await close();
  }
}

function startWorker(env: NodeJS.ProcessEnv): ChildProcess {
  const compiler = ['-r', 'ts-node/register/transpile-only'];
  return spawn(process.execPath, [...compiler, join(__dirname, 'worker.ts')], { env, stdio: 'inherit' });
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

/** A worker that is at work on a job. */
async function workerOf(
  queue: ReturnType<typeof openQueue>,
  workers: readonly ChildProcess[],
): Promise<ChildProcess | undefined> {
  const pids = (await queue.getActive()).map(({ processedBy }) => Number(processedBy));
  return workers.find(({ pid }) => pid !== undefined && pids.includes(pid));
}

/** A line on the end of a job. */
async function endOf(queue: ReturnType<typeof openQueue>, events: QueueEvents, id: string): Promise<string> {
  const job = await queue.getJob(id);
  try {
    const result = await job?.waitUntilFinished(events);
    return `${id}: image ${String(result?.image)} is in ${String(result?.regions.join(', '))}`;
  } catch (error) {
    return `${id}: failed. ${String(error)}`;
  }
}

/** A line on each thing that was made, with how often. */
function carriedOut({ actions, images }: Sandbox): string[] {
  const names = new Map(images.map(({ id, name }) => [id, name]));
  const counts = new Map<string, number>();
  for (const { type, resource_id: id, region_slug: region } of [...actions].reverse()) {
    if (type === 'create') continue;
    const what =
      type === 'transfer' ? `transfer of ${String(names.get(Number(id)))} to ${String(region)}` : type;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(
    ([what, count]) => `${what}: carried out ${count === 1 ? 'once' : `${count} times`}`,
  );
}

if (require.main === module)
  fleetDemo(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', console.log).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
