import type http from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../util/clock';

/**
 * How long a connection may be idle, in milliseconds. Many servers close idle ones after 5 s, and a request that crosses the
 * close is lost: a safe one is retried, an unsafe one must not be.
 */
const MAX_IDLE = { unsafe: 4_000, otherwise: 30_000 };

/** A request must arrive before the timeout that the server announces. */
const KEEP_ALIVE_MARGIN = 1_000;

/** Module-level, since these facts belong to the socket, whichever manager uses it; weak, so that it keeps no socket alive. */
const idleSince = new WeakMap<Socket, { at: number | null; clock: Clock }>();
const maxIdleOf = new WeakMap<Socket, number>();

/** Notes when the socket of a request becomes idle. */
export function trackIdle(socket: Socket, clock: Clock): void {
  const known = idleSince.get(socket);
  if (known) {
    // Another manager with the same agent may have another clock.
    known.clock = clock;
    return;
  }
  const idle: { at: number | null; clock: Clock } = { at: null, clock };
  idleSince.set(socket, idle);
  socket.on('free', () => (idle.at = idle.clock.now()));
}

/** Notes how long the server keeps an idle connection, by its `keep-alive` header. */
export function noteKeepAlive(socket: Socket, header: string | string[] | undefined): void {
  if (header === undefined) return;
  const seconds = /(?:^|[\s,;])timeout\s*=\s*"?(\d{1,9})/i.exec(String(header))?.[1];
  if (seconds === undefined) return;
  maxIdleOf.set(socket, Math.min(MAX_IDLE.otherwise, Number(seconds) * 1_000 - KEEP_ALIVE_MARGIN));
}

/**
 * Makes an agent close connections that have been idle for too long. Node's own timer needs the option `timeout`, which also
 * applies to requests, and reads `keep-alive` only if it begins with the timeout.
 */
export function limitIdleTime<A extends http.Agent>(agent: A): A {
  const hooks = agent as unknown as {
    keepSocketAlive: (socket: Socket) => boolean;
    reuseSocket: (socket: Socket, request: http.ClientRequest) => void;
  };
  const keepSocketAlive = hooks.keepSocketAlive.bind(agent);
  const reuseSocket = hooks.reuseSocket.bind(agent);
  hooks.keepSocketAlive = (socket) => {
    const maxIdle = maxIdleOf.get(socket) ?? MAX_IDLE.otherwise;
    if (maxIdle <= 0 || !keepSocketAlive(socket)) return false;
    // The agent closes an idle socket at its timeout. The timer does not keep the process alive.
    socket.setTimeout(maxIdle);
    return true;
  };
  hooks.reuseSocket = (socket, request) => {
    socket.setTimeout(0);
    reuseSocket(socket, request);
  };
  return agent;
}

/**
 * Closes idle connections to `host` and `port` that are too old for the next request, before the agent can choose one.
 * @param isUnsafe whether the request must not be sent twice
 */
export function closeStale(
  agent: http.Agent,
  { host, port }: { host: string; port: number },
  clock: Clock,
  isUnsafe: boolean,
): void {
  // An agent of a user may be of any class.
  const { freeSockets = {} } = agent as Partial<http.Agent>;
  for (const [name, sockets = []] of Object.entries(freeSockets)) {
    if (!name.startsWith(`${host}:${port}:`)) continue;
    for (const socket of sockets) if (isStale(socket, clock, isUnsafe)) socket.destroy();
  }
}

function isStale(socket: Socket, clock: Clock, isUnsafe: boolean): boolean {
  const idle = idleSince.get(socket);
  // Unknown, when other code used a user's agent, or a manager with another clock.
  if (idle?.clock !== clock || idle.at === null) return isUnsafe;
  const maxIdle = maxIdleOf.get(socket) ?? MAX_IDLE.otherwise;
  return clock.now() - idle.at > Math.min(maxIdle, isUnsafe ? MAX_IDLE.unsafe : Infinity);
}
