/**
 * The server of the benchmark, a process of its own: lists of images and single ones, as DigitalOcean shows them. It is
 * told what to be by messages, and tells what it has seen.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FIRST_ID, imageJson, pageJson } from './images';

/** How the server is to behave. */
export interface Behaviour {
  /** How long each answer takes at least, in milliseconds. */
  latency: number;
  /** How many images there are. */
  total: number;
  /** How many requests in a minute are answered; then 429. `null`: all. */
  burst: number | null;
}

/** What the server has seen since it was last told how to behave. */
export interface Traffic {
  requests: number;
  refused: number;
  /** Most requests under way at once. */
  inFlight: number;
  connections: number;
}

const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 200;
/** What the headers say: nobody is kept by them, unless there is a real limit. */
const HOURLY = { plenty: 1e9, real: 5_000 };
const MINUTE = 60_000;

let behaviour: Behaviour = { latency: 0, total: 10_000, burst: null };
let traffic = nothing();
let underWay = 0;
let times: number[] = [];

function nothing(): Traffic {
  return { requests: 0, refused: 0, inFlight: 0, connections: 0 };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  traffic.requests += 1;
  traffic.inFlight = Math.max(traffic.inFlight, ++underWay);
  response.once('close', () => (underWay -= 1));
  request.resume();
  const limit = behaviour.burst === null ? HOURLY.plenty : HOURLY.real;
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(limit - traffic.requests),
    'ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 3_600),
    'x-request-id': `bench-${traffic.requests}`,
  };
  const pause = overTheLimit();
  if (pause > 0) {
    traffic.refused += 1;
    headers['retry-after'] = String(Math.ceil(pause / 1_000));
    send(response, 429, headers, '{"id":"too_many_requests","message":"API Rate limit exceeded."}');
    return;
  }
  const body = bodyFor(request.url ?? '');
  if (body === null) send(response, 404, headers, '{"id":"not_found","message":"It is not there."}');
  else send(response, 200, headers, body);
}

/** Milliseconds until there is room in the last minute; 0: there is. */
function overTheLimit(): number {
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

const server = createServer(answer);
// Nobody's connection is closed while he is busy with something else.
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
  traffic = nothing();
  times = [];
  process.send?.('ready');
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());

server.listen(0, '127.0.0.1', () => process.send?.(url()));
