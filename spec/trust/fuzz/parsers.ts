import { Action, DOApi, Image, Region, ResponseError } from '../../../lib';
import { rateLimitOf, retryAfterOf } from '../../../lib/http/response/response-headers';
import { parseErrorBody } from '../../../lib/http/response/error-body';
import { responseError } from '../../../lib/errors/errors';
import { Mismatch } from '../../../lib/model/fields';
import { NotJson, parseJson } from '../../../lib/http/response/json';
import type { Requester } from '../../../lib/model/requester';
import { hydrate, type ResourceClass, unwrap } from '../../../lib/model/resource';
import { Listing } from '../../../lib/pagination/listing';
import actions from '../../fixtures/action/list.json';
import convert from '../../fixtures/action/convert.json';
import started from '../../fixtures/action/start.json';
import errors from '../../fixtures/error/documented.json';
import created from '../../fixtures/image/create.json';
import gotten from '../../fixtures/image/get.json';
import images from '../../fixtures/image/list.json';
import snapshot from '../../fixtures/image/snapshot.json';
import regions from '../../fixtures/region/list.json';
import { CellClock } from '../../../tools/fault-matrix/cell-clock';

/** A part of the library that reads data of a server. */
export interface Parser {
  name: string;
  recorded: readonly string[];
  /** Returns what it reads from a body. Throws Mismatch or NotJson. */
  read: (text: string) => unknown[] | Promise<unknown[]>;
}

/** A manager whose responses have this text as body. */
const requester = (text: string): Requester =>
  ({
    ...SETTINGS,
    send: async (_url: string, call: { read: (body: unknown) => unknown }) => call.read(await parsed(text)),
  }) as never;

const SETTINGS = {
  endpoint: 'https://api.digitalocean.com',
  perPage: 200,
  clock: new CellClock({ lengths: 'all', end: NaN }),
  deniedScopes: new Set<string>(),
  signal: new AbortController().signal,
  skew: 0,
};

const parsed = (text: string): Promise<unknown> => Promise.resolve(parseJson(text));

const texts = (...bodies: unknown[]): string[] => bodies.map((body) => JSON.stringify(body));

function one(Class: ResourceClass<Image | Action>, key: string): Parser['read'] {
  return (text) => [unwrap(Class, key, parseJson(text), requester(text))];
}

function page(Class: ResourceClass<Image | Action | Region>, key: string): Parser['read'] {
  return async (text) => {
    const api = requester(text);
    const source = { url: '/', key, item: (json: unknown) => hydrate(Class, json, api) };
    const { items, total } = await new Listing(api, source).page(1);
    if (total !== null && !Number.isSafeInteger(total)) throw new TypeError(`total: ${total}`);
    return items;
  };
}

/** Reads the body of an error response. */
function refusal(text: string): unknown[] {
  const body = parseErrorBody(text, { 'x-request-id': text.slice(0, 300) }, 'Not Found');
  const facts = {
    ...body,
    method: 'GET',
    url: '/',
    attempts: 1,
    status: 422,
    rateLimit: null,
    retryAfter: null,
  };
  const error = responseError(facts, null);
  // eslint-disable-next-line no-control-regex -- control characters are what must not be there
  if (/[\u0000-\u001f]/.test(error.message) || error.message.length > 700)
    throw new TypeError('an invalid message');
  return [error instanceof ResponseError ? error : null];
}

/** Reads numbers and dates in headers. */
function headers(text: string): unknown[] {
  const now = Date.UTC(2026, 0, 1);
  const values = {
    'retry-after': text,
    date: text,
    'ratelimit-limit': '5',
    'ratelimit-remaining': text,
    'ratelimit-reset': text,
  };
  const delay = retryAfterOf(values, now);
  if (delay !== null && !(Number.isFinite(delay) && delay >= 0)) throw new TypeError(`retry-after: ${delay}`);
  const limit = rateLimitOf(values);
  if (limit && !Number.isFinite(limit.resetAt.getTime() + limit.remaining)) throw new TypeError('a limit');
  return [];
}

export const PARSERS: readonly Parser[] = [
  { name: 'an image', recorded: texts(gotten, snapshot, created), read: one(Image, 'image') },
  { name: 'an action', recorded: texts(started, convert), read: one(Action, 'action') },
  { name: 'a page of images', recorded: texts(images), read: page(Image, 'images') },
  { name: 'a page of actions', recorded: texts(actions), read: page(Action, 'actions') },
  { name: 'a page of regions', recorded: texts(regions), read: page(Region, 'regions') },
  { name: 'an error', recorded: texts(...Object.values(errors)), read: refusal },
  {
    name: 'headers',
    recorded: texts('12', 'Thu, 01 Jan 2026 00:00:09 GMT', 1_767_225_600),
    read: (text) => headers(text.replace(/^"|"$/g, '')),
  },
  { name: 'JSON', recorded: texts(images, actions, errors), read: (text) => (parseJson(text), []) },
];

/** Whether a parser may throw this. Anything else is a defect. */
export const isTyped = (error: unknown): boolean => error instanceof Mismatch || error instanceof NotJson;

/** What is wrong with a parsed object; `null` when it is valid. */
export function flawOf(value: unknown): string | null {
  if (!(value instanceof Image || value instanceof Action || value instanceof Region)) return null;
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'number' && !Number.isFinite(field)) return `${name} is ${field}`;
    if (field instanceof Date && Number.isNaN(field.getTime())) return `${name} is not a valid date`;
    if (Array.isArray(field) && !field.every((item) => typeof item === 'string'))
      return `${name} holds something other than strings`;
    if (!Object.hasOwn(SAMPLES[value.constructor.name] ?? {}, name)) return `${name} is not a field`;
  }
  if (value instanceof Region) return null;
  if (!Number.isSafeInteger(value.id) || value.id <= 0) return `id is ${value.id}`;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- only their types are read
  const methods: unknown[] = [value.fetch, value.toJSON, value.toString];
  if (!methods.every((method) => typeof method === 'function')) return 'a method is shadowed';
  return typeof value.url === 'string' ? null : 'url is not a string';
}

const api = new DOApi({ token: 'x', endpoint: 'https://api.digitalocean.com' });
const SAMPLES: Readonly<Record<string, object>> = {
  Image: api.image(5),
  Action: api.action(5),
  Region: hydrate(Region, regions.regions[0], requester('')),
};
