import { describe, expect, it } from '@jest/globals';
import { Failure, type FailureKind, isCertificateRefused, toFailure } from '../../lib/http/failure';

describe('a Failure', () => {
  it('has null for everything that is not known', () => {
    expect(new Failure({ kind: 'lost', message: 'it failed', mayHaveBeenSent: true })).toMatchObject({
      message: 'it failed',
      kind: 'lost',
      mayHaveBeenSent: true,
      code: null,
      syscall: null,
      response: null,
    });
  });
});

describe('a refused certificate', () => {
  it.each([
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'HOSTNAME_MISMATCH',
  ])('is known by its code: %s', (code) => {
    expect(isCertificateRefused(code)).toBe(true);
  });

  it.each([
    null,
    'ECONNRESET',
    'EPROTO',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_OSSL_X509_CERT_ALREADY_IN_HASH_TABLE',
  ])('is not what another failure of TLS is: %s', (code) => {
    expect(isCertificateRefused(code)).toBe(false);
  });
});

const error = (properties: object, message = 'it failed'): NodeJS.ErrnoException =>
  Object.assign(new Error(message), properties);

describe('toFailure', () => {
  const CASES: [properties: { code?: string; syscall?: string }, before: FailureKind, after: FailureKind][] =
    [
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

  it.each(CASES)('classifies %j before and after something was sent: %s, %s', (properties, before, after) => {
    expect(toFailure(error(properties), { mayHaveBeenSent: false }).kind).toBe(before);
    expect(toFailure(error(properties), { mayHaveBeenSent: true }).kind).toBe(after);
  });

  it('knows that nothing was sent when the certificate was refused', () => {
    expect(toFailure(error({ code: 'CERT_HAS_EXPIRED' }), { mayHaveBeenSent: true }).mayHaveBeenSent).toBe(
      false,
    );
  });

  it('keeps code, system call and message', () => {
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

  it('accepts an error without a message, as when every address of a host refused', () => {
    const aggregate = Object.assign(new AggregateError([error({})]), { code: 'ECONNREFUSED' });
    expect(toFailure(aggregate, { mayHaveBeenSent: false })).toMatchObject({
      message: 'ECONNREFUSED',
      kind: 'unsent',
    });
    expect(toFailure(new Error(''), { mayHaveBeenSent: false }).message).toBe('the connection failed');
  });

  it('ignores a code that is not a string', () => {
    expect(toFailure(error({ code: 5 }), { mayHaveBeenSent: true })).toMatchObject({
      code: null,
      kind: 'lost',
    });
  });
});
