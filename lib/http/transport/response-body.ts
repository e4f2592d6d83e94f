import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Headers } from '../response-headers';
import { Failure } from '../failure';

/** Nothing the API sends comes near; more is refused before it fills the memory. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

const decoders: Readonly<
  Record<string, ((data: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>) | undefined>
> = {
  gzip: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  'x-gzip': promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate),
  br: promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress),
};

/** What the decoders above understand, as the request says it. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/** Reads a body to its end, decoded. @throws Failure when it is cut off, too large or in an unknown encoding */
export async function readBody(answer: IncomingMessage): Promise<string> {
  const data = await collectBody(answer);
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '' || data.length === 0) return data.toString('utf8');
  const decode = decoders[encoding];
  if (!decode) throw bodyFailure(answer, 'protocol', `an unknown content-encoding`);
  try {
    const decoded = await decode(data, { maxOutputLength: MAX_BODY_BYTES });
    return decoded.toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw bodyTooLarge(answer.statusCode ?? 0, answer.headers as Headers);
    throw bodyFailure(answer, 'unreadable', `a broken or truncated ${encoding} body`);
  }
}

function collectBody(answer: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        reject(bodyTooLarge(answer.statusCode ?? 0, answer.headers as Headers));
        answer.destroy();
      }
    });
    answer.on('end', () => {
      if (answer.complete) resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
      else reject(bodyCutOff(answer));
    });
    answer.on('error', () => reject(bodyCutOff(answer)));
  });
}

/** The refusal of a body that would fill the memory. */
export function bodyTooLarge(status: number, headers: Headers): Failure {
  const message = `a body of more than ${MAX_BODY_BYTES / 1024 / 1024} MiB`;
  return new Failure({
    kind: 'protocol',
    mayHaveBeenSent: true,
    message,
    response: { status, headers, body: '' },
  });
}

function bodyCutOff(answer: IncomingMessage): Failure {
  const message = 'the answer was cut off';
  return new Failure({
    kind: 'lost',
    mayHaveBeenSent: true,
    message,
    code: 'ECONNRESET',
    response: responseSoFar(answer),
  });
}

function bodyFailure(answer: IncomingMessage, kind: 'protocol' | 'unreadable', message: string): Failure {
  return new Failure({ kind, mayHaveBeenSent: true, message, response: responseSoFar(answer) });
}

function responseSoFar(answer: IncomingMessage): { status: number; headers: Headers; body: string } {
  return { status: answer.statusCode ?? 0, headers: answer.headers as Headers, body: '' };
}
