import { afterEach } from '@jest/globals';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Behaviour } from './behaviours';
import type { Certificate } from '../../tools/support/certificate';
import { reservePort } from '../../tools/support/reserved-port';

/** A request as the server received it. */
export interface ReceivedRequest {
  method: string;
  /** From the request line: absolute when it went to a proxy. */
  target: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** Listens on 127.0.0.1 until the test ends. */
abstract class Listener {
  readonly #open = new Set<Socket>();
  readonly #waiting: { count: number; resolve: () => void }[] = [];
  /** How many connections were accepted. */
  connections = 0;
  /** How many requests were received, or connections by a raw server. */
  calls = 0;

  protected constructor(
    private readonly server: net.Server,
    private readonly scheme: string,
  ) {
    server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
      // Many specs close connections early.
      socket.on('error', () => undefined);
    });
  }

  protected count(): void {
    this.calls += 1;
    for (const { count, resolve } of this.#waiting) if (this.calls >= count) resolve();
  }

  /** Resolves when the server has received `count` calls. */
  called(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.calls >= count) resolve();
      else this.#waiting.push({ count, resolve });
    });
  }

  /** How many connections are open. */
  get open(): number {
    return this.#open.size;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}

/** Handles each request by the next behaviour of its script, and all further ones by the last. */
export class TestServer extends Listener {
  readonly requests: ReceivedRequest[] = [];

  constructor(
    private script: readonly Behaviour[],
    certificate?: Certificate,
  ) {
    const server = certificate ? https.createServer(certificate) : http.createServer();
    super(server, certificate ? 'https' : 'http');
    server.on('request', (request, response) => void this.#handle(request, response));
    // A proxy receives CONNECT instead; `tunnel` handles it.
    server.on('connect', (request, socket, head) => {
      socket.on('end', () => socket.end());
      this.requests.push(received(request, ''));
      this.count();
      this.tunnel(request, socket, head);
    });
  }

  /** Handles a CONNECT; refuses it by default. */
  tunnel: (request: http.IncomingMessage, client: Duplex, head: Buffer) => void = (_request, client) => {
    client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  };

  /** Replaces the script. */
  play(...script: Behaviour[]): void {
    this.script = script;
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const recorded = received(request, Buffer.concat(chunks).toString());
    this.requests.push(recorded);
    const [behaviour] = this.script;
    if (this.script.length > 1) this.script = this.script.slice(1);
    this.count();
    behaviour?.(response, recorded);
  }
}

function received(request: http.IncomingMessage, body: string): ReceivedRequest {
  return { method: request.method ?? '', target: request.url ?? '', headers: request.headers, body };
}

/** Accepts connections and leaves the rest to `onConnection`: for faults before any HTTP. */
export class RawServer extends Listener {
  constructor(onConnection: (socket: Socket) => void, scheme: 'http' | 'https') {
    const server = net.createServer({ pauseOnConnect: true });
    super(server, scheme);
    server.on('connection', (socket) => {
      this.count();
      onConnection(socket);
    });
  }
}

/** Starts servers; each is closed after the test that started it. */
export interface Servers {
  serve: (...script: Behaviour[]) => Promise<TestServer>;
  serveTls: (certificate: Certificate, ...script: Behaviour[]) => Promise<TestServer>;
  accept: (onConnection: (socket: Socket) => void, scheme?: 'http' | 'https') => Promise<RawServer>;
}

export function testServers(): Servers {
  const running: Listener[] = [];
  const start = async <L extends Listener>(listener: L): Promise<L> => {
    running.push(listener);
    return listener.listen();
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((listener) => listener.close()));
  });
  return {
    serve: (...script) => start(new TestServer(script)),
    serveTls: (certificate, ...script) => start(new TestServer(script, certificate)),
    accept: (onConnection, scheme = 'http') => start(new RawServer(onConnection, scheme)),
  };
}

/** A port that refuses connections and that no other process gets, until this process exits. */
export async function closedPort(): Promise<number> {
  return (await reservePort()).port;
}
