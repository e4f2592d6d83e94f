/** A token that no output may contain, not even in part. */
export const CANARY = 'dop_v1_3a91f8c64d2be705b16c0e9a7d48f352c86e1b07942fd5a30ce7915fb8246d3c';

/** An earlier token, of a token function that has renewed it. No output may contain it either. */
export const EARLIER_CANARY = 'dop_v1_e07c5b9d21f4a8360db7c49f58e12a63f7b0d94c85a1e62d3f09b8c74a5e1d62';

/** The length of the shortest part of a token that counts as a leak. */
const FRAGMENT = 12;

/** How often a text may be escaped: JSON inside of JSON, a URL inside of a URL. */
const MAX_ESCAPES = 3;

/** Escape sequences of a terminal, which may stand in the middle of a token. */
// eslint-disable-next-line no-control-regex -- control characters are what this finds
const TERMINAL_SEQUENCE = /\u001b\[[\d;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g;

/** A character as JavaScript and JSON, a URL, or HTML write it. */
const ESCAPE =
  /\\+u([\da-f]{4})|\\+u\{([\da-f]{1,6})\}|\\+x([\da-f]{2})|%([\da-f]{2})|&#x([\da-f]{1,6});|&#(\d{1,7});/gi;

const isEscaped = /\\[ux]|%[\da-f]|&#/i;

function unescapeAll(text: string): string {
  let decoded = text;
  for (let round = 0; round < MAX_ESCAPES && isEscaped.test(decoded); round++)
    decoded = decoded.replace(ESCAPE, (_all, ...groups: (string | undefined)[]) => {
      const decimal = groups[5];
      const code = decimal === undefined ? parseInt(groups.slice(0, 5).join(''), 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    });
  return decoded;
}

/** Letters and digits only: a token may be split over lines, quoted in pieces, or have its slashes escaped. */
const bare = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, '');

/** The parts of a secret that count as a leak, in each encoding. */
function fragmentsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = ['', 'x', 'xx'].map((before) =>
    Buffer.from(before + secret)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === '' ? 0 : 4),
  );
  const encodings: [text: string, length: number][] = [
    [secret, FRAGMENT],
    ...base64.map((text): [string, number] => [text, FRAGMENT]),
    [bytes.toString('hex'), 2 * FRAGMENT],
    // A Buffer as JSON.
    [[...bytes].join(''), 3 * FRAGMENT],
  ];
  return encodings.flatMap(([text, length]) => {
    const encoded = bare(text);
    return Array.from({ length: encoded.length - length + 1 }, (_, at) => encoded.slice(at, at + length));
  });
}

/** Finds traces of secrets in texts. */
export class TraceSearch {
  readonly #fragments: readonly string[];
  /**
   * Every fragment of 12 characters and more contains one of these pieces of 6, wherever it begins. One regular expression
   * finds them fast; fragments are searched only after a match.
   */
  readonly #pieces: RegExp;

  constructor(...secrets: readonly string[]) {
    this.#fragments = secrets.flatMap(fragmentsOf);
    const pieces = new Set(this.#fragments.map((fragment) => fragment.slice(0, FRAGMENT / 2)));
    this.#pieces = new RegExp([...pieces].join('|'));
  }

  /** The part of a secret that `text` contains, whatever it is encoded in; `null` without one. */
  in(text: string): string | null {
    const found = bare(unescapeAll(text.replace(TERMINAL_SEQUENCE, '')));
    if (!this.#pieces.test(found)) return null;
    return this.#fragments.find((fragment) => found.includes(fragment)) ?? null;
  }
}

const TOKENS = new TraceSearch(CANARY, EARLIER_CANARY);

/** The part of a token that `text` contains, or `null`. */
export const traceIn = (text: string): string | null => TOKENS.in(text);
