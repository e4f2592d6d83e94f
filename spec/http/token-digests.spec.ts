import crypto from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { TokenDigests } from '../../lib/http/token-digests';

const [TOKEN, OTHER] = [`dop_v1_${'5ec2e7f0'.repeat(8)}`, `dop_v1_${'9f86d081'.repeat(8)}`];

describe('the digest of a token', () => {
  it('reveals nothing of the token, and is always the same', () => {
    const digests = new TokenDigests();
    expect(digests.of(TOKEN)).toBe(new TokenDigests().of(TOKEN));
    expect(digests.of(OTHER)).not.toBe(digests.of(TOKEN));
    expect(digests.of(TOKEN)).toBe(new TokenDigests().of(TOKEN));
    expect(digests.of(TOKEN)).not.toContain(TOKEN.slice(7, 19));
  });

  it('is computed once while the token stays the same', () => {
    const createHash = jest.spyOn(crypto, 'createHash');
    const digests = new TokenDigests();
    for (const token of [TOKEN, TOKEN, TOKEN, OTHER, OTHER]) digests.of(token);
    expect(createHash).toHaveBeenCalledTimes(2);
    createHash.mockRestore();
  });

  it('is its SHA-256, in base64', () => {
    expect(new TokenDigests().of('abc')).toBe('ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=');
  });

  it('does not keep the token itself', () => {
    const digests = new TokenDigests();
    digests.of(TOKEN);
    expect(inspect(digests, { depth: null, showHidden: true, getters: true })).not.toContain('5ec2e7');
  });
});
