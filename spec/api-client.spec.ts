import { runInNewContext } from 'node:vm';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as library from '../lib';
import {
  DOApi,
  type Params,
  ResponseError,
  type TransportResponse,
  UnexpectedResponseError,
  UnknownOutcomeError,
} from '../lib';
import type { Requester } from '../lib/model/requester';
import errors from './fixtures/error/documented.json';
import { behavesLikeACall, EVERY_CALL } from './support/behaves-like-a-call';
import { rejectsWrongInput, throwsWrongInput, type WrongInput } from './support/behaves-like-strict-input';
import { anApi, ENDPOINT, MemoryServer, rejection, TOKEN } from './support/builders';
import { fakeServer } from './support/nock';

const server = fakeServer();
const REQUEST_ID = '4d9d8375-3c56-4925-a3e7-eb137fed17e9';
const ticket = { headers: { 'x-request-id': REQUEST_ID } };

describe('every method that sends a request', () => {
  for (const [name, send] of EVERY_CALL) behavesLikeACall(name, send);
});

describe('Manager: request()', () => {
  const api = anApi();

  it.each([
    ['a path', '/v2/account', '/v2/account', {}],
    ['a URL under the endpoint', `${ENDPOINT}/v2/account`, '/v2/account', {}],
    ['the address of a resource', api.image(5).actionUrl, '/v2/images/5/actions', {}],
    ['a path with a query', '/v2/droplets?tag_name=a%26b', '/v2/droplets', { tag_name: 'a&b' }],
  ])('takes %s', async (_what, path, pathname, query) => {
    server.replies({ body: { ok: true } });
    expect(await api.request(path)).toEqual({ ok: true });
    expect(server.asked).toMatchObject([{ method: 'GET', path: pathname, body: undefined }]);
    expect(server.asked[0]?.query).toEqual(query);
  });

  it('sends parameters, and leaves out what is undefined', async () => {
    server.replies({ body: {} });
    await api.request('/v2/droplets?page=1&x=1', {
      params: { page: 2, name: 'a b&c', gone: undefined, no: false },
    });
    expect(server.asked[0]?.query).toEqual({ page: '2', x: '1', name: 'a b&c', no: 'false' });
  });

  it.each([
    [
      new URLSearchParams({ tag_name: 'old' }),
      'params: expected a plain object of names and values, got an object',
    ],
    [new Map([['tag_name', 'old']]), 'params: expected a plain object'],
    [Object.create({ tag_name: 'old' }), 'params: expected a plain object'],
    [[['tag_name', 'old']], 'params: expected a plain object'],
    [{ tag_name: ['a', 'b'] }, 'params.tag_name: expected a string, a number, true or false, got an array'],
    [{ tag_name: null }, 'params.tag_name: expected a string, a number, true or false, got null'],
    [{ page: NaN }, 'params.page: expected a string, a number, true or false, got NaN'],
  ])('refuses parameters that would get lost or be others: %j', async (params, message) => {
    const wrong = { params: params as never };
    const error = await rejection(api.request('/v2/images', wrong));
    expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining(message) });
    expect(() => api.paginate('/v2/images', 'images', wrong)).toThrow(message);
    expect(server.asked).toEqual([]);
  });

  it('takes the parameters of another realm, and of an object without a prototype', async () => {
    server.replies({ body: {} }, { body: {} });
    const params: unknown = runInNewContext('Object.assign(Object.create(null), { x: 1 })');
    await api.request('/v2/a', { params: params as Params });
    await api.request('/v2/a', { params: runInNewContext('({ x: 1 })') as Params });
    expect(server.asked.map(({ query }) => query)).toEqual([{ x: '1' }, { x: '1' }]);
  });

  it.each(['POST', 'PUT', 'DELETE'] as const)('%s sends a body as JSON', async (method) => {
    server.replies({ status: 201, body: { made: 1 } });
    const body = { name: 'Zoë', list: [1, null, { a: true }] };
    expect(await api.request('/v2/things', { method, body })).toEqual({ made: 1 });
    expect(server.asked).toMatchObject([{ method, path: '/v2/things', body }]);
    const { headers } = server.asked[0] ?? {};
    expect(headers?.['content-type']).toBe('application/json');
    expect(headers?.['content-length']).toBe(String(Buffer.byteLength(JSON.stringify(body))));
  });

  it.each([() => 5, Symbol('body')])('refuses a body that JSON cannot hold: %p', async (body) => {
    await expect(api.request('/v2/things', { method: 'POST', body })).rejects.toThrow(
      'body: expected a value that JSON can hold, got a ',
    );
    expect(server.asked).toEqual([]);
  });

  it('PATCH sends a body as JSON', async () => {
    const memory = new MemoryServer(() => ({ body: { made: 1 } }));
    const body = { name: 'x' };
    expect(await memory.api().request('/v2/projects/default', { method: 'PATCH', body })).toEqual({
      made: 1,
    });
    expect(memory.requests).toMatchObject([{ method: 'PATCH', path: '/v2/projects/default', body }]);
  });

  it('never sends a PATCH twice: its outcome is unknown when the response is lost', async () => {
    const memory = new MemoryServer(() => new Error('lost'));
    const error = await rejection(memory.api({ retries: 3 }).request('/v2/projects/1', { method: 'PATCH' }));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(memory.lines).toEqual(['PATCH /v2/projects/1']);
  });

  it('HEAD returns null, and is tried again like a GET', async () => {
    const memory = new MemoryServer((_request, nth) => (nth === 1 ? { status: 503 } : { body: '' }));
    expect(await memory.api({ retries: 3 }).request('/v2/account', { method: 'HEAD' })).toBeNull();
    expect(memory.lines).toEqual(['HEAD /v2/account', 'HEAD /v2/account']);
  });

  it('returns null for a response without a body', async () => {
    server.replies({ status: 204 });
    expect(await api.request('/v2/things/5', { method: 'DELETE' })).toBeNull();
  });

  it('stays under an endpoint with a path', async () => {
    const proxied = new MemoryServer(() => ({ body: {} }));
    await proxied.api({ endpoint: 'https://proxy.example/do/' }).request('/v2/account');
    expect(proxied.lines).toEqual(['GET /do/v2/account']);
  });

  const wrong = (path: unknown): WrongInput => [
    `request() of ${JSON.stringify(path) || 'nothing'}`,
    (manager) => manager.request(path as string),
    TypeError,
    'path',
  ];
  rejectsWrongInput([
    ...['', 'v2/account', '//evil.example/v2', '/v2/../../x', '/v2/%2e%2E/x', '/v2/./x', '/v2\\..\\x'].map(
      wrong,
    ),
    ...['https://evil.example/v2/account', `${ENDPOINT}.evil.example/v2`, `${ENDPOINT}@evil.example`].map(
      wrong,
    ),
    ...[
      '/v2/a#b',
      '/v2/a b',
      '/v2/a\nb',
      '/v2/a?b=c d',
      'http://api.digitalocean.com/v2',
      5,
      null,
      undefined,
    ].map(wrong),
    ['request() with a string', (m) => m.request('/v2/a', 'POST' as never), TypeError, 'options'],
    [
      'request() with an unknown method',
      (m) => m.request('/v2/a', { method: 'TRACE' as never }),
      TypeError,
      'method',
    ],
    [
      'request() with a string of parameters',
      (m) => m.request('/v2/a', { params: 'a=b' as never }),
      TypeError,
      'params',
    ],
  ]);
});

