/**
 * Sets properties of Object.prototype, one after the other; with the argument `early`, some before the library is
 * loaded. Prints the names that change the bytes of a request.
 */
import net, { type AddressInfo } from 'node:net';
import { CANARY } from '../../../tools/support/canary';

/**
 * Option names of axios, axios-retry and this library. `timeout` is left out, since Node's own sockets read it and
 * fail.
 */
const SETTINGS: Readonly<Record<string, unknown>> = {
  adapter: 'fetch',
  auth: { username: 'eve', password: 'eve' },
  baseURL: 'http://127.0.0.1:1',
  beforeRedirect: () => undefined,
  data: 'evil',
  decompress: false,
  formSerializer: {},
  headers: { 'x-evil': '1' },
  httpAgent: { evil: true },
  httpsAgent: { evil: true },
  maxBodyLength: 1,
  maxContentLength: 1,
  maxRedirects: 5,
  params: { evil: 1 },
  paramsSerializer: { serialize: () => 'evil=1' },
  proxy: { host: '127.0.0.1', port: 1 },
  responseType: 'stream',
  retries: 0,
  socketPath: '/evil.sock',
  transformRequest: [() => 'evil'],
  transformResponse: [() => 'evil'],
  transport: { request: () => undefined },
  url: 'http://127.0.0.1:1/evil',
  validateStatus: () => false,
  withXSRFToken: true,
  xsrfCookieName: 'evil',
};
/** Names that do not break module loading itself. */
const EARLY = ['baseURL', 'headers', 'params', 'proxy', 'responseType', 'transport', 'validateStatus'];

const BODY = '{"image":{"id":5,"name":"golden"}}';
const HEAD = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`;

/** All bytes that the server received. */
let received = '';
const server = net.createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    received += data.toString('latin1');
    socket.write(HEAD + BODY);
  });
});

function pollute(name: string): () => void {
  const value = SETTINGS[name];
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  return () => void Reflect.deleteProperty(Object.prototype, name);
}

/** The bytes of two requests, or the error. */
async function send(port: number): Promise<string> {
  const { DOApi } = await import('../../../lib');
  received = '';
  try {
    const api = new DOApi({ token: CANARY, endpoint: `http://127.0.0.1:${port}` });
    await api.fetchImage(5);
    await api.image(5).update({ name: 'golden' });
    await api.close();
    return received;
  } catch (error) {
    return String(error);
  }
}

async function main(): Promise<void> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const undo = process.argv.includes('early') ? EARLY.map(pollute) : [];
  const early = await send(port);
  for (const step of undo) step();
  const clean = await send(port);
  const other = early === clean ? [] : [`early: ${early}`];
  for (const name of Object.keys(SETTINGS)) {
    const undo = pollute(name);
    const sent = await send(port);
    undo();
    if (sent !== clean) other.push(`${name}: ${sent}`);
  }
  server.close();
  console.log(JSON.stringify({ tried: Object.keys(SETTINGS).length, sent: clean.split('\r\n'), other }));
}

void main();
