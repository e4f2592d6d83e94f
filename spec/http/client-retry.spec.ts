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

/** How often a call is sent that always fails, and its outcome: [GET, idempotent methods, POST]. */
type Outcome = 'four times' | 'once' | 'once, outcome unknown' | 'once, fine';
type Outcomes = readonly [safe: Outcome, idempotent: Outcome, unsafe: Outcome];

const RETRY_ALL: Outcomes = ['four times', 'four times', 'four times'];
const RETRY_IDEMPOTENT: Outcomes = ['four times', 'four times', 'once, outcome unknown'];
const RETRY_SAFE: Outcomes = ['four times', 'once', 'once, outcome unknown'];
const REFUSED: Outcomes = ['once', 'once', 'once'];
const NO_RETRY: Outcomes = ['once', 'once', 'once, outcome unknown'];
const EMPTY: Outcomes = ['four times', 'once, fine', 'once, fine'];

const column = (operation: Operation): 0 | 1 | 2 => (operation === 'GET' ? 0 : operation === 'POST' ? 2 : 1);

/** The target of a call, which counts the requests it receives. */
interface Target {
  url: string;
  readonly calls: number;
}

type ErrorClass = abstract new (...args: never[]) => Error;
type Fault = [
  what: string,
  target: (clock: TestClock) => Promise<Target>,
  outcomes: Outcomes,
  error: ErrorClass,
];

const http =
  (behaviour: behave.Behaviour): Fault[1] =>
  () =>
    serve(behaviour);
const status = (code: number, outcomes: Outcomes, error: ErrorClass): Fault => [
  String(code),
  http(behave.respond(code, { id: 'an_id', message: 'No.' })),
  outcomes,
  error,
];

const { ServerError, ConnectionError, TimeoutError, UnexpectedResponseError } = errors;
const IMAGE = JSON.stringify({ image: { id: 5, name: 'golden' } });

const FAULTS: Fault[] = [
  ...[500, 502, 503, 504, 520, 521, 522, 523, 524].map((code) => status(code, RETRY_IDEMPOTENT, ServerError)),
  status(408, RETRY_IDEMPOTENT, errors.ResponseError),
  status(429, RETRY_ALL, errors.RateLimitError),
  status(501, NO_RETRY, ServerError),
  status(505, NO_RETRY, ServerError),
  status(400, REFUSED, errors.ResponseError),
  status(401, REFUSED, errors.AuthenticationError),
  status(403, REFUSED, errors.PermissionDeniedError),
  status(404, REFUSED, errors.NotFoundError),
  status(409, REFUSED, errors.ResponseError),
  status(412, REFUSED, errors.ResponseError),
  status(422, REFUSED, errors.UnprocessableError),
  ['a 503 that is HTML', http(behave.respond(503, '<html>busy</html>')), RETRY_IDEMPOTENT, ServerError],
  ['a 301', http(behave.redirect(301, '/elsewhere')), REFUSED, errors.RedirectError],
  ['a 307', http(behave.redirect(307, '/elsewhere')), REFUSED, errors.RedirectError],

  ['a reset after the request was read', http(behave.reset), RETRY_IDEMPOTENT, ConnectionError],
  ['a reset before it was read', () => accept(behave.resetUnread), RETRY_IDEMPOTENT, ConnectionError],
  ['a connection closed without a response', http(behave.hangUp), RETRY_IDEMPOTENT, ConnectionError],
  [
    'a reset in the middle of the headers',
    http(behave.raw('HTTP/1.1 200 OK\r\nA: b')),
    RETRY_IDEMPOTENT,
    ConnectionError,
  ],
  ['an unrequested upgrade', http(behave.raw(SWITCHING())), RETRY_IDEMPOTENT, ConnectionError],
  ['a body that is cut off', http(behave.cutOff(IMAGE)), RETRY_IDEMPOTENT, ConnectionError],
  ['a chunked body that is cut off', http(behave.cutChunked(IMAGE)), RETRY_IDEMPOTENT, ConnectionError],
  ['a 422 whose body is cut off', http(behave.cutChunked(IMAGE, 422)), RETRY_IDEMPOTENT, ConnectionError],

  [
    'no response in time',
    (clock) => serve(behave.stall(() => clock.pass(TIMEOUT))),
    RETRY_IDEMPOTENT,
    TimeoutError,
  ],
  [
    'half a response in time',
    (clock) => serve(behave.stallInBody(IMAGE, () => clock.pass(TIMEOUT))),
    RETRY_IDEMPOTENT,
    TimeoutError,
  ],
  [
    'a body that arrives too slowly',
    (clock) =>
      serve(
        behave.drip(IMAGE, (send) => {
          clock.pass(TIMEOUT / 10);
          setImmediate(send);
        }),
      ),
    RETRY_IDEMPOTENT,
    TimeoutError,
  ],

  ['a 200 that is HTML', http(behave.respond(200, '<html>')), RETRY_SAFE, UnexpectedResponseError],
  ['truncated JSON', http(behave.respond(200, '{"image": {')), RETRY_SAFE, UnexpectedResponseError],
  [
    'JSON that is too deep',
    http(behave.respond(200, '['.repeat(99) + ']'.repeat(99))),
    NO_RETRY,
    UnexpectedResponseError,
  ],
  ['a truncated gzip body', http(behave.compressed('gzip', IMAGE, 0.5)), RETRY_SAFE, UnexpectedResponseError],
  ['a truncated brotli body', http(behave.compressed('br', IMAGE, 0.5)), RETRY_SAFE, UnexpectedResponseError],
  [
    'a body that is not gzip, as declared',
    http(behave.respond(200, IMAGE, { 'content-encoding': 'gzip' })),
    RETRY_SAFE,
    UnexpectedResponseError,
  ],
  ['an empty 200', http(behave.respond(200, '')), EMPTY, UnexpectedResponseError],
  ['a 204', http(behave.respond(204, '')), EMPTY, UnexpectedResponseError],

  ['something that is not HTTP', http(behave.raw('SSH-2.0-x\r\n\r\n')), NO_RETRY, UnexpectedResponseError],
  [
    'headers of more than 16 KiB',
    http(behave.respond(200, IMAGE, { 'x-filler': 'x'.repeat(17 * 1024) })),
    NO_RETRY,
    UnexpectedResponseError,
  ],
  ['a body of more than 10 MiB', http(behave.tooLarge), NO_RETRY, UnexpectedResponseError],
  ['a gzip bomb', http(behave.gzipBomb), NO_RETRY, UnexpectedResponseError],
  [
    'an encoding that was not requested',
    http(behave.respond(200, IMAGE, { 'content-encoding': 'zstd' })),
    NO_RETRY,
    UnexpectedResponseError,
  ],

  ['a refused connection', refused, RETRY_ALL, ConnectionError],
  ['a connection that is never made', neverConnected, RETRY_ALL, TimeoutError],
  ['a TLS handshake that stalls', stalledHandshake, RETRY_ALL, TimeoutError],
  ['a TLS handshake that is reset', () => accept(behave.resetUnread, 'https'), RETRY_ALL, ConnectionError],
  ['an untrusted certificate', untrusted, REFUSED, ConnectionError],
];

