import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { isConnecting, keepAliveAgents } from './connections';
import { type Abortable, onAbort } from '../../util/abort';
import { Failure, isCertificateRefused } from '../failure';
import { closeTunnels, ConnectionRoutes } from './proxy';
import type { Headers } from '../response-headers';
import { readBody } from './response-body';
import type { TransportOptions, TransportRequest } from './types';
import type { TunnelOptions } from './proxy-tunnel';

/** Whether the request may have reached the server: decides if a POST may be sent again. */
export interface AttemptTrace {
  mayHaveBeenSent: boolean;
}

/** What came back, whatever its status. */
export interface HttpResponse {
  status: number;
  headers: Headers;
  /** Decoded. */
  body: string;
}

/** What is sent: `signal` ends it. */
export type HttpRequest = Omit<TransportRequest, 'signal'> & { signal: Abortable };

/** Sends one attempt over `node:http`, and knows in which phase it failed. */
export type Transport = ((request: HttpRequest, trace: AttemptTrace) => Promise<HttpResponse>) & {
  close: () => void;
};

const MAX_HEADER_BYTES = 16 * 1024;

/**
 * One attempt on the wire, lean: no redirects are followed, bodies and headers are bounded, the connection is kept.
 * Rejects with a {@link Failure}; an aborted signal destroys the socket.
 */
export function createNodeTransport(options: TransportOptions): Transport {
  const own = keepAliveAgents();
  const agents = { http: options.httpAgent ?? own.http, https: options.httpsAgent ?? own.https };

  const routes = new ConnectionRoutes(agents, options.proxy);

  const send = (request: HttpRequest, trace: AttemptTrace): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const outgoing = openRequest(routes, request);
      const forget = onAbort(request.signal, () => outgoing.destroy());
      const fail = (error: unknown): void => {
        forget();
        reject(error instanceof Failure ? error : toFailure(error as NodeJS.ErrnoException, trace));
      };
      trackPhase(outgoing, trace);
      let isAnswered = false;
      outgoing.on('error', fail);
      // Nothing else is told when a connection ends between request and answer, as after an unasked-for upgrade.
      outgoing.on('close', () => {
        if (!isAnswered) fail(connectionClosed(trace));
      });
      outgoing.on('response', (answer) => {
        trace.mayHaveBeenSent = true;
        isAnswered = true;
        readBody(answer).then((body) => {
          forget();
          resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer), body });
        }, fail);
      });
      outgoing.end(request.body);
    });

  return Object.assign(send, {
    close: () => {
      own.http.destroy();
      own.https.destroy();
      closeTunnels(own.https);
    },
  });
}

function openRequest(routes: ConnectionRoutes, request: HttpRequest): ClientRequest {
  const [route, path] = routes.to(request.url);
  const options: https.RequestOptions & TunnelOptions = {
    method: request.method,
    host: route.host,
    port: route.port,
    path,
    headers: route.headers ? { ...request.headers, ...route.headers } : request.headers,
    agent: route.agent,
    maxHeaderSize: MAX_HEADER_BYTES,
    ended: request.signal,
  };
  return (route.secure ? https : http).request(options);
}

function headersOf(answer: IncomingMessage): Record<string, string | undefined> {
  // Of all headers only `set-cookie` is an array, and nothing here reads it.
  return answer.headers as Record<string, string | undefined>;
}

/** Nothing is sent without a connection, and nothing over one that does not stand yet. */
function trackPhase(outgoing: ClientRequest, trace: AttemptTrace): void {
  outgoing.on('socket', (socket: Socket) => {
    const sent = (): void => {
      trace.mayHaveBeenSent = true;
    };
    if (!isConnecting(socket)) {
      sent();
      return;
    }
    socket.once('secureConnect', sent);
    if (!('encrypted' in socket)) socket.once('connect', sent);
  });
}

function connectionClosed(trace: AttemptTrace): Failure {
  const facts = {
    message: 'the connection closed',
    code: 'ECONNRESET',
    mayHaveBeenSent: trace.mayHaveBeenSent,
  };
  return new Failure({ kind: trace.mayHaveBeenSent ? 'lost' : 'unsent', ...facts });
}

/** Codes and system calls that say by themselves that no connection was made. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo']);
/** Before anything was sent: no agreement on TLS. Afterwards: a connection that broke. */
const TLS = /^(ERR_TLS_|ERR_SSL_|EPROTO$)/;

/** What Node, or an adapter of the user's own, reports. */
export function toFailure(error: NodeJS.ErrnoException, trace: AttemptTrace): Failure {
  const code = typeof error.code === 'string' ? error.code : null;
  const message = error.message === '' ? (code ?? 'the connection failed') : error.message;
  const syscall = error.syscall ?? null;
  const unsent =
    !trace.mayHaveBeenSent || NEVER_CONNECTED.has(code ?? '') || BEFORE_CONNECTION.has(syscall ?? '');
  const facts = { message, code, syscall, mayHaveBeenSent: !unsent };
  if (isCertificateRefused(code)) return new Failure({ ...facts, kind: 'tls', mayHaveBeenSent: false });
  if (code && TLS.test(code) && unsent) return new Failure({ ...facts, kind: 'tls' });
  if (code?.startsWith('HPE_'))
    return new Failure({ ...facts, kind: 'protocol', message: `not HTTP: ${message}` });
  return new Failure({ ...facts, kind: unsent ? 'unsent' : 'lost' });
}
