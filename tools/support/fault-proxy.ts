import net, { type AddressInfo, type Socket } from 'node:net';
import { start, type Stream, type Toxic, type Working } from './toxics';
import { seededRandom } from '../../lib/sandbox/state/random';

interface FaultProxyOptions {
  /** The port of the server behind, on 127.0.0.1. */
  upstream: number;
  /** Makes what is random the same in every run; default 1. */
  seed?: number;
  /** Where delays are spent; default: the machine's own time. */
  after?: (ms: number, callback: () => void) => unknown;
  /** Called when a client will hear nothing any more on a connection that stands. */
  onStall?: () => void;
}

/** A toxic that was added. */
export interface Added {
  /** How many connections (for `rewrite`: answers) it has met. */
  readonly met: number;
  remove(): void;
}

/**
 * A TCP proxy on 127.0.0.1 that breaks connections as they really break: late, slowly, in pieces, half through, with a
 * true RST, or not there at all. After toxiproxy, whose toxics it knows by name.
 */
export class FaultProxy {
  /** Connections that were made. */
  connections = 0;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly onStall: () => void;
  readonly #upstream: number;
  readonly #server = net.createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
  readonly #open = new Set<Socket>();
  readonly #toxics = new Set<Active>();
  #port = 0;

  constructor({ upstream, seed = 1, after = setTimeout_, onStall = () => undefined }: FaultProxyOptions) {
    this.#upstream = upstream;
    this.random = seededRandom(seed);
    this.sleep = (ms) => new Promise((resolve) => after(ms, resolve));
    this.onStall = onStall;
  }

  get port(): number {
    return this.#port;
  }

  get isUp(): boolean {
    return this.#server.listening;
  }

  /** Connections of clients that stand. */
  get open(): number {
    return this.#open.size;
  }

  get toxics(): Iterable<Active> {
    return this.#toxics;
  }

  /** Makes something go wrong, on connections that stand as well as on new ones. */
  add(toxic: Toxic): Added {
    const active = new Active(toxic, this.random, () => this.#toxics.delete(active));
    this.#toxics.add(active);
    return active;
  }

  /** Ends all toxics. */
  heal(): void {
    this.#toxics.clear();
  }

  /** Listens, on the same port as before. */
  up(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve(this);
      });
    });
  }

  /** The toxic `down`: nobody listens any more, and every connection ends. Also how a proxy is closed. */
  down(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#open) socket.destroy();
    });
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
    const answers = new Link(this, 'downstream', server, client, cut);
    // What the server does to its end happens to the client, a reset as well.
    server.on(
      'error',
      ({ code }: NodeJS.ErrnoException) => code === 'ECONNRESET' && client.resetAndDestroy(),
    );
    server.on('close', () => answers.queue(() => client.destroySoon()));
  }
}

const setTimeout_ = (ms: number, callback: () => void): unknown => setTimeout(callback, ms);

/** A toxic that is on, and whom it has met. */
class Active implements Added {
  met = 0;

  constructor(
    readonly toxic: Toxic,
    private readonly random: () => number,
    readonly remove: () => void,
  ) {}

  /** Decides for one more connection or answer. */
  meets(): boolean {
    const { times = Infinity, toxicity = 1 } = this.toxic;
    if (this.met >= times || (toxicity < 1 && this.random() >= toxicity)) return false;
    this.met += 1;
    return true;
  }
}

/** One direction of a connection: data passes the toxics that are on, one chunk after the other. */
class Link {
  readonly #working = new Map<Active, Working | null>();
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
        await this.#pass(chunk, [...proxy.toxics]);
        source.resume();
      });
    });
    source.on('end', () => this.queue(() => this.#end()));
  }

  /** Once everything that came before has passed. */
  queue(step: () => Promise<void> | void): void {
    this.#done = this.#done.then(step);
  }

  async #pass(chunk: Buffer, [first, ...others]: Active[]): Promise<void> {
    if (this.#isCut || !this.target.writable) return;
    if (!first) {
      this.target.write(chunk);
      return;
    }
    const working = this.#workingOf(first);
    if (working) await working.data(chunk, (data) => this.#pass(data, others));
    else await this.#pass(chunk, others);
  }

  async #end(): Promise<void> {
    for (const working of this.#working.values()) await working?.end?.();
    if (!this.#isCut) this.target.end();
  }

  /** `null`: this connection is spared. */
  #workingOf(active: Active): Working | null {
    let working = this.#working.get(active);
    if (working === undefined) {
      const { toxic } = active;
      const isMet =
        (toxic.stream ?? 'downstream') === this.stream && (toxic.type === 'rewrite' || active.meets());
      working = isMet ? start(toxic, this.#facing(active)) : null;
      this.#working.set(active, working);
    }
    return working;
  }

  #facing(active: Active): Stream {
    return {
      sleep: this.proxy.sleep,
      random: this.proxy.random,
      cut: (how) => {
        this.#isCut = true;
        this.cut(how);
      },
      stalled: this.proxy.onStall,
      meetsAgain: () => active.meets(),
    };
  }
}