describe('Manager: paginate()', () => {
  it('reads any list, in pages', async () => {
    server.replies({ body: { keys: [{ id: 1 }, { id: 2 }], links: {}, meta: { total: 2 } } });
    const keys = anApi().paginate('/v2/account/keys', 'keys', { params: { q: 'x' }, perPage: 50 });
    expect(await keys.toArray()).toEqual([{ id: 1 }, { id: 2 }]);
    expect(server.asked).toMatchObject([
      { path: '/v2/account/keys', query: { q: 'x', page: '1', per_page: '50' } },
    ]);
  });

  it('sets the page itself, and leaves out parameters that are undefined', async () => {
    server.replies({ body: { keys: [], meta: { total: 0 } } });
    const params: Params = { page: 7, per_page: 3, gone: undefined, q: 'x' };
    await anApi({ perPage: 20 }).paginate('/v2/account/keys', 'keys', { params }).toArray();
    expect(server.asked[0]?.query).toEqual({ q: 'x', page: '1', per_page: '20' });
  });

  it('is not changed by what is done to its parameters afterwards', async () => {
    server.replies({ body: { keys: [], meta: { total: 0 } } });
    const params = { q: 'x' };
    const list = anApi().paginate('/v2/account/keys', 'keys', { params });
    params.q = 'y';
    await list.toArray();
    expect(server.asked[0]?.query).toMatchObject({ q: 'x' });
  });

  it('says so when the answer has no such list', async () => {
    server.replies({ body: { keys: [] } });
    const error = await rejection(anApi().paginate('/v2/account/keys', 'clefs').toArray());
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect(error).toMatchObject({ problem: 'clefs: expected an array, got nothing' });
  });

  throwsWrongInput([
    ['paginate() elsewhere', (m) => m.paginate('https://evil.example/v2', 'keys'), TypeError, 'path'],
    ['paginate() without a key', (m) => m.paginate('/v2/keys', ''), TypeError, 'key'],
    [
      'paginate() with a string of parameters',
      (m) => m.paginate('/v2/keys', 'keys', { params: 'a=b' as never }),
      TypeError,
      'params',
    ],
    [
      'paginate() with a string of options',
      (m) => m.paginate('/v2/keys', 'keys', 'a=b' as never),
      TypeError,
      'options',
    ],
    [
      'paginate() in wide pages',
      (m) => m.paginate('/v2/keys', 'keys', { perPage: 201 }),
      RangeError,
      'perPage',
    ],
  ]);
});

