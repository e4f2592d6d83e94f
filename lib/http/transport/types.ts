import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';

/** One attempt, as an adapter gets it. */
export interface TransportRequest {
  method: string;
  /** Absolute, with its query. */
  url: string;
  /** Lower-case names. `authorization` holds the token: an adapter must not log it. */
  headers: Record<string, string>;
  /** JSON text, when the request has a body. */
  body?: string;
  /** Aborts when the attempt must end: its timeout, the call's deadline, the caller's signal or `close()`. */
  signal: AbortSignal;
}

/** What an adapter answers. */
export interface TransportResponse {
  status: number;
  headers: Record<string, string | undefined>;
  /** The decoded body; `''` when there is none. */
  body: string;
}

/**
 * Sends one attempt. Rejects when no answer came; a `code` on the error says why. Only the codes
 * `ECONNREFUSED`, `ENOTFOUND` and `EAI_AGAIN`, and the system calls `connect` and `getaddrinfo`, prove that nothing was
 * sent: after anything else a POST is not repeated.
 */
export type TransportAdapter = (request: TransportRequest) => Promise<TransportResponse>;

/** How requests reach the wire. */
export interface TransportOptions {
  /** Agent for `http:` endpoints (loopback only); default: one with keep-alive, for this manager alone. */
  httpAgent?: HttpAgent;
  /** Agent for `https:` endpoints; default: one with keep-alive, for this manager alone. */
  httpsAgent?: HttpsAgent;
  /** A proxy; `false`: none, whatever the environment says; default: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. */
  proxy?: false | { host: string; port: number; auth?: { username: string; password: string } };
  /** Takes the place of the network altogether, as the sandbox does. */
  adapter?: TransportAdapter;
}
