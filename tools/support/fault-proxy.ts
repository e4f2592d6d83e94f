import net, { type Socket } from 'node:net';
import { seededRandom } from '../../lib/sandbox/state/random';
import { type ReservedPort, reservePort } from './reserved-port';
import { apply, type Applied, type Stream, type Toxic } from './toxics';

interface FaultProxyOptions {
  /** The port of the server, on 127.0.0.1. */
  upstream: number;
  /** The seed of what is random; default 1. */
  seed?: number;
  /** The timer of delays; default: `setTimeout`. */
  after?: (ms: number, callback: () => void) => unknown;
  /** Awaited before each chunk that the server gets. */
  ready?: () => Promise<void>;
  /** Called when a client will receive no more data on an open connection. */
  onStall?: () => void;
}

/** A toxic that was added. */
export interface Added {
  /** How many connections (for `rewrite`: responses) it has affected. */
  readonly affected: number;
  remove(): void;
}

/**
 * A TCP proxy on 127.0.0.1 that delays, slows, slices, cuts, resets and refuses connections. Its faults are the toxics
 * of toxiproxy.
 */
export class FaultProxy {
  /** Connections that were accepted. */
  connections = 0;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly onStall: () => void;
  readonly ready: () => Promise<void>;
  readonly #upstream: number;
  readonly #server = net.createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
  readonly #open = new Set<Socket>();
  readonly #toxics = new Set<Active>();
  #reserved: ReservedPort | undefined;

  constructor(options: FaultProxyOptions) {
    const {
      upstream,
      seed = 1,
      after = wait,
      ready = () => Promise.resolve(),
      onStall = () => undefined,
    } = options;
    this.#upstream = upstream;
    this.random = seededRandom(seed);
    this.sleep = (ms) => new Promise((resolve) => after(ms, resolve));
    this.ready = ready;
    this.onStall = onStall;
  }

  get port(): number {
    if (!this.#reserved) throw new Error('the proxy was never up');
    return this.#reserved.port;
  }

  get isUp(): boolean {
    return this.#server.listening;
  }

  /** Open connections of clients. */
  get open(): number {
    return this.#open.size;
  }

  get toxics(): Iterable<Active> {
    return this.#toxics;
  }

  /** Adds a toxic to open connections and new ones. */
  add(toxic: Toxic): Added {
    const active = new Active(toxic, this.random, () => this.#toxics.delete(active));
    this.#toxics.add(active);
    return active;
  }

  /** Removes all toxics. */
  heal(): void {
    this.#toxics.clear();
  }

  /** Listens, on the same port every time. */
  async up(): Promise<this> {
    this.#reserved ??= await reservePort();
    const { port } = this.#reserved;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve(this);
      });
    });
  }

  /** The toxic `down`: closes every connection and refuses new ones, until `up()`. */
  down(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#open) socket.destroy();
    });
  }

  /** Like `down()`, for good. */
  async close(): Promise<void> {
    await this.down();
    this.#reserved?.release();
    this.#reserved = undefined;
  }

  #connect(client: Socket): void {
    this.connections += 1;
    this.#open.add(client);
    const server = net.connect({ port: this.#upstream, host: '127.0.0.1', allowHalfOpen: true });
    const cut = (how: 'end' | 'reset'): void => {
      if (how === 'reset') client.resetAndDestroy();
      else client.destroySoon();
      server.destroy();
    };
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => undefined);
    client.on('close', () => {
      this.#open.delete(client);
      server.destroy();
    });
    new Link(this, 'upstream', client, server, cut);
    const responses = new Link(this, 'downstream', server, client, cut);
    // A reset or an end of the server's connection is passed on to the client.
    server.on(
      'error',
      ({ code }: NodeJS.ErrnoException) => code === 'ECONNRESET' && client.resetAndDestroy(),
    );
    server.on('close', () => responses.queue(() => client.destroySoon()));
  }
}

const wait = (ms: number, callback: () => void): unknown => setTimeout(callback, ms);

/** A toxic that is on. */
class Active implements Added {
  affected = 0;

  constructor(
    readonly toxic: Toxic,
    private readonly random: () => number,
    readonly remove: () => void,
  ) {}

  /** Decides for one more connection or response. */
  affectsNext(): boolean {
    const { times = Infinity, toxicity = 1 } = this.toxic;
    if (this.affected >= times || (toxicity < 1 && this.random() >= toxicity)) return false;
    this.affected += 1;
    return true;
  }
}

/** One direction of a connection: each chunk passes through the toxics, in order. */
class Link {
  readonly #applied = new Map<Active, Applied | null>();
  #isCut = false;
  #done: Promise<void> = Promise.resolve();

  constructor(
    private readonly proxy: FaultProxy,
    private readonly stream: 'upstream' | 'downstream',
    source: Socket,
    private readonly target: Socket,
    private readonly cut: (how: 'end' | 'reset') => void,
  ) {
    source.on('data', (chunk: Buffer) => {
      source.pause();
      this.queue(async () => {
        if (stream === 'upstream') await proxy.ready();
        await this.#pass(chunk, [...proxy.toxics]);
        source.resume();
      });
    });
    source.on('end', () => this.queue(() => this.#end()));
  }

  /** Runs a step after all earlier steps. */
  queue(step: () => Promise<void> | void): void {
    this.#done = this.#done.then(step);
  }

  async #pass(chunk: Buffer, [first, ...others]: Active[]): Promise<void> {
    if (this.#isCut || !this.target.writable) return;
    if (!first) {
      this.target.write(chunk);
      return;
    }
    const applied = this.#appliedTo(first);
    if (applied) await applied.data(chunk, (data) => this.#pass(data, others));
    else await this.#pass(chunk, others);
  }

  async #end(): Promise<void> {
    for (const applied of this.#applied.values()) await applied?.end?.();
    if (!this.#isCut) this.target.end();
  }

  /** `null`: the toxic does not affect this connection. */
  #appliedTo(active: Active): Applied | null {
    let applied = this.#applied.get(active);
    if (applied === undefined) {
      const { toxic } = active;
      const isAffected =
        (toxic.stream ?? 'downstream') === this.stream && (toxic.type === 'rewrite' || active.affectsNext());
      applied = isAffected ? apply(toxic, this.#streamFor(active)) : null;
      this.#applied.set(active, applied);
    }
    return applied;
  }

  #streamFor(active: Active): Stream {
    return {
      sleep: this.proxy.sleep,
      random: this.proxy.random,
      isClosed: () => !this.target.writable,
      cut: (how) => {
        this.#isCut = true;
        this.cut(how);
      },
      stalled: this.proxy.onStall,
      affectsNext: () => active.affectsNext(),
    };
  }
}
