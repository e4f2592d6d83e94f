import { describe, expect, it } from '@jest/globals';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { ACCEPT_ENCODING, readResponseBody } from '../../../lib/http/transport/response-body';
import { rejection } from '../../support/rejection';

/** An answer as node:http hands it on, in these pieces. */
function answer(chunks: readonly Uint8Array[], facts: Partial<IncomingMessage> = {}): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  for (const chunk of [...chunks, null]) message.push(chunk);
  return Object.assign(message, { complete: true, headers: {}, statusCode: 200, ...facts });
}

const MIB = 1024 * 1024;

/** Quick: the best that brotli can do takes seconds. */
const brotli = (data: Buffer): Buffer =>
  zlib.brotliCompressSync(data, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } });

describe('the body of an answer', () => {
  it('is the same text, in whatever pieces it comes, packed or not', async () => {
    const encodings = fc.constantFrom(
      [undefined, (data: Buffer) => data] as const,
      ['gzip', zlib.gzipSync] as const,
      ['deflate', zlib.deflateSync] as const,
      ['br', brotli] as const,
    );
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        encodings,
        cuts,
        async (text, [encoding, pack], at) => {
          const data: Buffer = pack(Buffer.from(text));
          const edges = [
            0,
            ...at.map((cut) => Math.floor(cut * data.length)).sort((a, b) => a - b),
            data.length,
          ];
          const chunks = edges.slice(1).map((edge, index) => data.subarray(edges[index], edge));
          const headers = encoding ? { 'content-encoding': encoding } : {};
          expect(await readResponseBody(answer(chunks, { headers }))).toBe(text);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('that ends before it is complete was cut off', async () => {
    const cut = answer([Buffer.from('{"a":')], { complete: false });
    expect(await rejection(readResponseBody(cut))).toMatchObject({
      kind: 'lost',
      mayHaveBeenSent: true,
      code: 'ECONNRESET',
      message: 'the response was cut off',
    });
  });

  it('that breaks off with an error was cut off', async () => {
    const broken = answer([]);
    broken.destroy(new Error('aborted'));
    expect(await rejection(readResponseBody(broken))).toMatchObject({
      kind: 'lost',
      response: { status: 200 },
    });
  });

  it('may have 10 MiB and no byte more', async () => {
    const limit = Array.from({ length: 10 }, () => Buffer.alloc(MIB, 'x'));
    await expect(readResponseBody(answer(limit))).resolves.toHaveLength(10 * MIB);
    const more = answer([...limit, Buffer.from('x'), Buffer.alloc(MIB)]);
    expect(await rejection(readResponseBody(more))).toMatchObject({
      kind: 'protocol',
      message: 'a body of more than 10 MiB',
    });
    expect(more.destroyed).toBe(true);
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['br', brotli],
  ])('may not unpack to more than 10 MiB either: %s', async (encoding, pack) => {
    const headers = { 'content-encoding': encoding };
    const bomb = answer([pack(Buffer.alloc(11 * MIB))], { headers });
    expect(await rejection(readResponseBody(bomb))).toMatchObject({
      kind: 'protocol',
      mayHaveBeenSent: true,
      message: 'a body of more than 10 MiB',
      response: { status: 200, headers, body: '' },
    });
    const good = answer([pack(Buffer.alloc(10 * MIB))], { headers });
    await expect(readResponseBody(good)).resolves.toHaveLength(10 * MIB);
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['x-gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['br', brotli],
  ])(
    'that is packed cannot be read when it is broken, and is not too large for that: %s',
    async (encoding, pack) => {
      const headers = { 'content-encoding': encoding };
      const packed = pack(Buffer.from('{"image":{"id":5}}'));
      await expect(readResponseBody(answer([packed], { headers }))).resolves.toBe('{"image":{"id":5}}');
      for (const data of [packed.subarray(0, -3), Buffer.from('<html>'.repeat(9))]) {
        expect(await rejection(readResponseBody(answer([data], { headers })))).toMatchObject({
          kind: 'unreadable',
          mayHaveBeenSent: true,
          message: `a broken or truncated ${encoding} body`,
          response: { status: 200, headers, body: '' },
        });
      }
    },
  );

  it('is asked for as it can be unpacked', () => {
    expect(ACCEPT_ENCODING).toBe('gzip, deflate, br');
  });

  it('says what is known of the answer when it fails', async () => {
    const headers = { 'content-encoding': 'zstd', 'x-request-id': 'abc' };
    const failure = await rejection(
      readResponseBody(answer([Buffer.from('x')], { headers, statusCode: undefined })),
    );
    expect(failure).toMatchObject({
      kind: 'protocol',
      mayHaveBeenSent: true,
      message: 'an unknown content-encoding',
      response: { status: 0, headers, body: '' },
    });
  });
});
