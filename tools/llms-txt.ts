import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { description, name } from '../package.json';
import { llmsTxt, type Page } from './llms-txt/index-page';

/** Pages for those who change the package, not for those who use it. */
const FOR_CONTRIBUTORS = ['docs/design.md', 'docs/performance.md'];

const ROOT = join(__dirname, '..');
const page = (path: string): Page => ({ path, text: readFileSync(join(ROOT, path), 'utf8') });
const report = (path: string): Page => ({
  path,
  text: `# ${path.replace(/^etc\/|\.api\.md$/g, '').replace(/ts-/, 'ts/')}\n\nThe exported types, with all that they have.`,
});
const pagesOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => `${folder}/${file}`);

/** `npm run docs:llms`: writes llms.txt, which lists the pages of the documentation. `spec/llms-txt.spec.ts` compares it. */
const guides = pagesOf('docs').filter((path) => !FOR_CONTRIBUTORS.includes(path));
const text = llmsTxt(
  { name, description },
  {
    Guides: ['README.md', ...guides].map(page),
    'Every name and signature, without comments': pagesOf('etc').map(report),
    Optional: ['CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md', ...FOR_CONTRIBUTORS].map(page),
  },
);
writeFileSync(join(ROOT, 'llms.txt'), text);
