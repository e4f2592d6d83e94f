import { HttpsProxyAgent } from 'hpagent';
import http from 'node:http';
import type https from 'node:https';
import type { Duplex } from 'node:stream';
import { type Abortable, onAbort } from '../../util/abort';

/** What a connection is made for: `ended` aborts when nobody waits for it any more. */
export interface TunnelOptions {
  ended?: Abortable;
}

type Made = (error: Error | null, socket: Duplex) => void;

/**
 * The way to `https:` servers through a proxy, which sees where to and nothing else. Says of a failure that it was the
 * proxy, and gives up asking it when the attempt ends: a proxy that never answers would keep the process alive.
 */
export class ProxyTunnel extends HttpsProxyAgent {
  /** Without user name and password. */
  readonly #name: string;

  constructor(via: URL, options: https.AgentOptions) {
    const proxy = new URL(via);
    // hpagent connects to this, and nothing is called `[::1]`.
    Object.defineProperty(proxy, 'hostname', { value: unbracketed(via.hostname) });
    super({ ...options, keepAlive: true, proxy });
    this.#name = via.host;
  }

  override createConnection(options: https.RequestOptions & TunnelOptions, callback?: Made): undefined {
    const asking = new AbortController();
    const forget = onAbort(options.ended, () => asking.abort());
    // Read by hpagent for each tunnel anew.
    Object.assign(this, { proxyRequestOptions: { signal: asking.signal } });
    super.createConnection(options, (error, socket) => {
      forget();
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
