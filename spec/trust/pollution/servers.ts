import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { selfSigned } from '../../../tools/support/certificate';

export interface Recorded { server: string; line: string; headers: string[]; body: string }

const IMAGE = { id: 5, name: 'golden', type: 'snapshot', distribution: 'Ubuntu', slug: null, public: false, regions: ['nyc1'], created_at: '2026-01-31T12:00:00Z', min_disk_size: 20, size_gigabytes: 1.5, description: 'd', tags: ['web'], status: 'available', error_message: '' };
const ACTION = { id: 7, status: 'in-progress', type: 'transfer', started_at: '2026-01-31T12:00:00Z', completed_at: null, resource_id: 5, resource_type: 'image', region: null, region_slug: 'fra1' };

function answer(method: string, path: string): [number, unknown] {
  if (method === 'DELETE') return [204, ''];
  if (method === 'POST') return [201, { action: ACTION }];
  if (/\/actions\/7/.test(path)) return [200, { action: { ...ACTION, status: 'completed', completed_at: '2026-01-31T12:01:00Z' } }];
  if (/\/actions/.test(path)) return [200, { actions: [{ ...ACTION, status: 'completed', completed_at: '2026-01-31T12:01:00Z' }], links: {}, meta: { total: 1 } }];
  if (/\/images\/5$/.test(path)) return [200, { image: IMAGE }];
  return [200, { images: [IMAGE, { ...IMAGE, id: 6 }], links: {}, meta: { total: 2 } }];
}

export async function servers() {
  const recorded: Recorded[] = [];
  const { key, cert } = selfSigned();
  const handler = (server: string) => (request: http.IncomingMessage, response: http.ServerResponse): void => {
    let body = '';
    request.on('data', (d) => (body += d));
    request.on('end', () => {
      const raw: string[] = [];
      for (let i = 0; i < request.rawHeaders.length; i += 2) raw.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      recorded.push({ server, line: `${request.method} ${request.url}`, headers: raw, body });
      const [status, json] = answer(request.method ?? '', new URL(request.url ?? '', 'http://x').pathname);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(json === '' ? '' : JSON.stringify(json));
    });
  };
  const sockets = new Set<Socket>();
  const start = async (server: Server, host = '127.0.0.1', port = 0) => {
    server.on('connection', (s: Socket) => { sockets.add(s); s.on('error', () => undefined); s.on('close', () => sockets.delete(s)); });
    await new Promise<void>((r) => server.listen(port, host, r));
    return (server.address() as AddressInfo).port;
  };
  const plain = http.createServer(handler('http'));
  const secure = https.createServer({ key, cert }, handler('https'));
  const proxy = http.createServer(handler('proxy'));
  proxy.on('connect', (request, client: Socket) => {
    recorded.push({ server: 'proxy', line: `CONNECT ${request.url}`, headers: request.rawHeaders, body: '' });
    const [host, port] = (request.url ?? '').split(':');
    const up = net.connect(Number(port), host, () => { client.write('HTTP/1.1 200 OK\r\n\r\n'); up.pipe(client); client.pipe(up); });
    up.on('error', () => client.destroy()); client.on('error', () => up.destroy());
  });
  const all: Server[] = [plain, secure, proxy];
  const ports = { http: await start(plain), https: await start(secure), proxy: await start(proxy) };
  // Another host, at the same ports.
  for (const port of Object.values(ports)) { const s = http.createServer(handler(`EVIL ${port}`)); all.push(s); await start(s, '127.0.0.2', port); s.on('clientError', () => recorded.push({ server: 'EVIL', line: 'raw', headers: [], body: '' })); }
  return { recorded, ports, ca: cert, close: () => { for (const s of all) s.close(); for (const s of sockets) s.destroy(); } };
}
