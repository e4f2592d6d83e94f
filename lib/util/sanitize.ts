/** The longest piece of a foreign text that an error quotes. */
const EXCERPT = 200;

// C0 and C1 controls, and what reorders or hides text in a terminal: none of it belongs in one line of a log.
// eslint-disable-next-line no-control-regex -- control characters are what this finds
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/** DigitalOcean's token prefixes (personal, OAuth, refresh): nothing that looks like one is ever shown. */
const TOKEN = /do[opr]_v1_[A-Za-z0-9_-]+/g;

/** The query of a URL: where it is presigned, as those of imports often are, whoever has the query has the file. */
const QUERY = /(https?:\/\/[^\s?#"'<>]+\?)[^\s"'<>]+/gi;

/**
 * A foreign text as one printable line of at most 200 characters, without anything that looks like a token, and without
 * the queries of URLs.
 */
export function excerpt(text: string): string {
  const line = text
    .slice(0, 20 * EXCERPT)
    .replace(UNPRINTABLE, ' ')
    .replace(TOKEN, '[token]')
    .replace(QUERY, '$1[query]')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT - 1)}…` : line;
}

/** A foreign text as one line without control characters. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim();
}

/** Whether a text contains anything that looks like a token. */
export function containsToken(text: string): boolean {
  return text.search(TOKEN) !== -1;
}

/** A value as an error message shows it: short, on one line, its type visible. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(excerpt(value));
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    default:
      return value === undefined ? 'nothing' : `a ${typeof value}`;
  }
}
