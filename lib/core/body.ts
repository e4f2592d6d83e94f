import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Headers } from './answer';
import { Failure } from './failure';

/** Nothing the API sends comes near; more is refused before it fills the memory. */
export const LARGEST_BODY = 10 * 1024 * 1024;

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
  const data = await collect(answer);
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '' || data.length === 0) return data.toString('utf8');
  const decode = decoders[encoding];
  if (!decode) throw problem(answer, 'protocol', `an unknown content-encoding`);
  try {
    const decoded = await decode(data, { maxOutputLength: LARGEST_BODY });
    return decoded.toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(answer.statusCode ?? 0, answer.headers as Headers);
    throw problem(answer, 'unreadable', `a broken or truncated ${encoding} body`);
  }
}

function collect(answer: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LARGEST_BODY) {
        reject(tooLarge(answer.statusCode ?? 0, answer.headers as Headers));
        answer.destroy();
      }
    });
    answer.on('end', () => {
      if (answer.complete) resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
      else reject(cutOff(answer));
    });
    answer.on('error', () => reject(cutOff(answer)));
  });
}

/** The refusal of a body that would fill the memory. */
export function tooLarge(status: number, headers: Headers): Failure {
  const message = `a body of more than ${LARGEST_BODY / 1024 / 1024} MiB`;
  return new Failure({ kind: 'protocol', sent: true, message, answer: { status, headers, body: '' } });
}

function cutOff(answer: IncomingMessage): Failure {
  const message = 'the answer was cut off';
  return new Failure({ kind: 'lost', sent: true, message, code: 'ECONNRESET', answer: seen(answer) });
}

function problem(answer: IncomingMessage, kind: 'protocol' | 'unreadable', message: string): Failure {
  return new Failure({ kind, sent: true, message, answer: seen(answer) });
}

function seen(answer: IncomingMessage): { status: number; headers: Headers; body: string } {
  return { status: answer.statusCode ?? 0, headers: answer.headers as Headers, body: '' };
}
