import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SecretParts } from '../../../lib/util/text/secret-parts';
import { scaled } from '../../support/scale';

const SECRET = 'dop_v1_3a91f8c64d2be705b16c0e9a7d48f352c86e1b07942fd5a30ce7915fb8246d3c';
const parts = new SecretParts(SECRET);

describe('the parts of a secret', () => {
  it('of 12 characters or more are hidden, wherever they begin, in upper and lower case', () => {
    const place = fc.nat(SECRET.length - 12);
    fc.assert(
      fc.property(place, fc.nat(SECRET.length), fc.boolean(), (from, more, isUpper) => {
        const part = SECRET.slice(from, from + 12 + more);
        const written = isUpper ? part.toUpperCase() : part;
        expect(parts.hide(`no <${written}>, «${written}»`, '*')).toBe('no <*>, «*»');
      }),
      { numRuns: scaled(5_000, 300) },
    );
  });

  it('of 11 characters are not', () => {
    for (let from = 0; from + 11 <= SECRET.length; from++)
      expect(parts.hide(`no ${SECRET.slice(from, from + 11)}.`, '*')).not.toContain('*');
  });

  it('are found where a piece of the secret occurs twice', () => {
    const secret = 'abcdefabcdefghijklabcdefmnopqr';
    expect(new SecretParts(secret).hide('xabcdefmnopqry abcdefghijkl', '*')).toBe('x*y *');
  });
});
