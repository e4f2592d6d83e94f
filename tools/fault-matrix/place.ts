import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { DOApi, type DOApiOptions, type TransportOptions } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import type { Certificate } from '../support/certificate';
import { FaultProxy } from '../support/fault-proxy';
import { CANARY } from '../support/canary';
import { CellClock, type Limits } from './cell-clock';
import { IDS, SLUG, STARTED } from './operations';

/** Times as a user has them, but such as no pause ever has. */
export const ATTEMPT = 30_011;
export const DEADLINE = 120_011;
export const WAIT = 100_003;

/** Where one cell happens: a sandbox that listens, a proxy that breaks what goes there, a clock that makes nobody wait. */
export class Place {
  readonly clock = new CellClock({ lengths: [ATTEMPT, DEADLINE], end: WAIT }, (ms) =>
    this.sandbox.advance(ms),
  );
  readonly sandbox = new Sandbox({
    images: [
      { id: IDS.image, name: 'golden', regions: ['nyc1'] },
      { id: IDS.backup, name: 'backup', type: 'backup', regions: ['nyc1'] },
      ...[7, 8, 9].map((id) => ({ id, regions: ['nyc1'] })),
      { id: 11, slug: SLUG, regions: ['nyc1'] },
    ],
    actions: [
      { id: IDS.ended, resource_id: IDS.image, region_slug: 'nyc1' },
      {
        id: IDS.underWay,
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
  /** Everything that hooks and the logger were told. */
  readonly told: unknown[] = [];
  /** How often something was about to be sent, and how often it was a POST. */
  tries = 0;
  posts = 0;
  /** Once the fault has met a request that will be tried again. */
  onRetry = (): void => undefined;
  /** Nobody should ever come here. */
  readonly elsewhere = new Elsewhere();
  endpoint = '';
  transport: TransportOptions = { proxy: false };
  #proxy: FaultProxy | undefined;
  #secured: tls.Server | undefined;
  #port = 0;
  #undo: (() => unknown)[] = [];

  private constructor(limits: Limits) {
    this.clock = new CellClock(limits, (ms) => this.sandbox.advance(ms));
  }

  static async open(limits: Limits = { lengths: [ATTEMPT, DEADLINE], end: WAIT }): Promise<Place> {
    const place = new Place(limits);
    const { url, close } = await place.sandbox.listen();
    place.#undo.push(close);
    place.#port = Number(new URL(url).port);
    place.#proxy = place.#proxyTo(place.#port);
    await place.#proxy.up();
    await place.elsewhere.listen();
    place.#undo.push(() => place.elsewhere.close());
    place.endpoint = `http://127.0.0.1:${place.proxy.port}`;
    return place;
  }

  get proxy(): FaultProxy {
    if (!this.#proxy) throw new Error('a place has to be opened');
    return this.#proxy;
  }

  #proxyTo(upstream: number): FaultProxy {
    return new FaultProxy({
      upstream,
      // What is slow takes the clock's time, not ours.
      after: (ms, done) =>
        setImmediate(() => {
          this.clock.pass(ms);
          done();
        }),
      onStall: () => this.stalled(),
    });
  }

  /** Nothing will come any more: time passes until the attempt is given up. */
  stalled = (): void => {
    setTimeout(() => this.clock.passToNext(), 2);
  };

  /** Puts TLS between the proxy and the sandbox; the endpoint is then `https:`. */
  async secure(certificate: Certificate): Promise<void> {
    await this.proxy.down();
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
    const tell = (what: string) => (event: object) => void this.told.push([what, event]);
    const log = (message: string, data?: object): void => void this.told.push([message, data]);
    return new DOApi({
      token: CANARY,
      endpoint: this.endpoint,
      clock: this.clock,
      timeout: ATTEMPT,
      deadline: DEADLINE,
      waitInterval: 15_000,
      waitTime: WAIT,
      transport: this.transport,
      onRequest: (event) => {
        this.tries += 1;
        if (event.method === 'POST') this.posts += 1;
        this.told.push(event);
      },
      onResponse: tell('response'),
      onRetry: (event) => {
        this.told.push(event);
        this.onRetry();
      },
      logger: { debug: log, info: log, warn: log, error: log },
      ...options,
    });
  }

  /** Ends what a fault has done to this place; called when it is closed at the latest. */
  mend = (): void => undefined;

  /** Takes this back when the place is closed. */
  undo(step: () => unknown): void {
    this.#undo.push(step);
  }

  async close(): Promise<void> {
    this.mend();
    for (const step of this.#undo) await step();
    this.#secured?.close();
    await this.proxy.down();
  }
}

/** A server where no request belongs: counts who comes, and what they bring. */
export class Elsewhere {
  connections = 0;
  readonly brought: Buffer[] = [];
  readonly #open = new Set<Socket>();
  readonly #server = net.createServer((socket) => {
    this.connections += 1;
    this.#open.add(socket);
    socket.on('data', (data) => this.brought.push(data)).on('error', () => undefined);
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
