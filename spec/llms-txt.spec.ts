import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { llmsTxt } from '../tools/llms-txt/index-page';
import { ROOT } from './support/program';

const text = readFileSync(join(ROOT, 'llms.txt'), 'utf8');
const linked = [...text.matchAll(/^- \[.*\]\((.*?)\): .*\.$/gm)].map(([, path = '']) => path);

describe('llms.txt', () => {
  it('has a line for each page of the documentation: after a new page, `npm run docs:llms`', () => {
    const pages = ['docs', 'etc'].flatMap((folder) =>
      readdirSync(join(ROOT, folder)).map((file) => `${folder}/${file}`),
    );
    expect(linked).toEqual(expect.arrayContaining(pages.filter((path) => path.endsWith('.md'))));
  });

  it('links to files that exist', () => {
    expect(linked.length).toBeGreaterThan(10);
    expect(linked.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('says of a page what its first sentence says', () => {
    const page = {
      path: 'docs/a.md',
      text: '# A page\n\n![picture](a.svg)\n\nIt is [about](b.md) `a`. More\nfollows.\n',
    };
    const index = llmsTxt({ name: 'package', description: 'What it is.' }, { Guides: [page] });
    expect(index).toBe(
      '# package\n\n> What it is.\n\n## Guides\n\n- [A page](docs/a.md): It is about `a`.\n',
    );
  });
});
