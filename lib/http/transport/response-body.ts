import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Failure, type FailureKind } from '../failure';
import type { Headers } from '../response/response-headers';
import type { HttpResponse } from './types';

/** The API's responses are far smaller; a larger one is refused before it fills the memory. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

const decoders: Readonly<
  Record<string, ((data: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>) | undefined>
> = {
  gzip: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  'x-gzip': promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate),
  br: promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress),
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
    const decoded = await decode(data, { maxOutputLength: MAX_BODY_BYTES });
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
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        reject(bodyTooLarge(incoming.statusCode ?? 0, incoming.headers as Headers));
        incoming.destroy();
      }
    });
    incoming.on('end', () => {
      if (incoming.complete) resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
      else reject(bodyCutOff(incoming));
    });
    incoming.on('error', () => reject(bodyCutOff(incoming)));
  });
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
