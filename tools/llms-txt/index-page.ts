/** A page of Markdown. */
export interface Page {
  /** Its path in the repository. */
  path: string;
  text: string;
}

/** What https://llmstxt.org proposes: what the package is, and each page with what it is about. */
export function llmsTxt(
  { name, description }: { name: string; description: string },
  sections: Readonly<Record<string, readonly Page[]>>,
): string {
  const lists = Object.entries(sections).map(
    ([title, pages]) => `## ${title}\n\n${pages.map(lineOf).join('\n')}\n`,
  );
  return [`# ${name}\n`, `> ${description}\n`, ...lists].join('\n');
}

/** The link of a page, with its title and the first sentence of its text. */
function lineOf({ path, text }: Page): string {
  const [heading = '', ...blocks] = text.trimEnd().split(/\n{2,}/);
  const paragraph = blocks.find((block) => /^[A-Z`_*[].*\.$/s.test(block) && !block.startsWith('```')) ?? '';
  const prose = paragraph.replaceAll('\n', ' ').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  const sentence = /^.*?\.(?=\s|$)/.exec(prose)?.[0] ?? prose;
  return `- [${heading.replace(/^#+ /, '')}](${path}): ${sentence}`;
}
