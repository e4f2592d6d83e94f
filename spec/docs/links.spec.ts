import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from '../support/program';
import { readPage, USER_PAGES } from '../support/readme';

const below = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => join(folder, path));
const PAGES = [
  ...USER_PAGES,
  ...['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...below('examples'),
  ...below('lib'),
];

const prose = (page: string): string => readPage(page).replace(/^```.*?^```/gms, '');

/** The anchors of a page, as GitHub makes them from its headings. */
function anchorsOf(page: string): string[] {
  const counts = new Map<string, number>();
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => {
    const anchor = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

/** The links of a page that lead into the checkout. */
function linksOf(page: string): { link: string; path: string; anchor: string }[] {
  return [...prose(page).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, link = '']) => {
    const [target = '', anchor = ''] = link.split('#');
    return { link, path: target === '' ? page : normalize(join(dirname(page), target)), anchor };
  });
}

/** Links to pages of GitHub beside the repository, not to files. */
const isBeside = (path: string): boolean => path.startsWith('..');

describe.each(PAGES)('%s', (page) => {
  const links = linksOf(page).filter(({ path }) => !isBeside(path));

  it('links to files that exist', () => {
    const missing = links.filter(({ path }) => !existsSync(join(ROOT, path)));
    expect(missing.map(({ link }) => link)).toEqual([]);
  });

  it('links to sections that exist', () => {
    const withAnchor = links.filter(({ anchor }) => anchor !== '');
    const missing = withAnchor.filter(({ path, anchor }) => !anchorsOf(path).includes(anchor));
    expect(missing.map(({ link }) => link)).toEqual([]);
  });

  it('names scripts that package.json has', () => {
    const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
    const named = [...readPage(page).matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script ?? '');
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe('every page of docs', () => {
  it('is linked from the index, and from README.md', () => {
    const pages = USER_PAGES.filter((path) => path !== 'README.md' && path !== 'docs/README.md');
    const linked = (page: string): Set<string> => new Set(linksOf(page).map(({ path }) => path));
    expect(pages.filter((path) => !linked('docs/README.md').has(path))).toEqual([]);
    expect(pages.filter((path) => !linked('README.md').has(path))).toEqual([]);
  });
});
