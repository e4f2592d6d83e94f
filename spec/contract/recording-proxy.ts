import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aboutWhatWasAsked } from './asked-for';

/** A request and its response, as Prism validated them. */
export interface Exchange {
  /** Such as `GET /v2/images?page=1&per_page=200`. */
  request: string;
  status: number;
  /** Violations of the OpenAPI file, in Prism's words. */
  violations: string[];
}

/** Further requests of one operation are dropped, as it may loop forever. */
const MAX_REQUESTS = 200;
/** The timeout of a request to Prism, in milliseconds. */
const TIMEOUT = 10_000;

/**
 * A proxy between the library and Prism, on this machine. It records requests and the violations that Prism reports, and
 * adds the `Prefer` header that selects Prism's response, since the library has no option for it.
 */
export class RecordingProxy {
  readonly #server: http.Server;
  readonly #target: string;
  #exchanges: Exchange[] = [];
  #preferences: string[] = [];

  private constructor(target: string) {
    this.#target = target;
    this.#server = http.createServer((request, response) => this.#pass(request, response));
  }

  static async start(target: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * Selects the next responses of Prism, such as `code=404`: one per request, the last one for all further requests.
   * `''`: Prism's own choice.
   */
  prefer(...preferences: string[]): void {
    this.#preferences = preferences;
  }

  /** Returns and clears what was recorded. */
  take(): Exchange[] {
    const exchanges = this.#exchanges;
    this.#exchanges = [];
    return exchanges;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '' } = request;
    if (this.#exchanges.length >= MAX_REQUESTS) {
      request.destroy();
      return;
    }
    const [preference, ...rest] = this.#preferences;
    if (rest.length > 0) this.#preferences = rest;
    const headers = {
      ...request.headers,
      'accept-encoding': 'identity',
      ...(preference && { prefer: preference }),
    };
    const sent: Buffer[] = [];
    request.on('data', (chunk: Buffer) => sent.push(chunk));
    const onward = http.request(this.#target + url, { method, headers, timeout: TIMEOUT }, (reply) => {
      this.#exchanges.push({
        request: `${method} ${url}`,
        status: reply.statusCode ?? 0,
        violations: violationsIn(reply.headers['sl-violations']),
      });
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.once('error', () => response.destroy());
      reply.once('end', () => {
        const [asked, example] = [sent, chunks].map((parts) => Buffer.concat(parts).toString());
        const body = Buffer.from(aboutWhatWasAsked(url, asked ?? '', example ?? ''));
        const length = body.length > 0 ? { 'content-length': body.length } : {};
        const kept = { ...reply.headers };
        delete kept['transfer-encoding'];
        response.writeHead(reply.statusCode ?? 502, { ...kept, ...length }).end(body);
      });
    });
    onward.once('timeout', () => onward.destroy());
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  }
}

function violationsIn(header: string | string[] | undefined): string[] {
  if (typeof header !== 'string') return [];
  const violations = JSON.parse(header) as { message: string; location: string[] }[];
  return violations.map(({ location, message }) => `${location.join('.')}: ${message}`);
}
