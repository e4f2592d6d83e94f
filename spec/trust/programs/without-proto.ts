/** Pollutes Object.prototype once, and prints where the request of a client goes. For `node --disable-proto=delete`. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { DOApi } from '../../../lib';

const server = http.createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"image":{"id":5,"name":"golden"}}');
});
async function main(): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = new DOApi({ token: 'a-token-of-a-test', endpoint, retries: 0 });
  const property = { value: '127.0.0.2', configurable: true, writable: true, enumerable: true };
  Object.defineProperty(Object.prototype, 'hostname', property);
  const result = await api.fetchImage(5).then(({ id }) => `image ${id}`, String);
  Reflect.deleteProperty(Object.prototype, 'hostname');
  process.stdout.write(result, () => process.exit());
}

void main();
