import { describe, expect, it } from '@jest/globals';
import type { FailureKind } from '../../../lib/http/failure';
import { createNodeTransport, toFailure } from '../../../lib/http/transport/node-transport';
import * as behave from '../../support/behaviours';
import { testServers } from '../../support/server';

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
    expect(toFailure(error(facts), { mayHaveBeenSent: false }).kind).toBe(before);
    expect(toFailure(error(facts), { mayHaveBeenSent: true }).kind).toBe(after);
  });

  it('proves by a refused certificate that nothing was sent', () => {
    expect(toFailure(error({ code: 'CERT_HAS_EXPIRED' }), { mayHaveBeenSent: true }).mayHaveBeenSent).toBe(
      false,
    );
  });

  it('is kept: code, system call and message', () => {
    const failure = toFailure(error({ code: 'EPIPE', syscall: 'write' }, 'write EPIPE'), {
      mayHaveBeenSent: true,
    });
    expect(failure).toMatchObject({
      code: 'EPIPE',
      syscall: 'write',
      message: 'write EPIPE',
      response: null,
    });
  });

  it('may have no message, as when every address of a name refused', () => {
    const aggregate = Object.assign(new AggregateError([error({})]), { code: 'ECONNREFUSED' });
    expect(toFailure(aggregate, { mayHaveBeenSent: false })).toMatchObject({
      message: 'ECONNREFUSED',
      kind: 'unsent',
    });
    expect(toFailure(new Error(''), { mayHaveBeenSent: false }).message).toBe('the connection failed');
  });

  it('may have a code that is no text', () => {
    expect(toFailure(error({ code: 5 }), { mayHaveBeenSent: true })).toMatchObject({
      code: null,
      kind: 'lost',
    });
  });
});

describe('one attempt on the wire', () => {
  const { signal } = new AbortController();
  const request = { method: 'GET', headers: {}, signal };

  it('knows that nothing was sent until the connection stands', async () => {
    const server = await serve(behave.answer(200, {}));
    const wire = createNodeTransport({ proxy: false });
    for (const port of [1, server.port]) {
      const trace = { mayHaveBeenSent: false };
      await wire({ ...request, url: `http://127.0.0.1:${port}` }, trace).catch(() => undefined);
      expect(trace.mayHaveBeenSent).toBe(port === server.port);
    }
    wire.close();
  });

  it('counts as sent over a connection that was used before, from the beginning', async () => {
    const server = await serve(behave.answer(200, {}));
    const wire = createNodeTransport({ proxy: false });
    await wire({ ...request, url: server.url }, { mayHaveBeenSent: false });
    const trace = { mayHaveBeenSent: false };
    const attempt = wire({ ...request, url: server.url }, trace);
    await new Promise((resolve) => process.nextTick(() => process.nextTick(resolve)));
    expect([trace.mayHaveBeenSent, server.calls]).toEqual([true, 1]);
    await attempt;
    wire.close();
  });

  it('gives status, headers in lower case, and the body', async () => {
    const server = await serve(behave.answer(201, 'text', { 'X-Request-Id': 'abc' }));
    const wire = createNodeTransport({ proxy: false });
    const answer = await wire({ ...request, url: server.url }, { mayHaveBeenSent: false });
    expect(answer).toMatchObject({ status: 201, body: 'text', headers: { 'x-request-id': 'abc' } });
    wire.close();
  });
});
