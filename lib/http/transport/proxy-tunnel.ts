import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type AnySignal, onAbort } from '../../util/abort';
import { shieldedOptions, withoutPollution } from '../../util/options/own-options';

/** What a connection is made for: `attemptSignal` aborts when the attempt ends. */
export interface TunnelOptions {
  attemptSignal?: AnySignal;
}

type ConnectionCallback = (error: Error | null, socket: Duplex) => void;

const NO_SOCKET = undefined as unknown as Duplex;

/**
 * Connects to `https:` servers through a proxy, which sees the host and nothing else. Errors name the proxy. The CONNECT
 * request ends with the attempt: a proxy that never responds would keep the process alive.
 */
export class ProxyTunnel extends https.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: https.AgentOptions) {
    super({ ...options, keepAlive: true });
    this.#proxy = proxy;
  }

  override createConnection(
    options: https.RequestOptions & TunnelOptions,
    callback: ConnectionCallback = () => undefined,
  ): undefined {
    const request = this.#requestTunnel(`${String(options.host)}:${String(options.port)}`);
    const unsubscribe = onAbort(options.attemptSignal, () => request.destroy());
    const fail = (what: string, error?: NodeJS.ErrnoException): void => {
      unsubscribe();
      const { code, syscall } = error ?? {};
      const failure = new Error(`the proxy ${this.#proxy.host} ${what}`);
      callback(Object.assign(failure, { code, syscall }), NO_SOCKET);
    };
    request.once('error', (error: NodeJS.ErrnoException) =>
      fail(`failed: ${error.message || (error.code ?? 'no connection')}`, error),
    );
    request.once('connect', ({ statusCode = 0 }, socket: Duplex) => {
      if (statusCode !== 200) {
        socket.destroy();
        fail(`refused the tunnel: ${statusCode} ${http.STATUS_CODES[statusCode] ?? ''}`.trim());
        return;
      }
      unsubscribe();
      const secure = shieldedOptions({ ...options, socket });
      callback(null, withoutPollution(() => super.createConnection(secure)) ?? NO_SOCKET);
    });
    request.end();
  }

  #requestTunnel(target: string): http.ClientRequest {
    const proxy = this.#proxy;
    const host = unbracketed(proxy.hostname);
    const secure = proxy.protocol === 'https:';
    const options = shieldedOptions<https.RequestOptions>({
      method: 'CONNECT',
      host,
      port: proxy.port || (secure ? 443 : 80),
      path: target,
      headers: { host: target, connection: 'keep-alive', ...proxyAuthorization(proxy) },
      agent: false,
      rejectUnauthorized: true,
      // An address is no server name, and without one Node would take that of the endpoint.
      ...(secure && { servername: isIP(host) ? '' : host, ca: this.options.ca }),
    });
    return withoutPollution(() => (secure ? https : http).request(options));
  }
}

/** The header that tells a proxy user name and password; none without a user name. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (!username) return {};
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** A `%` that encodes nothing stands for itself: passwords in variables are often not encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `::1` for `[::1]`. */
export function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
