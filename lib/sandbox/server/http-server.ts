import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import type { Clock } from '../../util/clock';
import { isLoopback } from '../../util/loopback';
import type { Delivery, DeliveryMode, WireResponse } from './delivery';
import type { RequestPipeline } from './request-pipeline';
import { errorId } from '../state/api-error';

/** The size limit of a request body, in bytes. */
const MAX_REQUEST_BODY = 2 ** 20;
/** The addresses that mean every address of the machine, and the loopback address of their kind. */
const ALL_INTERFACES = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);
const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name is not known',
  EACCES: 'the port needs other permissions',
};
/** Browsers may call the API from any origin. */
const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-expose-headers':
    'ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id',
};

/** A sandbox that listens. */
export interface Listening {
  /** The endpoint for clients on this machine, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The token that the sandbox accepts. */
  readonly token: string;
  /** Stops listening and closes every connection. */
  readonly close: () => Promise<void>;
  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface ServerOptions {
  pipeline: RequestPipeline;
  clock: Clock;
  host: string;
  port: number;
  token: string;
}

/** Serves a sandbox over HTTP. @throws Error if it cannot listen on them */
export async function listen({ pipeline, clock, host, port, token }: ServerOptions): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 60_000 });
  const url = `http://${reachable(host, await open(server, host, port))}`;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    serve({ pipeline, clock, url }, request, response).catch((error: unknown) =>
      respondWithFailure(error, response),
    );
  });
  const close = (): Promise<void> => shut(server);
  return { url, token, close, [Symbol.asyncDispose]: close };
}

/** The host of a URL for clients on this machine: not all of them can connect to the address of all interfaces. */
function reachable(host: string, { address, port }: AddressInfo): string {
  return `${bracketed(ALL_INTERFACES.get(address) ?? host)}:${port}`;
}

/** The host as it is in a URL. */
function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** Whether only this machine can reach a server that listens on the host. */
export function isPrivateHost(host: string): boolean {
  return isLoopback(bracketed(host.toLowerCase()));
}

function open(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = LISTEN_ERRORS[error.code ?? ''] ?? error.message;
      reject(new Error(`The sandbox cannot listen on ${bracketed(host)}:${port}: ${reason}.`));
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()); // the only possible error: it is already closed
    server.closeAllConnections();
  });
}

async function serve(
  { pipeline, clock, url }: { pipeline: RequestPipeline; clock: Clock; url: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: target = '/', headers } = request;
  if (method === 'OPTIONS') {
    response.writeHead(204, CORS_HEADERS).end();
    return;
  }
  const body = await readRequestBody(request).catch(() => null);
  if (body === null) {
    response.destroy();
    return;
  }
  const { authorization, host, 'content-type': contentType } = headers;
  // Clients elsewhere have another name for this machine, and links must lead to the host that they know.
  const base = host === undefined || host === '' ? url : `http://${host}`;
  const delivery = pipeline.handle({
    method,
    target,
    base,
    authorization,
    contentType,
    body,
    anyToken: false,
  });
  deliverOverSocket(delivery, clock, request, response);
}

/** Reports an exception of a function in the options or faults to the caller. Other requests are not affected. */
function respondWithFailure(error: unknown, response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  const body = JSON.stringify({ id: errorId(500), message: `The sandbox failed: ${message}` });
  response.writeHead(500, { 'content-type': 'application/json; charset=utf-8' }).end(body);
}

/** The body as text; `null` if it is too large. */
async function readRequestBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_REQUEST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function deliverOverSocket(
  { response: wire, mode, delay }: Delivery,
  clock: Clock,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const send = (): void => SENDERS[mode.how]({ wire, mode, clock, request, response });
  if (delay === 0) send();
  else response.once('close', clock.after(delay, send));
}

interface SendContext {
  wire: WireResponse;
  mode: DeliveryMode;
  clock: Clock;
  request: IncomingMessage;
  response: ServerResponse;
}

/** What each delivery mode does on a socket. */
const SENDERS: Readonly<Record<DeliveryMode['how'], (context: SendContext) => void>> = {
  whole: ({ wire, response }) => {
    writeHead(wire, response);
    response.end(wire.text);
  },
  // A listening port cannot refuse a single request: a reset comes nearest.
  refused: ({ request }) => request.socket.resetAndDestroy(),
  reset: ({ request }) => request.socket.resetAndDestroy(),
  stall: () => undefined,
  'stall-in-body': ({ wire, response }) => {
    writeHead(wire, response);
    response.write(firstHalf(wire));
  },
  'cut-in-body': ({ wire, request, response }) => {
    writeHead(wire, response);
    response.write(firstHalf(wire), () => request.socket.destroySoon());
  },
  drip: ({ wire, mode, clock, response }) => {
    writeHead(wire, response);
    response.flushHeaders();
    if (mode.how === 'drip') drip(Buffer.from(wire.text), mode.every, clock, response);
  },
  'not-http': ({ request }) => request.socket.end('this is not HTTP\r\n\r\n'),
};

function writeHead({ status, headers, text }: WireResponse, response: ServerResponse): void {
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...CORS_HEADERS, ...headers, ...length });
}

function firstHalf({ text }: WireResponse): Buffer {
  const bytes = Buffer.from(text);
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

function drip(bytes: Buffer, every: number, clock: Clock, response: ServerResponse): void {
  if (bytes.length === 0) {
    response.end();
    return;
  }
  const cancel = clock.after(every, () => {
    response.off('close', cancel);
    response.write(bytes.subarray(0, 1));
    drip(bytes.subarray(1), every, clock, response);
  });
  response.once('close', cancel);
}
