import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkEndpoint, checkUrl, withParams } from '../../lib/http/url';

const ENDPOINT = 'https://api.digitalocean.com';

describe('an endpoint', () => {
  it.each([
    ['https://api.digitalocean.com', 'https://api.digitalocean.com'],
    ['https://api.digitalocean.com/', 'https://api.digitalocean.com'],
    [' https://API.digitalocean.com\n', 'https://api.digitalocean.com'],
    ['https://example.com:8443/do//', 'https://example.com:8443/do'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1:3000/base', 'http://127.0.0.1:3000/base'],
    ['http://127.1.2.3', 'http://127.1.2.3'],
    ['http://127.100.20.255:80', 'http://127.100.20.255'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('%j is %s', (value, endpoint) => {
    expect(checkEndpoint(value)).toBe(endpoint);
  });

  it.each([
    ['http://api.digitalocean.com', 'https:, or http: on this machine only, got http://api.digitalocean.com'],
    ['http://127.0.0.1.example.com', 'https:, or http: on this machine only'],
    ['http://localhost.example.com', 'https:, or http: on this machine only'],
    ['http://not-localhost', 'https:, or http: on this machine only'],
    ['http://my.localhost', 'https:, or http: on this machine only'],
    ['http://10.0.0.1', 'https:, or http: on this machine only'],
    ['http://0.0.0.0', 'https:, or http: on this machine only'],
    ['ftp://localhost', 'https:, or http: on this machine only'],
    ['file:///etc/passwd', 'https:, or http: on this machine only'],
    ['javascript:alert(1)', 'https:, or http: on this machine only'],
    ['api.digitalocean.com', 'an absolute URL'],
    ['/v2', 'an absolute URL'],
    ['https://user@example.com', 'a URL without user name and password'],
    ['https://:secret@example.com', 'a URL without user name and password'],
    ['https://example.com?x=1', 'a URL without a query and without a fragment'],
    ['https://example.com#x', 'a URL without a query and without a fragment'],
    ['', 'a string that is not empty'],
    [5, 'a string'],
  ])('%j is refused', (value, message) => {
    expect(() => checkEndpoint(value)).toThrow(TypeError);
    expect(() => checkEndpoint(value)).toThrow(
      `endpoint: expected ${message.replace('without a fragment', '')}`,
    );
  });

  it.each(['http://sandbox:8080', 'http://10.0.0.1', 'http://api.digitalocean.com'])(
    '%s is accepted with allowHttp, and the refusal without it says so',
    (url) => {
      expect(checkEndpoint(url, true)).toBe(url);
      expect(() => checkEndpoint(url)).toThrow(/got http:\/\/[\w.:]+; allowHttp: true allows it$/);
    },
  );

  it.each(['ftp://localhost', 'file:///etc/passwd', 'http://me:pw@sandbox', 'http://sandbox/?x=1'])(
    '%s is refused with allowHttp, too',
    (url) => {
      expect(() => checkEndpoint(url, true)).toThrow(/^endpoint: expected (?!.*allowHttp)/);
    },
  );

  it('is refused without showing its password', () => {
    for (const url of ['http://me:hunter2@example.com', 'https://me:hunter2@example.com', 'me:hunter2@x']) {
      expect(() => checkEndpoint(url)).toThrow(/^(?!.*hunter2)/);
    }
  });
});

describe('a path of a request', () => {
  it.each([
    ['/v2/images', `${ENDPOINT}/v2/images`],
    ['/v2/images?page=2&name=a%20b', `${ENDPOINT}/v2/images?page=2&name=a%20b`],
    [`${ENDPOINT}/v2/images/5/actions`, `${ENDPOINT}/v2/images/5/actions`],
    ['/v2/images/a..b', `${ENDPOINT}/v2/images/a..b`],
    ['/v2/images?from=../..', `${ENDPOINT}/v2/images?from=../..`],
  ])('%s is accepted', (value, url) => {
    expect(checkUrl(ENDPOINT, value)).toBe(url);
  });

  it.each([
    'v2/images',
    '//evil.example/v2',
    '/\\evil.example',
    'https://evil.example/v2/images',
    'http://api.digitalocean.com/v2/images',
    `${ENDPOINT}.evil.example/v2`,
    `${ENDPOINT}@evil.example/v2`,
    ENDPOINT,
    `${ENDPOINT}//evil.example`,
    '@evil.example',
    'data:text/plain,hello',
    'file:///etc/passwd',
    '/v2/images/..',
    '/v2/images/../account/keys',
    '/v2/images/./5',
    '/v2/images/%2e%2e/account',
    '/v2/images/%2E./account',
    '/..',
    '/v2/images\u0000',
    '/v2/images\r\nx-evil: 1',
    '/v2/images #',
    '/v2/images#fragment',
    '/v2/images?a=b c',
    '',
    ' ',
  ])('%j is refused', (value) => {
    expect(() => checkUrl(ENDPOINT, value)).toThrow(TypeError);
    expect(() => checkUrl(ENDPOINT, value)).toThrow(/^path: expected /);
  });

  it.each([undefined, null, 5, {}, ['/v2/images']])('%p is refused', (value) => {
    expect(() => checkUrl(ENDPOINT, value)).toThrow(TypeError);
  });

  it('leads under the endpoint or is refused, for any text', () => {
    const wild = fc.oneof(
      fc.webUrl(),
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^\/[/.%2eE\\@:?#a ]*$/),
    );
    const endpoint = `${ENDPOINT}/base`;
    fc.assert(
      fc.property(wild, (value) => {
        let url: URL;
        try {
          url = new URL(checkUrl(endpoint, value));
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(url.origin).toBe(ENDPOINT);
        expect(url.pathname.startsWith('/base/')).toBe(true);
        expect([url.username, url.password, url.hash]).toEqual(['', '', '']);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the query of a request', () => {
  const url = `${ENDPOINT}/v2/images`;

  it('leaves the URL alone when there are no parameters', () => {
    expect(withParams(url, undefined)).toBe(url);
    expect(withParams(url, {})).toBe(url);
    expect(withParams(`${url}?a=b+c`, { page: undefined })).toBe(`${url}?a=b+c`);
  });

  it('includes false and 0, and leaves out undefined', () => {
    expect(withParams(url, { private: false, page: 0, type: undefined })).toBe(`${url}?private=false&page=0`);
  });

  it('is added to the query of the URL, and replaces parameters of the same name', () => {
    expect(withParams(`${url}?type=application&page=1`, { page: 2 })).toBe(`${url}?type=application&page=2`);
  });

  it('keeps a question mark in a value', () => {
    const { searchParams } = new URL(withParams(`${url}?name=a?b`, { page: 2 }));
    expect([...searchParams]).toEqual([
      ['name', 'a?b'],
      ['page', '2'],
    ]);
  });

  it('encodes any text exactly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(new URL(withParams(url, { q: text })).searchParams.get('q')).toBe(text);
      }),
    );
  });
});
