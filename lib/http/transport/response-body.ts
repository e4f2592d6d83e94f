import type { IncomingMessage } from 'node:http';
import zlib from 'node:zlib';
import { withoutPollution } from '../../util/options/own-options';
import { Failure, type FailureKind } from '../failure';
import type { Headers } from '../response/response-headers';
import type { HttpResponse } from './types';

/** The API's responses are far smaller; a larger one is refused before it fills the memory. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Each piece costs time; ten million of one byte would cost ten seconds. A body of 10 MiB usually has 200. */
const MAX_PIECES = 100_000;

/** By the standard `deflate` is in the format of zlib; some servers send it without. */
const isZlib = (data: Buffer): boolean => ((data[0] ?? 0) & 0x0f) === 8;

/**
 * Synchronous, which costs less for the bodies of the API than a thread: a page of 200 items takes a millisecond. And a
 * response that has come is read at once, however late it is.
 */
const decoders: Readonly<
  Record<string, ((data: Buffer, options: { maxOutputLength: number }) => Buffer) | undefined>
> = {
  __proto__: null as never,
  gzip: zlib.gunzipSync,
  'x-gzip': zlib.gunzipSync,
  deflate: (data, options) => (isZlib(data) ? zlib.inflateSync : zlib.inflateRawSync)(data, options),
  br: zlib.brotliDecompressSync,
};

/** The encodings that the decoders understand. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/** Reads and decodes a body. @throws Failure when it is cut off, too large, or in an unknown encoding */
export async function readResponseBody(incoming: IncomingMessage): Promise<string> {
  const data = await collectBody(incoming);
  const encoding = incoming.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '' || data.length === 0) return data.toString('utf8');
  const decode = decoders[encoding];
  if (!decode) throw bodyFailure(incoming, 'protocol', 'an unknown content-encoding');
  try {
    const decoded = withoutPollution(() => decode(data, { maxOutputLength: MAX_BODY_BYTES }));
    return decoded.toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw bodyTooLarge(incoming.statusCode ?? 0, incoming.headers as Headers);
    throw bodyFailure(incoming, 'unreadable', `a broken or truncated ${encoding} body`);
  }
}

function collectBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Set, when Object.prototype has the name `encoding`. This one loses no byte.
    if (incoming.readableEncoding) incoming.setEncoding('latin1');
    let body: Buffer = NO_BYTES;
    let size = 0;
    let pieces = 0;
    const refuse = (failure: Failure): void => {
      body = NO_BYTES;
      reject(failure);
      incoming.destroy();
    };
    incoming.on('data', (data: Buffer | string) => {
      const piece = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
      pieces += 1;
      if (size + piece.length > MAX_BODY_BYTES)
        refuse(bodyTooLarge(incoming.statusCode ?? 0, incoming.headers as Headers));
      else if (pieces > MAX_PIECES)
        refuse(bodyFailure(incoming, 'protocol', `a body in more than ${MAX_PIECES} pieces`));
      else body = append(body, size, piece);
      size += piece.length;
    });
    incoming.on('end', () => {
      if (incoming.complete) resolve(body.subarray(0, size));
      else reject(bodyCutOff(incoming));
    });
    incoming.on('error', () => reject(bodyCutOff(incoming)));
  });
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Adds a piece to the first `size` bytes of a buffer that doubles when it is full. A list of pieces would keep the 64 KiB
 * that each of them was cut from. Most bodies come in one piece, which is not copied.
 */
function append(body: Buffer, size: number, piece: Buffer): Buffer {
  if (size === 0) return piece;
  let room = body;
  if (size + piece.length > body.length) {
    room = Buffer.allocUnsafe(Math.max(2 * (size + piece.length), 16 * 1024));
    body.copy(room, 0, 0, size);
  }
  piece.copy(room, size);
  return room;
}

/** The failure of a body that would fill the memory. */
export function bodyTooLarge(status: number, headers: Headers): Failure {
  const message = `a body of more than ${MAX_BODY_BYTES / 1024 / 1024} MiB`;
  const response = { status, headers, body: '' };
  return new Failure({ kind: 'protocol', mayHaveBeenSent: true, message, response });
}

function bodyCutOff(incoming: IncomingMessage): Failure {
  return bodyFailure(incoming, 'lost', 'the response was cut off', 'ECONNRESET');
}

function bodyFailure(incoming: IncomingMessage, kind: FailureKind, message: string, code?: string): Failure {
  const response = responseWithoutBody(incoming);
  return new Failure({ kind, mayHaveBeenSent: true, message, code, response });
}

function responseWithoutBody({ statusCode, headers }: IncomingMessage): HttpResponse {
  return { status: statusCode ?? 0, headers: headers as Headers, body: '' };
}
