import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sitePage, withTitle } from './docs-site/pages';

const ROOT = join(__dirname, '..');
const SITE = join(ROOT, 'docs', 'api');
const guides = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
const pages = ['README.md', ...guides.map((file) => `docs/${file}`)];
const isOnSite = (path: string): boolean => pages.includes(path) || path.startsWith('docs/img/');

/**
 * `npm run docs`: makes the site in docs/api: the API by typedoc (`typedoc.json`), README.md and the guides. Beside it, llms.txt and
 * the Markdown that it lists. Warnings are errors: a type that is not exported, a name without a description, a link into nothing.
 */
function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
  cpSync(join(ROOT, 'docs', 'img'), join(folder, 'docs', 'img'), { recursive: true });
  for (const path of pages) {
    const text = sitePage(path, readFileSync(join(ROOT, path), 'utf8'), isOnSite);
    writeFileSync(join(folder, path), path === 'README.md' ? text : withTitle(text));
  }
  const documents = guides.flatMap((file) => ['--projectDocuments', join(folder, 'docs', file)]);
  const typedoc = join(ROOT, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const args = [typedoc, '--options', ROOT, '--readme', join(folder, 'README.md'), ...documents];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  rmSync(folder, { recursive: true });
  if (status !== 0) process.exit(1);

  const listed = [...readFileSync(join(ROOT, 'llms.txt'), 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(
    ([, path = '']) => path,
  );
  cpSync(join(ROOT, 'docs', 'img'), join(SITE, 'docs', 'img'), { recursive: true });
  const isBeside = (path: string): boolean => listed.includes(path) || path.startsWith('docs/img/');
  for (const path of ['llms.txt', ...listed]) {
    mkdirSync(dirname(join(SITE, path)), { recursive: true });
    writeFileSync(join(SITE, path), sitePage(path, readFileSync(join(ROOT, path), 'utf8'), isBeside));
  }
}

main();
