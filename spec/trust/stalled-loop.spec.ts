import { describe, expect, it } from '@jest/globals';
import https from 'node:https';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { DOApi } from '../../lib';
import { selfSigned } from '../../tools/support/certificate';

/** What the threads tell each other: `RECEIVED` by the server, `BLOCKED` by the program, `SENT` by the server. */
const [RECEIVED, BLOCKED, SENT] = [0, 1, 2];

/** A server in a thread of its own. It responds once the loop of the program is blocked. */
const SERVER = `
  const { parentPort, workerData: { signs, tls, headers, body } } = require('node:worker_threads');
  const server = require(tls ? 'node:https' : 'node:http').createServer(tls ?? {}, (request, response) => {
    const tell = (sign) => { Atomics.store(signs, sign, 1); Atomics.notify(signs, sign); };
    tell(${RECEIVED});
    Atomics.wait(signs, ${BLOCKED}, 0);
    response.writeHead(200, headers);
    response.end(Buffer.from(body), () => setTimeout(tell, 20, ${SENT}));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const TIMEOUT = 300;

describe('a response that has come while the program was blocked past the timeout', () => {
  const text = JSON.stringify({ image: { id: 5, name: 'golden', description: 'x'.repeat(100_000) } });

  it.each([
    ['http', {}, text],
    ['https', {}, text],
    ['http', { 'content-encoding': 'gzip' }, zlib.gzipSync(text)],
    ['http', { 'content-encoding': 'br' }, zlib.brotliCompressSync(text)],
  ])('is read: %s %j', async (scheme, headers, body) => {
    const signs = new Int32Array(new SharedArrayBuffer(12));
    const tls = scheme === 'https' ? selfSigned() : undefined;
    const worker = new Worker(SERVER, {
      eval: true,
      workerData: { signs, tls, headers, body: Buffer.from(body) },
    });
    const port = await new Promise<number>((resolve) => worker.once('message', resolve));
    const httpsAgent = new https.Agent({ ca: tls?.cert });
    const api = new DOApi({
      token: 'spec-token',
      endpoint: `${scheme}://127.0.0.1:${port}`,
      timeout: TIMEOUT,
      retries: 0,
      transport: tls ? { httpsAgent } : {},
    });
    const image = api.fetchImage(5);
    image.catch(() => undefined);
    while (Atomics.load(signs, RECEIVED) === 0) await new Promise((resolve) => setImmediate(resolve));
    Atomics.store(signs, BLOCKED, 1);
    Atomics.notify(signs, BLOCKED);
    Atomics.wait(signs, SENT, 0);
    // Blocks until the timeout has passed.
    Atomics.wait(signs, BLOCKED, 1, TIMEOUT);
    await expect(image).resolves.toMatchObject({ id: 5, name: 'golden' });
    await api.close();
    httpsAgent.destroy();
    await worker.terminate();
  });
});
