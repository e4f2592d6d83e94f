import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { DOApi, type DOApiOptions, type TokenSource, type TransportOptions } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import type { Certificate } from '../support/certificate';
import { FaultProxy } from '../support/fault-proxy';
import { CANARY } from '../support/canary';
import { CellClock, type Limits } from './cell-clock';
import { IDS, NAME, SIZE, SLUG, STARTED } from './operations';

/** Limits like those of a user, but of lengths that no retry delay has. */
export const ATTEMPT = 30_011;
export const DEADLINE = 120_011;
export const WAIT = 100_003;

/** From when the account has something of the kind that the operations make: so long before them that it cannot be theirs … */
const LONG_BEFORE = '2025-12-31T20:05:00Z';
/** … or so shortly that a clock which is off by an hour mistakes it for theirs. */
const HOUR_BEFORE = '2025-12-31T23:05:00Z';

function aSandbox(earlier: string): Sandbox {
  const past = { status: 'errored', started_at: earlier, completed_at: earlier };
  return new Sandbox({
    images: [
      { id: IDS.image, name: 'golden', regions: ['nyc1'] },
      { id: IDS.backup, name: 'backup', type: 'backup', regions: ['nyc1'] },
      ...[7, 8, 9].map((id) => ({ id, regions: ['nyc1'] })),
      { id: 11, slug: SLUG, regions: ['nyc1'] },
      { id: 12, name: NAME, regions: ['nyc1'], created_at: earlier },
      { id: 13, regions: ['nyc1'] },
    ],
    droplets: [
      { id: IDS.droplet, name: 'web-1', region: 'nyc1', image: SLUG, size_slug: SIZE },
      { id: 16, name: NAME, region: 'nyc1', image: IDS.image, size_slug: SIZE, created_at: earlier },
      ...[17, 18].map((id) => ({ id, region: 'ams3', image: SLUG })),
    ],
    actions: [
      { id: 32, resource_id: IDS.droplet, resource_type: 'droplet', ...past, type: 'snapshot' },
      { id: 33, resource_id: IDS.droplet, resource_type: 'droplet', ...past, type: 'rebuild' },
      { id: 34, resource_id: IDS.image, region_slug: 'sfo3', ...past, type: 'transfer' },
      { id: 35, resource_id: IDS.backup, region_slug: 'nyc1', ...past, type: 'convert' },
      { id: IDS.ended, resource_id: IDS.image, region_slug: 'nyc1' },
      {
        id: IDS.inProgress,
        resource_id: IDS.image,
        region_slug: 'fra1',
        status: 'in-progress',
        started_at: STARTED,
      },
    ],
    actionTime: 0,
    clock: 'manual',
    tokens: [CANARY],
    rateLimit: false,
  });
}

/** What one cell needs: a sandbox over HTTP, a proxy in front of it that breaks connections, and a virtual clock. */
export class TestBed {
  readonly clock: CellClock;
  readonly sandbox: Sandbox;
  /** What hooks and the logger received. */
  readonly reported: unknown[] = [];
  /** Attempts that were sent. */
  tries = 0;
  /** Attempts of a POST. */
  posts = 0;
  /** Called before a retry. */
  onRetry = (): void => undefined;
  /** Called before the first POST. */
  onPost = (): void => undefined;
  /** Must never receive a connection. */
  readonly decoy = new DecoyServer();
  endpoint = '';
  transport: TransportOptions = { proxy: false };
  token: TokenSource = CANARY;
  /** Options of the manager that differ from those of other cells. */
  options: DOApiOptions = {};
  #proxy: FaultProxy | undefined;
  #secured: tls.Server | undefined;
  #port = 0;
  /** How far the sandbox is behind the clock, in milliseconds. */
  #behind = 0;
  /** Settles when the sandbox's clock shows the time of the cell. */
  #inStep: Promise<void> = Promise.resolve();
  #cleanUp: (() => unknown)[] = [];

  private constructor(limits: Limits, earlier: string) {
    this.sandbox = aSandbox(earlier);
    this.clock = new CellClock(limits, (ms) => this.#advance(ms));
  }

  /** Advances the sandbox, by many short times at once: each call takes it a few turns of the event loop. */
  #advance(ms: number): void {
    this.#behind += ms;
    if (this.#behind === ms) this.#inStep = this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    while (this.#behind > 0) {
      const time = this.#behind;
      await this.sandbox.advance(time);
      this.#behind -= time;
    }
  }

