import { withoutUrlSecrets } from './url-secrets';

const MAX_LENGTH = 200;

// C0 and C1 controls, and characters that reorder or hide text in a terminal.
// eslint-disable-next-line no-control-regex -- control characters are what this finds
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/** Tokens by DigitalOcean's prefixes: personal, OAuth, refresh. */
const TOKEN = /do[opr]_v1_[A-Za-z0-9_-]+/g;

/** Untrusted text as one printable line of at most 200 characters, without tokens and secrets of URLs. */
export function excerpt(text: string): string {
  const line = withoutUrlSecrets(text.slice(0, 20 * MAX_LENGTH))
    .replace(UNPRINTABLE, ' ')
    .replace(TOKEN, '[token]')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
}

/** A foreign text as one line without control characters. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim();
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
