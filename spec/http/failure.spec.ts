import { describe, expect, it } from '@jest/globals';
import { Failure, isCertificateRefused } from '../../lib/http/failure';

describe('a failed attempt', () => {
  it('knows nothing more than it was told', () => {
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
