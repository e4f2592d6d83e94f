import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import type { Clock } from '../../lib/util/clock';
import type { JsonObject } from '../../lib/model/fields';
import type { Call } from '../../lib/model/requester';
import type { WaitTarget } from '../../lib/model/wait-target';
import type { PollApi } from '../../lib/polling/poll-requests';
import { Poller } from '../../lib/polling/poller';
import { Account, HOUR } from './account';
import { atMost, formatNumber, type Row } from './row';

/** The memory of a wait and the time of a tick, for these numbers of waits. */
export async function costs(sizes: readonly number[] = [1_000, 3_000, 10_000], warmUp = 3_000): Promise<Row> {
  const bytes: number[] = [];
  const ticks: number[] = [];
  // The first runs are slower, until the code is compiled.
  await bytesPerWait(warmUp / 3);
  await tickTime(warmUp);
  for (const size of sizes) {
    bytes.push(await medianOf3(() => bytesPerWait(size)));
    ticks.push(await tickTime(size));
  }
  const [least = 0, most = 0] = [sizes[0], sizes.at(-1)];
  const growth = (ticks.at(-1) ?? 0) / (ticks[0] ?? 1);
  const linearly = (bytes.at(-1) ?? 0) / (bytes[0] ?? 1);
  const all = (values: readonly number[]): string => values.map((value) => formatNumber(value)).join(' / ');
  return {
    name: `${sizes.map(formatNumber).join(' / ')} waits: ${all(bytes)} bytes per wait, ${all(ticks)} ms per tick`,
    checks: [
      atMost('a wait', Math.max(...bytes), 2_000, ' bytes'),
      atMost('the same for all, within', linearly, 1.25, ' times'),
      // Twice n log n, as a margin for a busy machine.
      atMost('a tick grows', growth, (2 * most * Math.log(most)) / (least * Math.log(least)), ' times'),
    ],
    usual: 'a promise and a timer each',
  };
}

/** The median of three, since the heap contains other objects as well. */
async function medianOf3(measure: () => Promise<number>): Promise<number> {
  const values = [await measure(), await measure(), await measure()].sort((a, b) => a - b);
  return values[1] ?? 0;
}

/** The memory of a wait without its action, in bytes, with a timeout. */
export async function bytesPerWait(size: number): Promise<number> {
  const crowd = { actions: size, images: Math.ceil(size / 5), takes: [HOUR, HOUR] } as const;
  const account = new Account(crowd, { clock: 'manual' });
  const api = account.api({ waitTime: HOUR });
  const actions = account.actionsOf(api);
  const before = await usedHeap();
  const waits = actions.map((action) => action.wait());
  const after = await usedHeap();
  const ends = waits.map((wait) => wait.catch(() => undefined));
  await api.close();
  await Promise.all(ends);
  return (after - before) / size;
}

async function usedHeap(): Promise<number> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Ticks that are measured; the quickest counts, as it was disturbed least. */
const TICKS = 10;

/** Milliseconds of one poll of `size` actions, without sending and reading its requests. */
export async function tickTime(size: number): Promise<number> {
  const clock = new StepClock();
  const api = new StillApi(size, clock);
  const poller = new Poller(api, () => 0);
  const ending = new AbortController();
  const policy = { interval: 5_000, timeout: Infinity, throwOnError: true, onProgress: undefined };
  const waits = Array.from({ length: size }, (_, index) =>
    poller.wait(target(index + 1, index % Math.ceil(size / 5)), { ...policy, signal: ending.signal }),
  );
  const times: number[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    const { requests } = api;
    times.push(await clock.step());
    if (api.requests - requests !== Math.ceil(size / 200)) throw new Error('a tick did not poll everything');
  }
  const ends = waits.map((wait) => wait.catch(() => undefined));
  ending.abort();
  await Promise.all(ends);
  return Math.min(...times);
}

function target(id: number, image: number): WaitTarget<JsonObject> {
  return {
    name: `Action ${id}`,
    state: { id, status: 'in-progress' },
    receivedAt: 0,
    ref: () => ({ kind: 'action', id, parent: `images/${image + 1}` }),
    status: () => 'in-progress',
    startedAt: () => null,
    isDone: () => false,
    read: (json) => json,
  };
}

/** An API whose actions never end, and which responds at once. */
class StillApi implements PollApi {
  readonly endpoint = '';
  readonly deniedScopes = new Set<string>();
  readonly signal = new AbortController().signal;
  readonly hide = (text: string): string => text;
  requests = 0;
  private readonly pages = new Map<unknown, unknown>();

  constructor(
    size: number,
    readonly clock: Clock,
  ) {
    const all = Array.from({ length: size }, (_, index) => ({ id: size - index, status: 'in-progress' }));
    for (let page = 1; (page - 1) * 200 < size; page++) {
      const actions = all.slice((page - 1) * 200, page * 200);
      this.pages.set(page, { actions, links: {}, meta: { total: size } });
    }
  }

  send<T>(url: string, { params, read }: Call<T>): Promise<T> {
    this.requests += 1;
    if (url !== '/v2/actions') throw new Error(`unexpected request of ${url}`);
    return Promise.resolve(read(this.pages.get(params?.page)));
  }
}

/** A clock that goes from one timer to the next with each step. */
class StepClock implements Clock {
  private time = 0;
  private readonly timers = new Set<{ at: number; call: () => void }>();

  now(): number {
    return this.time;
  }

  date(): number {
    return this.time;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.time + ms, call };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** @returns how many milliseconds of the machine everything took that the next timer set off */
  async step(): Promise<number> {
    const [next] = [...this.timers].sort((a, b) => a.at - b.at);
    if (!next) throw new Error('there is no timer');
    this.timers.delete(next);
    this.time = next.at;
    const began = performance.now();
    next.call();
    // All that is to happen are promises, and they settle before the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    return performance.now() - began;
  }
}
