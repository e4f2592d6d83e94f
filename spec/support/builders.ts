import fc from 'fast-check';
import { DOApi, type DOApiOptions, type TransportAdapter } from '../../lib';
import { sleep } from '../../lib/util/clock';
import { VIRTUAL_START, VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import started from '../fixtures/action/start.json';
import droplet from '../fixtures/droplet/active.json';
import errors from '../fixtures/error/documented.json';
import publicImage from '../fixtures/image/get.json';
import snapshot from '../fixtures/image/snapshot.json';
import regions from '../fixtures/region/list.json';

/** Has the form of a real token, so that redaction applies to it. */
export const TOKEN = `dop_v1_${'5ec2e7'.repeat(10)}abcd`;

export const ENDPOINT = 'https://api.digitalocean.com';

/** An object as the API sends it. */
export type Json = Record<string, unknown>;

/** A private snapshot as the API sends it. */
export const imageJson = (changes: Json = {}): Json => ({ ...structuredClone(snapshot.image), ...changes });

/** A public image, which has a slug. */
export const publicImageJson = (changes: Json = {}): Json => ({
  ...structuredClone(publicImage.image),
  ...changes,
});

/** A transfer in progress, of the image of `imageJson`. */
export const actionJson = (changes: Json = {}): Json => ({ ...structuredClone(started.action), ...changes });

export const dropletJson = (changes: Json = {}): Json => ({
  ...structuredClone(droplet.droplet),
  ...changes,
});

export const regionJson = (changes: Json = {}): Json => ({
  ...structuredClone(regions.regions[0]),
  ...changes,
});

const anyText = fc.string({ unit: 'grapheme' });
const anyDate = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
  .map((date) => `${date.toISOString().slice(0, -5)}Z`);
const anyId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** Any region that the API may send. */
export const anyRegionJson: fc.Arbitrary<Json> = fc.record({
  slug: anyText,
  name: anyText,
  available: fc.boolean(),
  features: fc.uniqueArray(anyText),
  sizes: fc.uniqueArray(anyText),
});

/** Any action that the API may send. */
export const anyActionJson: fc.Arbitrary<Json> = fc.record({
  id: anyId,
  status: fc.option(fc.constantFrom('in-progress', 'completed', 'errored', 'unknown-status')),
  type: fc.option(anyText),
  started_at: fc.option(anyDate),
  completed_at: fc.option(anyDate),
  resource_id: fc.option(anyId),
  resource_type: fc.option(anyText),
  region: fc.option(anyRegionJson),
  region_slug: anyText,
});

/** Any image that the API may send. */
export const anyImageJson: fc.Arbitrary<Json> = fc.record({
  id: anyId,
  name: anyText,
  type: fc.option(anyText),
  distribution: fc.option(anyText),
  slug: fc.option(anyText),
  public: fc.boolean(),
  regions: fc.uniqueArray(anyText),
  min_disk_size: fc.option(fc.nat()),
  size_gigabytes: fc.option(fc.double({ noNaN: true, min: 0, max: 1e9 })),
  created_at: fc.option(anyDate),
  description: anyText,
  tags: fc.uniqueArray(anyText),
  status: fc.option(anyText),
  error_message: anyText,
});

const anyInterface = (netmask: fc.Arbitrary<unknown>): fc.Arbitrary<Json> =>
  fc.record({
    ip_address: anyText,
    netmask: fc.option(netmask),
    gateway: fc.option(fc.constantFrom('10.0.0.1', 'fe80::1')),
    type: fc.constantFrom('public', 'private', 'other'),
  });

/** Any Droplet that the API may send. */
export const anyDropletJson: fc.Arbitrary<Json> = fc.record({
  id: anyId,
  name: anyText,
  memory: fc.option(fc.nat()),
  vcpus: fc.option(fc.nat()),
  disk: fc.option(fc.nat()),
  locked: fc.boolean(),
  status: fc.option(fc.constantFrom('new', 'active', 'off', 'archive', 'unknown-status')),
  created_at: fc.option(anyDate),
  features: fc.uniqueArray(anyText),
  backup_ids: fc.uniqueArray(anyId),
  snapshot_ids: fc.uniqueArray(anyId),
  image: fc.option(anyImageJson),
  size_slug: fc.option(anyText),
  region: fc.option(anyRegionJson),
  networks: fc.record({ v4: fc.array(anyInterface(anyText)), v6: fc.array(anyInterface(fc.nat(128))) }),
  tags: fc.uniqueArray(anyText),
  volume_ids: fc.uniqueArray(anyText),
  vpc_uuid: fc.option(anyText),
  next_backup_window: fc.option(fc.record({ start: anyDate, end: anyDate })),
});

/** Any snapshot of `/v2/snapshots` that the API may send. */
export const anySnapshotJson: fc.Arbitrary<Json> = fc.record({
  id: fc.oneof(anyId.map(String), fc.uuid()),
  name: anyText,
  created_at: fc.option(anyDate),
  regions: fc.uniqueArray(anyText),
  resource_id: anyText,
  resource_type: fc.option(fc.constantFrom('droplet', 'volume', 'other')),
  min_disk_size: fc.option(fc.nat()),
  size_gigabytes: fc.option(fc.double({ noNaN: true, min: 0, max: 1e9 })),
  tags: fc.uniqueArray(anyText),
});

/** The own properties of an object, for comparison with a plain object. */
export const fieldsOf = (resource: object): Json => ({ ...resource });

/** A DOApi without retries and rate limit, independent of the environment. */
export const anApi = (options: DOApiOptions = {}): DOApi =>
  new DOApi({ token: TOKEN, endpoint: ENDPOINT, retries: 0, rateLimit: false, ...options });

/** A request as specs compare it. */
export interface SentRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  /** The parsed body; `undefined` without a body. */
  body: unknown;
  headers: Record<string, string>;
}

