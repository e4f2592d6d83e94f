import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Sandbox } from '../../../lib/sandbox';
import { send } from '../support';

const sandbox = new Sandbox({ images: 45, rateLimit: false });
const base = 'https://api.digitalocean.com/v2/images';

describe('Pages', () => {
  it('hold 20 items, or per_page items, 200 at most', async () => {
    const many = new Sandbox({ images: 500 });
    expect((await send(many, 'GET /v2/images')).body.images).toHaveLength(20);
    expect((await send(many, 'GET /v2/images?per_page=7')).body.images).toHaveLength(7);
    expect((await send(many, 'GET /v2/images?per_page=201')).body.images).toHaveLength(200);
  });

  it('have links: the first page none back, the last page none forward', async () => {
    const linksOf = async (page: number) => (await send(sandbox, `GET /v2/images?page=${page}`)).body.links;
    expect(await linksOf(1)).toEqual({ pages: { next: `${base}?page=2`, last: `${base}?page=3` } });
    expect(await linksOf(2)).toEqual({
      pages: {
        first: `${base}?page=1`,
        prev: `${base}?page=1`,
        next: `${base}?page=3`,
        last: `${base}?page=3`,
      },
    });
    expect(await linksOf(3)).toEqual({ pages: { first: `${base}?page=1`, prev: `${base}?page=2` } });
  });

  it('keep the other parameters in their links', async () => {
    const { body } = await send(sandbox, 'GET /v2/images?private=true&per_page=5');
    expect(body.links.pages?.next).toBe(`${base}?private=true&per_page=5&page=2`);
  });

  it('are empty past the end, with links back', async () => {
    const { body } = await send(sandbox, 'GET /v2/images?page=9');
    expect(body).toEqual({
      images: [],
      links: { pages: { first: `${base}?page=1`, prev: `${base}?page=3` } },
      meta: { total: 45 },
    });
  });

  it.each([
    ['absent', undefined],
    ['empty', {}],
    ['pages', { pages: {} }],
  ] as const)(
    'have `links` in the form "%s" if there is only one page and lonePageLinks says so',
    async (lonePageLinks, links) => {
      const lone = new Sandbox({ images: 2, lonePageLinks });
      const { body } = await send(lone, 'GET /v2/images');
      expect(body.links).toEqual(links);
      expect(body.meta).toEqual({ total: 2 });
    },
  );

  it('hold every item once, for any per_page', async () => {
    const sizes = fc.integer({ min: 1, max: 60 });
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        const ids: number[] = [];
        let next: string | undefined = `/v2/images?per_page=${size}`;
        while (next) {
          const { body }: { body: Awaited<ReturnType<typeof send>>['body'] } = await send(
            sandbox,
            `GET ${next}`,
          );
          ids.push(...body.images.map(({ id }) => id));
          next = body.links.pages?.next?.slice('https://api.digitalocean.com'.length);
        }
        expect(ids).toEqual(sandbox.images.map(({ id }) => id));
      }),
      { numRuns: 30 },
    );
  });

  it('are refused for a page or per_page that is not a whole number from 1', async () => {
    const invalid = fc.oneof(fc.constantFrom('0', '-1', '1.5', 'NaN', '', '1e3'), fc.string());
    await fc.assert(
      fc.asyncProperty(invalid, invalid, async (page, size) => {
        fc.pre(!/^[1-9]\d*$/.test(page) && !/^[1-9]\d*$/.test(size));
        for (const [name, value] of Object.entries({ page, per_page: size })) {
          const query = new URLSearchParams({ [name]: value }).toString();
          expect(await send(sandbox, `GET /v2/images?${query}`)).toMatchObject({
            status: 422,
            body: { id: 'unprocessable_entity', message: `${name} is invalid.` },
          });
        }
      }),
    );
  });
});
