import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Mismatch } from '../../lib/model/fields';
import { Reporter } from '../../lib/http/hooks';
import type { TransportAdapter } from '../../lib/http/transport/types';
import * as behave from '../support/behaviours';
import { rejection } from '../support/rejection';
import { aCall, aClient, OPERATIONS } from '../support/calls';
import { selfSigned } from '../../tools/support/certificate';
import { CANARIES, expectNoAxios, expectNoTrace, reachable } from '../support/leaks';
import { closedPort, testServers } from '../support/server';
import { TIMEOUT, TestClock } from '../support/test-clock';

const { serve, serveTls, accept } = testServers();

/** A server that returns the token somewhere in its response. */
const echo =
  (respondWith: (token: string) => behave.Behaviour): behave.Behaviour =>
  (response, request) =>
    respondWith((request.headers.authorization ?? '').replace('Bearer ', ''))(response, request);

/** Every character in hexadecimal, after `prefix`. */
const escaped = (token: string, prefix: string): string =>
  Array.from(token, (character) => prefix + character.charCodeAt(0).toString(16)).join('');

const ECHOES: [where: string, behaviour: behave.Behaviour][] = [
  ['a message', echo((token) => behave.refusal(422, 'unprocessable', `Token ${token} is bad.`))],
  ['an id', echo((token) => behave.refusal(401, token, 'Unable to authenticate you.'))],
  ['a request id', echo((token) => behave.respond(404, { id: 'x', message: 'm', request_id: token }))],
  ['a header', echo((token) => behave.respond(500, {}, { 'x-request-id': token }))],
  ['a header of a 2xx', echo((token) => behave.respond(200, '<', { 'x-request-id': token }))],
  ['the error of a tag', echo((token) => behave.respond(400, { error: token }))],
  ['HTML', echo((token) => behave.respond(502, `<html><pre>Authorization: Bearer ${token}</pre></html>`))],
  [
    'a message that escapes it',
    echo((token) =>
      behave.respond(
        422,
        `{"id":"x","message":"no ${escaped(token, '\\u00')}","request_id":"${escaped(token, '\\u00')}"}`,
      ),
    ),
  ],
  [
    'HTML that escapes it',
    echo((token) =>
      behave.respond(502, `<title>No ${escaped(token, '&#x').replace(/&#x../g, '$&;')}</title>`),
    ),
  ],
  ['plain text', echo((token) => behave.respond(401, `no ${token}`))],
  ['a 429', echo((token) => behave.refusal(429, token, token))],
  ['a location', echo((token) => behave.redirect(302, `https://evil.example/${token}`))],
  ['HTML instead of JSON', echo((token) => behave.respond(200, `<html>${token}`))],
  ['broken JSON', echo((token) => behave.respond(200, `{"id": "${token}", "request_id": "${token}"`))],
  [
    'deep JSON',
    echo((token) => behave.respond(200, `{"id":"${token}","a":${'['.repeat(70)}${']'.repeat(70)}}`)),
  ],
  ['a body that is cut off', echo((token) => behave.cutOff(token.repeat(3)))],
  ['a line that is not HTTP', echo((token) => behave.raw(`${token}\r\n\r\n`))],
  ['an invalid header', echo((token) => behave.raw(`HTTP/1.1 200 ${token}\r\n${token}\u0000\r\n\r\n`))],
  ['the place where a text is cut', echo((token) => behave.respond(502, 'x'.repeat(190) + token))],
];

