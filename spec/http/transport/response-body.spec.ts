import { describe, expect, it } from '@jest/globals';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import v8 from 'node:v8';
import vm from 'node:vm';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { ACCEPT_ENCODING, readResponseBody } from '../../../lib/http/transport/response-body';
import { rejection } from '../../support/rejection';

/** A response of node:http, in these chunks. */
function incoming(chunks: readonly Uint8Array[], properties: Partial<IncomingMessage> = {}): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  for (const chunk of [...chunks, null]) message.push(chunk);
  return Object.assign(message, { complete: true, headers: {}, statusCode: 200, ...properties });
}

const MIB = 1024 * 1024;

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;

/** Low quality: the default takes seconds. */
const brotli = (data: Buffer): Buffer =>
  zlib.brotliCompressSync(data, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } });

/** The memory of buffers in use. The collector frees what is unused in a thread of its own, a little later. */
async function usedBuffers(expected: number): Promise<number> {
  for (let turn = 0; turn < 100; turn++) {
    collectGarbage();
    if (process.memoryUsage().arrayBuffers < expected) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return process.memoryUsage().arrayBuffers;
}

describe('the body of a response', () => {
  it('is the same text in any chunks, compressed or not', async () => {
    const encodings = fc.constantFrom(
      [undefined, (data: Buffer) => data] as const,
      ['gzip', zlib.gzipSync] as const,
      ['deflate', zlib.deflateSync] as const,
      ['deflate', zlib.deflateRawSync] as const,
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
          expect(await readResponseBody(incoming(chunks, { headers }))).toBe(text);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is cut off when it ends before it is complete', async () => {
    const cut = incoming([Buffer.from('{"a":')], { complete: false });
    expect(await rejection(readResponseBody(cut))).toMatchObject({
      kind: 'lost',
      mayHaveBeenSent: true,
      code: 'ECONNRESET',
      message: 'the response was cut off',
    });
  });

  it('is cut off when it ends with an error', async () => {
    const broken = incoming([]);
    broken.destroy(new Error('aborted'));
    expect(await rejection(readResponseBody(broken))).toMatchObject({
      kind: 'lost',
      response: { status: 200 },
    });
  });

  it('may have 10 MiB, and no byte more', async () => {
    const limit = Array.from({ length: 10 }, () => Buffer.alloc(MIB, 'x'));
    await expect(readResponseBody(incoming(limit))).resolves.toHaveLength(10 * MIB);
    const more = incoming([...limit, Buffer.from('x'), Buffer.alloc(MIB)]);
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
  ])('may not decompress to more than 10 MiB: %s', async (encoding, pack) => {
    const headers = { 'content-encoding': encoding };
    const bomb = incoming([pack(Buffer.alloc(11 * MIB))], { headers });
    expect(await rejection(readResponseBody(bomb))).toMatchObject({
      kind: 'protocol',
      mayHaveBeenSent: true,
      message: 'a body of more than 10 MiB',
      response: { status: 200, headers, body: '' },
    });
    const good = incoming([pack(Buffer.alloc(10 * MIB))], { headers });
    await expect(readResponseBody(good)).resolves.toHaveLength(10 * MIB);
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['x-gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['br', brotli],
  ])('is unreadable, not too large, when its compression is broken: %s', async (encoding, pack) => {
    const headers = { 'content-encoding': encoding };
    const packed = pack(Buffer.from('{"image":{"id":5}}'));
    await expect(readResponseBody(incoming([packed], { headers }))).resolves.toBe('{"image":{"id":5}}');
    for (const data of [packed.subarray(0, -3), Buffer.from('<html>'.repeat(9))]) {
      expect(await rejection(readResponseBody(incoming([data], { headers })))).toMatchObject({
        kind: 'unreadable',
        mayHaveBeenSent: true,
        message: `a broken or truncated ${encoding} body`,
        response: { status: 200, headers, body: '' },
      });
    }
  });

  it('is requested in the encodings that can be decoded', () => {
    expect(ACCEPT_ENCODING).toBe('gzip, deflate, br');
  });

  it('needs little more memory than it has, in pieces of one byte too, each cut from a larger buffer', async () => {
    const message = new IncomingMessage(new Socket());
    Object.assign(message, { complete: true, headers: {}, statusCode: 200 });
    const read = readResponseBody(message);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let count = 0; count < 2_000; count++) {
      message.push(Buffer.alloc(64 * 1024, 'x').subarray(0, 1));
      await new Promise((resolve) => setImmediate(resolve));
      if (count % 500 === 499) {
        most = Math.max(most, (await usedBuffers(8 * MIB + before)) - before);
      }
    }
    message.push(null);
    await expect(read).resolves.toBe('x'.repeat(2_000));
    expect(most).toBeLessThan(8 * MIB);
  });

  it('may come in 100,000 pieces, and no more', async () => {
    const pieces = Array.from({ length: 100_000 }, () => Buffer.from('x'));
    await expect(readResponseBody(incoming(pieces))).resolves.toHaveLength(100_000);
    const more = incoming([...pieces, Buffer.from('x')]);
    expect(await rejection(readResponseBody(more))).toMatchObject({
      kind: 'protocol',
      message: 'a body in more than 100000 pieces',
    });
    expect(more.destroyed).toBe(true);
  });

  it('is the same when its stream decodes it, as Object.prototype.encoding makes Node do', async () => {
    const text = JSON.stringify({ name: 'gölden 🥇' });
    for (const encoding of ['utf8', 'hex', 'latin1'] as const) {
      const message = incoming([]);
      const decoding = Object.assign(new IncomingMessage(new Socket()), {
        complete: true,
        headers: {},
        statusCode: message.statusCode,
      });
      decoding.setEncoding(encoding);
      const read = readResponseBody(decoding);
      for (const piece of [Buffer.from(text).subarray(0, 11), Buffer.from(text).subarray(11), null])
        decoding.push(piece);
      await expect(read).resolves.toBe(text);
    }
  });

  it('fails with what is known of the response', async () => {
    const headers = { 'content-encoding': 'zstd', 'x-request-id': 'abc' };
    const failure = await rejection(
      readResponseBody(incoming([Buffer.from('x')], { headers, statusCode: undefined })),
    );
    expect(failure).toMatchObject({
      kind: 'protocol',
      mayHaveBeenSent: true,
      message: 'an unknown content-encoding',
      response: { status: 0, headers, body: '' },
    });
  });
});
