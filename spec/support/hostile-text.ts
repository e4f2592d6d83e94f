import fc from 'fast-check';

/** What a text could do to a terminal, or to code that it becomes a part of. */
export const HOSTILE_PARTS = [
  '\r',
  '\n',
  '\b\b\b',
  '\u001b[2K',
  '\u001b[1A',
  '\u001b[8m',
  '\u001b[31m',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil.example\u001b\\',
  '\u001bP1\u001b\\',
  '\u009b2K',
  '\u009d0;x\u009c',
  '\u007f',
  '\u202e',
  '\u2066',
  '\u061c',
  '\u200b',
  '\u2060',
  '\u00ad',
  '\u2028',
  '\ufeff',
  '\u{e0041}',
  '\u{e0002}',
  '\ud83d',
  '\u3164',
  '\u0300'.repeat(30),
  "'",
  '"',
  '`',
  '\\',
  '${globalThis.pwned=1}',
  "');globalThis.pwned=1;('",
  '*/globalThis.pwned=1/*',
  '{',
  '}',
  'web ',
  'é',
  '図書館',
  '👍🏽',
];

/** A name such as an attacker could choose. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE_PARTS), fc.string({ unit: 'binary', maxLength: 4 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

/** The style codes that the session itself writes. */
// eslint-disable-next-line no-control-regex -- what sets a style
const STYLES = /\u001b\[(?:1|2|3|4|22|23|24|3[1-6]|39|90)m/g;

const DANGEROUS =
  // eslint-disable-next-line no-control-regex -- controls are what must not be there
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u3164\ud800-\udfff\u{e0000}-\u{e0fff}]|\p{M}{5}/u;

/** The first character of a text that a terminal would obey; `null` if all are printable. */
export function dangerousIn(text: string): string | null {
  const found = DANGEROUS.exec(text.replace(STYLES, ''))?.[0] ?? null;
  return found && JSON.stringify(found);
}
