import { HttpsProxyAgent } from 'hpagent';
import http from 'node:http';
import type https from 'node:https';
import type { Duplex } from 'node:stream';
import { type AnySignal, onAbort } from '../../util/abort';
import { shieldedOptions } from '../../util/options/own-options';

/** What a connection is made for: `attemptSignal` aborts when the attempt ends. */
export interface TunnelOptions {
  attemptSignal?: AnySignal;
}

type ConnectionCallback = (error: Error | null, socket: Duplex) => void;

/**
 * Connects to `https:` servers through a proxy, which sees the host and nothing else. Errors name the proxy. The CONNECT
 * request ends with the attempt: a proxy that never responds would keep the process alive.
 */
export class ProxyTunnel extends HttpsProxyAgent {
  /** Host and port, without user name and password. */
  readonly #name: string;

  constructor(proxyUrl: URL, options: https.AgentOptions) {
    const proxy = new URL(proxyUrl);
    // hpagent connects to `hostname` as it is, and no host is called `[::1]`.
    Object.defineProperty(proxy, 'hostname', { value: unbracketed(proxyUrl.hostname) });
    super({ ...options, keepAlive: true, proxy });
    this.#name = proxyUrl.host;
  }

  override createConnection(
    options: https.RequestOptions & TunnelOptions,
    callback?: ConnectionCallback,
  ): undefined {
    const connectRequest = new AbortController();
    const unsubscribe = onAbort(options.attemptSignal, () => connectRequest.abort());
    // hpagent reads this again for each tunnel.
    Object.assign(this, {
      proxyRequestOptions: shieldedOptions({ signal: connectRequest.signal, rejectUnauthorized: true }),
    });
    super.createConnection(options, (error, socket) => {
      unsubscribe();
      callback?.(error && this.#explain(error), socket);
    });
  }

  #explain(error: NodeJS.ErrnoException): Error {
    const { message, code, syscall } = error;
    const status = /^Bad response: (\d+)$/.exec(message)?.[1];
    const what = status
      ? `refused the tunnel: ${status} ${http.STATUS_CODES[status] ?? ''}`.trim()
      : `failed: ${message || (code ?? 'no connection')}`;
    return Object.assign(new Error(`the proxy ${this.#name} ${what}`), { code, syscall });
  }
}

/** `::1` for `[::1]`. */
export function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
