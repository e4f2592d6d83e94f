import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { selfSigned } from '../../../tools/support/certificate';
import { anAction, anImage } from '../../../lib/sandbox';

const IMAGE = anImage({ id: 5, name: 'golden', regions: ['nyc1'] });
const IMPORT = anImage({ id: 8, name: 'import', status: 'NEW' });
const STARTED = anAction({ id: 7, resource_id: 5, status: 'in-progress', region_slug: 'fra1' });
const ENDED = anAction({ ...STARTED, status: 'completed', completed_at: '2026-01-31T12:00:00Z' });

/** The same response to the same request, always: each job finds the same account. */
function respond(method: string, path: string): [status: number, body: unknown] {
  if (method === 'DELETE') return [204, undefined];
  if (method === 'POST')
    return path.endsWith('/actions') ? [201, { action: STARTED }] : [202, { image: IMPORT }];
  if (path.endsWith('/actions/7')) return [200, { action: ENDED }];
  if (path.endsWith('/actions')) return [200, { actions: [ENDED], links: {}, meta: { total: 1 } }];
  if (path.endsWith('/images/5')) return [200, { image: IMAGE }];
  // Most fields are left out.
  return [200, { images: [IMAGE, { id: 6, name: 'bare' }], links: {}, meta: { total: 2 } }];
}

/** Servers for the main job: `http:`, `https:`, a proxy; and on the same ports of 127.0.0.2, to which nothing must go. */
export class RecordingServers {
  /** Every request, as its server, its line, its headers and its body. */
  readonly requests: string[] = [];
  /** How many connections 127.0.0.2 has accepted. */
  strays = 0;
  readonly ca: string;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #tls = selfSigned();

  private constructor() {
    this.ca = this.#tls.cert;
  }

  static async start(): Promise<{
    servers: RecordingServers;
    ports: Record<'http' | 'https' | 'proxy', number>;
  }> {
    const servers = new RecordingServers();
    const proxy = http.createServer(servers.#record('proxy'));
    proxy.on('connect', (request: http.IncomingMessage, client: Socket) => servers.#tunnel(request, client));
    const ports = {
      http: await servers.#listen(http.createServer(servers.#record('http')), '127.0.0.1', 0),
      https: await servers.#listen(
        https.createServer(servers.#tls, servers.#record('https')),
        '127.0.0.1',
        0,
      ),
      proxy: await servers.#listen(proxy, '127.0.0.1', 0),
    };
    const stray = (socket: Socket): void => {
      servers.strays += 1;
      socket.destroy();
    };
    for (const port of Object.values(ports))
      await servers.#listen(net.createServer(stray), '127.0.0.2', port);
    return { servers, ports };
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(server: Server, host: string, port: number): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.on('error', () => undefined));
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return (server.address() as AddressInfo).port;
  }

  #record(server: string): http.RequestListener {
    return (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { method = '', url = '', rawHeaders } = request;
        this.requests.push(JSON.stringify([server, method, url, rawHeaders, body]));
        const [status, json] = respond(method, new URL(url, 'http://127.0.0.1').pathname);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(json === undefined ? '' : JSON.stringify(json));
      });
    };
  }

  #tunnel(request: http.IncomingMessage, client: Socket): void {
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    this.requests.push(JSON.stringify(['proxy', 'CONNECT', request.url, request.rawHeaders]));
    const upstream = net.connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  }
}
