import { createServer, type Server, type Socket, connect } from 'node:net';

/** A way to Redis on which nothing passes while it is cut; connections stay open. */
export class CutProxy {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isCut = false;
  port = 0;

  private constructor(upstream: number) {
    this.#server = createServer((client) => {
      const redis = connect(upstream, '127.0.0.1');
      for (const [from, to] of [
        [client, redis],
        [redis, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (data) => to.write(data));
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        if (this.#isCut) from.pause();
      }
    });
  }

  static async start(upstream: number): Promise<CutProxy> {
    const proxy = new CutProxy(upstream);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    const address = proxy.#server.address();
    proxy.port = typeof address === 'object' && address ? address.port : 0;
    return proxy;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
