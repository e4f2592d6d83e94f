import { describe, expect, it } from '@jest/globals';
import { DOApi, type TransportRequest } from '../../lib';
import { CANARY } from '../../tools/support/canary';

/** Hostile text, used alone and inside harmless text. */
const HOSTILE = [
  '.',
  '..',
  '...',
  '%2e',
  '%2e%2e',
  '.%2E',
  '%252e%252e',
  '/',
  '//',
  '\\',
  '/..',
  '../',
  '..\\',
  '?',
  '#',
  '?x=1',
  '#x',
  '&',
  ';',
  ':',
  '@',
  '@evil.example',
  '%00',
  '%0d%0a',
  '\u0000',
  '\r\nx-evil: 1',
  '\n',
  '\t',
  ' ',
  '\u2028',
  '\ud800',
  '\udfff',
  '\u202e',
  '．．',
  '。',
  '／',
  'é',
  '日本',
  '😀',
  '+',
  '%',
  '%zz',
  '*',
  '{x}',
  '$(x)',
  '`x`',
  "'",
  '"',
  '<script>',
  '|',
  '1/actions',
  '1?x',
  '1#x',
];

describe('an id, a slug or a name', () => {
  const texts = HOSTILE.flatMap((text) => [
    text,
    `a${text}`,
    `${text}b`,
    `a${text}b`,
    `1${text}`,
    `${text}1`,
  ]);
  const others: unknown[] = [
    NaN,
    Infinity,
    -Infinity,
    -1,
    0,
    -0,
    1.5,
    1e21,
    2 ** 53,
    2 ** 53 + 2,
    Number.MIN_VALUE,
    '',
    true,
    false,
    null,
    undefined,
    5n,
    Symbol('s'),
    [],
    [5],
    {},
    { id: 5 },
    { toString: () => '../x' },
    { valueOf: () => 5 },
    () => 5,
    new Date(0),
    /x/,
    new Map(),
    '007',
    '9007199254740993',
    '1e3',
    '0x10',
    ' 5 ',
    '-1',
    '5.5',
    'x'.repeat(5_000),
  ];
  const inputs = [...new Set<unknown>([...texts, ...others])];

  const sent: TransportRequest[] = [];
  const adapter = (request: TransportRequest): Promise<{ status: number; headers: object; body: string }> => {
    sent.push(request);
    return Promise.resolve({ status: 404, headers: {}, body: '{"id":"not_found","message":"no"}' });
  };
  const api = new DOApi({
    token: CANARY,
    endpoint: 'https://api.digitalocean.com',
    rateLimit: false,
    transport: { adapter: adapter as never },
  });

  const uses: [string, RegExp, (input: never) => unknown][] = [
    ['fetchImage', /^\/v2\/images\/([^/?#]+)$/, (input) => api.fetchImage(input)],
    ['fetchImageBySlug', /^\/v2\/images\/([^/?#]+)$/, (input) => api.fetchImageBySlug(input)],
    ['fetchAction', /^\/v2\/actions\/([^/?#]+)$/, (input) => api.fetchAction(input)],
    ['image().fetch', /^\/v2\/images\/([^/?#]+)$/, (input) => api.image(input).fetch()],
    [
      'image.fetchAction',
      /^\/v2\/images\/5\/actions\/([^/?#]+)$/,
      (input) => api.image(5).fetchAction(input),
    ],
    [
      'image.tag',
      /^\/v2\/tags\/([^/?#]+)\/resources$|^\/v2\/tags$|^\/v2\/images\/5$/,
      (input) => api.image(5).tag(input),
    ],
    ['image.untag', /^\/v2\/tags\/([^/?#]+)\/resources$/, (input) => api.image(5).untag(input)],
    ['transfer', /^\/v2\/images\/5\/actions$/, (input) => api.image(5).transfer(input)],
  ];

  it('is tried with at least 300 values', () => {
    expect(inputs.length).toBeGreaterThanOrEqual(300);
  });

  it.each(uses)(
    'of %s is refused before a request is sent, or is one segment of the path',
    async (_name, shape, use) => {
      for (const input of inputs) {
        sent.length = 0;
        let error: unknown;
        try {
          await use(input as never);
        } catch (thrown) {
          error = thrown;
        }
        if (sent.length === 0) {
          expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
          // eslint-disable-next-line no-control-regex -- control characters are what must not be there
          expect((error as Error).message).not.toMatch(/[\u0000-\u001f\u202e]/);
          continue;
        }
        for (const { url, headers } of sent) {
          const { origin, pathname, search, hash } = new URL(url);
          expect([origin, search, hash]).toEqual(['https://api.digitalocean.com', '', '']);
          // The URL is already normalised.
          expect(url).toBe(origin + pathname);
          const [segment] = shape.exec(pathname)?.slice(1) ?? ['another path'];
          if (segment !== undefined) expect(segmentsOf(input)).toContain(decodeURIComponent(segment));
          expect(headers.authorization).toBe(`Bearer ${CANARY}`);
        }
      }
    },
  );

  /** The segments that an input may become: its text, or its number, or its `id`. */
  /** The segments that an input may become: its text, or its number, or its `id`. */
  const segmentsOf = (input: unknown): string[] => {
    if (typeof input !== 'string' && typeof input !== 'number')
      return [String((input as { id?: number } | null)?.id)];
    return [String(input), String(Number(input))];
  };

  it('in the path of api.request() leads to no other host', async () => {
    for (const text of texts) {
      sent.length = 0;
      await api.request(`/v2/images/${text}`).catch(() => undefined);
      for (const { url } of sent) {
        const { origin, pathname } = new URL(url);
        expect(origin).toBe('https://api.digitalocean.com');
        expect(pathname).toMatch(/^\/v2\/images\//);
      }
      await api.request(text).catch(() => undefined);
      for (const { url } of sent) expect(new URL(url).origin).toBe('https://api.digitalocean.com');
    }
  });
});
