import { withoutEscapes } from './plain-text';
import { withoutUrlSecrets } from './url-secrets';

const MAX_LENGTH = 200;

/**
 * What a terminal does not show as a character of its own, as the source of a regular expression: controls (C0, C1),
 * formats such as those that reorder text, separators of lines, halves of surrogate pairs, what has no shape (except the
 * variants of emoji), and marks that pile up on one letter over the lines around it.
 */
export const UNPRINTABLE = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?![\ufe00-\ufe0f])\p{DI}|(?<=\p{M}{4})\p{M}`;
const UNPRINTABLES = new RegExp(`(?:${UNPRINTABLE})+`, 'gu');
/** Most texts. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Tokens by DigitalOcean's prefixes: personal, OAuth, refresh. */
const TOKEN = /do[opr]_v1_[A-Za-z0-9_-]+/g;

/** Untrusted text as one printable line of at most 200 characters, without tokens and secrets of URLs. */
export function excerpt(text: string): string {
  const line = printable(withoutSecrets(text.slice(0, 20 * MAX_LENGTH)))
    .replace(/\s+/g, ' ')
    .trim();
  // Half of a surrogate pair is no character.
  return line.length > MAX_LENGTH
    ? `${line.slice(0, MAX_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…`
    : line;
}

/** The text without tokens of DigitalOcean and without secrets of URLs; escapes are gone where they hide one. */
export function withoutSecrets(text: string): string {
  const shown = withoutUrlSecrets(text).replace(TOKEN, '[token]');
  const plain = withoutEscapes(shown);
  const redacted = plain.replace(TOKEN, '[token]');
  return redacted === plain ? shown : redacted;
}

/** A foreign text as one line of printable characters. It begins with none that changes the character before it. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text.trim();
  return text
    .replace(UNPRINTABLES, ' ')
    .replace(/^[\s\p{M}]+/u, '')
    .trimEnd();
}

/** Writes what is not printable as escapes (`\u202e`), which mean the same in a string or in JSON. Keeps lines and tabs. */
export function escapeUnprintable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNPRINTABLES, (found) => found.replace(/[^\t\r\n]/g, escapeUnit));
}

/** The escape of one UTF-16 code unit. */
export function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Whether a text contains anything that looks like a token. */
export function containsToken(text: string): boolean {
  return text.search(TOKEN) !== -1;
}

/** A value for an error message: on one short line, with its type recognisable. */
export function describeValue(value: unknown): string {
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
