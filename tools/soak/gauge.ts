import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Action, Image, Listing } from '../../lib';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What a process holds after garbage collection. */
export interface Sample {
  requests: number;
  /** Megabytes. */
  heap: number;
  rss: number;
  sockets: number;
  /** On the signals and on the process. */
  listeners: number;
}

/** Measures what a process holds. */
export class Gauge {
  readonly samples: Sample[] = [];
  readonly warnings: string[] = [];
  /** The most sockets that were open at once. */
  maxSockets = 0;
  readonly #sockets = new Set<Socket>();
  readonly #signals: readonly AbortSignal[];

  constructor(signals: readonly AbortSignal[]) {
    this.#signals = signals;
    subscribe('net.client.socket', this.#count);
    process.on('warning', this.#warned);
  }

  sample(requests: number): Sample {
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    const sample = { requests, heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20, ...this.held() };
    this.samples.push(sample);
    return sample;
  }

  held(): { sockets: number; listeners: number } {
    const onSignals = this.#signals.map((signal) => getEventListeners(signal, 'abort').length);
    const onProcess = process.eventNames().map((name) => process.listenerCount(name));
    return { sockets: this.#sockets.size, listeners: sum([...onSignals, ...onProcess]) };
  }

  /** Objects of the library that are reachable. Node warns that `queryObjects` is experimental. */
  objects(): number {
    return sum([Image, Action, Listing].map((Class) => queryObjects(Class, { format: 'count' })));
  }

  stop(): void {
    unsubscribe('net.client.socket', this.#count);
    process.off('warning', this.#warned);
  }

  readonly #warned = (warning: Error): void => void this.warnings.push(String(warning));

  readonly #count = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    this.#sockets.add(socket);
    this.maxSockets = Math.max(this.maxSockets, this.#sockets.size);
    socket.once('close', () => this.#sockets.delete(socket));
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Megabytes of growth per 10,000 requests, by linear regression. */
export function growth(samples: readonly Sample[], memory: 'heap' | 'rss'): number {
  const mean = (values: readonly number[]): number => sum(values) / values.length;
  const [x, y] = [mean(samples.map((one) => one.requests)), mean(samples.map((one) => one[memory]))];
  const above = sum(samples.map((one) => (one.requests - x) * (one[memory] - y)));
  const below = sum(samples.map((one) => (one.requests - x) ** 2));
  return below === 0 ? 0 : (10_000 * above) / below;
}
