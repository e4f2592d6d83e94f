/** The title of a page is near its beginning. */
const HEAD = 65_536;
/** Of a page without a title, only the beginning is read. */
const BEGINNING = 8_192;

const MARKUP = /^\s*<[!?/a-z]|<(?:!doctype|html|head|body|title)\b/i;
const TITLE = /<title\b[^<>]*>([^<]*)<\/title/i;
const HEADING = /<h[1-6]\b[^<>]*>([^<]*)<\/h[1-6]/i;
const HIDDEN = /<(script|style)\b[^]*?(?:<\/\1\s*>|$)|<!--[^]*?(?:-->|$)/gi;
const TAG = /<[!?/a-z][^<>]*(?:>|$)/gi;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  copy: '©',
  gt: '>',
  hellip: '…',
  lt: '<',
  mdash: '—',
  middot: '·',
  nbsp: ' ',
  ndash: '–',
  quot: '"',
};

/** Whether a text is a page of HTML or XML, or a piece of one. */
export function isMarkup(text: string): boolean {
  return MARKUP.test(text.slice(0, BEGINNING));
}

/** What a page says without its markup: its title, or else its first heading, or else its text. Other texts are unchanged. */
export function textOfPage(text: string): string {
  if (!isMarkup(text)) return text;
  // A title in a comment or a script is none.
  const head = text.slice(0, HEAD).replace(HIDDEN, ' ');
  for (const pattern of [TITLE, HEADING]) {
    const found = decode(pattern.exec(head)?.[1] ?? '');
    if (found !== '') return found;
  }
  return decode(head.slice(0, BEGINNING).replace(TAG, ' '));
}

/** Replaces the entities of HTML; one that is unknown stays as it is. */
function decode(text: string): string {
  return text
    .replace(
      /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi,
      (entity, decimal?: string, hex?: string, name?: string) => {
        if (name) return ENTITIES[name.toLowerCase()] ?? entity;
        const code = decimal ? Number(decimal) : parseInt(hex ?? '', 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
      },
    )
    .replace(/\s+/g, ' ')
    .trim();
}