/** A response; a body that is a string is sent unchanged. */
export interface Reply {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Parses a request. */
export function asked(
  method: string,
  url: string,
  body: string,
  headers: Record<string, string>,
): SentRequest {
  const { pathname, searchParams } = new URL(url);
  const query = Object.fromEntries(searchParams);
  const sent = body === '' ? undefined : (JSON.parse(body) as unknown);
  return { method, path: pathname, query, body: sent, headers };
}

/** The body of a reply as text. */
export function textOf({ body = '' }: Reply): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** @param nth 1 for the first request */
export type Responder = (request: SentRequest, nth: number) => Reply | Error | Promise<Reply | Error>;

/** A server in memory, with a clock that advances whenever the process is idle. */
export class MemoryServer {
  readonly requests: SentRequest[] = [];
  readonly clock = new VirtualClock();
  /** The delay of every response, in milliseconds. */
  latency = 0;
  /** The highest number of concurrent requests so far. */
  maxConcurrent = 0;
  /** The number of aborted requests. */
  abortedCount = 0;
  #busy = 0;

  /** @param respond returns the response to a request, or an Error for a lost response */
  constructor(public respond: Responder) {}

  /** A DOApi that sends its requests to this server. */
  api(options: DOApiOptions = {}): DOApi {
    return anApi({ clock: this.clock, ...options, transport: { adapter: this.adapter } });
  }

  /** All requests, in the form `GET /v2/images`. */
  get lines(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  readonly adapter: TransportAdapter = async ({ method, url, body, headers, signal }) => {
    const request = asked(method, url, body ?? '', headers);
    const nth = this.requests.push(request);
    this.maxConcurrent = Math.max(this.maxConcurrent, ++this.#busy);
    try {
      if (this.latency > 0) await sleep(this.clock, this.latency, signal);
      const reply = await this.respond(request, nth);
      if (reply instanceof Error) throw reply;
      return { status: reply.status ?? 200, headers: { ...reply.headers }, body: textOf(reply) };
    } finally {
      this.#busy -= 1;
      if (signal.aborted) this.abortedCount += 1;
    }
  };
}

/** A page of a list as the API sends it, with a link to the next page unless it is the last. */
export function pageJson(key: string, all: readonly unknown[], { query, path }: SentRequest): Json {
  const [page, perPage] = [Number(query.page), Number(query.per_page)];
  const last = Math.ceil(all.length / perPage);
  const next = `${ENDPOINT}${path}?page=${page + 1}&per_page=${perPage}`;
  return {
    [key]: all.slice((page - 1) * perPage, page * perPage),
    links: page < last ? { pages: { next, last: next } } : {},
    meta: { total: all.length },
  };
}

/** The contents of an account, evaluated at every request. */
interface Account {
  actions?: () => Json[];
  images?: () => Json[];
}

/** Responds to every GET of actions and images with their current state. */
export function accountOf({ actions = () => [], images = () => [] }: Account): Responder {
  return (request) => {
    const [noun = '', id, under, actionId] = request.path.split('/').slice(2);
    const isActions = noun === 'actions' || under === 'actions';
    const key = isActions ? 'action' : 'image';
    const all = isActions ? actions() : images();
    const own = under ? all.filter(({ resource_id }) => String(resource_id) === id) : all;
    const wanted = under ? actionId : id;
    if (wanted === undefined) return { body: pageJson(`${key}s`, own, request) };
    const found = own.find((json) => String(json.id) === wanted);
    return found ? { body: { [key]: found } } : { status: 404, body: errors[404] };
  };
}

/** The date `ms` milliseconds after the start of a virtual clock, as the API writes it. */
export const stamp = (ms = 0): string => `${new Date(VIRTUAL_START + ms).toISOString().slice(0, -5)}Z`;

/** The reason with which a promise rejects; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return outcome.error;
  throw new Error(`expected a rejection, got ${String(outcome.value)}`);
}
