/** A character as it stands in a text: as it is, or escaped in JSON or percent-encoded, once or several times. */
const written = (character: string, hex: string): string =>
  `(?:\\\\{0,4}${character}|\\\\{1,4}u00${hex}|%(?:25){0,3}${hex})`;

const SLASH = written('/', '2f');
const QUESTION_MARK = written('\\?', '3f');
const AMPERSAND = `(?:${written('&', '26')}(?:amp;)?)`;
const COLON = written(':', '3a');
const START = `https?${COLON}${SLASH}${SLASH}`;
const NOT_PATH = `(?!${SLASH}|${QUESTION_MARK})`;
const NAME = `(?:${NOT_PATH}(?!${COLON})[^\\s#])`;

/** User name and password, up to the last `@` of the authority. A password may hold blanks. */
const CREDENTIALS = new RegExp(
  `(${START})(?:${NAME}*${COLON}(?:${NOT_PATH}[^\\r\\n#]){0,200}|${NAME}*)${written('@', '40')}`,
  'gi',
);
/** What follows the path without a blank or quote in between. */
const QUERY = new RegExp(`(${START}(?:(?!${QUESTION_MARK})[^\\s#"'<>])*${QUESTION_MARK})[^\\s"'<>]+`, 'gi');
/** Parameters elsewhere: after a path with a blank or quote, or after such a value. */
const PARAMETERS = new RegExp(
  `(${QUESTION_MARK}|${AMPERSAND})[\\w.~%+-]{1,100}?${written('=', '3d')}[^\\s"'<>]+`,
  'gi',
);
const URL_START = new RegExp(START, 'i');

/**
 * The text without the secrets of its URLs: user name and password, and the query. The query of a presigned URL, as imports
 * often have, gives access to the file.
 */
export function withoutUrlSecrets(text: string): string {
  const start = text.search(URL_START);
  if (start === -1) return text;
  const urls = text
    .slice(start)
    .replace(CREDENTIALS, '$1[user]@')
    .replace(QUERY, '$1[query]')
    .replace(PARAMETERS, '$1[query]');
  return text.slice(0, start) + urls;
}
