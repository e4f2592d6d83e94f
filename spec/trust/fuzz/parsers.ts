import { Action, DOApi, Image, Region, ResponseError } from '../../../lib';
import { rateLimitOf, retryAfterOf } from '../../../lib/http/response-headers';
import { parseErrorBody } from '../../../lib/http/error-body';
import { responseError } from '../../../lib/errors/errors';
import { Mismatch } from '../../../lib/model/fields';
import { NotJson, parseJson } from '../../../lib/http/json';
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

/** Something of ours that reads what a server sends. */
export interface Parser {
  name: string;
  recorded: readonly string[];
  /** What it made of a body. @throws Mismatch, NotJson */
  read: (text: string) => unknown[] | Promise<unknown[]>;
}

/** A manager that gets its answers from us. */
const requester = (text: string): Requester =>
  ({
    ...ENOUGH,
    send: async (_url: string, call: { read: (body: unknown) => unknown }) => call.read(await parsed(text)),
  }) as never;

const ENOUGH = {
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

/** Those of the API's words that are read although nothing is due. */
function refusal(text: string): unknown[] {
  const said = parseErrorBody(text, { 'x-request-id': text.slice(0, 300) }, 'Not Found');
  const facts = {
    ...said,
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
    throw new TypeError('a bad message');
  return [error instanceof ResponseError ? error : null];
}

/** Numbers and dates out of headers. */
function headers(text: string): unknown[] {
  const now = Date.UTC(2026, 0, 1);
  const said = {
    'retry-after': text,
    date: text,
    'ratelimit-limit': '5',
    'ratelimit-remaining': text,
    'ratelimit-reset': text,
  };
  const asked = retryAfterOf(said, now);
  if (asked !== null && !(Number.isFinite(asked) && asked >= 0)) throw new TypeError(`retry-after: ${asked}`);
  const limit = rateLimitOf(said);
  if (limit && !Number.isFinite(limit.resetAt.getTime() + limit.remaining)) throw new TypeError('a limit');
  return [];
}

/** The eight. */
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

/** What a parser may throw: everything else comes from inside. */
export const isTyped = (error: unknown): boolean => error instanceof Mismatch || error instanceof NotJson;

/** What is wrong with something that was read; `null` when it is sound. */
export function flawOf(value: unknown): string | null {
  if (!(value instanceof Image || value instanceof Action || value instanceof Region)) return null;
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'number' && !Number.isFinite(field)) return `${name} is ${field}`;
    if (field instanceof Date && Number.isNaN(field.getTime())) return `${name} is no date`;
    if (Array.isArray(field) && !field.every((item) => typeof item === 'string'))
      return `${name} holds more than text`;
    if (!Object.hasOwn(SAMPLES[value.constructor.name] ?? {}, name)) return `${name} is no field`;
  }
  if (value instanceof Region) return null;
  if (!Number.isSafeInteger(value.id) || value.id <= 0) return `id is ${value.id}`;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- they are only looked at
  const methods: unknown[] = [value.fetch, value.toJSON, value.toString];
  if (!methods.every((method) => typeof method === 'function')) return 'a method is none any more';
  return typeof value.url === 'string' ? null : 'url is no text';
}

const api = new DOApi({ token: 'x', endpoint: 'https://api.digitalocean.com' });
const SAMPLES: Readonly<Record<string, object>> = {
  Image: api.image(5),
  Action: api.action(5),
  Region: hydrate(Region, regions.regions[0], requester('')),
};
