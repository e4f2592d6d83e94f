import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Sandbox } from '../../lib/sandbox';
import { COMPILE } from '../../spec/support/program';
import type { WorkerOptions, WorkerResult } from './worker-options';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const LIMIT = { perMinute: 240, perHour: 4_900 };

/** A request that the server got. Times are in milliseconds of the windows. */
export interface Arrival {
  at: number;
  /** `null`: a poll, of which the server does not know who sent it. */
  worker: number | null;
  isRefused: boolean;
}

/** What happens during a run, beside the work. */
export type Event = (run: FleetRun) => Promise<void>;

export interface RunOptions {
  client?: WorkerOptions['client'];
  processes: number;
  calls: number;
  waits?: number;
  speed: number;
  redisPort: number;
  /** Most requests an hour; the server has some more, as DigitalOcean does. Default 4,900. */
  perHour?: number;
  dateOffsets?: readonly number[];
  event?: Event;
}

/** A sandbox over HTTP with DigitalOcean's limits, and a fleet of processes that uses it with one token. */
export class FleetRun {
  readonly arrivals: Arrival[] = [];
  readonly children: ChildProcess[] = [];
  results: WorkerResult[] = [];
  /** When the work began and ended, on the machine's clock, in milliseconds. */
  readonly span = { start: 0, end: 0 };
  /** The date of its start. */
  #startedAt = 0;

  private constructor(readonly options: RunOptions) {}

  /** Runs it from the start to the end. */
  static async of(options: RunOptions): Promise<FleetRun> {
    const run = new FleetRun(options);
    await run.#work();
    return run;
  }

  /** Milliseconds of the windows since the work began. */
  get now(): number {
    return (performance.now() - this.span.start) * this.options.speed;
  }

  get refusals(): number {
    return this.arrivals.filter(({ isRefused }) => isRefused).length;
  }

  /** The most requests that the server accepted in any window. */
  get most(): { minute: number; hour: number } {
    return { minute: mostWithin(this.accepted, MINUTE), hour: mostWithin(this.accepted, HOUR) };
  }

  get accepted(): Arrival[] {
    return this.arrivals.filter(({ isRefused }) => !isRefused);
  }

  get perHour(): number {
    return this.options.perHour ?? LIMIT.perHour;
  }

  /** What all processes tell together. */
  sum(kind: 'answers' | 'waits' | 'exchanges'): number {
    return this.results.reduce((sum, result) => sum + result[kind], 0);
  }

  /** The calls of a process that the server accepted, and the polls of which the process tells. */
  requestsOf(worker: number): { at: number }[] {
    const calls: { at: number }[] = this.accepted.filter((one) => one.worker === worker);
    const dates = this.results[worker]?.polls ?? [];
    const polls = dates.map((date) => ({ at: (date - this.#startedAt) * this.options.speed }));
    return [...calls, ...polls].sort((a, b) => a.at - b.at);
  }

  /** Polls that the server got and no process tells of. */
  get unknownPolls(): number {
    const known = this.results.reduce((sum, { polls }) => sum + polls.length, 0);
    return this.arrivals.filter(({ worker }) => worker === null).length - known;
  }

  /** The part of the budget that was used from one moment to another, while there was work: a window has it at its start. */
  usedBetween(from: number, to: number): number {
    const used = this.accepted.filter(({ at }) => at >= from && at < to).length;
    return used / (((to - from) / MINUTE) * LIMIT.perMinute);
  }

  /** While all processes had calls left: how far the process with the most or fewest answers is from an equal part. */
  get unfairness(): number {
    const { processes, calls } = this.options;
    const counts = Array.from({ length: processes }, () => 0);
    let worst = 0;
    for (const { worker } of this.accepted) {
      if (worker === null) continue;
      counts[worker] = (counts[worker] ?? 0) + 1;
      const sum = counts.reduce((all, count) => all + count, 0);
      if (Math.max(...counts) >= calls) break;
      const part = sum / processes;
      // In the beginning, one request is much.
      if (part >= calls / 2) worst = Math.max(worst, ...counts.map((count) => Math.abs(count - part) / part));
    }
    return worst;
  }

  async #work(): Promise<void> {
    const {
      processes,
      calls,
      waits = 0,
      speed,
      redisPort,
      client = 'doapi-ts',
      dateOffsets = [],
      event,
    } = this.options;
    const ids = Array.from({ length: waits }, (_, index) => 1_000 + index);
    const sandbox = new Sandbox({
      clock: 'real',
      speed,
      rateLimit: { perHour: Math.round(this.perHour * (5_000 / LIMIT.perHour)) },
      images: [{ id: 1, regions: ['nyc1'] }],
      actions: ids.map((id) => ({ id, status: 'in-progress', type: 'transfer', resource_id: 1 })),
      actionTime: ({ id }) => 30_000 + (id - 1_000) * 1_500,
      onRequest: ({ query, status }) =>
        void this.arrivals.push({
          at: this.now,
          worker: query.worker === undefined ? null : Number(query.worker),
          isRefused: status === 429,
        }),
    });
    const { url, token, close } = await sandbox.listen();
    const workers = Array.from({ length: processes }, (_, worker) =>
      this.#start({
        client,
        worker,
        url,
        token,
        redisPort,
        speed,
        calls,
        perHour: this.perHour,
        dateOffset: dateOffsets[worker] ?? 0,
        actions: ids.filter((id) => id % processes === worker),
      }),
    );
    await Promise.all(workers.map(({ ready }) => ready));
    this.span.start = performance.now();
    this.#startedAt = Date.now();
    this.arrivals.length = 0;
    for (const child of this.children) child.send('go');
    const [results] = await Promise.all([Promise.all(workers.map(({ done }) => done)), event?.(this)]);
    this.span.end = performance.now();
    this.results = results.filter((result) => result !== null);
    await close();
  }

  #start(options: WorkerOptions): { ready: Promise<unknown>; done: Promise<WorkerResult | null> } {
    const child = fork(join(__dirname, 'worker.ts'), [JSON.stringify(options)], { execArgv: COMPILE });
    this.children.push(child);
    const ready = new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new Error(`worker ${options.worker} ended before it was ready`)));
    });
    const done = ready.then(
      () =>
        new Promise<WorkerResult | null>((resolve) => {
          child.once('message', (result) => resolve(result as WorkerResult));
          child.once('exit', () => resolve(null));
        }),
    );
    return { ready, done };
  }
}

/** The most of these requests in any time of this length, in milliseconds. */
export function mostWithin(arrivals: readonly Pick<Arrival, 'at'>[], length: number): number {
  let first = 0;
  let found = 0;
  for (const [index, { at }] of arrivals.entries()) {
    while (at - (arrivals[first]?.at ?? at) > length) first += 1;
    found = Math.max(found, index - first + 1);
  }
  return found;
}