  /** @param clocksAreOff whether clocks are wrong in this cell */
  static async open(
    limits: Limits = { lengths: [ATTEMPT, DEADLINE], end: WAIT },
    { clocksAreOff = false } = {},
  ): Promise<TestBed> {
    const bed = new TestBed(limits, clocksAreOff ? HOUR_BEFORE : LONG_BEFORE);
    const { url, close } = await bed.sandbox.listen();
    bed.#cleanUp.push(close);
    bed.#port = Number(new URL(url).port);
    bed.#proxy = bed.#proxyTo(bed.#port);
    await bed.#proxy.up();
    await bed.decoy.listen();
    bed.#cleanUp.push(() => bed.decoy.close());
    bed.endpoint = `http://127.0.0.1:${bed.proxy.port}`;
    return bed;
  }

  get proxy(): FaultProxy {
    if (!this.#proxy) throw new Error('the test bed is not open');
    return this.#proxy;
  }

  #proxyTo(upstream: number): FaultProxy {
    return new FaultProxy({
      upstream,
      ready: () => this.#inStep,
      // Delays advance the virtual clock. When a limit fires, the client gets real time to close its connection.
      after: (ms, done) =>
        setImmediate(() => {
          if (this.clock.pass(ms)) setTimeout(done, 5);
          else done();
        }),
      onStall: () => this.stalled(),
    });
  }

  /** No more data will come: advances time to the limit of the attempt. */
  stalled = (): void => {
    setTimeout(() => this.clock.passToNext(), 2);
  };

  /** Puts TLS in front of the sandbox: the endpoint becomes `https:`. */
  async secure(certificate: Certificate): Promise<void> {
    await this.proxy.close();
    const server = tls.createServer(certificate, (client) => {
      const upstream = net.connect(this.#port, '127.0.0.1');
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
      client.on('close', () => upstream.destroy()).pipe(upstream);
      upstream.pipe(client);
    });
    server.on('tlsClientError', () => undefined);
    this.#secured = server;
    const port = await listening(server);
    this.#proxy = this.#proxyTo(port);
    await this.#proxy.up();
    this.endpoint = `https://127.0.0.1:${this.#proxy.port}`;
  }

  api(options: DOApiOptions = {}): DOApi {
    const report = (what: string) => (event: object) => void this.reported.push([what, event]);
    const log = (message: string, data?: object): void => void this.reported.push([message, data]);
    return new DOApi({
      token: this.token,
      endpoint: this.endpoint,
      clock: this.clock,
      timeout: ATTEMPT,
      deadline: DEADLINE,
      waitInterval: 15_000,
      waitTime: WAIT,
      transport: this.transport,
      onRequest: (event) => {
        this.tries += 1;
        this.reported.push(event);
        if (event.method !== 'POST') return;
        this.posts += 1;
        if (this.posts === 1) this.onPost();
      },
      onResponse: report('response'),
      onRetry: (event) => {
        this.reported.push(event);
        this.onRetry();
      },
      logger: { debug: log, info: log, warn: log, error: log },
      ...this.options,
      ...options,
    });
  }

  /** Ends the effect of a fault on this process; called by `close()` as well. */
  repair = (): void => undefined;

  /** Runs when the test bed is closed. */
  onClose(step: () => unknown): void {
    this.#cleanUp.push(step);
  }

  async close(): Promise<void> {
    this.repair();
    for (const step of this.#cleanUp) await step();
    this.#secured?.close();
    await this.proxy.close();
  }
}

/** A server that must receive nothing: counts connections and keeps their data. */
export class DecoyServer {
  connections = 0;
  readonly received: Buffer[] = [];
  readonly #open = new Set<Socket>();
  readonly #server = net.createServer((socket) => {
    this.connections += 1;
    this.#open.add(socket);
    socket.on('data', (data) => this.received.push(data)).on('error', () => undefined);
  });

  listen(host = '127.0.0.1'): Promise<number> {
    return listening(this.#server, host);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

export function listening(server: net.Server, host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });
}
