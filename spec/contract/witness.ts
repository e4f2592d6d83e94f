import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request and its answer, as Prism judged them. */
export interface Exchange {
  /** Such as `GET /v2/images?page=1&per_page=200`. */
  asked: string;
  status: number;
  /** What is against the OpenAPI file, in Prism's words. */
  violations: string[];
}

/** No operation needs this many requests: what has no end is cut off. */
const MOST = 100;
/** No answer of Prism takes this long; in milliseconds. */
const PATIENCE = 10_000;

/**
 * Stands between the library and Prism, on this machine, and passes everything on: it writes down what was asked, what
 * Prism found wrong with it, and adds the header by which Prism is told what to answer, which the library has no option for.
 */
export class Witness {
  readonly #server: http.Server;
  readonly #target: string;
  #exchanges: Exchange[] = [];
  #wishes: string[] = [];

  private constructor(target: string) {
    this.#target = target;
    this.#server = http.createServer((request, response) => this.#pass(request, response));
  }

  static async start(target: string): Promise<Witness> {
    const witness = new Witness(target);
    await new Promise<void>((resolve) => witness.#server.listen(0, '127.0.0.1', resolve));
    return witness;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * From now on, Prism is asked for these answers, such as `code=404`: one for each request, the last one for all that
   * follow; `''` is Prism's own choice.
   */
  wish(...wishes: string[]): void {
    this.#wishes = wishes;
  }

  /** What was asked since the last call. */
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
    if (this.#exchanges.length >= MOST) {
      request.destroy();
      return;
    }
    const [wish, ...rest] = this.#wishes;
    if (rest.length > 0) this.#wishes = rest;
    const headers = { ...request.headers, ...(wish && { prefer: wish }) };
    const onward = http.request(this.#target + url, { method, headers, timeout: PATIENCE }, (answer) => {
      this.#exchanges.push({
        asked: `${method} ${url}`,
        status: answer.statusCode ?? 0,
        violations: violationsIn(answer.headers['sl-violations']),
      });
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
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
