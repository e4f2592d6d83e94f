import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DOApi } from '../../lib';
import { Sandbox } from '../../lib/sandbox';

/** What the jobs give when they work. */
export const DONE = {
  retried: { names: ['golden'], statuses: [503, 200] },
  inProcess: { status: 'completed', regions: ['nyc1', 'fra1'], retried: [502, 200], listed: 60, at: 60_000 },
  overHttp: { status: 'completed', regions: ['nyc1', 'fra1'], listed: 1 },
};

/** A GET over HTTP that is answered with a 503 first, and a listing. The manager has the library's own clock. */
async function retried(): Promise<(typeof DONE)['retried']> {
  const statuses: number[] = [];
  const server = createServer((_, response) => {
    const status = statuses.length === 0 ? 503 : 200;
    statuses.push(status);
    const images = [{ id: 5, name: 'golden' }];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ images, meta: { total: images.length } }));
  });
  const api = new DOApi({ token: 'a-token', endpoint: await urlOf(server), transport: { proxy: false } });
  const images = await api.fetchAllImages().toArray();
  await api.close();
  server.closeAllConnections();
  server.close();
  return { names: images.map(({ name }) => name), statuses };
}

function urlOf(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

/** A transfer with `wait` and a listing in a sandbox in process, with a request that is retried. */
async function inProcess(): Promise<(typeof DONE)['inProcess']> {
  const sandbox = new Sandbox();
  const image = sandbox.addImage({ regions: ['nyc1'] });
  const api = sandbox.api();
  sandbox.fail({ on: 'GET /v2/images/:id', with: 502, times: 1 });
  const found = await api.fetchImage(image.id);
  const retried = sandbox.requests.map(({ status }) => Number(status));
  const began = sandbox.clock.now();
  const { status } = await found.transfer('fra1', { wait: true });
  const { regions } = await found.fetch();
  const at = Math.round((sandbox.clock.now() - began) / 60_000) * 60_000;
  const listed = (await api.fetchAllImages().toArray()).length - 1;
  return { status: String(status), regions: [...regions], retried, listed, at };
}

/** The same over HTTP, in a sandbox that listens. */
async function overHttp(): Promise<(typeof DONE)['overHttp']> {
  const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
  const { url, token, close } = await sandbox.listen({ speed: 10_000 });
  const api = new DOApi({ endpoint: url, token, waitInterval: 5, transport: { proxy: false } });
  const { status } = await api.image(5).transfer('fra1', { wait: true });
  const images = await api.fetchAllImages().toArray();
  await api.close();
  await close();
  return { status: String(status), regions: [...(images[0]?.regions ?? [])], listed: images.length };
}

/** The jobs, by name. */
export const JOBS = { retried, inProcess, overHttp };
