import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { getProxyForUrl } from 'proxy-from-env';
import { watched } from './agents';
import type { TransportOptions } from './transport';
import { Tunnel, unbracketed } from './tunnel';

/** Where the connection goes, and what is asked for there. */
export interface Route {
  host: string;
  port: number;
  path: string;
  /** For the proxy. */
  headers: Record<string, string> | null;
  agent: HttpAgent | HttpsAgent;
}

interface Agents {
  http: HttpAgent;
  https: HttpsAgent;
}

/** Tunnels are kept for a proxy as long as the agent they belong to. */
const tunnels = new WeakMap<HttpsAgent, Map<string, HttpsAgent>>();

/**
 * Straight to the server, or through a proxy: the one given, else the environment's (`HTTPS_PROXY`, `HTTP_PROXY`,
 * `NO_PROXY`), which is read once for each origin. `https:` goes through a tunnel, so that the proxy never sees the token.
 */
export class Routes {
  private readonly proxies = new Map<string, URL | null>();

  constructor(
    private readonly agents: Agents,
    private readonly proxy: TransportOptions['proxy'],
  ) {}

  /** @throws TypeError when the environment names something that is no HTTP proxy */
  to(url: URL): Route {
    const { agents } = this;
    const secure = url.protocol === 'https:';
    const via = this.proxyTo(url);
    if (via && !secure) {
      return {
        host: unbracketed(via.hostname),
        port: Number(via.port) || 80,
        path: url.href,
        headers: { host: url.host, ...authorization(via) },
        agent: agents.http,
      };
    }
    const ownAgent = secure ? agents.https : agents.http;
    return {
      host: unbracketed(url.hostname),
      port: Number(url.port) || (secure ? 443 : 80),
      path: url.pathname + url.search,
      headers: null,
      agent: via ? tunnel(via, agents.https) : ownAgent,
    };
  }

  private proxyTo(url: URL): URL | null {
    const known = this.proxies.get(url.origin);
    if (known !== undefined) return known;
    const via = proxyFor(url, this.proxy);
    this.proxies.set(url.origin, via);
    return via;
  }
}

function proxyFor(url: URL, proxy: TransportOptions['proxy']): URL | null {
  if (proxy === false) return null;
  if (!proxy) return fromEnvironment(url);
  const via = new URL(`http://${proxy.host.includes(':') ? `[${proxy.host}]` : proxy.host}:${proxy.port}`);
  if (proxy.auth) {
    via.username = encodeURIComponent(proxy.auth.username);
    via.password = encodeURIComponent(proxy.auth.password);
  }
  return via;
}

/** @throws TypeError when the environment names something that is no HTTP proxy; the message holds no password */
function fromEnvironment(url: URL): URL | null {
  const found = getProxyForUrl(url.href);
  if (!found) return null;
  const via = URL.canParse(found) ? new URL(found) : null;
  if (via?.protocol === 'http:' || via?.protocol === 'https:') return via;
  throw new TypeError(
    'proxy: expected an http: or https: URL in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; transport: { proxy: false } ignores them',
  );
}

function authorization(via: URL): Record<string, string> {
  if (!via.username) return {};
  const plain = `${decodeURIComponent(via.username)}:${decodeURIComponent(via.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(plain).toString('base64')}` };
}

function tunnel(via: URL, agent: HttpsAgent): HttpsAgent {
  const known = tunnels.get(agent) ?? new Map<string, HttpsAgent>();
  tunnels.set(agent, known);
  const kept = known.get(via.href) ?? watched(new Tunnel(via, agent.options), true);
  known.set(via.href, kept);
  return kept;
}

/** Closes the tunnels that belong to `agent`. */
export function closeTunnels(agent: HttpsAgent): void {
  for (const kept of tunnels.get(agent)?.values() ?? []) kept.destroy();
}
