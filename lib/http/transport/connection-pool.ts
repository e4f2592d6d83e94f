import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { trackConnections } from './connections';
import { limitIdleTime } from './idle-connections';

/**
 * Connections to one origin. 128 are more than the 240 requests that the rate limit lets through at once need, and half of
 * the 256 files that some systems let a process open. Ten idle ones serve the eight pages that a listing reads ahead, a call
 * and a poll.
 */
const LIMITS = { maxSockets: 128, maxFreeSockets: 10 };

/** Options of an agent of the library. */
export const AGENT_OPTIONS: https.AgentOptions = { keepAlive: true, ...LIMITS };

/** Creates an agent for connections without a proxy. */
export function createAgent(secure: boolean): http.Agent | https.Agent {
  const agent = secure ? new https.Agent(AGENT_OPTIONS) : new http.Agent(AGENT_OPTIONS);
  return manage(agent, secure);
}

/** Makes an agent track its connections and close idle ones. */
export function manage<A extends http.Agent>(agent: A, secure: boolean): A {
  return limitIdleTime(trackConnections(agent, secure));
}

/** Process-wide, so that a program with a manager for each task does not open connections for each. */
const pools = new Map<string, ConnectionPool>();

/** The connections to one origin that managers share. Those that are idle are closed when the last manager leaves. */
export class ConnectionPool {
  private users = 0;

  private constructor(
    private readonly key: string,
    readonly agent: http.Agent | https.Agent,
  ) {}

  /**
   * The pool of an origin; `leave` must follow.
   * @param key origin and proxy
   */
  static join(key: string, create: () => http.Agent | https.Agent): ConnectionPool {
    const pool = pools.get(key) ?? new ConnectionPool(key, create());
    pools.set(key, pool);
    pool.users += 1;
    return pool;
  }

  leave(): void {
    this.users -= 1;
    if (this.users > 0) return;
    pools.delete(this.key);
    // A request of a closed manager that other managers share may still be in flight.
    this.agent.maxFreeSockets = 0;
    const idle: (readonly Socket[] | undefined)[] = Object.values(this.agent.freeSockets);
    for (const socket of idle.flatMap((sockets) => sockets ?? [])) socket.destroy();
  }
}
