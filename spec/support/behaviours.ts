import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import zlib from 'node:zlib';
import type { ReceivedRequest } from './server';

/** How a server handles a request that it has read. */
export type Behaviour = (response: ServerResponse, request: ReceivedRequest) => void;

/** An object is sent as JSON, a string as it is. */
export function respond(status: number, body: unknown = {}, headers: OutgoingHttpHeaders = {}): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
}

/** One of DigitalOcean's errors. */
export function refusal(
  status: number,
  id: string,
  message: string,
  headers?: OutgoingHttpHeaders,
): Behaviour {
  return respond(status, { id, message }, headers);
}

/** Never responds. Calls `then` when the request was read. */
export function stall(then: () => void = () => undefined): Behaviour {
  return () => then();
}

/** Sends headers and the first half of `body`, and never the rest. */
export function stallInBody(body: string, then: () => void = () => undefined): Behaviour {
  return (response) => {
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) });
    response.write(body.slice(0, body.length / 2), () => setTimeout(then, 10));
  };
}

/** Sends a body byte by byte; `next` decides when to send the next byte. Stops when the client disconnects. */
export function drip(body: string, next: (send: () => void) => void): Behaviour {
  return (response) => {
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) });
    const send = (rest: Buffer): void => {
      if (response.destroyed) return;
      if (rest.length === 0) response.end();
      else response.write(rest.subarray(0, 1), () => next(() => send(rest.subarray(1))));
    };
    send(Buffer.from(body));
  };
}

/** Resets the connection (RST) after the request was read. */
export const reset: Behaviour = (response) => {
  response.socket?.resetAndDestroy();
};

/** Closes the connection without a response. */
export const hangUp: Behaviour = (response) => {
  response.socket?.end();
};

/** Resets a connection before anything was read, after a moment in which the client connects. */
export function resetUnread(socket: Socket): void {
  setTimeout(() => socket.resetAndDestroy(), 5);
}

/** Declares the full length of `body`, sends half of it and closes. */
export function cutOff(body: string): Behaviour {
  return (response) => {
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) });
    response.write(body.slice(0, body.length / 2), () => response.socket?.end());
  };
}

/** Sends a chunked body without its last chunk. */
export function cutChunked(body: string, status = 200): Behaviour {
  return (response) => {
    response.writeHead(status, { 'transfer-encoding': 'chunked' });
    response.write(body, () => response.socket?.end());
  };
}

/** Writes `text` to the socket. */
export function raw(text: string): Behaviour {
  return (response) => {
    response.socket?.end(text);
  };
}

const COMPRESS = { gzip: zlib.gzipSync, br: zlib.brotliCompressSync, deflate: zlib.deflateSync };

/** A compressed body. `keep`: the share of its bytes that is sent, from 0 to 1. */
export function compressed(encoding: keyof typeof COMPRESS, body: unknown, keep = 1): Behaviour {
  const data = COMPRESS[encoding](JSON.stringify(body));
  return respond(200, data.subarray(0, Math.ceil(data.length * keep)), { 'content-encoding': encoding });
}

/** A gzip body, with any name of the encoding. */
export function gzipped(body: unknown, name: string): Behaviour {
  return respond(200, zlib.gzipSync(JSON.stringify(body)), { 'content-encoding': name });
}

/** A few kilobytes that decompress to more than the library accepts. */
export const gzipBomb: Behaviour = respond(200, zlib.gzipSync(Buffer.alloc(50 * 1024 * 1024)), {
  'content-encoding': 'gzip',
});

/** A JSON string of more than 10 MiB, sent until the client disconnects. */
export const tooLarge: Behaviour = (response) => {
  const piece = Buffer.alloc(1024 * 1024, 'x');
  const send = (left: number): void => {
    if (response.destroyed) return;
    if (left === 0) response.end('"');
    else response.write(piece, () => send(left - 1));
  };
  response.writeHead(200);
  response.write('"');
  send(12);
};

export function redirect(status: number, location: string): Behaviour {
  return respond(status, '', { location });
}
