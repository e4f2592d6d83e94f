/**
 * The server of the benchmark, in its own process: serves images and lists of images as DigitalOcean does. Messages of
 * the parent set its behaviour and request its counters.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FIRST_ID, imageJson, pageJson } from './images';

/** The behaviour of the server. */
export interface Behaviour {
  /** The minimum time of a response, in milliseconds. */
  latency: number;
  /** The number of images. */
  total: number;
  /** Requests per minute before a 429; `null`: no limit. */
  burst: number | null;
}

/** Counters since the behaviour was set. */
export interface Traffic {
  requests: number;
  refused: number;
  /** The most concurrent requests. */
  inFlight: number;
  connections: number;
}

const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 200;
/** The limit in the headers: too high to delay a client, unless `burst` is set. */
const HOURLY = { plenty: 1e9, real: 5_000 };
const MINUTE = 60_000;

let behaviour: Behaviour = { latency: 0, total: 10_000, burst: null };
let traffic = noTraffic();
let inFlight = 0;
let times: number[] = [];

function noTraffic(): Traffic {
  return { requests: 0, refused: 0, inFlight: 0, connections: 0 };
}

function respond(request: IncomingMessage, response: ServerResponse): void {
  traffic.requests += 1;
  traffic.inFlight = Math.max(traffic.inFlight, ++inFlight);
  response.once('close', () => (inFlight -= 1));
  request.resume();
  const limit = behaviour.burst === null ? HOURLY.plenty : HOURLY.real;
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(limit - traffic.requests),
    'ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 3_600),
    'x-request-id': `bench-${traffic.requests}`,
  };
  const delay = delayByLimit();
  if (delay > 0) {
    traffic.refused += 1;
    headers['retry-after'] = String(Math.ceil(delay / 1_000));
    send(response, 429, headers, '{"id":"too_many_requests","message":"API Rate limit exceeded."}');
    return;
  }
  const body = bodyFor(request.url ?? '');
  if (body === null)
    send(response, 404, headers, '{"id":"not_found","message":"The resource does not exist."}');
  else send(response, 200, headers, body);
}

/** Milliseconds until the limit admits another request; counts the request if that is 0. */
function delayByLimit(): number {
  if (behaviour.burst === null) return 0;
  const now = performance.now();
  times = times.filter((time) => time > now - MINUTE);
  if (times.length >= behaviour.burst) return (times[0] ?? now) + MINUTE - now;
  times.push(now);
  return 0;
}

function bodyFor(path: string): string | null {
  const [, id] = /^\/v2\/images\/(\d+)$/.exec(path) ?? [];
  const { total } = behaviour;
  if (id !== undefined) {
    const number = Number(id) - FIRST_ID;
    return number >= 0 && number < total ? `{"image":${imageJson(number)}}` : null;
  }
  if (!/^\/v2\/images(\?|$)/.test(path)) return null;
  const query = new URLSearchParams(path.split('?')[1]);
  const perPage = Math.min(LARGEST_PAGE, Number(query.get('per_page') ?? DEFAULT_PAGE));
  return pageJson(url(), Number(query.get('page') ?? 1), perPage, total);
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, text: string): void {
  const body = Buffer.from(text);
  const finish = (): void => {
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(body);
  };
  if (behaviour.latency > 0) setTimeout(finish, behaviour.latency);
  else finish();
}

const server = createServer(respond);
// A busy client must not lose its connection.
server.keepAliveTimeout = 600_000;
server.on('connection', () => (traffic.connections += 1));

function url(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

process.on('message', (message: Behaviour | 'traffic') => {
  if (message === 'traffic') {
    process.send?.(traffic);
    return;
  }
  behaviour = message;
  traffic = noTraffic();
  times = [];
  process.send?.('ready');
});
// The parent process has exited.
process.on('disconnect', () => process.exit());

server.listen(0, '127.0.0.1', () => process.send?.(url()));