/** Sends one call of each kind; returns their outcomes, everything that was reported, and the client. */
async function outcomes(token: string, url: string, clock = new TestClock()): Promise<unknown[]> {
  const events: unknown[] = [];
  const log = (...line: unknown[]): void => void events.push(line);
  const hooks = { onRequest: log, onResponse: log, onRetry: log };
  const reporter = new Reporter(hooks, { debug: log, info: log, warn: log, error: log });
  const { http } = aClient({ token, clock, reporter });
  const errors: unknown[] = [];
  for (const call of Object.values(OPERATIONS)) {
    const read = (body: unknown): unknown => body;
    errors.push(await http.send(url, { ...call, read }).catch((error: unknown) => error));
  }
  expect(events.length).toBeGreaterThan(0);
  return [...errors, events, http];
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(CANARIES)('the token %s', (token) => {
  it.each(ECHOES)('is hidden when the server puts it into %s', async (_where, behaviour) => {
    const server = await serve(behaviour);
    const seen = await outcomes(token, server.url);
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expectNoTrace(token, ...seen);
    for (const error of seen.slice(0, 5)) expectNoAxios(error);
  });

  it('is hidden when it stands in a field of another type', async () => {
    const server = await serve(echo((echoed) => behave.respond(200, { image: { created_at: echoed } })));
    const read = (body: unknown): never => {
      const { image } = body as { image: { created_at: unknown } };
      throw new Mismatch('', 'a date', image.created_at).within('image.created_at');
    };
    for (const method of ['GET', 'POST'] as const) {
      const error = await rejection(aClient({ token }).http.send(server.url, aCall({ method, read })));
      expect(String(error)).toContain('image.created_at: expected a date, got "[token]"');
      expectNoTrace(token, error);
    }
  });

  it('is hidden when the connection fails', async () => {
    const clock = new TestClock();
    const urls = [
      `http://127.0.0.1:${await closedPort()}`,
      (await serve(behave.reset)).url,
      (await serve(behave.stall(() => clock.pass(TIMEOUT)))).url,
      (await accept(behave.resetUnread, 'https')).url,
      (await serveTls(selfSigned(), behave.respond(200))).url,
    ];
    for (const url of urls) {
      const seen = await outcomes(token, url, clock);
      expectNoTrace(token, ...seen);
      for (const error of seen.slice(0, 5)) expectNoAxios(error);
    }
  });

  it('is hidden when an adapter puts the whole request into its error', async () => {
    const adapter: TransportAdapter = (request) => {
      // Half of a token must not remain where the message is cut.
      const error = new Error(
        `${'x'.repeat(170)} ${request.headers.authorization} ${JSON.stringify(request)}`,
      );
      return Promise.reject(Object.assign(error, { request, config: request, cause: request }));
    };
    for (const method of ['GET', 'POST'] as const) {
      const { http, events } = aClient({ token, transport: { adapter } });
      const error = await rejection(http.send('https://x.example', aCall({ method })));
      expectNoTrace(token, error, events);
      expectNoAxios(error);
    }
  });

  it('is hidden when a hook throws', async () => {
    const server = await serve(behave.respond(200, {}));
    const warnings: unknown[] = [];
    jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(warning));
    const fail = (event: unknown): never => {
      throw new Error(JSON.stringify(event));
    };
    const reporter = new Reporter({ onRequest: fail, onResponse: fail }, undefined);
    await aClient({ token, reporter }).http.send(server.url, OPERATIONS.GET);
    expect(warnings).toHaveLength(2);
    expectNoTrace(token, warnings);
  });
});

describe('the check for leaks', () => {
  it('finds a token wherever it is hidden', () => {
    const [token] = CANARIES;
    const hidingPlaces: unknown[] = [
      new Error(`part of it: ${token.slice(20, 33)}`),
      Object.assign(new Error('x'), { config: { headers: { authorization: token } } }),
      new Error('x', { cause: { deep: [{ [Symbol('s')]: token }] } }),
      new AggregateError([new Error(token)]),
      Object.defineProperty({}, 'hidden', { value: token }),
      Buffer.from(token).toString('base64'),
      Object.assign(() => undefined, { token }),
    ];
    for (const one of hidingPlaces) expect(() => expectNoTrace(token, one)).toThrow();
    expect(() => expectNoAxios(new Error('x', { cause: { isAxiosError: true } }))).toThrow();
    expect(reachable(new Error('x', { cause: hidingPlaces })).size).toBeGreaterThan(10);
  });
});
