/** Where the files of a version are, for a reader who has nothing but the package. */
export interface Repository {
  /** Pages to read. */
  pages: string;
  /** Files as they are, such as pictures. */
  files: string;
}

/** The repository at the tag of a version. */
export function repositoryAt(version: string): Repository {
  return {
    pages: `https://github.com/doapi-ts/doapi-ts/blob/v${version}/`,
    files: `https://raw.githubusercontent.com/doapi-ts/doapi-ts/v${version}/`,
  };
}

/** A block of code, a link or picture, or code within a line. A label may have code and a picture in it. */
const PARTS = /^```[^]*?^```|(!?)\[((?:[^[\]`]|`[^`\n]*`|!\[[^\]]*\]\([^)]*\))*)\]\(([^()\s]+)\)|`[^`\n]+`/gm;

/** A place in the same page, or an address. */
const ELSEWHERE = /^(?:#|[a-z][a-z+.-]*:)/i;

/** A page with absolute links to the files of the repository, which work outside of it, too. */
export function withAbsoluteLinks(page: string, repository: Repository): string {
  return page.replace(PARTS, (part, mark?: string, label?: string, target?: string) => {
    if (label === undefined || target === undefined) return part;
    const base = ELSEWHERE.test(target) ? '' : mark === '!' ? repository.files : repository.pages;
    return `${mark ?? ''}[${withAbsoluteLinks(label, repository)}](${base}${target.replace(/^\.\//, '')})`;
  });
}

/** The reverse of `withAbsoluteLinks`. */
export function withLocalLinks(page: string, { pages, files }: Repository): string {
  return page.replaceAll(pages, '').replaceAll(files, '');
}
