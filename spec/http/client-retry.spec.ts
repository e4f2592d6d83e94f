import { describe, expect, it, jest } from '@jest/globals';
import net, { type Socket } from 'node:net';
import * as errors from '../../lib/errors/errors';
import { UnknownOutcomeError } from '../../lib/errors/unknown-outcome';
import * as behave from '../support/behaviours';
import { aClient, type Operation, OPERATIONS } from '../support/calls';
import { selfSigned } from '../../tools/support/certificate';
import { closedPort, testServers } from '../support/server';
import { type TestClock, TIMEOUT } from '../support/test-clock';

const { serve, serveTls, accept } = testServers();

/** How often a call is made that never succeeds, and what becomes of it: [GET, PUT and its like, POST]. */
type Fate = 'four times' | 'once' | 'once, outcome unknown' | 'once, fine';
type Fates = readonly [read: Fate, repeatable: Fate, once: Fate];

const ALWAYS: Fates = ['four times', 'four times', 'four times'];
const UNLESS_POST: Fates = ['four times', 'four times', 'once, outcome unknown'];
const ONLY_GET: Fates = ['four times', 'once', 'once, outcome unknown'];
const NEVER: Fates = ['once', 'once', 'once'];
const NEVER_UNKNOWN: Fates = ['once', 'once', 'once, outcome unknown'];
const FINE: Fates = ['four times', 'once, fine', 'once, fine'];

const column = (operation: Operation): 0 | 1 | 2 => (operation === 'GET' ? 0 : operation === 'POST' ? 2 : 1);

/** Where a call goes, and how to count what arrived there. */
interface Place {
  url: string;
  readonly calls: number;
}

type ErrorClass = abstract new (...args: never[]) => Error;
type Fault = [what: string, place: (clock: TestClock) => Promise<Place>, fates: Fates, error: ErrorClass];

const http =
  (behaviour: behave.Behaviour): Fault[1] =>
  () =>
    serve(behaviour);
const status = (code: number, fates: Fates, error: ErrorClass): Fault => [
  String(code),
  http(behave.respond(code, { id: 'an_id', message: 'No.' })),
  fates,
  error,
];

const { ServerError, ConnectionError, TimeoutError, UnexpectedResponseError } = errors;
const IMAGE = JSON.stringify({ image: { id: 5, name: 'golden' } });

const FAULTS: Fault[] = [
  ...[500, 502, 503, 504, 520, 521, 522, 523, 524].map((code) => status(code, UNLESS_POST, ServerError)),
  status(408, UNLESS_POST, errors.ResponseError),
  status(429, ALWAYS, errors.RateLimitError),
  status(501, NEVER_UNKNOWN, ServerError),
  status(505, NEVER_UNKNOWN, ServerError),
  status(400, NEVER, errors.ResponseError),
  status(401, NEVER, errors.AuthenticationError),
  status(403, NEVER, errors.PermissionDeniedError),
  status(404, NEVER, errors.NotFoundError),
  status(409, NEVER, errors.ResponseError),
  status(412, NEVER, errors.ResponseError),
  status(422, NEVER, errors.UnprocessableError),
  ['a 503 that is HTML', http(behave.respond(503, '<html>busy</html>')), UNLESS_POST, ServerError],
  ['a 301', http(behave.redirect(301, '/elsewhere')), NEVER, errors.RedirectError],
  ['a 307', http(behave.redirect(307, '/elsewhere')), NEVER, errors.RedirectError],

  ['a reset after the request was read', http(behave.reset), UNLESS_POST, ConnectionError],
  ['a reset before it was read', () => accept(behave.resetUnread), UNLESS_POST, ConnectionError],
  ['a hang-up without a word', http(behave.hangUp), UNLESS_POST, ConnectionError],
  [
    'a reset in the middle of the headers',
    http(behave.raw('HTTP/1.1 200 OK\r\nA: b')),
    UNLESS_POST,
    ConnectionError,
  ],
  ['an upgrade that nobody asked for', http(behave.raw(SWITCHING())), UNLESS_POST, ConnectionError],
  ['a body that is cut off', http(behave.cutOff(IMAGE)), UNLESS_POST, ConnectionError],
  ['a chunked body that is cut off', http(behave.cutChunked(IMAGE)), UNLESS_POST, ConnectionError],
  ['a 422 whose body is cut off', http(behave.cutChunked(IMAGE, 422)), UNLESS_POST, ConnectionError],

  ['no answer in time', (clock) => serve(behave.stall(() => clock.pass(TIMEOUT))), UNLESS_POST, TimeoutError],
  [
    'half an answer in time',
    (clock) => serve(behave.stallInBody(IMAGE, () => clock.pass(TIMEOUT))),
    UNLESS_POST,
    TimeoutError,
  ],
  [
    'a drip that takes too long',
    (clock) =>
      serve(
        behave.drip(IMAGE, (send) => {
          clock.pass(TIMEOUT / 10);
          setImmediate(send);
        }),
      ),
    UNLESS_POST,
    TimeoutError,
  ],

  ['a 200 that is HTML', http(behave.respond(200, '<html>')), ONLY_GET, UnexpectedResponseError],
  ['truncated JSON', http(behave.respond(200, '{"image": {')), ONLY_GET, UnexpectedResponseError],
  [
    'JSON that is too deep',
    http(behave.respond(200, '['.repeat(99) + ']'.repeat(99))),
    NEVER_UNKNOWN,
    UnexpectedResponseError,
  ],
  ['a truncated gzip body', http(behave.packed('gzip', IMAGE, 0.5)), ONLY_GET, UnexpectedResponseError],
  ['a truncated brotli body', http(behave.packed('br', IMAGE, 0.5)), ONLY_GET, UnexpectedResponseError],
  [
    'a body that is not gzip as it says',
    http(behave.respond(200, IMAGE, { 'content-encoding': 'gzip' })),
    ONLY_GET,
    UnexpectedResponseError,
  ],
  ['an empty 200', http(behave.respond(200, '')), FINE, UnexpectedResponseError],
  ['a 204', http(behave.respond(204, '')), FINE, UnexpectedResponseError],

  [
    'something that is not HTTP',
    http(behave.raw('SSH-2.0-x\r\n\r\n')),
    NEVER_UNKNOWN,
    UnexpectedResponseError,
  ],
  [
    'headers of more than 16 KiB',
    http(behave.respond(200, IMAGE, { 'x-filler': 'x'.repeat(17 * 1024) })),
    NEVER_UNKNOWN,
    UnexpectedResponseError,
  ],
  ['a body of more than 10 MiB', http(behave.tooLarge), NEVER_UNKNOWN, UnexpectedResponseError],
  ['a gzip bomb', http(behave.gzipBomb), NEVER_UNKNOWN, UnexpectedResponseError],
  [
    'an encoding that nobody asked for',
    http(behave.respond(200, IMAGE, { 'content-encoding': 'zstd' })),
    NEVER_UNKNOWN,
    UnexpectedResponseError,
  ],

  ['a refused connection', refused, ALWAYS, ConnectionError],
  ['a connection that is never made', neverConnected, ALWAYS, TimeoutError],
  ['a TLS handshake that stalls', stalledHandshake, ALWAYS, TimeoutError],
  ['a TLS handshake that is reset', () => accept(behave.resetUnread, 'https'), ALWAYS, ConnectionError],
  ['a certificate that nobody vouches for', untrusted, NEVER, ConnectionError],
];

