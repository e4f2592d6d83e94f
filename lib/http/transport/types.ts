import type { AbortScope } from '../../util/abort';
import type { AgentLike, GlobalAbortSignal } from '../../util/platform-types';
import type { Headers } from '../response/response-headers';

/** One attempt, as an adapter receives it. */
export interface TransportRequest {
  /** Such as `GET`. */
  method: string;
  /** Absolute, with its query. */
  url: string;
  /** Names are lower-case. `authorization` holds the token: an adapter must not log it. */
  headers: Record<string, string>;
  /** JSON text; absent when the request has no body. */
  body?: string;
  /** Aborts when the attempt must end: on its timeout, the call's deadline, the caller's signal or `close()`. */
  signal: GlobalAbortSignal;
}

/** The response an adapter returns. */
export interface TransportResponse {
  /** Such as 200. */
  status: number;
  /** Names are lower-case. */
  headers: Record<string, string | undefined>;
  /** Decoded; `''` when there is none. */
  body: string;
}

/**
 * Sends one attempt. Rejects when no response arrived; `code` and `syscall` of the error say why. Only the codes
 * `ECONNREFUSED`, `ENOTFOUND` and `EAI_AGAIN`, and the system calls `connect` and `getaddrinfo`, prove that nothing was
 * sent: after any other failure a POST is not retried.
 */
export type TransportAdapter = (request: TransportRequest) => Promise<TransportResponse>;

/** How requests reach the network. */
export interface TransportOptions {
  /** Agent for `http:` endpoints (loopback only). Default: one that managers share, see docs/reliability.md. */
  httpAgent?: AgentLike | undefined;
  /** Agent for `https:` endpoints. Default: one that managers share, see docs/reliability.md. */
  httpsAgent?: AgentLike | undefined;
  /** The proxy to use; `false` uses none. Default: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of the environment. */
  proxy?:
    | false
    | {
        /** A host name or an IP address. */
        host: string;
        /** 1 to 65,535. */
        port: number;
        /** What the proxy asks for; default: nothing. */
        auth?:
          | undefined
          | {
              /** Sent to the proxy alone. */
              username: string;
              /** Sent to the proxy alone. */
              password: string;
            };
      }
    | undefined;
  /** Replaces the network, as the sandbox does. */
  adapter?: TransportAdapter | undefined;
}

/** One attempt inside the library. */
export interface HttpRequest extends Omit<TransportRequest, 'signal' | 'body'> {
  /** JSON text. */
  body?: string | undefined;
  /** Need not be an AbortSignal, which is expensive to create. */
  signal: AbortScope | GlobalAbortSignal;
  /** Whether it must not be sent twice; it then needs a connection that was used a moment ago, or a new one. */
  isUnsafe?: boolean;
}

/** A response of any status. */
export interface HttpResponse {
  status: number;
  headers: Headers;
  /** Decoded. */
  body: string;
}

/** Whether the request may have reached the server. Decides whether a POST may be retried. */
export interface AttemptTrace {
  mayHaveBeenSent: boolean;
}

/** Sends one attempt and keeps `trace` up to date. Rejects with a `Failure`. */
export type Transport = ((request: HttpRequest, trace: AttemptTrace) => Promise<HttpResponse>) & {
  close: () => void;
};
