import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';

/** How links are written in files that have some, by the end of their names. */
const LINKS: Readonly<Record<string, RegExp>> = {
  '.html': /\s(?:href|src)="([^"]*)"/g,
  '.md': /\]\(([^()\s]+)\)/g,
  '.txt': /\]\(([^()\s]+)\)/g,
};

/** The files of a site that have links. */
const pagesOf = (site: string): string[] =>
  readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) => extname(path) in LINKS);

/** The links of a page to files of the site and to places in them, as they are written. */
function linksOf(path: string, text: string): string[] {
  const targets = [...text.matchAll(LINKS[extname(path)] ?? /$^/g)].map(([, target = '']) => target);
  return targets.filter((target) => target !== '' && !/^[a-z][a-z+.-]*:/i.test(target));
}

/** `page: link` for each link of a site that leads nowhere; also how many there are. */
export function brokenLinks(site: string): { broken: string[]; checked: number } {
  const texts = new Map<string, string>();
  const read = (file: string): string => {
    const text = texts.get(file) ?? readFileSync(file, 'utf8');
    texts.set(file, text);
    return text;
  };
  const leadsSomewhere = (file: string, link: string): boolean => {
    const [path = '', place = ''] = link.split('#').map(decodeURIComponent);
    const found = path === '' ? file : join(dirname(file), path.replace(/\?.*$/, ''));
    const target = path.endsWith('/') ? join(found, 'index.html') : found;
    if (!existsSync(target) || statSync(target).isDirectory()) return false;
    return place === '' || !target.endsWith('.html') || read(target).includes(`id="${place}"`);
  };
  const files = pagesOf(site).map((path) => join(site, path));
  const links = files.flatMap((file) => linksOf(file, read(file)).map((link) => ({ file, link })));
  return {
    broken: links
      .filter(({ file, link }) => !leadsSomewhere(file, link))
      .map(({ file, link }) => `${relative(site, file)}: ${link}`),
    checked: links.length,
  };
}
