import { describe, expect, it } from '@jest/globals';
import { Mismatch } from '../../lib/model/fields';
import { readPageResponse } from '../../lib/pagination/page-response';

const raw = (json: unknown): unknown => json;
const withLink = (next: unknown): object => ({ things: [], links: { pages: { next } } });

describe('readPageResponse()', () => {
  it('reads items, total and the number of the next page', () => {
    const links = { pages: { next: 'https://api.digitalocean.com/v2/things?page=3&per_page=2' } };
    const body = { things: [{ id: 1 }, 'two'], links, meta: { total: 9 } };
    expect(readPageResponse(body, 'things', raw)).toEqual({
      items: [{ id: 1 }, 'two'],
      total: 9,
      hasNext: true,
      next: 3,
    });
  });

  it.each([undefined, null, 'all', {}, { total: null }, { total: '9' }, { total: 9.5 }, { total: 1e300 }])(
    'has no total with meta %j',
    (meta) => {
      expect(readPageResponse({ things: [], meta }, 'things', raw).total).toBeNull();
    },
  );

  it.each([undefined, null, 7, {}])('has no next page with the link %j', (next) => {
    expect(readPageResponse(withLink(next), 'things', raw)).toMatchObject({ hasNext: false, next: null });
  });

  it.each([undefined, null, 'none', [], { pages: null }, { pages: 'none' }])(
    'has no next page with links %j',
    (links) => {
      const page = readPageResponse({ things: [], links }, 'things', raw);
      expect(page).toMatchObject({ hasNext: false, next: null });
    },
  );

  it.each([
    ['https://evil.example/v2/things?page=2', 2],
    ['?per_page=2&page=12', 12],
    ['/v2/things?page=2&page=3', 2],
    ['/v2/things?per_page=2', null],
    ['/v2/things?page=2.5', null],
    ['/v2/things?page=1234567890', null],
    ['', null],
  ])('takes nothing but the page number from the link %j', (link, next) => {
    expect(readPageResponse(withLink(link), 'things', raw)).toMatchObject({ hasNext: true, next });
  });

  it.each([null, undefined, 5, 'things', [], {}, { things: null }, { things: { id: 1 } }, { others: [] }])(
    'throws a Mismatch without the list: %j',
    (body) => {
      expect(() => readPageResponse(body, 'things', raw)).toThrow(Mismatch);
      expect(() => readPageResponse(body, 'things', raw)).toThrow(/^things: expected an array/);
    },
  );

  it.each([
    [{ id: 77 }, 'things[0] (id 77).size: '],
    [
      { id: '4d9d8375-3c56-4925-a3e7-eb137fed17e9' },
      'things[0] (id 4d9d8375-3c56-4925-a3e7-eb137fed17e9).size: ',
    ],
    [{ urn: 'do:droplet:1' }, 'things[0] (urn do:droplet:1).size: '],
    [{ id: null, uuid: 'a-b' }, 'things[0] (uuid a-b).size: '],
    [{ name: 'web' }, 'things[0].size: '],
    [{ id: 1.5 }, 'things[0].size: '],
    [{ id: 'a b\u0007' }, 'things[0].size: '],
    [{ id: 'x'.repeat(65) }, 'things[0].size: '],
    [5, 'things[0].size: '],
  ])('names an item that cannot be read by its id, if that can be shown: %j', (item, start) => {
    const read = (): never => {
      throw new Mismatch('size', 'a number', 'twenty');
    };
    expect(() => readPageResponse({ things: [item] }, 'things', read)).toThrow(
      `${start}expected a number, got "twenty"`,
    );
  });

  it('names the item that cannot be read, and passes any other error on', () => {
    const body = { things: [{ id: 1 }, { id: 'two' }] };
    const failing = (error: Error) => (json: unknown) => {
      if ((json as { id: unknown }).id === 'two') throw error;
      return json;
    };
    const mismatch = failing(new Mismatch('id', 'a number', 'two'));
    expect(() => readPageResponse(body, 'things', mismatch)).toThrow(
      'things[1].id: expected a number, got "two"',
    );
    const itself = failing(new Mismatch('name', 'a string', 5));
    expect(() => readPageResponse(body, 'things', itself)).toThrow(
      'things[1] (id two).name: expected a string, got 5',
    );
    const mistake = new RangeError('mine');
    expect(() => readPageResponse(body, 'things', failing(mistake))).toThrow(mistake);
  });
});