function SWITCHING(): string {
  return 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n';
}

async function refused(): Promise<Target> {
  return { url: `http://127.0.0.1:${await closedPort()}`, calls: NaN };
}

/** As when packets are dropped: nothing comes back. */
async function neverConnected(clock: TestClock): Promise<Target> {
  const { url } = await refused();
  const target = { url, calls: 0 };
  jest.spyOn(net.Socket.prototype, 'connect').mockImplementation(function stuck(this: Socket) {
    target.calls += 1;
    Object.assign(this, { connecting: true });
    setImmediate(() => clock.pass(TIMEOUT));
    return this;
  });
  return target;
}

function stalledHandshake(clock: TestClock): Promise<Target> {
  return accept(() => setTimeout(() => clock.pass(TIMEOUT), 5), 'https');
}

async function untrusted(): Promise<Target> {
  const server = await serveTls(selfSigned(), behave.respond(200));
  return {
    url: server.url,
    get calls() {
      return server.connections;
    },
  };
}

/** Sends one call that always meets the fault. */
async function outcomeOf(
  fault: Fault[1],
  operation: Operation,
): Promise<[outcome: unknown, calls: number, attempts: number]> {
  const { http: client, clock, events } = aClient();
  const target = await fault(clock);
  const sent = client.send(`${target.url}/v2/images/5`, OPERATIONS[operation]);
  const outcome = await sent.catch((error: unknown) => error);
  client.sender.close();
  const attempts = events.filter(([what]) => what === 'request').length;
  return [outcome, Number.isNaN(target.calls) ? attempts : target.calls, attempts];
}

describe.each(FAULTS)('%s', (_what, fault, outcomes, error) => {
  it.each(Object.keys(OPERATIONS) as Operation[])('%s', async (operation) => {
    const expectation = outcomes[column(operation)];
    const [outcome, calls, attempts] = await outcomeOf(fault, operation);
    expect([calls, attempts]).toEqual(expectation === 'four times' ? [4, 4] : [1, 1]);
    if (expectation === 'once, fine') {
      expect(outcome).toBeNull();
      return;
    }
    const errorClass = expectation === 'once, outcome unknown' ? UnknownOutcomeError : error;
    expect(outcome).toBeInstanceOf(errorClass);
    expect(outcome).toHaveProperty('name', errorClass.name);
    const { message } = outcome as Error;
    expect(message).toMatch(/^(GET|PUT|DELETE|POST) https?:\/\/127\.0\.0\.1:\d+\/v2\/images\/5: \S/);
    expect(message).not.toMatch(/[\r\n]|undefined|null|NaN/);
    expect(message.length).toBeLessThan(500);
  });
});
