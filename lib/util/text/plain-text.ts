/** An escape of a printable ASCII character: in JSON (also in a string of JSON), percent-encoded, or as an entity of HTML. */
const ESCAPE =
  /\\{1,8}u00([2-7][\da-f])|\\{1,8}(\/)|%([2-7][\da-f])|&#x0{0,5}([2-7][\da-f]);|&#0{0,5}(\d{2,3});|(&amp;)/gi;

/** How often a text may have been escaped. */
const MAX_ROUNDS = 4;

/** These would end a string of JSON, or begin another escape. */
const KEPT = /["\\]/;

/**
 * The text with printable ASCII characters in place of their escapes, however often it was escaped. For a comparison with
 * something that must not be shown.
 */
export function withoutEscapes(text: string): string {
  let plain = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = plain;
    plain = plain.replace(ESCAPE, decode);
    if (plain === before) break;
  }
  return plain;
}

function decode(
  escape: string,
  json?: string,
  slash?: string,
  percent?: string,
  hex?: string,
  decimal?: string,
): string {
  if (slash !== undefined) return slash;
  const digits = json ?? percent ?? hex;
  const code = digits === undefined ? Number(decimal ?? 38) : parseInt(digits, 16);
  const character = code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : escape;
  return KEPT.test(character) ? escape : character;
}
