import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { getProxyForUrl } from 'proxy-from-env';
import { isLoopback } from '../../util/loopback';
import { AGENT_OPTIONS, ConnectionPool, createAgent, manage } from './connection-pool';
import { proxyAuthorization, ProxyTunnel, unbracketed } from './proxy-tunnel';
import type { TransportOptions } from './types';

/** How requests reach an origin. */
export interface ConnectionRoute {
  secure: boolean;
  host: string;
  port: number;
  /** Comes before each path: a proxy that forwards plain HTTP expects the whole URL. */
  pathPrefix: string;
  /** For the proxy. */
  headers: Record<string, string> | null;
  agent: HttpAgent | HttpsAgent;
}

interface RouteOptions {
  httpAgent?: HttpAgent | undefined;
  httpsAgent?: HttpsAgent | undefined;
  proxy?: TransportOptions['proxy'];
}

/**
 * Routes go straight to the server, or through the proxy of the options or of the environment (`HTTPS_PROXY`,
 * `HTTP_PROXY`, `NO_PROXY`), which is read once for each origin and never used for this machine. `https:` goes through a
 * tunnel: the proxy never sees the token.
 */
export class ConnectionRoutes {
  private readonly routes = new Map<string, ConnectionRoute>();
  private readonly pools: ConnectionPool[] = [];
  /** With the options of a user's agent; by URL of the proxy. */
  private readonly tunnels = new Map<string, HttpsAgent>();

  private readonly options: RouteOptions;

  constructor(options: Pick<TransportOptions, keyof RouteOptions>) {
    // The public type of an agent has only what the declarations of this package can say without @types/node.
    this.options = options as RouteOptions;
  }

  /**
   * @returns the route to a URL, and the path to request there
   * @throws TypeError when the environment names something other than an HTTP proxy
   */
  find(url: string): [ConnectionRoute, path: string] {
    const [, origin, path] = CANONICAL_URL.exec(url) ?? splitUrl(url);
    let route = this.routes.get(origin);
    if (!route) {
      route = this.create(new URL(origin));
      this.routes.set(origin, route);
    }
    return [route, route.pathPrefix + path];
  }

  /** Closes all idle connections that no other manager uses. */
  close(): void {
    for (const pool of this.pools.splice(0)) pool.leave();
    for (const tunnel of this.tunnels.values()) tunnel.destroy();
  }

  private create(url: URL): ConnectionRoute {
    const { httpAgent, httpsAgent, proxy } = this.options;
    const secure = url.protocol === 'https:';
    const proxyUrl = proxyFor(url, proxy);
    if (proxyUrl && !secure) {
      return {
        secure,
        host: unbracketed(proxyUrl.hostname),
        port: Number(proxyUrl.port) || 80,
        pathPrefix: url.origin,
        headers: { host: url.host, ...proxyAuthorization(proxyUrl) },
        agent: httpAgent ?? this.pooled(proxyUrl.origin, () => createAgent(false)),
      };
    }
    const agent = secure ? httpsAgent : httpAgent;
    return {
      secure,
      host: unbracketed(url.hostname),
      port: Number(url.port) || (secure ? 443 : 80),
      pathPrefix: '',
      headers: null,
      agent: proxyUrl
        ? this.tunnel(url, proxyUrl)
        : (agent ?? this.pooled(url.origin, () => createAgent(secure))),
    };
  }

  /** The agent that managers share. */
  private pooled(key: string, create: () => HttpAgent | HttpsAgent): HttpAgent | HttpsAgent {
    const pool = ConnectionPool.join(key, create);
    this.pools.push(pool);
    return pool.agent;
  }

  private tunnel(url: URL, proxyUrl: URL): HttpAgent | HttpsAgent {
    const { httpsAgent } = this.options;
    const create = (): HttpsAgent =>
      manage(new ProxyTunnel(proxyUrl, httpsAgent?.options ?? AGENT_OPTIONS), true);
    if (!httpsAgent) return this.pooled(`${url.origin} by ${proxyUrl.href}`, create);
    const tunnel = this.tunnels.get(proxyUrl.href) ?? create();
    this.tunnels.set(proxyUrl.href, tunnel);
    return tunnel;
  }
}

type UrlParts = readonly [url: string, origin: string, path: string];

/** Matches URLs that `new URL` would not change, which nearly all are: matching costs less than parsing. */
const CANONICAL_URL =
  /^(https?:\/\/[\w.\-:[\]]+)((?!.*(?:\/\.|%2e))\/[\w\-~!$&()*+,;=:@%/.]*(?:\?[\w\-~!$&()*+,;=:@%/.?]+)?)$/i as {
    exec(url: string): UrlParts | null;
  };

function splitUrl(text: string): UrlParts {
  const { origin, pathname, search } = new URL(text);
  return [text, origin, pathname + search];
}

function proxyFor(url: URL, proxy: TransportOptions['proxy']): URL | null {
  if (proxy === false) return null;
  // A proxy of the environment cannot reach this machine as `localhost`, and would see the token over `http:`.
  // `localhost.` may be another machine by DNS, but a proxy is not to decide that.
  const isLocal = isLoopback(url.hostname.replace(/\.$/, ''));
  if (!proxy) return isLocal ? null : proxyOfEnvironment(url);
  const host = proxy.host.includes(':') ? `[${proxy.host}]` : proxy.host;
  const proxyUrl = new URL(`http://${host}:${proxy.port}`);
  if (proxy.auth) {
    proxyUrl.username = encodeURIComponent(proxy.auth.username);
    proxyUrl.password = encodeURIComponent(proxy.auth.password);
  }
  return proxyUrl;
}

/** The variables that decide about a proxy, the first one first. `process.env` inherits from Object.prototype. */
function proxyVariables({ protocol }: URL): string[] {
  const names = [`${protocol.slice(0, -1)}_proxy`, 'all_proxy', 'no_proxy'];
  return names.flatMap((name) => [name, name.toUpperCase()]);
}

/** @throws TypeError when the environment names something other than an HTTP proxy; the message holds no password */
function proxyOfEnvironment(url: URL): URL | null {
  const variables = proxyVariables(url);
  const inherited = variables.find((name) => name in process.env && !Object.hasOwn(process.env, name));
  if (inherited !== undefined)
    throw new TypeError(
      `proxy: a package in this process has set Object.prototype.${inherited}, which is no variable`,
    );
  const found = getProxyForUrl(url.href);
  if (!found) return null;
  // Without a scheme, curl and others connect by http:. `getProxyForUrl` adds the scheme of the request.
  const given = variables.map((name) => process.env[name]).find(Boolean);
  const value = given?.includes('://') === false ? `http://${given}` : found;
  const proxyUrl = URL.canParse(value) ? new URL(value) : null;
  if (proxyUrl?.protocol === 'http:' || proxyUrl?.protocol === 'https:') return proxyUrl;
  throw new TypeError(
    'proxy: expected an http: or https: URL in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; transport: { proxy: false } ignores them',
  );
}
