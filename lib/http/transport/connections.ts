import type http from 'node:http';
import type { Socket } from 'node:net';
import { shield, shieldedOptions, withoutPollution } from '../../util/options/own-options';

/**
 * Sockets that are not connected yet: nothing can have been sent over them. Module-level, since the fact belongs to the
 * socket, whichever transport uses its agent; weak, so that it keeps no socket alive.
 */
const connecting = new WeakSet<Socket>();

/** Whether nothing can have been sent over `socket` yet. Known only of sockets of tracked agents. */
export function isConnecting(socket: Socket): boolean {
  return connecting.has(socket);
}

type Connect = (
  options: object,
  callback?: (error: Error | null, socket?: Socket) => void,
) => Socket | undefined;

/**
 * Makes `agent` track the connections it opens, over TLS until the handshake is done, otherwise until TCP connects.
 * Sockets of other agents (a user's, a mock's) count as connected.
 */
export function trackConnections<A extends http.Agent>(agent: A, secure: boolean): A {
  const track = (socket: Socket): void => {
    shield(socket);
    connecting.add(socket);
    socket.once(secure ? 'secureConnect' : 'connect', () => connecting.delete(socket));
  };
  const target = agent as unknown as { createConnection: Connect };
  const connect = target.createConnection.bind(agent);
  target.createConnection = (options, callback) => {
    const socket = withoutPollution(() =>
      connect(shieldedOptions(options), (error, created) => {
        if (created) track(created);
        withoutPollution(() => callback?.(error, created));
      }),
    );
    if (socket) track(socket);
    return socket;
  };
  return agent;
}