describe('Manager: the errors of a refused request', () => {
  it.each([
    [401, 'AuthenticationError', 'unauthorized: Unable to authenticate you.'],
    [403, 'PermissionDeniedError', 'forbidden: You do not have permission to perform this action.'],
    [404, 'NotFoundError', 'not_found: The resource you requested could not be found.'],
    [409, 'ResponseError', 'conflict: The request could not be completed due to a conflict.'],
    [418, 'ResponseError', 'example_error: some error message'],
    [422, 'UnprocessableError', 'unprocessable_entity: Image is already available in this region.'],
    [429, 'RateLimitError', 'too_many_requests: API Rate limit exceeded.'],
    [500, 'ServerError', 'server_error: Unexpected server-side error'],
  ] as const)('%i is a %s, in one line for a support ticket', async (status, name, explanation) => {
    server.replies({ status, body: errors[status], ...ticket });
    const error = (await rejection(anApi().request('/v2/volumes/5'))) as ResponseError;
    expect(error).toBeInstanceOf(library[name]);
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toBeInstanceOf(library.DOApiError);
    expect(error.message).toBe(
      `GET ${ENDPOINT}/v2/volumes/5: ${status} ${explanation} (request ${REQUEST_ID})`,
    );
    const { id } = errors[status];
    const url = `${ENDPOINT}/v2/volumes/5`;
    expect(error).toMatchObject({ name, status, id, method: 'GET', url, attempts: 1 });
    expect(error).toMatchObject({ requestId: REQUEST_ID, retryAfter: null, rateLimit: null });
    expect(error.cause).toBeUndefined();
  });

  it('hold the request id of the body, if there is one', async () => {
    server.replies({ status: 404, body: { ...errors[404], request_id: 'from-the-body' }, ...ticket });
    expect(await rejection(anApi().request('/v2/x'))).toMatchObject({ requestId: 'from-the-body' });
  });

  it('name the delay that a 429 requests', async () => {
    server.replies({ status: 429, body: errors[429], headers: { 'retry-after': '29' } });
    const error = (await rejection(anApi().request('/v2/x'))) as ResponseError;
    expect(error.retryAfter).toBe(29_000);
    expect(error.message).toMatch(/API Rate limit exceeded\.; try again in 29 s$/);
  });

  it.each([301, 302, 303, 307, 308])('%i is a RedirectError, and is not followed', async (status) => {
    server.replies({ status, headers: { location: 'https://evil.example/v2/images/5' } });
    const error = await rejection(anApi().image(5).fetch());
    expect(error).toBeInstanceOf(library.RedirectError);
    expect(error).toMatchObject({ status });
    expect(server.asked).toHaveLength(1);
  });

  it.each([
    ['HTML', '<html><body>Just a moment…</body></html>', 'HTML or XML instead of JSON'],
    ['nothing', '', 'an empty body instead of JSON'],
    ['half of it', '{"image": {"id": 5, "na', 'invalid or truncated JSON'],
    ['something else', { image: 'none' }, 'image: expected an object, got "none"'],
    ['a list', [], 'image: expected an object, got nothing'],
  ])('a 200 with %s is an UnexpectedResponseError that says so', async (_what, body, problem) => {
    server.replies({ body, ...ticket });
    const error = (await rejection(anApi().image(5).fetch())) as UnexpectedResponseError;
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect(error.problem.startsWith(problem) ? problem : error.problem).toBe(problem);
    expect(error).toMatchObject({ status: 200, method: 'GET', url: `${ENDPOINT}/v2/images/5` });
    expect(error.message.endsWith(` (request ${REQUEST_ID})`)).toBe(true);
  });

  it.each([200, 503])('quote at most 200 characters of the body (%i)', async (status) => {
    server.replies({ status, body: `<html>${'long '.repeat(10_000)}` });
    const { message } = (await rejection(anApi().image(5).fetch())) as Error;
    expect(message).toContain('long long');
    expect(message.length).toBeLessThanOrEqual(status === 200 ? 400 : 300);
    expect(message).not.toMatch(/[\n<]/);
  });

  it('never show the token, whatever the server returns', async () => {
    for (const status of [200, 401, 500]) {
      server.replies({ status, body: `<html>your token ${TOKEN}` });
      const error = await rejection(anApi().image(5).fetch());
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(TOKEN);
    }
  });

  it('include an UnknownOutcomeError for a bare POST, which cannot be reconciled', async () => {
    server.replies({ status: 504, body: '<html>gateway timeout', ...ticket });
    const lost = await rejection(anApi({ retries: 3 }).request('/v2/droplets', { method: 'POST', body: {} }));
    expect(lost).toBeInstanceOf(UnknownOutcomeError);
    expect(lost).toMatchObject({
      status: 504,
      requestId: REQUEST_ID,
      attempts: 1,
    });
    await expect((lost as UnknownOutcomeError).reconcile()).rejects.toThrow(TypeError);
  });
});

