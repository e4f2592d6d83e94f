import { describe, expect, it } from '@jest/globals';
import type { FailureKind } from '../../lib/core/failure';
import { createWire, failureOf } from '../../lib/core/wire';
import * as behave from '../support/behaviours';
import { testServers } from '../support/server';

const { serve } = testServers();

const error = (facts: object, message = 'it failed'): NodeJS.ErrnoException =>
  Object.assign(new Error(message), facts);

describe('what Node says of a failed connection', () => {
  const CASES: [facts: { code?: string; syscall?: string }, before: FailureKind, after: FailureKind][] = [
    [{ code: 'ECONNRESET', syscall: 'read' }, 'unsent', 'lost'],
    [{ code: 'EPIPE', syscall: 'write' }, 'unsent', 'lost'],
    [{}, 'unsent', 'lost'],
    [{ code: 'ECONNREFUSED', syscall: 'connect' }, 'unsent', 'unsent'],
    [{ code: 'ECONNREFUSED' }, 'unsent', 'unsent'],
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 'unsent', 'unsent'],
    [{ code: 'EAI_AGAIN' }, 'unsent', 'unsent'],
    [{ code: 'EHOSTUNREACH', syscall: 'connect' }, 'unsent', 'unsent'],
    [{ code: 'ENETUNREACH', syscall: 'connect' }, 'unsent', 'unsent'],
    [{ code: 'ETIMEDOUT', syscall: 'connect' }, 'unsent', 'unsent'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'tls', 'tls'],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'tls', 'tls'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'tls', 'tls'],
    [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'tls', 'tls'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'tls', 'tls'],
    [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'tls', 'lost'],
    [{ code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' }, 'tls', 'lost'],
    [{ code: 'EPROTO', syscall: 'write' }, 'tls', 'lost'],
    [{ code: 'HPE_INVALID_CONSTANT' }, 'protocol', 'protocol'],
    [{ code: 'HPE_HEADER_OVERFLOW' }, 'protocol', 'protocol'],
  ];

  it.each(CASES)('%j is, before and after something was sent: %s, %s', (facts, before, after) => {
    expect(failureOf(error(facts), { sent: false }).kind).toBe(before);
    expect(failureOf(error(facts), { sent: true }).kind).toBe(after);
  });

  it('proves by a refused certificate that nothing was sent', () => {
    expect(failureOf(error({ code: 'CERT_HAS_EXPIRED' }), { sent: true }).sent).toBe(false);
  });

  it('is kept: code, system call and message', () => {
    const failure = failureOf(error({ code: 'EPIPE', syscall: 'write' }, 'write EPIPE'), { sent: true });
    expect(failure).toMatchObject({ code: 'EPIPE', syscall: 'write', message: 'write EPIPE', answer: null });
  });

  it('may have no message, as when every address of a name refused', () => {
    const aggregate = Object.assign(new AggregateError([error({})]), { code: 'ECONNREFUSED' });
    expect(failureOf(aggregate, { sent: false })).toMatchObject({ message: 'ECONNREFUSED', kind: 'unsent' });
    expect(failureOf(new Error(''), { sent: false }).message).toBe('the connection failed');
  });

  it('may have a code that is no text', () => {
    expect(failureOf(error({ code: 5 }), { sent: true })).toMatchObject({ code: null, kind: 'lost' });
  });
});

describe('one attempt on the wire', () => {
  const { signal } = new AbortController();
  const request = { method: 'GET', headers: {}, signal };

  it('knows that nothing was sent until the connection stands', async () => {
    const server = await serve(behave.answer(200, {}));
    const wire = createWire({ proxy: false });
    for (const port of [1, server.port]) {
      const trace = { sent: false };
      await wire({ ...request, url: `http://127.0.0.1:${port}` }, trace).catch(() => undefined);
      expect(trace.sent).toBe(port === server.port);
    }
    wire.close();
  });

  it('counts as sent over a connection that was used before, from the beginning', async () => {
    const server = await serve(behave.answer(200, {}));
    const wire = createWire({ proxy: false });
    await wire({ ...request, url: server.url }, { sent: false });
    const trace = { sent: false };
    const attempt = wire({ ...request, url: server.url }, trace);
    await new Promise((resolve) => process.nextTick(() => process.nextTick(resolve)));
    expect([trace.sent, server.calls]).toEqual([true, 1]);
    await attempt;
    wire.close();
  });

  it('gives status, headers in lower case, and the body', async () => {
    const server = await serve(behave.answer(201, 'text', { 'X-Request-Id': 'abc' }));
    const wire = createWire({ proxy: false });
    const answer = await wire({ ...request, url: server.url }, { sent: false });
    expect(answer).toMatchObject({ status: 201, body: 'text', headers: { 'x-request-id': 'abc' } });
    wire.close();
  });
});
