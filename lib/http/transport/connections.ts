import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

/** How far a new connection has got. Until it stands, nothing of a request can have left this machine. */
const established = new WeakMap<Socket, boolean>();

/** Whether nothing can have been sent over `socket` yet. Only of connections that we made ourselves is that known. */
export function isConnecting(socket: Socket): boolean {
  return established.get(socket) === false;
}

type Connect = (
  options: object,
  callback?: (error: Error | null, socket?: Socket) => void,
) => Socket | undefined;

/**
 * Makes `agent` watch the connections it opens: over TLS one stands when that is agreed on, else when TCP is.
 * A socket that anybody else made (a user's agent, a mock) is not known, and counts as used.
 */
export function trackConnections<A extends http.Agent>(agent: A, secure: boolean): A {
  const watch = (socket: Socket): void => {
    established.set(socket, false);
    socket.once(secure ? 'secureConnect' : 'connect', () => established.set(socket, true));
  };
  const target = agent as unknown as { createConnection: Connect };
  const connect = target.createConnection.bind(agent);
  target.createConnection = (options, callback) => {
    const socket = connect(options, (error, made) => {
      if (made) watch(made);
      callback?.(error, made);
    });
    if (socket) watch(socket);
    return socket;
  };
  return agent;
}

/** Our own agents: connections are kept, and do not keep the process alive. */
export function keepAliveAgents(): { http: http.Agent; https: https.Agent } {
  return {
    http: trackConnections(new http.Agent({ keepAlive: true }), false),
    https: trackConnections(new https.Agent({ keepAlive: true }), true),
  };
}
