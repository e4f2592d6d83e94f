import { withoutEscapes } from './plain-text';

const START = String.raw`[a-z][a-z\d+.-]{1,20}:\/\/`;
/** User name and password, up to the last `@` of the authority. A password may hold blanks. */
const CREDENTIALS = new RegExp(`(${START})(?:[^\\s/?#:]*:[^\\r\\n/?#]{0,200}|[^\\s/?#:]*)@`, 'gi');
/** What follows the path without a blank or quote in between. */
const QUERY = new RegExp(`(${START}[^\\s?#"'<>]*\\?)[^\\s"'<>]+`, 'gi');
/** Parameters elsewhere: after a path with a blank or quote, or after such a value. */
const PARAMETERS = /([?&](?:amp;)?)[\w.~%+-]{1,100}?=[^\s"'<>]+/gi;
const URL_START = new RegExp(START, 'i');

/**
 * The text without the secrets of its URLs: user name and password, and the query. The query of a presigned URL, as imports
 * often have, gives access to the file. A URL that is escaped is shown without the escapes.
 */
export function withoutUrlSecrets(text: string): string {
  const shown = redact(text);
  const plain = withoutEscapes(shown);
  if (plain === shown) return shown;
  const redacted = redact(plain);
  return redacted === plain ? shown : redacted;
}

function redact(text: string): string {
  const start = text.search(URL_START);
  if (start === -1) return text;
  const urls = text
    .slice(start)
    .replace(CREDENTIALS, '$1[user]@')
    .replace(QUERY, '$1[query]')
    .replace(PARAMETERS, '$1[query]');
  return text.slice(0, start) + urls;
}
