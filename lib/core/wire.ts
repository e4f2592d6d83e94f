import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { isUntouched, keepAliveAgents } from './agents';
import { type Abortable, onAbort } from './cancel';
import { Failure, isCertificateRefused } from './failure';
import { closeTunnels, Routes } from './proxy';
import type { Headers } from './answer';
import { readBody } from './body';
import type { TransportOptions, TransportRequest } from './transport';
import type { ForAttempt } from './tunnel';

/** Whether the request may have reached the server: decides if a POST may be sent again. */
export interface Trace {
  sent: boolean;
}

/** What came back, whatever its status. */
export interface WireAnswer {
  status: number;
  headers: Headers;
  /** Decoded. */
  body: string;
}

/** What is sent: `signal` ends it. */
export type WireRequest = Omit<TransportRequest, 'signal'> & { signal: Abortable };

/** Sends one attempt over `node:http`, and knows in which phase it failed. */
export type Wire = ((request: WireRequest, trace: Trace) => Promise<WireAnswer>) & {
  close: () => void;
};

const LARGEST_HEADERS = 16 * 1024;

/**
 * One attempt on the wire, lean: no redirects are followed, bodies and headers are bounded, the connection is kept.
 * Rejects with a {@link Failure}; an aborted signal destroys the socket.
 */
export function createWire(options: TransportOptions): Wire {
  const own = keepAliveAgents();
  const agents = { http: options.httpAgent ?? own.http, https: options.httpsAgent ?? own.https };

  const routes = new Routes(agents, options.proxy);

  const send = (request: WireRequest, trace: Trace): Promise<WireAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = open(routes, request);
      const forget = onAbort(request.signal, () => outgoing.destroy());
      const fail = (error: unknown): void => {
        forget();
        reject(error instanceof Failure ? error : failureOf(error as NodeJS.ErrnoException, trace));
      };
      watchPhase(outgoing, trace);
      let isAnswered = false;
      outgoing.on('error', fail);
      // Nothing else is told when a connection ends between request and answer, as after an unasked-for upgrade.
      outgoing.on('close', () => {
        if (!isAnswered) fail(connectionClosed(trace));
      });
      outgoing.on('response', (answer) => {
        trace.sent = true;
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

function open(routes: Routes, request: WireRequest): ClientRequest {
  const [route, path] = routes.to(request.url);
  const options: https.RequestOptions & ForAttempt = {
    method: request.method,
    host: route.host,
    port: route.port,
    path,
    headers: route.headers ? { ...request.headers, ...route.headers } : request.headers,
    agent: route.agent,
    maxHeaderSize: LARGEST_HEADERS,
    ended: request.signal,
  };
  return (route.secure ? https : http).request(options);
}

function headersOf(answer: IncomingMessage): Record<string, string | undefined> {
  // Of all headers only `set-cookie` is an array, and nothing here reads it.
  return answer.headers as Record<string, string | undefined>;
}

/** Nothing is sent without a connection, and nothing over one that does not stand yet. */
function watchPhase(outgoing: ClientRequest, trace: Trace): void {
  outgoing.on('socket', (socket: Socket) => {
    const sent = (): void => {
      trace.sent = true;
    };
    if (!isUntouched(socket)) {
      sent();
      return;
    }
    socket.once('secureConnect', sent);
    if (!('encrypted' in socket)) socket.once('connect', sent);
  });
}

function connectionClosed(trace: Trace): Failure {
  const facts = { message: 'the connection closed', code: 'ECONNRESET', sent: trace.sent };
  return new Failure({ kind: trace.sent ? 'lost' : 'unsent', ...facts });
}

/** Codes and system calls that say by themselves that no connection was made. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo']);
/** Before anything was sent: no agreement on TLS. Afterwards: a connection that broke. */
const TLS = /^(ERR_TLS_|ERR_SSL_|EPROTO$)/;

/** What Node, or an adapter of the user's own, reports. */
export function failureOf(error: NodeJS.ErrnoException, trace: Trace): Failure {
  const code = typeof error.code === 'string' ? error.code : null;
  const message = error.message === '' ? (code ?? 'the connection failed') : error.message;
  const syscall = error.syscall ?? null;
  const unsent = !trace.sent || NEVER_CONNECTED.has(code ?? '') || BEFORE_CONNECTION.has(syscall ?? '');
  const facts = { message, code, syscall, sent: !unsent };
  if (isCertificateRefused(code)) return new Failure({ ...facts, kind: 'tls', sent: false });
  if (code && TLS.test(code) && unsent) return new Failure({ ...facts, kind: 'tls' });
  if (code?.startsWith('HPE_'))
    return new Failure({ ...facts, kind: 'protocol', message: `not HTTP: ${message}` });
  return new Failure({ ...facts, kind: unsent ? 'unsent' : 'lost' });
}
