import { posix } from 'node:path';

/** Where the files are that the site does not have. */
const REPOSITORY = 'https://github.com/doapi-ts/doapi-ts/blob/main/';

/** The targets of links and pictures that are files: neither addresses nor places of the same page. */
const LOCAL_TARGET = /\]\((?!#|[a-z][a-z+.-]*:)([^()\s#]+)(#[^()\s]*)?\)/gi;

/** A page of the repository as a page of the site: links to files that the site does not have lead to the repository. */
export function sitePage(path: string, text: string, isOnSite: (path: string) => boolean): string {
  return text.replace(LOCAL_TARGET, (link, target: string, place = '') => {
    const file = posix.join(posix.dirname(path), target);
    return isOnSite(file) ? link : `](${REPOSITORY}${file}${place})`;
  });
}

/** The title of a page in the navigation. */
export function withTitle(text: string): string {
  const [, title = ''] = /^# (.*)$/m.exec(text) ?? [];
  return `---\ntitle: ${JSON.stringify(title)}\n---\n\n${text}`;
}
