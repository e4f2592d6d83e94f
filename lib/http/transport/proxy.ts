import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { getProxyForUrl } from 'proxy-from-env';
import { trackConnections } from './connections';
import type { TransportOptions } from './types';
import { ProxyTunnel, unbracketed } from './proxy-tunnel';

/** Where connections to an origin go, and how things are asked for there. */
export interface ConnectionRoute {
  secure: boolean;
  host: string;
  port: number;
  /** What stands before each path: a proxy that passes on plain HTTP wants the whole URL. */
  before: string;
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
export class ConnectionRoutes {
  private readonly routes = new Map<string, ConnectionRoute>();

  constructor(
    private readonly agents: Agents,
    private readonly proxy: TransportOptions['proxy'],
  ) {}

  /**
   * @returns the way to a URL, and the path to ask for there
   * @throws TypeError when the environment names something that is no HTTP proxy
   */
  to(url: string): [ConnectionRoute, path: string] {
    const [, origin, path] = PLAIN.exec(url) ?? parsed(url);
    let route = this.routes.get(origin);
    if (!route) {
      route = this.find(new URL(origin));
      this.routes.set(origin, route);
    }
    return [route, route.before + path];
  }

  private find(url: URL): ConnectionRoute {
    const { agents } = this;
    const secure = url.protocol === 'https:';
    const via = proxyFor(url, this.proxy);
    if (via && !secure) {
      return {
        secure,
        host: unbracketed(via.hostname),
        port: Number(via.port) || 80,
        before: url.origin,
        headers: { host: url.host, ...authorization(via) },
        agent: agents.http,
      };
    }
    const ownAgent = secure ? agents.https : agents.http;
    return {
      secure,
      host: unbracketed(url.hostname),
      port: Number(url.port) || (secure ? 443 : 80),
      before: '',
      headers: null,
      agent: via ? tunnel(via, agents.https) : ownAgent,
    };
  }
}

type Parts = readonly [url: string, origin: string, path: string];

/** A URL that `new URL` would write in the same way, as nearly all are: to find that out is cheaper than to have it parsed. */
const PLAIN =
  /^(https?:\/\/[\w.\-:[\]]+)((?!.*(?:\/\.|%2e))\/[\w\-~!$&()*+,;=:@%/.]*(?:\?[\w\-~!$&()*+,;=:@%/.?]+)?)$/i as {
    exec(url: string): Parts | null;
  };

function parsed(text: string): Parts {
  const { origin, pathname, search } = new URL(text);
  return [text, origin, pathname + search];
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
  const kept = known.get(via.href) ?? trackConnections(new ProxyTunnel(via, agent.options), true);
  known.set(via.href, kept);
  return kept;
}

/** Closes the tunnels that belong to `agent`. */
export function closeTunnels(agent: HttpsAgent): void {
  for (const kept of tunnels.get(agent)?.values() ?? []) kept.destroy();
}
