import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** A port of 127.0.0.1 that no other process gets. */
export interface ReservedPort {
  port: number;
  release: () => void;
}

/**
 * Reserves a port on which nothing listens: connections to it are refused. A server of this process may listen on it,
 * close and listen again. The port belongs to a connection that is kept open, since Node cannot bind a port alone.
 */
export async function reservePort(): Promise<ReservedPort> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: target } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const local = net.connect({ port: target, host: '127.0.0.1', localAddress: '127.0.0.1' });
  const [[remote]] = await Promise.all([accepted, once(local, 'connect')]);
  server.close();
  for (const socket of [local, remote]) socket.on('error', () => undefined).unref();
  const release = (): void => {
    local.destroy();
    remote.destroy();
  };
  return { port: Number(local.localPort), release };
}
