import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../util/clock';
import { show, whole } from '../state/checks';
import type { WireResponse, Delivery, DeliveryMode } from './delivery';
import type { RequestPipeline } from './request-pipeline';
import { errorId } from '../routes/api-error';

/** Only this machine can reach a sandbox. */
const HOST = '127.0.0.1';
/** A request body may have this many bytes. */
const LARGEST_BODY = 2 ** 20;
/** Browsers may call the API, from anywhere: what an answer to their asking beforehand says. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-expose-headers':
    'ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id',
};

/** A sandbox that listens. */
export interface Listening {
  /** `http://127.0.0.1:<port>`: the endpoint for any client. */
  readonly url: string;
  /** The token the sandbox expects. */
  readonly token: string;
  /** Stops listening and ends every connection. */
  readonly close: () => Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface ListenOptions {
  gate: RequestPipeline;
  clock: Clock;
  port: number;
  token: string;
}

/** Serves a sandbox over HTTP, on this machine only. */
export async function listen({ gate, clock, port, token }: ListenOptions): Promise<Listening> {
  if (!whole(0, 65_535).ok(port))
    throw new RangeError(`port must be a whole number from 0 to 65535, got ${show(port)}.`);
  const server = createServer({ keepAliveTimeout: 60_000 });
  const url = `http://${HOST}:${await open(server, port)}`;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    serve({ gate, clock, url }, request, response).catch((error: unknown) => fail(error, response));
  });
  const close = (): Promise<void> => shut(server);
  return { url, token, close, [Symbol.asyncDispose]: close };
}

function open(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      reject(new Error(`The sandbox cannot listen on ${HOST}:${port}: ${reason}.`));
    });
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()); // the only error is that it is closed already
    server.closeAllConnections();
  });
}

async function serve(
  { gate, clock, url }: { gate: RequestPipeline; clock: Clock; url: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: target = '/', headers } = request;
  if (method === 'OPTIONS') {
    response.writeHead(204, CORS).end();
    return;
  }
  const body = await readBody(request).catch(() => null);
  if (body === null) {
    response.destroy();
    return;
  }
  const { authorization } = headers;
  const delivery = gate.handle({ method, target, base: url, authorization, body, anyToken: false });
  deliver(delivery, clock, request, response);
}

/** A function among the options or faults has thrown: whoever asked should see that, and the others go on. */
function fail(error: unknown, response: ServerResponse): void {
  const message = error instanceof Error ? error.message : String(error);
  const body = JSON.stringify({ id: errorId(500), message: `The sandbox failed: ${message}` });
  response.writeHead(500, { 'content-type': 'application/json; charset=utf-8' }).end(body);
}

/** The body as text; `null` when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function deliver(
  { response: answer, mode: manner, delay }: Delivery,
  clock: Clock,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const send = (): void => DELIVERIES[manner.how]({ answer, manner, clock, request, response });
  if (delay === 0) send();
  else untilClosed(response, clock.after(delay, send));
}

interface Sending {
  answer: WireResponse;
  manner: DeliveryMode;
  clock: Clock;
  request: IncomingMessage;
  response: ServerResponse;
}

/** What each manner is on a socket. */
const DELIVERIES: Readonly<Record<DeliveryMode['how'], (sending: Sending) => void>> = {
  whole: ({ answer, response }) => {
    head(answer, response);
    response.end(answer.text);
  },
  // A port that listens cannot refuse one request of many: to reset the connection comes nearest.
  refused: ({ request }) => request.socket.resetAndDestroy(),
  reset: ({ request }) => request.socket.resetAndDestroy(),
  stall: () => undefined,
  'stall-in-body': ({ answer, response }) => {
    head(answer, response);
    response.write(half(answer));
  },
  'cut-in-body': ({ answer, request, response }) => {
    head(answer, response);
    response.write(half(answer), () => request.socket.destroySoon());
  },
  drip: ({ answer, manner, clock, response }) => {
    head(answer, response);
    response.flushHeaders();
    if (manner.how === 'drip') drip(Buffer.from(answer.text), manner.every, clock, response);
  },
  'not-http': ({ request }) => request.socket.end('this is not HTTP\r\n\r\n'),
};

function head({ status, headers, text }: WireResponse, response: ServerResponse): void {
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...CORS, ...headers, ...length });
}

function half({ text }: WireResponse): Buffer {
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

function untilClosed(response: ServerResponse, cancel: () => void): void {
  response.once('close', cancel);
}
