import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { ago, block, type InspectOptions } from '../../lib/model/inspect';
import { Sandbox } from '../../lib/sandbox';

const sandbox = new Sandbox({
  images: [
    {
      id: 5,
      name: 'golden\u001b[2J',
      regions: ['nyc1', 'ams3'],
      created_at: '2025-12-29T00:00:00Z',
      tags: [],
    },
    { id: 6, name: 'wide', regions: ['nyc1', 'ams3', 'sgp1', 'lon1', 'fra1', 'tor1', 'blr1', 'sfo3'] },
  ],
});
const api = sandbox.api();

describe('console.log', () => {
  it('shows an image as a block of aligned fields, with the age of dates', async () => {
    const lines = inspect(await api.fetchImage(5)).split('\n');
    expect(lines[0]).toBe('Image {');
    expect(lines.at(-1)).toBe('}');
    expect(lines).toEqual(expect.arrayContaining(['  id             5', '  regions        nyc1 ams3']));
    expect(lines).toContain('  createdAt      2025-12-29 00:00:00Z (3 days ago)');
    // Empty fields and control characters are left out.
    expect(lines.join()).not.toMatch(/tags|errorMessage|null/);
    expect(lines.join()).not.toContain('\u001b');
  });

  it('wraps regions at the end of a line', async () => {
    const text = inspect(await api.fetchImage(6), { breakLength: 40 });
    expect(text).toMatch(/regions {8}nyc1 ams3 sgp1 lon1\n {17}fra1 tor1 blr1 sfo3\n/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(42);
  });

  it('shows a status in its colour', async () => {
    const image = await api.fetchImage(5);
    const status = (text: string): string =>
      inspect(api.image({ ...image.toJSON(), status: text }), { colors: true });
    expect(status('available')).toContain('\u001b[32mavailable\u001b[39m');
    expect(status('pending')).toContain('\u001b[33mpending\u001b[39m');
    expect(status('deleted')).toContain('\u001b[31mdeleted\u001b[39m');
  });

  it('shows an image in one line inside another object', async () => {
    const image = await api.fetchImage(6);
    expect(inspect({ image })).toMatch(/^\{ image: Image \{ 6 wide \w+ available \} \}$/);
  });

  it('shows only the id of an object created from an id', () => {
    expect(inspect(api.action(7))).toBe('Action {\n  id  7\n}');
  });

  it('shows a listing without reading it', () => {
    const sent = sandbox.requests.length;
    expect(inspect(api.fetchAllImages({ tagName: 'a:b' }))).toBe(
      'Listing { images of /v2/images?tag_name=a%3Ab, read with for await or toArray() }',
    );
    expect(inspect(api.fetchAllRegions())).toContain('{ regions of /v2/regions, ');
    expect(sandbox.requests).toHaveLength(sent);
  });
});

describe('a block', () => {
  const NOW = Date.UTC(2026, 0, 1);
  /** Marks each text with its style instead of a colour. */
  const options = {
    depth: 2,
    breakLength: 80,
    stylize: (text, style) => `<${style} ${text}>`,
  } as InspectOptions;
  const shown = (entries: Record<string, unknown>, depth: number | null = 2): string[] =>
    block('Thing', Object.entries(entries), NOW, depth, options).split('\n');

  it('has a style for each kind of value', () => {
    const entries = {
      name: 'golden',
      size: 5,
      public: true,
      madeAt: new Date(NOW),
      regions: ['a', 'b'],
      kind: Symbol.iterator,
    };
    expect(shown(entries)).toEqual([
      '<special Thing> {',
      '  <undefined name>     golden',
      '  <undefined size>     <number 5>',
      '  <undefined public>   <number true>',
      '  <undefined madeAt>   <date 2026-01-01 00:00:00Z (just now)>',
      '  <undefined regions>  a b',
      '  <undefined kind>     Symbol(Symbol.iterator)',
      '}',
    ]);
  });

  it.each([
    ['available', 'string'],
    ['completed', 'string'],
    ['active', 'string'],
    ['errored', 'regexp'],
    ['deleted', 'regexp'],
    ['retired', 'regexp'],
    ['in-progress', 'number'],
  ])('styles a status by its meaning: %s', (status, style) => {
    expect(shown({ status })[1]).toBe(`  <undefined status>  <${style} ${status}>`);
    expect(shown({ name: status })[1]).toBe(`  <undefined name>  ${status}`);
  });

  it('styles a numeric status as a number', () => {
    expect(shown({ status: 404 })[1]).toBe('  <undefined status>  <number 404>');
  });

  it.each([[null], [undefined], [''], [[]]])('leaves out empty fields: %j', (empty) => {
    expect(shown({ id: 5, empty })).toEqual(['<special Thing> {', '  <undefined id>  <number 5>', '}']);
  });

  it('shows an object within it by what identifies it, or else by its values', () => {
    const address = { ipAddress: '203.0.113.1\u001b[2J', netmask: 64, gateway: null, type: 'public' };
    const entries = {
      networks: { v4: [address, { ...address, type: 'private' }], v6: [] },
      window: { start: new Date(NOW), end: new Date(NOW + 3_600_000) },
      empty: { v4: [], v6: [] },
    };
    const wide = { ...options, breakLength: 100 };
    expect(block('Thing', Object.entries(entries), NOW, 2, wide).split('\n')).toEqual([
      '<special Thing> {',
      '  <undefined networks>  203.0.113.1 [2J public, 203.0.113.1 [2J private',
      '  <undefined window>    2026-01-01 00:00:00Z (just now), 2026-01-01 01:00:00Z (in 1 hour)',
      '}',
    ]);
  });

  it('identifies an object in one line by its id, and its slug or else its name', () => {
    const all = { id: 5, slug: 'a-slug', name: 'a name', type: 'backup', status: 'available', size: 7 };
    const { id, slug, ...rest } = all;
    expect(shown(all, 1)).toEqual(['<special Thing> { <number 5> a-slug backup <string available> }']);
    expect(shown({ id, ...rest }, 1)).toEqual([
      '<special Thing> { <number 5> a name backup <string available> }',
    ]);
    expect(shown({ slug, size: 7 }, 1)).toEqual(['<special Thing> { a-slug }']);
    expect(shown({ size: 7 }, 1)).toEqual(['<special Thing> {  }']);
  });

  it('fills a line up to its width', () => {
    const regions = ['aaaaaaaaa', 'bbbbbbbbbb', 'c'];
    const narrow = { ...options, breakLength: 31 };
    const lines = (list: string[]): string[] =>
      block('Thing', [['regions', list]], NOW, 2, narrow)
        .split('\n')
        .slice(1, -1);
    expect(lines(regions)).toEqual(['  <undefined regions>  aaaaaaaaa bbbbbbbbbb', '           c']);
    expect(lines(['aaaaaaaaaa', 'bbbbbbbbbb'])).toEqual([
      '  <undefined regions>  aaaaaaaaaa',
      '           bbbbbbbbbb',
    ]);
  });
});

describe('ago', () => {
  const now = Date.UTC(2026, 0, 1);
  it.each([
    [400, 'just now'],
    [1_000, '1 second ago'],
    [90_000, '1 minute ago'],
    [7_200_000, '2 hours ago'],
    [3 * 86_400_000, '3 days ago'],
    [70 * 86_400_000, '2 months ago'],
    [800 * 86_400_000, '2 years ago'],
    [-60_000, 'in 1 minute'],
  ])('%i ms: %s', (ms, text) => expect(ago(now - ms, now)).toBe(text));
});
