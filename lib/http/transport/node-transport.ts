import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { onAbort } from '../../util/abort';
import { withShielded } from '../../util/options/own-options';
import { Failure, toFailure } from '../failure';
import type { Headers } from '../response/response-headers';
import { type Clock, systemClock } from '../../util/clock';
import { isConnecting } from './connections';
import { closeStale, noteKeepAlive, trackIdle } from './idle-connections';
import { ConnectionRoutes } from './proxy';
import type { TunnelOptions } from './proxy-tunnel';
import { readResponseBody } from './response-body';
import type { AttemptTrace, HttpRequest, HttpResponse, Transport, TransportOptions } from './types';

const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Sends one attempt over `node:http` and knows in which phase it failed. Follows no redirects, bounds headers and bodies,
 * and keeps connections alive. An aborted signal destroys the socket.
 * @param clock tells how long a connection has been idle
 */
export function createNodeTransport(options: TransportOptions, clock: Clock = systemClock): Transport {
  const routes = new ConnectionRoutes(options);

  const send = (request: HttpRequest, trace: AttemptTrace): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const outgoing = openRequest(routes, request, clock);
      const unsubscribe = onAbort(request.signal, () => outgoing.destroy());
      const fail = (error: unknown): void => {
        unsubscribe();
        reject(error instanceof Failure ? error : toFailure(error as NodeJS.ErrnoException, trace));
      };
      trackSocket(outgoing, trace, clock);
      let hasResponse = false;
      outgoing.on('error', fail);
      // Node emits no other event when a connection ends before a response, as after an unrequested upgrade.
      outgoing.on('close', () => {
        if (!hasResponse) fail(connectionClosed(trace));
      });
      outgoing.on('response', (incoming) => {
        trace.mayHaveBeenSent = true;
        hasResponse = true;
        noteKeepAlive(incoming.socket, incoming.headers['keep-alive']);
        readResponseBody(incoming).then((body) => {
          unsubscribe();
          // Only `set-cookie` is an array, and nothing here reads it.
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers as Headers, body });
        }, fail);
      });
      outgoing.end(request.body);
    });

  return Object.assign(send, { close: () => routes.close() });
}

function openRequest(routes: ConnectionRoutes, request: HttpRequest, clock: Clock): ClientRequest {
  const [route, path] = routes.find(request.url);
  closeStale(route.agent, route, clock, request.isUnsafe ?? false);
  const options: https.RequestOptions & TunnelOptions = {
    method: request.method,
    host: route.host,
    port: route.port,
    path,
    headers: route.headers ? { ...request.headers, ...route.headers } : request.headers,
    agent: route.agent,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Else NODE_TLS_REJECT_UNAUTHORIZED=0 would decide. The options of a user's agent take precedence.
    rejectUnauthorized: true,
    attemptSignal: request.signal,
  };
  return withShielded(options, (shielded) => (route.secure ? https : http).request(shielded));
}

/** Nothing is sent before a connection is established. */
function trackSocket(outgoing: ClientRequest, trace: AttemptTrace, clock: Clock): void {
  outgoing.on('socket', (socket: Socket) => {
    trackIdle(socket, clock);
    const markSent = (): void => {
      trace.mayHaveBeenSent = true;
    };
    if (!isConnecting(socket)) {
      markSent();
      return;
    }
    socket.once('secureConnect', markSent);
    if (!('encrypted' in socket)) socket.once('connect', markSent);
  });
}

function connectionClosed({ mayHaveBeenSent }: AttemptTrace): Failure {
  return new Failure({
    kind: mayHaveBeenSent ? 'lost' : 'unsent',
    mayHaveBeenSent,
    message: 'the connection closed',
    code: 'ECONNRESET',
  });
}
