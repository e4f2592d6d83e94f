import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { excerpt } from '../../../lib/util/text/sanitize';
import { withoutUrlSecrets } from '../../../lib/util/text/url-secrets';
import { cpuTime } from '../../support/cpu-time';
import { scaled } from '../../support/scale';

const SECRET = '5ec2e7s3cr3t';

/** Where a URL holds secrets. */
const URLS: readonly string[] = [
  `https://bucket.example/disk.gz?X-Amz-Signature=${SECRET}&x=1`,
  `https://bucket.example/disk.gz?${SECRET}`,
  `http://me:${SECRET}@bucket.example/disk.gz`,
  `HTTPS://${SECRET}@bucket.example`,
  `https://me:p@ss${SECRET}@bucket.example/disk.gz?a=${SECRET}`,
  `https://me:p"ss ${SECRET}@bucket.example/disk.gz`,
  `https://bucket.example/the "golden" image.gz?signature=${SECRET}`,
  `https://bucket.example/it's.gz?signature=${SECRET}`,
  `https://bucket.example/a.gz?name=the golden "one"&signature=${SECRET}#part`,
  `https://bucket.example/a.gz?name=a<b>&X-Amz-Credential=${SECRET}`,
];

/** How a server or a program may write a URL. */
const WRITINGS: readonly ((url: string) => string)[] = [
  (url) => url,
  (url) => JSON.stringify(url),
  (url) => JSON.stringify(JSON.stringify({ url })),
  (url) => url.replaceAll('/', '\\/'),
  (url) => url.replace(/[/:?&=@]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`),
  (url) =>
    url.replace(/[/:?&=@]/g, (character) => `\\u00${character.charCodeAt(0).toString(16).toUpperCase()}`),
  (url) => url.replaceAll('&', '&amp;'),
  (url) => encodeURI(url),
  (url) => encodeURIComponent(url),
  (url) => encodeURIComponent(url).toLowerCase(),
  (url) => encodeURIComponent(encodeURIComponent(url)),
];

describe('a text without the secrets of its URLs', () => {
  it('has neither their user names and passwords nor their queries, however they are written', () => {
    const around = fc.constantFrom(
      '',
      ' ',
      'Could not fetch "',
      "'",
      '. See https://docs.example/a?b=c ',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...URLS),
        fc.constantFrom(...WRITINGS),
        around,
        around,
        (url, write, before, after) => {
          const text = `${before}${write(url)}${after}`;
          expect(withoutUrlSecrets(text)).not.toContain(SECRET);
          expect(excerpt(text)).not.toContain(SECRET);
          expect(withoutUrlSecrets(text)).toContain('bucket.example');
        },
      ),
      { numRuns: scaled(10_000, 1_500) },
    );
  });

  it('says what was left out', () => {
    expect(withoutUrlSecrets('GET https://me:pass@host:9/a.gz?b=c&d=e, sorry? Yes.')).toBe(
      'GET https://[user]@host:9/a.gz?[query] sorry? Yes.',
    );
  });

  it('is the same without a secret', () => {
    for (const text of [
      'Who? me@example.com & co = 5',
      'see https://host/a/b#c',
      '/v2/images?page=2&per_page=5',
    ])
      expect(withoutUrlSecrets(text)).toBe(text);
  });

  it('is made fast', () => {
    for (const piece of ['https://', 'https%3a%2f%2f', 'https://a@', 'https://a?b=', '\\', '%25', '&a'])
      for (const start of ['', 'https://']) {
        const text = (start + piece.repeat(4_000)).slice(0, 4_000);
        const before = cpuTime();
        withoutUrlSecrets(text);
        expect(cpuTime() - before).toBeLessThan(200);
      }
  });
});