describe('Manager: its poller', () => {
  /** What a resource gets of a manager. */
  const requesterOf = (api: DOApi): Requester => (api as unknown as { requester: Requester }).requester;

  it('is one for all resources of the manager, and another one for each manager', () => {
    const [one, other] = [requesterOf(anApi()), requesterOf(anApi())];
    expect(one.poller).toBe(one.poller);
    expect(one.poller).not.toBe(other.poller);
  });
});

describe('Manager: close()', () => {
  it("is not needed when the manager's signal aborts: all requests and waits end with its reason", async () => {
    const controller = new AbortController();
    const slow = new MemoryServer(() => {
      controller.abort('that is all');
      return new Promise(() => undefined);
    });
    const api = slow.api({ signal: controller.signal });
    expect(await Promise.all([rejection(api.fetchImage(5)), rejection(api.action(6).wait())])).toEqual([
      'that is all',
      'that is all',
    ]);
    expect(await rejection(api.fetchImage(5))).toBe('that is all');
  });

  it('may be called twice, and by `await using`', async () => {
    const api = anApi();
    await api[Symbol.asyncDispose]();
    await api.close();
    await expect(api.fetchImage(5)).rejects.toThrow('This DOApi is closed; create a new one.');
  });
});

describe('a call that has started', () => {
  it('is not affected by later changes of its arguments, not even the first call', async () => {
    const sent: (string | undefined)[] = [];
    const adapter = ({ body, url }: { body?: string; url: string }): Promise<TransportResponse> => {
      sent.push(`${new URL(url).search} ${body ?? ''}`);
      return Promise.resolve({ status: 201, headers: {}, body: '{}' });
    };
    const api = new DOApi({ token: 'a-token', transport: { adapter } });
    const [body, params] = [{ region: '' }, { x: '' }];
    const calls = ['nyc1', 'fra1', 'ams3'].map((region) => {
      body.region = params.x = region;
      return api.request('/v2/images/1/actions', { method: 'POST', body, params });
    });
    await Promise.all(calls);
    expect(sent).toEqual(['nyc1', 'fra1', 'ams3'].map((region) => `?x=${region} {"region":"${region}"}`));
  });
});