function SWITCHING(): string {
  return 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n';
}

async function refused(): Promise<Place> {
  return { url: `http://127.0.0.1:${await closedPort()}`, calls: NaN };
}

/** As when packets are dropped on the way: the connection is asked for and nothing comes back. */
async function neverConnected(clock: TestClock): Promise<Place> {
  const { url } = await refused();
  const place = { url, calls: 0 };
  jest.spyOn(net.Socket.prototype, 'connect').mockImplementation(function stuck(this: Socket) {
    place.calls += 1;
    Object.assign(this, { connecting: true });
    setImmediate(() => clock.pass(TIMEOUT));
    return this;
  });
  return place;
}

function stalledHandshake(clock: TestClock): Promise<Place> {
  return accept(() => setTimeout(() => clock.pass(TIMEOUT), 5), 'https');
}

async function untrusted(): Promise<Place> {
  const server = await serveTls(selfSigned(), behave.respond(200));
  return {
    url: server.url,
    get calls() {
      return server.connections;
    },
  };
}

/** Sends one call that meets the fault every time; gives what it ended with. */
async function meet(
  fault: Fault[1],
  operation: Operation,
): Promise<[outcome: unknown, calls: number, tries: number]> {
  const { http: client, clock, events } = aClient();
  const place = await fault(clock);
  const sent = client.send(`${place.url}/v2/images/5`, OPERATIONS[operation]);
  const outcome = await sent.catch((error: unknown) => error);
  client.sender.close();
  const tries = events.filter(([what]) => what === 'request').length;
  return [outcome, Number.isNaN(place.calls) ? tries : place.calls, tries];
}

describe.each(FAULTS)('%s', (_what, place, fates, error) => {
  it.each(Object.keys(OPERATIONS) as Operation[])('%s', async (operation) => {
    const fate = fates[column(operation)];
    const [outcome, calls, tries] = await meet(place, operation);
    expect([calls, tries]).toEqual(fate === 'four times' ? [4, 4] : [1, 1]);
    if (fate === 'once, fine') {
      expect(outcome).toBeNull();
      return;
    }
    const expected = fate === 'once, outcome unknown' ? UnknownOutcomeError : error;
    expect(outcome).toBeInstanceOf(expected);
    expect(outcome).toHaveProperty('name', expected.name);
    const { message } = outcome as Error;
    expect(message).toMatch(/^(GET|PUT|DELETE|POST) https?:\/\/127\.0\.0\.1:\d+\/v2\/images\/5: \S/);
    expect(message).not.toMatch(/[\r\n]|undefined|null|NaN/);
    expect(message.length).toBeLessThan(500);
  });
});
