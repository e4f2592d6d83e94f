import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import { repositoryAt, withAbsoluteLinks, withLocalLinks } from '../../tools/pack-readme/links';
import { ROOT } from '../support/modules';

const repository = repositoryAt('1.2.3');
const { pages, files } = repository;

describe('a page with absolute links', () => {
  it.each([
    ['[a](docs/a.md#b)', `[a](${pages}docs/a.md#b)`],
    ['[a](./LICENSE)', `[a](${pages}LICENSE)`],
    ['![a](docs/img/a.svg)', `![a](${files}docs/img/a.svg)`],
    ['[![a](a.svg)](a.md)', `[![a](${files}a.svg)](${pages}a.md)`],
    ['[`code` and more](a.md)', `[\`code\` and more](${pages}a.md)`],
    ['[a](#here) [b](https://example.com/x) [c](mailto:a@b.c)', null],
    ['`[a](a.md)`', null],
    ['```ts\nlist[0](a.md)\n```', null],
  ])('of %s', (page, expected) => {
    expect(withAbsoluteLinks(page, repository)).toBe(expected ?? page);
  });

  it('is the page itself again when the links are made local', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const absolute = withAbsoluteLinks(readme, repository);
    expect(absolute).not.toBe(readme);
    expect(withLocalLinks(absolute, repository)).toBe(readme);
    // A second run, after one that was interrupted, changes nothing.
    expect(withAbsoluteLinks(absolute, repository)).toBe(absolute);
  });

  it('is in the tarball only: the checkout has local links before and after', () => {
    expect(manifest.scripts.prepack).toMatch(/ && ts-node -T tools\/pack-readme\.ts$/);
    expect(manifest.scripts.postpack).toBe('ts-node -T tools/pack-readme.ts --restore');
  });

  it('changes nothing but targets of links, whatever the page has in it', () => {
    const part = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      '`',
      '```',
      '\n',
      '!',
      'a',
      '#',
      ' ',
      '[a](b)',
      'https:',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const page = parts.join('');
        expect(withLocalLinks(withAbsoluteLinks(page, repository), repository)).toBe(page);
      }),
    );
  });
});
